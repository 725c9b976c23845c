"""`feeds holds list|release|discard`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import ConfigOption, JsonOption, fail, open_configuration, print_json, run_async

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="可疑条目：列出、放行、丢弃。 New rows kept from feeds and mail, and why. Example: feeds holds list.",
)

NameArgument = Annotated[str, typer.Argument(metavar="PORTAL/CHANNEL", help="As `feeds holds list` names it.")]


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出被扣住的条目和原因。 Show what is held, and why. Example: feeds holds list --json."""
    from feeds.store import holds
    from feeds.store.engine import open_database

    settings, _ = open_configuration(config)

    async def load() -> list[holds.Hold]:
        database = await open_database(settings.store.url)
        try:
            async with database.read() as tx:
                return await holds.list_holds(tx)
        finally:
            await database.close()

    found = run_async(load())
    if as_json:
        times = ("opened_at", "seen_at")
        print_json(
            [
                asdict(hold)
                | {"keys": len(hold.keys)}
                | {name: getattr(hold, name).isoformat() for name in times}
                | {"waits": hold.reason.waits}
                for hold in found
            ]
        )
        return
    if not found:
        typer.echo("没有被扣住的条目。 Nothing is held.")
    zone = ZoneInfo(settings.site.time_zone)
    for hold in found:
        since = f"{hold.opened_at.astimezone(zone):%Y-%m-%d %H:%M}"
        typer.echo(f"{hold.channel}  {hold.reason.value}, {len(hold.keys)} rows since {since}")
        typer.echo(f"  {hold.detail}")
        for title in hold.titles:
            typer.echo(f"    · {title}")
        if hold.decision:
            typer.echo(f"  {hold.decision}: done at the next poll")


@app.command()
def release(name: NameArgument, config: ConfigOption = None) -> None:
    """放行：发布并通知。 Publish what is held, and tell people. Example: feeds holds release harbin-renda/tzgg."""
    _decide(name, config, "release")


@app.command()
def discard(name: NameArgument, config: ConfigOption = None) -> None:
    """丢弃：只存入历史，不通知。 Only remember what is held. Example: feeds holds discard harbin-renda/tzgg."""
    _decide(name, config, "discard")


def _decide(name: str, config: Path | None, decision: str) -> None:
    from feeds.daemon.parts import read_clock
    from feeds.store import holds
    from feeds.store.engine import open_database

    settings, _ = open_configuration(config)

    async def decide() -> bool:
        database = await open_database(settings.store.url)
        try:
            async with database.write() as tx:
                return await holds.decide_hold(tx, name, decision, read_clock())
        finally:
            await database.close()

    if not run_async(decide()):
        fail(f"{name}: nothing is held there; `feeds holds list` shows what is")
    typer.echo(f"{name}: {decision}, done at the next poll, at once where the daemon runs")
