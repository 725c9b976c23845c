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
    from feeds.model import Epoch
    from feeds.store.copies import FileTally, RefusedFile
    from feeds.store.portals import ChannelHealth
    from feeds.store.status import Ledger, QueueDepth
    from feeds.store.tallies import LedgerCheck

    Snapshot = tuple[
        list[ChannelHealth],
        Ledger,
        LedgerCheck | None,
        list[QueueDepth],
        dict[str, int],
        list[Pace],
        Epoch | None,
        Mapping[str, int],
        tuple[FileTally, list[RefusedFile]],
    ]

_MOST_REFUSED = 5
"""Files of which it is told why there is no copy."""


def status(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show channels with health, the ledger and the queues; exit 1 if the ledger does not add up or a channel is ill.

    The ledger is added up anew, whole; beside it stands what the daemon's check of every minute found.

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
    from feeds.store import copies, deliveries, epochs, paces, portals, returned, tallies
    from feeds.store import status as counts
    from feeds.store.engine import open_database

    database = await open_database(url)
    try:
        async with database.read() as tx:
            return (
                await portals.load_channels(tx),
                await counts.load_ledger(tx),
                await tallies.load_check(tx),
                await counts.load_queues(tx, read_clock()),
                await deliveries.count_deliveries(tx),
                await paces.list_paces(tx, read_clock() - FORGOTTEN),
                await epochs.load_epoch(tx),
                await returned.count_returned(tx),
                (await copies.tally_files(tx), await copies.list_refused(tx, _MOST_REFUSED)),
            )
    finally:
        await database.close()


def _as_json(snapshot: Snapshot) -> dict[str, Any]:
    channels, ledger, check, queues, deliveries, slowed, epoch, returned, files = snapshot
    return {
        "channels": [_plain(asdict(channel)) for channel in channels],
        "ledger": asdict(ledger),
        "check": _plain(asdict(check)) if check else None,
        "queues": [_plain(asdict(queue)) for queue in queues],
        "deliveries": deliveries,
        "restored": _plain(asdict(epoch)) if epoch and epoch.held_until else None,
        "slowed": [_plain(asdict(pace)) for pace in slowed],
        "returned": dict(returned),
        "files": asdict(files[0]) | {"latest_refused": [asdict(one) for one in files[1]]},
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _show(snapshot: Snapshot, zone: ZoneInfo) -> None:
    channels, ledger, check, queues, deliveries, slowed, epoch, returned, files = snapshot
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
    round_ended = _local(check.round_ended_at, zone) if check else "-"
    typer.echo(f"ledger checked: {_local(check.checked_at if check else None, zone)}, all of it by {round_ended}")
    if check and check.wrong:
        typer.echo("  events that did not add up: " + ", ".join(map(str, check.wrong)))
    typer.echo("deliveries: " + (", ".join(f"{name} {value}" for name, value in deliveries.items()) or "none"))
    if epoch and epoch.held_until:
        held = f"before {_local(epoch.told_until, zone)} wait until {_local(epoch.held_until, zone)}"
        typer.echo(
            f"restored from a backup: mails about what was published {held}{' and are dropped' * epoch.discards}"
        )
    typer.echo("came back: " + ", ".join(f"{name} {value}" for name, value in returned.items()))
    for queue in queues:
        since = f", oldest since {_local(queue.oldest_due, zone)}" if queue.oldest_due else ""
        typer.echo(f"queue {queue.name}: {queue.due} due, {queue.later} later{since}")
    _show_files(*files)
    for pace in slowed:
        times = f"since {_local(pace.slowed_at, zone)}, paused until {_local(pace.paused_until, zone)}"
        typer.echo(f"slowed {pace.provider} {times}: {pace.problem}")


def _show_files(tally: FileTally, refused: list[RefusedFile]) -> None:
    kept = f"{tally.files} kept, {tally.bytes:,} bytes"
    typer.echo(f"files: {kept}; {tally.wanted} to fetch, {tally.refused} not kept, {tally.dropped} dropped")
    for one in refused:
        typer.echo(f"  {one.url}: {one.problem}")


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "-"
