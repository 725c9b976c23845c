"""`feeds backfill`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from feeds.cli.context import EXIT_FAILED, ConfigOption, open_configuration, run_async, select_channels
from feeds.model import Channel

if TYPE_CHECKING:
    from feeds.daemon.workshop import Workshop


def backfill(
    names: Annotated[list[str] | None, typer.Argument(metavar="PORTAL[/CHANNEL]", help="All without one.")] = None,
    config: ConfigOption = None,
    pages: Annotated[int | None, typer.Option(min=1, help="List pages at most, of each channel.")] = None,
) -> None:
    """Walk older list pages, and the articles on them, into the history: politely, never mailed.

    Ctrl-C is fine: the next call goes on where this one stopped.

    Example: feeds backfill harbin-renda/tzgg --pages 20
    """
    from feeds.daemon.logs import configure_logs
    from feeds.daemon.parts import open_parts
    from feeds.daemon.workshop import open_workshop

    configure_logs(tap=lambda _: None)
    settings, portals = open_configuration(config)
    channels = select_channels(portals, names or [])

    async def work() -> bool:
        async with open_parts(settings, portals) as parts, open_workshop(parts) as shop:
            return await _walk(shop, channels, pages)

    if not run_async(work()):
        raise typer.Exit(EXIT_FAILED)


async def _walk(shop: Workshop, channels: Sequence[Channel], pages: int | None) -> bool:
    from feeds.flows import articles, poll, publish
    from feeds.flows.backfill import backfill_channel
    from feeds.store import portals as portal_rows

    good = True
    for channel in channels:
        async with shop.polling.database.read() as tx:
            state = await portal_rows.load_channel(tx, channel.name)
        if state is None:
            continue
        if state.baseline_at is None:
            async with shop.polling.database.write() as tx:
                state = await portal_rows.claim_channel(tx, channel.name, shop.polling.clock(), poll.LEASE) or state
            await poll.poll_channel(shop.polling, state)
        report = await backfill_channel(shop.polling, state, pages, _tell_page)
        good = good and report.problem is None
        ending = report.problem or ("the whole archive" if report.done else "goes on with the next call")
        typer.echo(f"{report.channel}: {report.pages} pages, {report.new} new; {ending}")
    read = 0
    typer.echo("reading the articles that are due; Ctrl-C is fine", err=True)
    while due := await articles.claim_due(shop.polling, 10):
        for one in due:
            await articles.read_due_article(shop.polling, one)
        read += len(due)
        typer.echo(f"articles read: {read}", err=True)
    await publish.publish_stale(shop.publishing, seize=True)
    return good


def _tell_page(channel: str, pages: int, new: int) -> None:
    typer.echo(f"{channel}: page {pages}, {new} new so far", err=True)
