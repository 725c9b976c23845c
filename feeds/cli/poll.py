"""`feeds poll`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from feeds.cli.context import (
    EXIT_FAILED,
    ConfigOption,
    JsonOption,
    open_configuration,
    print_json,
    run_async,
    select_channels,
)
from feeds.model import Channel, Verdict

if TYPE_CHECKING:
    from feeds.daemon.workshop import Workshop
    from feeds.flows.poll import PollReport


def poll(
    names: Annotated[list[str] | None, typer.Argument(metavar="PORTAL[/CHANNEL]", help="All without one.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll channels now and print a row for each; exit 1 if any failed.

    Example: feeds poll harbin-renda/tzgg
    """
    from feeds.daemon.logs import configure_logs
    from feeds.daemon.parts import open_parts
    from feeds.daemon.workshop import open_workshop

    configure_logs(tap=lambda _: None)
    settings, portals = open_configuration(config)
    channels = select_channels(portals, names or [])

    async def work() -> list[PollReport]:
        async with open_parts(settings, portals) as parts, open_workshop(parts) as shop:
            return await _poll(shop, channels, as_json)

    reports = run_async(work())
    if as_json:
        print_json([{**asdict(report), "verdict": report.verdict.value} for report in reports])
    if any(report.verdict not in (Verdict.LISTING, Verdict.UNCHANGED) for report in reports):
        raise typer.Exit(EXIT_FAILED)


async def _poll(shop: Workshop, channels: Sequence[Channel], as_json: bool) -> list[PollReport]:
    from feeds.flows import poll as flow
    from feeds.flows import publish
    from feeds.store import portals as portal_rows

    reports = []
    if not as_json:
        typer.echo(f"{'channel':<28} {'verdict':<18} {'new':>4} {'revised':>8} {'held':>5} {'ms':>7}")
    for channel in channels:
        async with shop.polling.database.write() as tx:
            claim = await portal_rows.claim_channel(tx, channel.name, shop.polling.clock(), flow.LEASE)
        if claim is None:
            continue
        report = await flow.poll_channel(shop.polling, claim)
        reports.append(report)
        if not as_json:
            numbers = f"{report.new:>4} {report.revised:>8} {report.held:>5} {report.ms:>7}"
            note = " baseline: in the feed, not mailed" if report.baseline else ""
            typer.echo(f"{report.channel:<28} {report.verdict.value:<18} {numbers}{note}")
            if report.problem:
                typer.echo(f"  {report.problem}")
    await publish.publish_stale(shop.publishing, seize=True)
    return reports
