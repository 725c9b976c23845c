"""A proposal: what `feeds add` would write of a portal it has walked through."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from feeds.model import Article, Channel, Fetched, ListingRecipe, Portal, Recipe
from feeds.read.bare import read_listing_page
from feeds.read.propose_channels import Sample
from feeds.read.propose_names import make_slugs
from feeds.read.propose_recipes import (
    propose_key,
    propose_listing,
    reproduces_listing,
    share_article,
)

_LEAST_SHOWN = 2
"""Channels whose rows a page must show to be worth a request of its own."""
_GENERIC = "generic"
"""Family of a page that no content system was recognised in."""


@dataclass(frozen=True)
class Checked:
    """What a channel was read on: its first page, an older one, and articles that its rows lead to."""

    sample: Sample
    page: Fetched
    older: tuple[Fetched, ...] = ()
    articles: tuple[tuple[Fetched, Article], ...] = ()
    """Only what was read as an article."""
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A proposal is a portal with the channels that people would follow, as `feeds add` would write it."""

    portal: Portal
    samples: tuple[Sample, ...] = ()
    """One for each channel, in the same order."""
    refused: tuple[Sample, ...] = ()
    """Pages that were looked at and are no channels, each with the reason."""
    notes: tuple[str, ...] = field(default=())
    """What an operator should know of the portal."""
    shown: tuple[str, ...] = ()
    """Slugs of the channels of which the home page shows rows."""


def make_proposal(
    portal: Portal, checked: Sequence[Checked], refused: Sequence[Sample], notes: Sequence[str]
) -> Proposal:
    """Return the proposal for a portal whose title and identity are known, with slugs and recipes for its channels."""
    key = propose_key([item for one in checked for item in one.sample.listing.items])
    article = share_article(portal, [article for one in checked for article in one.articles])
    listings = _choose_listings(checked, portal)
    slugs = make_slugs(tuple(one.sample.url for one in checked))
    channels = tuple(
        Channel(
            portal.name,
            slug,
            one.sample.title,
            one.sample.url,
            Recipe(listing, article, (key,) if key else ()),
            one.sample.listing.data_url,
        )
        for slug, one, listing in zip(slugs, checked, listings, strict=True)
    )
    samples = tuple(replace(one.sample, doubts=(*one.sample.doubts, *one.doubts)) for one in checked)
    return Proposal(replace(portal, channels=channels), samples, tuple(refused), tuple(notes))


def propose_overview(proposal: Proposal, home: str, shown: Sequence[str]) -> Proposal:
    """Return the proposal with the home page as an overview, where it shows rows of several of the channels.

    Of one channel it would show no more than the channel's own list does.
    """
    slugs = tuple(channel.slug for channel in proposal.portal.channels if channel.slug in shown)
    pages = (home,) if len(slugs) >= _LEAST_SHOWN else ()
    return replace(proposal, portal=replace(proposal.portal, overviews=pages), shown=slugs)


def leave_out(proposal: Proposal, unwanted: AbstractSet[int]) -> Proposal:
    """Return the proposal without the channels at these places."""
    kept = [place for place in range(len(proposal.samples)) if place not in unwanted]
    channels = tuple(proposal.portal.channels[place] for place in kept)
    samples = tuple(proposal.samples[place] for place in kept)
    rest = replace(proposal, portal=replace(proposal.portal, channels=channels), samples=samples)
    return propose_overview(rest, proposal.portal.overviews[0], proposal.shown) if proposal.portal.overviews else rest


def _choose_listings(checked: Sequence[Checked], portal: Portal) -> list[ListingRecipe | None]:
    """Return a recipe for each channel, the same for as many as it fits; nothing where a family reads it, or none."""
    chosen: list[ListingRecipe | None] = []
    for one in checked:
        listing, recipe = one.sample.listing, None
        if listing.family == _GENERIC and listing.data_url is None:
            known = dict.fromkeys(recipe for recipe in chosen if recipe)
            spelled = (*known, propose_listing(one.page, portal, listing))
            recipe = next((found for found in spelled if found and _fits(one, found, portal)), None)
        chosen.append(recipe)
    return chosen


def _fits(one: Checked, recipe: ListingRecipe, portal: Portal) -> bool:
    """Tell whether a recipe reads the first page and the older ones of a channel as the automatic reading does."""
    return reproduces_listing(one.page, portal, recipe, one.sample.listing) and all(
        reproduces_listing(page, portal, recipe, read_listing_page(page, portal)) for page in one.older
    )
