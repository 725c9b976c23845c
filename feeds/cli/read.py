"""`feeds read listing|article FILE...` and `feeds read --manifest IN --out OUT`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, JsonOption, fail, print_json
from feeds.cli.manifest import read_manifest

_ZONE = "Asia/Shanghai"
_KINDS = ("article", "listing")
_STDIN = Path("-")


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
        read_manifest(manifest, out, "id, path, url, kind", partial(_read_line, folder=manifest.parent))
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


def _read_line(wanted: Mapping[str, Any], number: int, folder: Path) -> dict[str, Any]:
    path, kind = wanted.get("path"), wanted.get("kind")
    if not isinstance(path, str):
        return {"problem": f"line {number}: path {path!r}; allowed: the name of a file"}
    if kind not in _KINDS:
        return {"problem": f"line {number}: kind {kind!r}; allowed: article, listing"}
    return read_file(kind, folder / path, str(wanted.get("url") or ""))


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
