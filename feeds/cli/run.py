"""`feeds run`."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, ConfigOption, fail, open_configuration, run_async
from feeds.config import Settings, find_config, load_configuration
from feeds.errors import FeedsError
from feeds.model import Portal
from feeds.work.duty import ROLES, Duty, read_lanes
from feeds.work.tasks import Queue


def run(
    config: ConfigOption = None,
    role: Annotated[str, typer.Option(help="all, scheduler, worker or web.")] = "all",
    queues: Annotated[str | None, typer.Option(help=f"What a worker works: {', '.join(Queue)}.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    """Run the daemon until SIGTERM or Ctrl-C; SIGHUP reads the configuration again.

    Example: feeds run --config /etc/noticefeeds/feeds.toml

    On many machines, with PostgreSQL: feeds run --role worker --queues polls:16,mail
    """
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the daemon listens to it: untended, it would end us
    gc.disable()  # imports make classes by the thousand and throw none away: collecting then is a fifth of the start
    with _missing("rich"):  # structlog would have it draw tracebacks: 6 MB for what a log of lines has no use for
        from feeds.daemon import run_daemon
        from feeds.daemon.ending import leave, limit_stop, open_loop, run_leaving
        from feeds.daemon.logs import configure_logs
        from feeds.daemon.run import Running, Stage

    if role not in ROLES:
        fail(f"--role {role}: no such role; allowed: {', '.join(ROLES)}", EXIT_USAGE)
    try:
        duty = Duty(role, read_lanes(queues) if queues else None)
    except FeedsError as fault:
        fail(f"--queues: {fault}", EXIT_USAGE)
    configure_logs(verbose=verbose)
    settings, portals = open_configuration(config)
    path = find_config(config, os.environ)

    def reread() -> tuple[Settings, tuple[Portal, ...]]:
        return load_configuration(path, os.environ)

    ready: list[Running] = []

    def begin(running: Running) -> None:
        ready.append(running)
        _resume_collecting()

    def tell_code() -> int:
        return EXIT_FAILED if any(running.failure for running in ready) else 0

    with limit_stop(tell_code) as on_stop:
        daemon = run_daemon(settings, portals, duty, reread, begin, Stage(on_stop=on_stop))
        failure = run_async(run_leaving(daemon), open_loop)
    if failure:
        typer.echo(failure, err=True)
    leave(EXIT_FAILED if failure else 0)


@contextmanager
def _missing(library: str) -> Iterator[None]:
    """Have a library not be found, as None among the modules does, while others are imported that do without it."""
    before = sys.modules.get(library)
    sys.modules[library] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[library]
        if before is not None:
            sys.modules[library] = before


def _resume_collecting() -> None:
    """Collect garbage from now on, without looking again and again at what the imports made; give back what is free."""
    gc.freeze()
    gc.enable()
    with suppress(OSError, AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
