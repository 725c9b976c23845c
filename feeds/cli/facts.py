"""`feeds facts NOTICE|FILE...`, `feeds facts --manifest IN --out OUT` and `feeds facts --evaluate DIR`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, ConfigOption, JsonOption, fail, print_json
from feeds.cli.manifest import read_manifest

if TYPE_CHECKING:
    from feeds.facts import Facts
    from feeds.model import Notice

_ZONE = ZoneInfo("Asia/Shanghai")
_MOST_BYTES = 5_000_000
_KEYS = "id, title, text, published, channel"


def facts(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="NOTICE|FILE", help="Ids of notices; texts or saved pages; - is stdin."),
    ] = None,
    as_json: JsonOption = False,
    manifest: Annotated[Path | None, typer.Option(help=f"JSON lines: {_KEYS}.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the result lines of a manifest go.")] = None,
    evaluate: Annotated[Path | None, typer.Option(help="Folder of labelled notices (*.jsonl) to measure by.")] = None,
    config: ConfigOption = None,
) -> None:
    """Tell what notices say: kind, number, days, people and laws, each with its sentence.

    A text file begins with its title. Examples: feeds facts 42; feeds facts notice.txt --json;
    feeds facts --manifest notices.jsonl --out facts.jsonl; feeds facts --evaluate labelled/
    """
    asked = [bool(what), manifest is not None or out is not None, evaluate is not None]
    if sum(asked) != 1:
        fail("say what to read: NOTICE or FILE, or --manifest with --out, or --evaluate DIR", EXIT_USAGE)
    if evaluate is not None:
        _evaluate(evaluate, as_json=as_json)
    elif what:
        _tell(what, config, as_json=as_json)
    elif manifest is None or out is None:
        fail("--manifest and --out go together: lines in, result lines out", EXIT_USAGE)
    else:
        read_manifest(manifest, out, _KEYS, _read_line)


def _read_line(wanted: Mapping[str, Any], number: int) -> dict[str, Any]:
    from feeds.read.results import facts_result

    title, text = wanted.get("title") or "", wanted.get("text") or ""
    if not isinstance(title, str) or not isinstance(text, str):
        return {"problem": f"line {number}: title and text must be strings"}
    try:
        published = read_day(wanted.get("published"))
    except (ValueError, OverflowError) as fault:
        return {"problem": f"line {number}: published {wanted.get('published')!r}: {fault}"}
    return facts_result(_read(title, text, published, str(wanted.get("channel") or "")))


def read_day(value: object) -> date | None:
    """Return an ISO day or time as the day in the portal's zone. Raises ValueError for what is neither."""
    if value is None or value == "":
        return None
    text = str(value)
    if len(text) <= len("2026-01-01"):
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text)
    return (moment.astimezone(_ZONE) if moment.tzinfo else moment).date()


def _read(title: str, text: str, published: date | None, channel: str = "") -> Facts:
    from feeds.read.facts.reading import read_facts

    return read_facts(title, text, published, channel)


def _tell(what: list[str], config: Path | None, *, as_json: bool) -> None:
    from feeds.read.results import facts_result

    results: list[dict[str, Any]] = []
    for name in what:
        try:
            title, facts = _open(name, config)
        except OSError as fault:
            results.append({"id": name, "problem": f"{name}: {fault.strerror}"})
            continue
        results.append({"id": name, "title": title, **facts_result(facts)})
    if as_json:
        print_json(results[0] if len(results) == 1 else results)
    else:
        for result in results:
            _show(result)
    if any("problem" in result for result in results):
        raise typer.Exit(EXIT_FAILED)


def _open(name: str, config: Path | None) -> tuple[str, Facts]:
    """Return the title of a file, else of a notice by its id, and what it says."""
    return _open_file(name) if name == "-" or "." in name or Path(name).exists() else _find_notice(name, config)


