"""Reading the pages of a channel: by its recipe where it has one, else without."""

from __future__ import annotations

from feeds.model import Article, Channel, Fetched, Listing, Portal
from feeds.read.article import read_article
from feeds.read.bare import read_article_page, read_listing_page
from feeds.read.listing import read_listing


def read_channel_listing(page: Fetched, portal: Portal, channel: Channel) -> Listing:
    """Read a list page of a channel. Never raises on bad input; only a page with items has the verdict `listing`."""
    recipe = channel.recipe.listing
    return read_listing_page(page, portal) if recipe is None else read_listing(page, portal, recipe)


def read_channel_article(page: Fetched, portal: Portal, channel: Channel) -> Article:
    """Read an article page that a channel lists. Never raises on bad input."""
    recipe = channel.recipe.article
    return read_article_page(page, portal) if recipe is None else read_article(page, portal, recipe)
