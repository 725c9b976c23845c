"""Reading the pages of a channel: by its recipe where it has one, else without; and without where it no longer fits."""

from __future__ import annotations

from dataclasses import replace

from feeds.model import Article, Channel, Fetched, Listing, Portal, Verdict
from feeds.read.article import read_article
from feeds.read.bare import read_article_page, read_listing_page
from feeds.read.links import keep_category
from feeds.read.listing import read_listing
from feeds.read.titles import fold_width, is_cut, matches_cut
from feeds.read.verdict import is_home

_BEGINNING = 10
"""Characters of a row's title that may be all the list shows of a longer one, without saying so."""
_MISFITS = frozenset({Verdict.CONTAINER_MISSING, Verdict.EMPTY_CONTAINER})
"""Verdicts that a page of the portal has when the recipe no longer finds in it what it looks for."""


def read_channel_listing(page: Fetched, portal: Portal, channel: Channel) -> Listing:
    """Read a list page of a channel, or the answer of its data address, which no recipe fits.

    Never raises on bad input; only a page with items has the verdict `listing`.
    """
    if is_home(page.url, portal) and not is_home(channel.data_url or channel.url, portal):
        # Its boxes are lists too, of other channels.
        problem = "the portal sent us to its home page instead of the list"
        return Listing(page.url, Verdict.SOFT_ERROR, problem=problem)
    page = replace(page, url=keep_category(page.url, channel.url))
    recipe = channel.recipe.listing
    return read_listing_page(page, portal) if recipe is None or channel.data_url else read_listing(page, portal, recipe)


def read_channel_article(page: Fetched, portal: Portal, channel: Channel, title: str | None = None) -> Article:
    """Read an article page that a channel lists, under `title` where the list says one. Never raises on bad input.

    Where the recipe finds no body the page is read without it, and believed only if it has the item's title: what
    says something else may be an error page.
    """
    recipe = channel.recipe.article
    if recipe is None:
        return read_article_page(page, portal)
    article = read_article(page, portal, recipe)
    if article.verdict not in _MISFITS or not title:
        return article
    bare = read_article_page(page, portal)
    if bare.verdict is not Verdict.ARTICLE or not agrees_with_row(title, bare.title or ""):
        return article
    return replace(bare, evidence={**bare.evidence, "recipe": f"read without it: {article.problem}"})


def misfits(listing: Listing, channel: Channel) -> bool:
    """Tell whether a channel's recipe found nothing on a page that came back well."""
    return channel.recipe.listing is not None and not channel.data_url and listing.verdict in _MISFITS


def without_recipe(channel: Channel) -> Channel:
    """Return the channel with list pages that are read by what they look like."""
    return replace(channel, recipe=replace(channel.recipe, listing=None))


def agrees_with_row(listed: str, read: str) -> bool:
    """Tell whether the title of a row and that of its page are the same, or the row's is the beginning."""
    if is_cut(listed):
        return matches_cut(listed, read)
    row, page = ("".join(fold_width(text).split()) for text in (listed, read))
    return row == page or (len(row) >= _BEGINNING and page.startswith(row))
