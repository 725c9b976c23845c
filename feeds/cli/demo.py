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
    event: Annotated[
        list[str] | None, typer.Option(help="What else the portal does, in turn: consultation, takeover ...")
    ] = None,
) -> None:
    """Watch a replica of the Harbin portal, publish its feeds, and mail a subscriber, all on this machine.

    Example: feeds demo --port 8000 --portal-port 8001 --minutes 6 --event consultation
    """
    from feeds.demo.run import run_demo
    from feeds.demo.script import PLAYS, SERIES

    known = {*PLAYS, *SERIES}
    if unknown := [kind for kind in event or () if kind not in known]:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(sorted(known))}")
    failure = run_async(run_demo(port, portal_port, minutes, speed, event or ()))
    if failure:
        fail(failure, EXIT_FAILED)
