"""`feeds run`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, ConfigOption, fail, open_configuration, run_async
from feeds.config import find_config, load_configuration

_ROLES = ("all", "scheduler", "worker", "web")


def run(
    config: ConfigOption = None,
    role: Annotated[str, typer.Option(help="all, scheduler, worker or web.")] = "all",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    """Run the daemon until SIGTERM or Ctrl-C; SIGHUP reads the configuration again.

    Example: feeds run --config /etc/noticefeeds/feeds.toml
    """
    from feeds.daemon import run_daemon
    from feeds.daemon.logs import configure_logs

    if role not in _ROLES:
        fail(f"--role {role}: no such role; allowed: {', '.join(_ROLES)}", EXIT_USAGE)
    if role == "worker":
        fail("--role worker needs work on many machines, which this version has not; use --role scheduler", EXIT_USAGE)
    configure_logs(verbose=verbose)
    settings, portals = open_configuration(config)
    path = find_config(config, os.environ)
    failure = run_async(run_daemon(settings, portals, role, reread=lambda: load_configuration(path, os.environ)))
    if failure:
        fail(failure, EXIT_FAILED)
