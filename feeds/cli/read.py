"""`feeds read listing|article FILE...` and `feeds read --manifest IN --out OUT`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, JsonOption, fail, print_json

_ZONE = "Asia/Shanghai"
_KINDS = ("article", "listing")


def read(
    kind: Annotated[str | None, typer.Argument(metavar="listing|article", help="What the pages are.")] = None,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Saved pages.")] = None,
    url: Annotated[str, typer.Option(help="Address the page was saved from; makes links absolute.")] = "",
    as_json: JsonOption = False,
    manifest: Annotated[Path | None, typer.Option(help="JSON lines: id, path, url, kind.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the result lines go.")] = None,
) -> None:
    """Read saved pages without any configuration.

    Examples: feeds read article page.html --url http://www.example.gov.cn/info.jsp?id=7 --json;
    feeds read --manifest pages.jsonl --out results.jsonl
    """
    if manifest:
        if out is None:
            fail("--manifest needs --out: where should the results go?", EXIT_USAGE)
        _read_manifest(manifest, out)
        return
    if kind not in _KINDS or not files:
        fail("say what to read: `feeds read article FILE...` or `feeds read listing FILE...`", EXIT_USAGE)
    results = []
    for path in files:
        try:
            results.append(_read_page(kind, path.read_bytes(), url))
        except OSError as fault:
            results.append({"url": url, "problem": f"{path}: {fault.strerror}"})
    if as_json:
        print_json(results[0] if len(results) == 1 else results)
    else:
        for path, result in zip(files, results, strict=True):
            _show(path, result)
    if any(result.get("problem") for result in results):
        raise typer.Exit(EXIT_FAILED)


def _read_page(kind: str, body: bytes, url: str) -> dict[str, Any]:
    from feeds.read.bare import read_bare_article, read_bare_listing
    from feeds.read.results import article_result, listing_result

    if kind == "article":
        return article_result(read_bare_article(body, url), _ZONE)
    return listing_result(read_bare_listing(body, url), _ZONE)


def _read_manifest(manifest: Path, out: Path) -> None:
    """Write one result line for each line in; a bad page or a bad line gives a line with its problem."""
    try:
        lines = [line for line in manifest.read_text(encoding="utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as fault:
        fail(f"{manifest}: {fault}", EXIT_USAGE)
    try:
        results = out.open("w", encoding="utf-8", errors="backslashreplace")
    except OSError as fault:
        fail(f"{out}: {fault.strerror}", EXIT_USAGE)
    with results:
        for done, result in enumerate(_read_lines(lines, manifest.parent), start=1):
            results.write(json.dumps(result, ensure_ascii=False) + "\n")
            if done % 100 == 0:
                typer.echo(f"{done} of {len(lines)} pages", err=True)


def _read_lines(lines: list[str], folder: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        started = time.perf_counter()
        result = _attempt(line, folder, number)
        yield {**result, "ms": round((time.perf_counter() - started) * 1000, 2)}


def _attempt(line: str, folder: Path, number: int) -> dict[str, Any]:
    try:
        wanted = json.loads(line)
        path, kind = folder / wanted["path"], wanted["kind"]
    except (ValueError, KeyError, TypeError) as fault:
        return {"id": None, "problem": f"line {number}: not a line of id, path, url, kind ({fault})"}
    if kind not in _KINDS:
        return {"id": wanted.get("id"), "problem": f"line {number}: kind {kind!r}; allowed: article, listing"}
    try:
        return {"id": wanted.get("id"), **_read_page(kind, path.read_bytes(), wanted.get("url") or "")}
    except OSError as fault:
        return {"id": wanted.get("id"), "problem": f"{path}: {fault.strerror}"}
    except ValueError as fault:  # a path with a NUL
        return {"id": wanted.get("id"), "problem": f"line {number}: {fault}"}


def _show(path: Path, result: dict[str, Any], echo: Callable[[str], None] = typer.echo) -> None:
    echo(f"{path}")
    for name, value in result.items():
        if name == "items":
            for item in value:
                echo(f"    {item['published'] or '-':<12} {item['title']}  {item['url']}")
        elif name not in ("body_html", "evidence") and value not in (None, "", [], {}):
            echo(f"  {name}: {value}")
    for name, rule in result.get("evidence", {}).items():
        echo(f"  evidence {name}: {rule}")
