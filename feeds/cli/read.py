"""`feeds read listing|article FILE...` and `feeds read --manifest IN --out OUT`."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, JsonOption, fail, print_json

_ZONE = "Asia/Shanghai"
_KINDS = ("article", "listing")
_STDIN = Path("-")
_EVERY = 100
"""Pages between two lines of progress where nobody watches."""


def read(
    kind: Annotated[str | None, typer.Argument(metavar="listing|article", help="What the pages are.")] = None,
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Saved pages; - is stdin.")] = None,
    url: Annotated[str, typer.Option(help="Address the page was saved from; makes links absolute.")] = "",
    as_json: JsonOption = False,
    manifest: Annotated[Path | None, typer.Option(help="JSON lines: id, path, url, kind.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the result lines of a manifest go.")] = None,
) -> None:
    """Read saved pages without any configuration.

    Examples: feeds read article page.html --url http://www.example.gov.cn/info.jsp?id=7 --json;
    feeds read --manifest pages.jsonl --out results.jsonl
    """
    if manifest or out:
        if manifest is None or out is None:
            fail("--manifest and --out go together: lines in, result lines out", EXIT_USAGE)
        if kind or files or url:
            fail("--manifest says in its lines what to read: leave out listing|article, FILE and --url", EXIT_USAGE)
        _read_manifest(manifest, out)
        return
    if kind not in _KINDS or not files:
        fail("say what to read: `feeds read article FILE...` or `feeds read listing FILE...`", EXIT_USAGE)
    results = [read_file(kind, None if path == _STDIN else path, url) for path in files]
    if as_json:
        print_json(results[0] if len(results) == 1 else results)
    else:
        for path, result in zip(files, results, strict=True):
            _show(path, result)
    if any("problem" in result for result in results):
        raise typer.Exit(EXIT_FAILED)


def read_file(kind: str, path: Path | None, url: str) -> dict[str, Any]:
    """Return the result of reading a saved page of a kind (`article`, `listing`); without a path, of stdin.

    No more of a file is held than a page may have. A file that cannot be read gives a result with its problem.
    """
    from feeds.model import Article, Listing, Verdict
    from feeds.read.bare import read_bare_article, read_bare_listing
    from feeds.read.bounds import MOST_BYTES
    from feeds.read.results import article_result, listing_result

    try:
        with path.open("rb") if path else sys.stdin.buffer as page:
            body = page.read(MOST_BYTES + 1)
    except (OSError, ValueError) as fault:  # ValueError: a path with a NUL, or a stdin that was read before
        problem = f"{_spell(path or _STDIN)}: {fault.strerror if isinstance(fault, OSError) else fault}"
        if kind == "article":
            return article_result(Article(url, Verdict.FAILED, problem=problem), _ZONE)
        return listing_result(Listing(url, Verdict.FAILED, family="generic", confidence=0.0, problem=problem), _ZONE)
    if kind == "article":
        return article_result(read_bare_article(body, url), _ZONE)
    return listing_result(read_bare_listing(body, url), _ZONE)


def _read_manifest(manifest: Path, out: Path) -> None:
    """Write one result line for each line in, as it is read; a bad page or a bad line gives a line with its problem."""
    try:
        text = manifest.read_text(encoding="utf-8-sig")
        if out.exists() and out.samefile(manifest):
            fail(f"{out} is the manifest itself: name another file for the results", EXIT_USAGE)
        results = out.open("w", encoding="utf-8", errors="backslashreplace", buffering=1)
    except OSError as fault:
        fail(f"{fault.filename}: {fault.strerror}", EXIT_USAGE)
    except UnicodeDecodeError as fault:
        fail(f"{manifest}: {fault}", EXIT_USAGE)
    lines = [line for line in text.split("\n") if line.strip()]
    with results:
        _write_results(lines, manifest.parent, results)


def _write_results(lines: list[str], folder: Path, results: TextIO) -> None:
    """Write the result lines and tell how far they are; Ctrl-C ends with 130, and every line written is whole."""
    live = sys.stderr.isatty()
    below = "\n" if live else ""
    done = problems = 0
    with _noting_interrupt() as interrupted:
        try:
            for result in _read_lines(lines, folder):
                results.write(json.dumps(result, ensure_ascii=False) + "\n")
                done, problems = done + 1, problems + ("problem" in result)
                if live or done % _EVERY == 0 or done == len(lines):
                    told = f"{done} of {len(lines)} pages, {problems} with a problem"
                    typer.echo(f"\r{told}" if live else told, err=True, nl=not live or done == len(lines))
                if interrupted.is_set():
                    typer.echo(f"{below}interrupted: {done} of {len(lines)} pages are read, their lines stay", err=True)
                    raise typer.Exit(130)
        except OSError as fault:  # a full disk
            fail(f"{below}{results.name}: {fault.strerror}; {done} of {len(lines)} lines are written")


@contextmanager
def _noting_interrupt() -> Iterator[threading.Event]:
    """Note Ctrl-C; raised inside a library's callback it would be lost. The page at hand is read to its end."""
    interrupted = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _read_lines(lines: list[str], folder: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        started = time.perf_counter()
        result = _read_line(line, folder, number)
        yield {**result, "ms": round((time.perf_counter() - started) * 1000, 2)}


def _read_line(line: str, folder: Path, number: int) -> dict[str, Any]:
    try:
        wanted = json.loads(line)
    except (ValueError, RecursionError) as fault:
        return {"id": None, "problem": f"line {number}: no JSON ({fault})"}
    if not isinstance(wanted, dict):
        return {"id": None, "problem": f"line {number}: not an object with id, path, url, kind"}
    page, path, kind = wanted.get("id"), wanted.get("path"), wanted.get("kind")
    if not isinstance(path, str):
        return {"id": page, "problem": f"line {number}: path {path!r}; allowed: the name of a file"}
    if kind not in _KINDS:
        return {"id": page, "problem": f"line {number}: kind {kind!r}; allowed: article, listing"}
    return {"id": page, **read_file(kind, folder / path, str(wanted.get("url") or ""))}


def _show(path: Path, result: dict[str, Any]) -> None:
    typer.echo(_spell(path))
    for name, value in result.items():
        if name == "items":
            for item in value:
                typer.echo(f"    {item['published'] or '-':<12} {item['title']}  {item['url']}")
        elif name not in ("body_html", "evidence") and value not in (None, "", [], {}):
            typer.echo(f"  {name}: {value}")
    for name, rule in result["evidence"].items():
        typer.echo(f"  evidence {name}: {rule}")


def _spell(path: Path) -> str:
    """Return a path as it can be printed: names of files need not be UTF-8."""
    return str(path).encode("utf-8", "backslashreplace").decode()
