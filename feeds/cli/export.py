"""`feeds export`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager, suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn, TextIO
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, ConfigOption, fail, open_configuration, run_async
from feeds.config import Settings
from feeds.model import Portal

_TOLD_EVERY = 5_000
"""Notices between two lines of progress."""


class Format(StrEnum):
    """What an export is written as."""

    JSONL = "jsonl"
    CSV = "csv"
    OPML = "opml"


def export(
    config: ConfigOption = None,
    fmt: Annotated[
        Format, typer.Option("--format", help="jsonl: everything; csv: a table for spreadsheets; opml: the feeds.")
    ] = Format.JSONL,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Only what was published, or came later, changed or was withdrawn from this day on.",
        ),
    ] = None,
    portal: Annotated[str | None, typer.Option(metavar="PORTAL", help="Of this portal only.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write there, whole or not at all, instead of to stdout.")] = None,
) -> None:
    """Write every notice with its revisions and what it says, as it is at this moment; the daemon may go on.

    While it is written, the database keeps all of that moment: for a pager or a slow line, use --out first.
    Exit code 0: written. 1: it could not be. 2: wrong usage or configuration.

    Example: feeds export --format csv --since 2026-01-01 --out notices.csv
    """
    settings, portals = open_configuration(config)
    if fmt is Format.OPML:
        if since:
            fail("--since is for notices, not for the list of feeds", EXIT_USAGE)
        _export_feeds(settings, portals, portal, out)
        return
    start = since.replace(tzinfo=ZoneInfo(settings.site.time_zone)) if since else None
    with _opening(out) as file:
        run_async(_export_notices(settings, portals, fmt, (start, portal), file))


def _export_feeds(settings: Settings, portals: tuple[Portal, ...], wanted: str | None, out: Path | None) -> None:
    from feeds.render.opml import render_opml
    from feeds.serve.directory import list_groups

    some = [portal for portal in portals if wanted in {None, portal.name}]
    if not some and wanted:
        _refuse_portal(wanted, [portal.name for portal in portals])
    formats = settings.publish.formats
    groups = list_groups(settings.site, some, "atom" if "atom" in formats else formats[0])
    with _opening(out) as file:
        file.write(render_opml(settings.site.title, groups[1:] if wanted else groups).decode())


async def _export_notices(
    settings: Settings,
    portals: tuple[Portal, ...],
    fmt: Format,
    wanted: tuple[datetime | None, str | None],
    file: TextIO,
) -> None:
    from feeds.flows.export import Exporting, export_notices, write_json
    from feeds.flows.table import head_table, write_table_row
    from feeds.store.archive import list_portal_names
    from feeds.store.engine import open_database

    since, portal = wanted
    database = await open_database(settings.store.url)
    try:
        async with database.read() as tx:
            names = await list_portal_names(tx)
        if portal and portal not in {*names, *(one.name for one in portals)}:
            _refuse_portal(portal, names)
        named = {one.name: one for one in portals}
        exporting = Exporting(database, named, settings.site.base_url, since, portal)
        if fmt is Format.CSV:
            file.write(head_table())
        write = write_table_row if fmt is Format.CSV else write_json
        with _telling(alone=file is not sys.stdout or not file.isatty()) as tell:
            async with aclosing(export_notices(exporting, write, tell)) as pages:
                async for page in pages:
                    file.write(page)
    finally:
        await database.close()


def _refuse_portal(name: str, known: list[str]) -> NoReturn:
    fail(f"{name}: no such portal; portals: {', '.join(known) or 'none'}", EXIT_USAGE)


@contextmanager
def _opening(out: Path | None) -> Iterator[TextIO]:
    """Give a file to write to: beside `out` until it is whole, else stdout. What cannot be written ends with 1."""
    beside: Path | None = None
    try:
        if out is None:
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
            yield sys.stdout
            sys.stdout.flush()
            return
        out = out.resolve()  # what a link leads to is replaced, not the link
        if out.exists() and not out.is_file():  # a pipe or a device is written to
            with out.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
        beside = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        beside.chmod(0o644)
        beside.replace(out)
        beside = None
    except BrokenPipeError:  # who reads has seen enough
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as fault:
        fail(f"{out or 'stdout'}: {fault.strerror or fault}", EXIT_FAILED)
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


@contextmanager
def _telling(*, alone: bool) -> Iterator[Callable[[int, int], None]]:
    """Give what tells how far it is: a bar on a terminal that shows nothing else, else some lines on stderr."""
    if alone and sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True)) as progress:
            task = progress.add_task("notices")
            yield lambda done, total: progress.update(task, completed=done, total=total)
        return
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done == total or done >= told + _TOLD_EVERY:
            told = done
            typer.echo(f"{done} of {total} notices", err=True)

    yield tell
