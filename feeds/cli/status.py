"""`feeds status`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import EXIT_FAILED, ConfigOption, JsonOption, open_configuration, print_json, run_async

if TYPE_CHECKING:
    from feeds.mailboxes import Pace
    from feeds.store.portals import ChannelHealth
    from feeds.store.status import Ledger, QueueDepth

    Snapshot = tuple[list[ChannelHealth], Ledger, list[QueueDepth], dict[str, int], list[Pace], Mapping[str, int]]


def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show channels with health, the ledger and the queues; exit 1 if the ledger does not add up or a channel is ill.

    Example: feeds status --json
    """
    settings, _ = open_configuration(config)
    snapshot = run_async(_load(settings.store.url))
    channels, ledger, *_ = snapshot
    if as_json:
        print_json(_as_json(snapshot))
    else:
        _show(snapshot, ZoneInfo(settings.site.time_zone))
    if ledger.unaccounted or any(channel.ill for channel in channels):
        raise typer.Exit(EXIT_FAILED)


async def _load(url: str) -> Snapshot:
    from feeds.daemon.parts import read_clock
    from feeds.decide.shaping import FORGOTTEN
    from feeds.store import deliveries, paces, portals, returned
    from feeds.store import status as counts
    from feeds.store.engine import open_database

    database = await open_database(url)
    try:
        async with database.read() as tx:
            return (
                await portals.load_channels(tx),
                await counts.load_ledger(tx),
                await counts.load_queues(tx, read_clock()),
                await deliveries.count_deliveries(tx),
                await paces.list_paces(tx, read_clock() - FORGOTTEN),
                await returned.count_returned(tx),
            )
    finally:
        await database.close()


def _as_json(snapshot: Snapshot) -> dict[str, Any]:
    channels, ledger, queues, deliveries, slowed, returned = snapshot
    return {
        "channels": [_plain(asdict(channel)) for channel in channels],
        "ledger": asdict(ledger),
        "queues": [_plain(asdict(queue)) for queue in queues],
        "deliveries": deliveries,
        "slowed": [_plain(asdict(pace)) for pace in slowed],
        "returned": dict(returned),
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _show(snapshot: Snapshot, zone: ZoneInfo) -> None:
    channels, ledger, queues, deliveries, slowed, returned = snapshot
    typer.echo(f"{'channel':<28} {'health':<14} {'verdict':<18} {'polled':<17} {'newest':<17} {'notices':>7}")
    for one in channels:
        times = f"{_local(one.polled_at, zone):<17} {_local(one.newest_at, zone):<17}"
        verdict = one.verdict.value if one.verdict else "never polled"
        health = one.health.value if one.health else "-"
        typer.echo(f"{one.name:<28} {health:<14} {verdict:<18} {times} {one.notices:>7}")
        if one.problem:
            typer.echo(f"  {one.problem}" + (f" ({one.failures} in a row)" if one.failures else ""))
        if one.gap:
            typer.echo(f"  {one.gap}")
    figures = asdict(ledger)
    typer.echo("ledger: " + ", ".join(f"{name} {value}" for name, value in figures.items()))
    typer.echo("deliveries: " + (", ".join(f"{name} {value}" for name, value in deliveries.items()) or "none"))
    typer.echo("came back: " + ", ".join(f"{name} {value}" for name, value in returned.items()))
    for queue in queues:
        since = f", oldest since {_local(queue.oldest_due, zone)}" if queue.oldest_due else ""
        typer.echo(f"queue {queue.name}: {queue.due} due, {queue.later} later{since}")
    for pace in slowed:
        times = f"since {_local(pace.slowed_at, zone)}, paused until {_local(pace.paused_until, zone)}"
        typer.echo(f"slowed {pace.provider} {times}: {pace.problem}")


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "-"
