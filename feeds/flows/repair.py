"""Reading a configured portal again without its recipes, to propose new ones where they no longer fit.

Nothing is stored, and slugs and addresses stay: only how a page is read is proposed anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from feeds.fetch.client import PortalClient
from feeds.flows.listings import follow_data, read_page
from feeds.model import Article, ArticleRecipe, Channel, Fetched, Listing, ListingRecipe, Portal, Verdict
from feeds.read.bare import read_article_page
from feeds.read.channel import misfits, read_channel_article, without_recipe
from feeds.read.propose_recipes import propose_article, propose_listing, reproduces_article

_ARTICLES = 3
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
    article: ArticleRecipe | None
    articles_broken: bool

    @property
    def needed(self) -> bool:
        """Whether anything is broken that can be read otherwise."""
        return self.articles_broken or any(check.broken for check in self.checks)


async def check_portal(client: PortalClient, portal: Portal, progress: Callable[[str], None]) -> Repair:
    """Read every channel's first page and a few articles; propose what would read them today."""
    checks = tuple(
        await asyncio.gather(*(_check_channel(client, portal, channel, progress) for channel in portal.channels))
    )
    pages = await _fetch_articles(client, portal, checks, progress)
    misread = [(page, article) for page, channel, article in pages if _misread(page, portal, channel, article)]
    return Repair(checks, await asyncio.to_thread(_choose_article, portal, misread), bool(misread))


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
    recipe = propose_listing(page, portal, bare) if bare.family == "generic" else None
    return ChannelCheck(channel, bare, recipe, broken=True)


async def _fetch_articles(
    client: PortalClient, portal: Portal, checks: tuple[ChannelCheck, ...], progress: Callable[[str], None]
) -> list[tuple[Fetched, Channel, Article]]:
    """Return the first articles of channels that list any, read without a recipe."""
    found: list[tuple[Fetched, Channel, Article]] = []
    for check in [check for check in checks if check.listing.verdict is Verdict.LISTING][:_ARTICLES]:
        address = check.listing.items[0].url
        progress(address)
        page = await client.get(portal, address)
        if isinstance(page, Fetched):
            found.append((page, check.channel, await asyncio.to_thread(read_article_page, page, portal)))
    return found


def _misread(page: Fetched, portal: Portal, channel: Channel, article: Article) -> bool:
    """Tell whether the recipe finds no body on a page that is read well without it."""
    if channel.recipe.article is None or article.verdict is not Verdict.ARTICLE:
        return False
    return read_channel_article(page, portal, channel).verdict in _FAULTY


def _choose_article(portal: Portal, misread: list[tuple[Fetched, Article]]) -> ArticleRecipe | None:
    for page, article in misread[:1]:
        recipe = propose_article(page, portal, article)
        if recipe and all(reproduces_article(other, portal, recipe, found) for other, found in misread):
            return recipe
    return None
