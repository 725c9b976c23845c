"""What commands share: where the configuration is, how results are printed, how faults end a command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from feeds.config import Settings, find_config, load_configuration
from feeds.errors import ConfigError, FeedsError
from feeds.model import Channel, Portal

if TYPE_CHECKING:
    from feeds.store.engine import Database

EXIT_FAILED = 1
EXIT_USAGE = 2

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file (default config/feeds.toml, else $FEEDS_CONFIG)."),
]
NO_ADDRESS = "(address blanked)"
"""What is printed in place of an address that is kept no more."""
_Result = TypeVar("_Result")
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON value on stdout, logs on stderr.")]


def open_configuration(option: Path | None) -> tuple[Settings, tuple[Portal, ...]]:
    """Return settings and portals of the configuration that is meant; end with every fault named, exit 2."""
    with ending_on_faults():
        return load_configuration(find_config(option, os.environ), os.environ)


@contextmanager
def ending_on_faults() -> Iterator[None]:
    """Turn what the operator can mend into a sentence on stderr and an exit code: 2 configuration, 1 the rest."""
    try:
        yield
    except ConfigError as faults:
        for fault in faults.faults:
            typer.echo(str(fault), err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except FeedsError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(EXIT_FAILED) from None


def run_async(
    work: Coroutine[Any, Any, _Result], open_loop: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> _Result:
    """Run a command's coroutine; Ctrl-C ends it with 130 and no traceback: what was recorded stays.

    `open_loop` makes the loop that it runs in; None: the usual one.
    """
    with ending_on_faults():
        try:
            with asyncio.Runner(loop_factory=open_loop) as runner:
                return runner.run(work)
        except KeyboardInterrupt:
            typer.echo("interrupted; what was recorded stays", err=True)
            raise typer.Exit(130) from None


def with_database(config: Path | None, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    """Return what the work comes to on the configured database."""
    settings, _ = open_configuration(config)

    async def run() -> _Result:
        from feeds.store.engine import open_database

        database = await open_database(settings.store.url)
        try:
            return await work(database)
        finally:
            await database.close()

    return run_async(run())


def print_json(value: object) -> None:
    """Print one JSON value, UTF-8, on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def fail(sentence: str, code: int = EXIT_FAILED) -> NoReturn:
    """End the command with a sentence on stderr."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def select_channels(portals: Sequence[Portal], names: Sequence[str]) -> list[Channel]:
    """Return the channels that names (`PORTAL` or `PORTAL/CHANNEL`) mean; all without names. Unknown: exit 2."""
    every = [channel for portal in portals for channel in portal.channels]
    if not names:
        return every
    chosen = []
    for name in names:
        found = [channel for channel in every if name in (channel.name, channel.portal)]
        if not found:
            known = ", ".join(portal.name for portal in portals) or "none: see `feeds init`"
            fail(f"{name}: no such portal or channel; portals: {known}", EXIT_USAGE)
        chosen += found
    return chosen
