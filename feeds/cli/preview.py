"""`feeds preview`."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import EXIT_FAILED, ConfigOption, open_configuration, run_async, select_channels
from feeds.config import Settings
from feeds.model import Article, Channel, FetchFailure, Listing, Portal, Verdict


def preview(
    name: Annotated[str, typer.Argument(metavar="PORTAL/CHANNEL")],
    config: ConfigOption = None,
    article: Annotated[int | None, typer.Option(min=1, help="Read the article of the N-th row as well.")] = None,
) -> None:
    """Show what would be read now from a channel, with the evidence for every field. Stores nothing.

    Example: feeds preview harbin-renda/tzgg --article 1
    """
    from feeds.daemon.logs import configure_logs

    configure_logs()
    settings, portals = open_configuration(config)
    channel = select_channels(portals, [name])[0]
    portal = next(portal for portal in portals if portal.name == channel.portal)
    if not run_async(_preview(settings, portal, channel, article)):
        raise typer.Exit(EXIT_FAILED)


async def _preview(settings: Settings, portal: Portal, channel: Channel, number: int | None) -> bool:
    from feeds.daemon.visitor import open_client
    from feeds.flows.listings import follow_data, read_page
    from feeds.read.channel import misfits, read_channel_article, without_recipe

    async with open_client(settings) as client:
        page = await client.get(portal, channel.data_url or channel.url)
        listing = await follow_data(client, portal, channel, await read_page(page, portal, channel))
        zone = ZoneInfo(portal.time_zone)
        _show_listing(listing, zone)
        if misfits(listing, channel):
            bare = await read_page(page, portal, without_recipe(channel))
            typer.echo(f"读法不再适用，不用它能读到 · without the recipe; `feeds add --repair {portal.name}`:")
            _show_listing(bare, zone)
        if number is None:
            return listing.verdict is Verdict.LISTING
        if number > len(listing.items):
            typer.echo(f"--article {number}: the page has {len(listing.items)} rows", err=True)
            return False
        outcome = await client.get(portal, listing.items[number - 1].url)
        if isinstance(outcome, FetchFailure):
            typer.echo(f"article {number}: {outcome.problem}")
            return False
        title = listing.items[number - 1].title
        article = await asyncio.to_thread(read_channel_article, outcome, portal, channel, title)
        _show_article(article, zone)
        return article.verdict is Verdict.ARTICLE


def _show_listing(listing: Listing, zone: ZoneInfo) -> None:
    typer.echo(f"{listing.url}\n  verdict: {listing.verdict.value}  {listing.problem or ''}")
    typer.echo(f"  read by: {listing.family}, confidence {listing.confidence:.2f}")
    for number, item in enumerate(listing.items, start=1):
        marks = ("置顶 pinned  " if item.pinned else "") + ("" if item.title_complete else "cut  ")
        day = f"{item.published.at.astimezone(zone):%Y-%m-%d}" if item.published else "-"
        typer.echo(f"  {number:>3}. {day}  {item.title}  {marks}\n       {item.url}")
    typer.echo(f"  next page: {listing.next_page or 'none'}")
    _show_evidence(listing.evidence)


def _show_article(article: Article, zone: ZoneInfo) -> None:
    typer.echo(f"{article.url}\n  verdict: {article.verdict.value}  {article.problem or ''}")
    for name in ("title", "number", "editor", "source", "author"):
        typer.echo(f"  {name}: {getattr(article, name) or '-'}")
    if article.published:
        typer.echo(
            f"  published: {article.published.at.astimezone(zone).isoformat()} ({article.published.precision.value})"
        )
    for attachment in article.attachments:
        typer.echo(f"  attachment: {attachment.name}  {attachment.url}")
    typer.echo("  body:")
    for line in article.body.splitlines():
        typer.echo(f"    {line}")
    _show_evidence(article.evidence)


def _show_evidence(evidence: Any) -> None:
    for name, rule in evidence.items():
        typer.echo(f"  evidence {name}: {rule}")
