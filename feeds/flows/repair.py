"""Reading a configured portal again without its recipes, to propose new ones where they no longer fit.

Nothing is stored, and slugs and addresses stay: only how a page is read is proposed anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from feeds.fetch.client import PortalClient
from feeds.flows.listings import follow_data, read_page
from feeds.model import ArticleRecipe, Channel, Fetched, Listing, ListingRecipe, Portal, Verdict
from feeds.read.bare import read_article_page
from feeds.read.channel import misfits, read_channel_article, without_recipe
from feeds.read.propose_recipes import propose_listing, share_article

_ARTICLES = 3
"""Articles that are looked at for each recipe."""
_RECIPES = 8
"""Different article recipes of one portal that are looked at."""
_FAULTY = (Verdict.CONTAINER_MISSING, Verdict.EMPTY_CONTAINER)


@dataclass(frozen=True)
class ChannelCheck:
    """A channel check is how a channel is read today: by its recipe, and by what its page looks like."""

    channel: Channel
    listing: Listing
    """By the recipe, where it fits; else without it."""
    recipe: ListingRecipe | None
    """What to write: the old one where it fits."""
    broken: bool
    """Whether the recipe no longer fits."""


@dataclass(frozen=True)
class Repair:
    """A repair is what to write into a portal's file."""

    checks: tuple[ChannelCheck, ...]
    articles: Mapping[str, ArticleRecipe | None] = field(default_factory=dict)
    """By the slug of each channel whose articles the recipe mostly misreads. None: read them by what they look like."""
    odd: tuple[str, ...] = ()
    """Articles that their recipe misreads while it reads most others: no reason to change it."""

    @property
    def listings(self) -> dict[str, ListingRecipe | None]:
        """What is to be written for lists, by the slug of each channel whose recipe no longer fits."""
        return {check.channel.slug: check.recipe for check in self.checks if check.broken}

    @property
    def needed(self) -> bool:
        """Whether anything is broken that can be read otherwise."""
        return bool(self.articles or self.listings)


async def check_portal(client: PortalClient, portal: Portal, progress: Callable[[str], None]) -> Repair:
    """Read every channel's first page and a few articles; propose what would read them today."""
    checks = tuple(
        await asyncio.gather(*(_check_channel(client, portal, channel, progress) for channel in portal.channels))
    )
    sharing: dict[ArticleRecipe, list[ChannelCheck]] = {}
    for check in checks:
        if check.channel.recipe.article is not None:
            sharing.setdefault(check.channel.recipe.article, []).append(check)
    articles: dict[str, ArticleRecipe | None] = {}
    odd: list[str] = []
    for group in islice(sharing.values(), _RECIPES):
        pages = await _fetch_articles(client, portal, group, progress)
        misread, replaced, recipe = await asyncio.to_thread(_judge_recipe, portal, group[0].channel, pages)
        if replaced:
            articles |= {check.channel.slug: recipe for check in group}
        else:
            odd += misread
    return Repair(checks, articles, tuple(odd))


async def _check_channel(
    client: PortalClient, portal: Portal, channel: Channel, progress: Callable[[str], None]
) -> ChannelCheck:
    address = channel.data_url or channel.url
    progress(address)
    page = await client.get(portal, address)
    listing = await follow_data(client, portal, channel, await read_page(page, portal, channel))
    if not isinstance(page, Fetched) or not misfits(listing, channel):
        return ChannelCheck(channel, listing, channel.recipe.listing, broken=False)
    bare = await read_page(page, portal, without_recipe(channel))
    if bare.verdict is not Verdict.LISTING:
        return ChannelCheck(channel, listing, channel.recipe.listing, broken=False)
    recipe = await asyncio.to_thread(propose_listing, page, portal, bare) if bare.family == "generic" else None
    return ChannelCheck(channel, bare, recipe, broken=True)


async def _fetch_articles(
    client: PortalClient, portal: Portal, checks: Sequence[ChannelCheck], progress: Callable[[str], None]
) -> list[Fetched]:
    """Return a few articles: the first of each channel, then the second, until there are enough."""
    lists = [check.listing.items[:_ARTICLES] for check in checks if check.listing.verdict is Verdict.LISTING]
    urls = dict.fromkeys(items[place].url for place in range(_ARTICLES) for items in lists if place < len(items))
    pages = []
    for url in islice(urls, _ARTICLES):
        progress(url)
        pages.append(await client.get(portal, url))
    return [page for page in pages if isinstance(page, Fetched)]


def _judge_recipe(
    portal: Portal, channel: Channel, pages: Sequence[Fetched]
) -> tuple[list[str], bool, ArticleRecipe | None]:
    """Return the articles that a channel's recipe misreads, whether another should replace it, and which.

    It is replaced where it finds no body in most of the articles, and what replaces it reads all the others too.
    """
    bare = [(page, read_article_page(page, portal)) for page in pages]
    read = [read_channel_article(page, portal, channel).verdict for page in pages]
    seen = [(page, article) for page, article in bare if article.verdict is Verdict.ARTICLE]
    misread = [
        page.url
        for (page, article), verdict in zip(bare, read, strict=True)
        if article.verdict is Verdict.ARTICLE and verdict in _FAULTY
    ]
    lost = any(
        article.verdict is not Verdict.ARTICLE and verdict is Verdict.ARTICLE
        for (_, article), verdict in zip(bare, read, strict=True)
    )
    if lost or 2 * len(misread) <= len(seen):
        return misread, False, None
    return misread, True, share_article(portal, seen)