def _open_file(name: str) -> tuple[str, Facts]:
    """Read a file: a saved page is read as such, a text begins with its title."""
    from feeds.read.bare import read_bare_article
    from feeds.read.charset import decode_page

    with sys.stdin.buffer if name == "-" else Path(name).open("rb") as file:
        body = file.read(_MOST_BYTES)
    if b"<" in body[:2_000] and b">" in body[:2_000]:
        article = read_bare_article(body, "")
        day = article.published.at.astimezone(_ZONE).date() if article.published else None
        return article.title or "", _read(article.title or "", article.body, day, article.column or "")
    title, _, text = decode_page(body, "text/plain").text.strip().partition("\n")
    return title.strip(), _read(title.strip(), text, None)


def _find_notice(public_id: str, config: Path | None) -> tuple[str, Facts]:
    """Read a notice that is recorded; end where nobody knows it. Without its text, only the title is read."""
    from feeds.cli.context import open_configuration, run_async
    from feeds.read.facts.reading import find_published_day, read_notice_facts
    from feeds.store.engine import open_database
    from feeds.store.shelf import find_notice

    settings, portals = open_configuration(config)

    async def load() -> Notice | None:
        database = await open_database(settings.store.url)
        try:
            async with database.read() as tx:
                return await find_notice(tx, public_id)
        finally:
            await database.close()

    notice = run_async(load())
    if notice is None:
        fail(f"{public_id}: neither a file nor the id of a notice; ids stand in /n/ID of its page")
    portal = next((portal for portal in portals if portal.name == notice.portal), None)
    return notice.title, read_notice_facts(notice, portal) or _read(
        notice.title, "", find_published_day(notice, portal)
    )


def _show(result: Mapping[str, Any]) -> None:
    if "problem" in result:
        typer.echo(result["problem"], err=True)
        return
    number = result["number"]
    marks = [f"转载 reprint of {result['origin']}"] if result["reprint"] else []
    typer.echo(f"{result['id']}  {result['title']}")
    numbers = [one["text"] for one in (number, *result["numbers"]) if one]
    typer.echo("  " + " · ".join([result["kind"], *numbers, *marks]))
    for fact in result["dates"]:
        by = f" ({fact['by']})" if fact["by"] else ""
        typer.echo(f"  {fact['role']:<18} {fact['date']}{by}\n      {fact['sentence']}")
    for fact in result["people"]:
        typer.echo(f"  {fact['act']:<18} {fact['name']}  {fact['post'] or ''}\n      {fact['sentence']}")
    for fact in result["contacts"]:
        typer.echo(f"  {fact['means']:<18} {fact['text']}")
    for fact in result["laws"]:
        stage = f" ({fact['stage']})" if fact["stage"] else ""
        typer.echo(f"  {'law':<18} 《{fact['name']}》{stage}")


def _evaluate(folder: Path, *, as_json: bool) -> None:
    """Print precision and recall of every fact on the labelled notices of a folder, and each fault."""
    from feeds.read.facts.measure import Measure, measure_facts

    files = sorted(folder.glob("*.jsonl"))
    if not files:
        fail(f"{folder}: no *.jsonl with labelled notices", EXIT_USAGE)
    measure = Measure()
    for file in files:
        lines = file.read_text(encoding="utf-8-sig", errors="replace").split("\n")
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                label = json.loads(line)
                measure_facts(
                    measure,
                    label,
                    _read(label["title"], label["text"], read_day(label.get("published")), label.get("channel") or ""),
                )
            except (ValueError, KeyError, TypeError) as fault:
                fail(f"{file}, line {number}: no labelled notice ({fault!r})", EXIT_USAGE)
    if as_json:
        print_json(
            {
                name: {"precision": score.precision, "recall": score.recall, "right": score.right}
                for name, score in measure.scores.items()
            }
        )
        return
    for told in measure.faults:
        typer.echo(told)
    typer.echo(f"\n{measure.notices} notices\n{'fact':<24} precision  recall  right wrong missed")
    for name, score in sorted(measure.scores.items()):
        typer.echo(
            f"{name:<24} {score.precision:9.3f} {score.recall:7.3f} {score.right:6} {score.wrong:5} {score.missed:6}"
        )
