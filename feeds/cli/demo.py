"""`feeds demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from feeds.cli.context import EXIT_FAILED, fail, run_async


def demo(
    port: Annotated[int, typer.Option(help="Port of the site.", min=1, max=65535)] = 8000,
    portal_port: Annotated[int, typer.Option(help="Port of the replica portal.", min=1, max=65535)] = 8001,
    minutes: Annotated[float | None, typer.Option(help="End by itself after so many minutes.", min=0)] = None,
    speed: Annotated[float, typer.Option(help="How much faster the portal's script plays.", min=0.1, max=100)] = 1.0,
) -> None:
    """Watch a replica of the Harbin portal, publish its feeds, and mail a subscriber, all on this machine.

    Example: feeds demo --port 8000 --portal-port 8001 --minutes 5
    """
    from feeds.demo.run import run_demo

    failure = run_async(run_demo(port, portal_port, minutes, speed))
    if failure:
        fail(failure, EXIT_FAILED)
