"""`feeds db upgrade|check|copy`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from feeds.cli.context import EXIT_FAILED, ConfigOption, JsonOption, ending_on_faults, open_configuration, print_json

if TYPE_CHECKING:
    from feeds.config import Settings
    from feeds.flows.moving import Copied, Tell
    from feeds.store.copying import Origin

_TOLD_EVERY = 100_000
"""Rows between two lines of progress."""
_ALIVE = timedelta(minutes=3)
"""A daemon gives a sign of life every minute."""

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, help="The database: upgrade, check, copy."
)


@app.command()
def upgrade(config: ConfigOption = None) -> None:
    """Bring the database to this program's schema; nothing to do is fine. Example: feeds db upgrade."""
    from feeds.store import migrate

    settings, _ = open_configuration(config)
    with ending_on_faults():
        typer.echo(f"the database is at schema {migrate.upgrade(settings.store.url)}")


@app.command()
def check(config: ConfigOption = None) -> None:
    """Look for damage: file integrity, references, schema. Exit 1 if anything is found. Example: feeds db check."""
    from feeds.store import migrate

    settings, _ = open_configuration(config)
    with ending_on_faults():
        findings = migrate.check(settings.store.url)
    for finding in findings:
        typer.echo(finding)
    typer.echo("no damage found" if not findings else f"{len(findings)} findings")
    if findings:
        raise typer.Exit(EXIT_FAILED)


@app.command()
def copy(
    to: Annotated[str, typer.Option(metavar="URL", help="An empty database: sqlite:///path or postgresql://...")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy the whole database to another one, SQLite or PostgreSQL, and hold every row of both against each other.

    What is copied is the database as it is when this begins. Feeds and pages may be served from it meanwhile; what is
    written meanwhile is not in the copy, so stop what writes first: the daemon, and with it sign-ups.
    Broken off, the same command goes on where it was. Until all is equal, nothing else can open the copy.
    Exit code 0: equal. 1: it is not, or could not be copied. 2: wrong usage or configuration. 130: broken off.

    Example: feeds db copy --to postgresql://feeds@localhost/feeds
    """
    from feeds.flows.moving import copy_installation

    settings, _ = open_configuration(config)
    started = time.monotonic()
    with ending_on_faults(), _telling() as tell:
        try:
            copied = copy_installation(settings.store.url, to, _announce, tell)
        except KeyboardInterrupt:
            typer.echo("broken off; the same command goes on from here", err=True)
            raise typer.Exit(130) from None
    seconds = time.monotonic() - started
    if as_json:
        print_json(_as_json(copied, seconds))
    else:
        _show(copied, settings, seconds)
    if not copied.equal:
        raise typer.Exit(EXIT_FAILED)


def _announce(origin: Origin, resumed: bool) -> None:
    from feeds.daemon.parts import read_clock

    typer.echo(f"{'going on with the copy of' if resumed else 'copying'} {origin.url}, as it is now", err=True)
    if origin.beat_at and read_clock() - origin.beat_at < _ALIVE:
        typer.echo(
            f"its daemon was alive at {origin.beat_at:%Y-%m-%d %H:%M:%S} UTC: if it still is, what it writes from now"
            " on is not in the copy; to move, break this off, stop it, and run this again",
            err=True,
        )


def _as_json(copied: Copied, seconds: float) -> dict[str, object]:
    return {
        "source": copied.origin.url,
        "equal": copied.equal,
        "resumed": copied.resumed,
        "kept": copied.kept,
        "copied_anew": list(copied.mended),
        "written_until": copied.written_until.isoformat() if copied.written_until else None,
        "seconds": round(seconds, 1),
        "tables": [
            {
                "name": each.name,
                "rows": {"source": each.source.rows, "target": each.target.rows},
                "sha256": {"source": each.source.digest or None, "target": each.target.digest or None},
                "equal": each.equal,
            }
            for each in copied.comparisons
        ],
    }


def _show(copied: Copied, settings: Settings, seconds: float) -> None:
    typer.echo(f"{'':<16} {'source':>12} {'target':>12}  sha256")
    for each in copied.comparisons:
        if each.equal:
            said = each.source.digest[:16] or "terms, counted"
        else:
            said = f"DIFFERS: {each.source.digest[:16]} and {each.target.digest[:16]}"
        typer.echo(f"{each.name:<16} {each.source.rows:>12} {each.target.rows:>12}  {said}")
    if copied.resumed:
        typer.echo(f"{copied.kept} rows were there from an earlier run")
    if copied.mended:
        typer.echo(f"the source changed since it was broken off: copied anew {', '.join(copied.mended)}")
    if not copied.equal:
        typer.echo("the copy differs, and is not to be used: run this again, and what differs is copied anew")
        return
    typer.echo(f"equal, in {seconds:.0f} s")
    if copied.written_until:
        typer.echo(
            f"a daemon wrote to the source until {copied.written_until:%Y-%m-%d %H:%M:%S} UTC, and not all of that is"
            " in the copy: to move, stop it, and copy to an empty database again"
        )
    secret = settings.site.secret_file
    typer.echo(
        "Now set [store] url, and never start a daemon on the old database again: it would send mails twice.\n"
        "On another machine, take along what is not in a database: the configuration,\n"
        f"  {secret}, or links in old mails are dead\n"
        f"  {secret.with_name('epoch')}, as the copy is no restored backup, whose mails would wait\n"
        f"  {settings.files.dir}, copies of attachments\n"
        f"  {settings.publish.dir}, published feeds, or write them with `feeds publish --force`"
    )


@contextmanager
def _telling() -> Iterator[Tell]:
    """Give what tells how far it is: bars on a terminal, else some lines; on stderr."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True)) as progress:
            tasks: dict[str, int] = {}

            def draw(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = progress.add_task(what, total=total)
                progress.update(tasks[what], completed=done)  # type: ignore[arg-type]  # a number of a type of its own

            yield draw
        return
    yield _write_lines()


def _write_lines() -> Callable[[str, int, int], None]:
    told: dict[str, int] = {}

    def tell(what: str, done: int, total: int) -> None:
        if done == total or done >= told.get(what, 0) + _TOLD_EVERY:
            told[what] = done
            typer.echo(f"{what}: {done} of {total}", err=True)

    return tell
