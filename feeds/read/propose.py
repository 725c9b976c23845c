"""A proposal: what `feeds add` would write of a portal it has walked through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from feeds.model import Article, ArticleRecipe, Channel, Fetched, ListingRecipe, Portal, Recipe, Verdict
from feeds.read.propose_channels import Sample
from feeds.read.propose_names import make_slugs
from feeds.read.propose_recipes import (
    propose_article,
    propose_key,
    propose_listing,
    reproduces_article,
    reproduces_listing,
)
from feeds.read.titles import fold_width, is_cut, matches_cut

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


def make_proposal(
    portal: Portal, checked: Sequence[Checked], refused: Sequence[Sample], notes: Sequence[str]
) -> Proposal:
    """Return the proposal for a portal whose title and identity are known, with slugs and recipes for its channels."""
    key = propose_key([item for one in checked for item in one.sample.listing.items])
    article = _choose_article(checked, portal)
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
    samples = tuple(
        replace(
            one.sample,
            doubts=(*one.sample.doubts, *one.doubts, *_doubt_recipe(one, listing)),
        )
        for one, listing in zip(checked, listings, strict=True)
    )
    return Proposal(replace(portal, channels=channels), samples, tuple(refused), tuple(notes))


def agrees_with_row(title: str, article: Article) -> bool:
    """Tell whether an article has the title of the row that led to it, as far as the row shows it."""
    read = article.title or ""
    if is_cut(title):
        return matches_cut(title, read)
    listed, found = ("".join(fold_width(text).split()) for text in (title, read))
    return bool(found) and (found.startswith(listed) or listed.startswith(found))


def _choose_listings(checked: Sequence[Checked], portal: Portal) -> list[ListingRecipe | None]:
    """Return a recipe for each channel, the same for as many as it fits; nothing where a family reads it, or none."""
    found: list[ListingRecipe] = []
    chosen: list[ListingRecipe | None] = []
    for one in checked:
        listing = one.sample.listing
        recipe = None
        if listing.family == _GENERIC and listing.data_url is None:
            fitting = (known for known in found if _fits(one, known, portal))
            recipe = next(fitting, None) or propose_listing(one.page, portal, listing)
        if recipe is not None and not _fits(one, recipe, portal):
            recipe = None
        if recipe is not None and recipe not in found:
            found.append(recipe)
        chosen.append(recipe)
    return chosen


def _fits(one: Checked, recipe: ListingRecipe, portal: Portal) -> bool:
    """Tell whether a recipe reads the first page and the older ones of a channel as the automatic reading does."""
    from feeds.read.bare import read_listing_page

    return reproduces_listing(one.page, portal, recipe, one.sample.listing) and all(
        reproduces_listing(page, portal, recipe, read_listing_page(page, portal)) for page in one.older
    )


def _choose_article(checked: Sequence[Checked], portal: Portal) -> ArticleRecipe | None:
    """Return the recipe that reads every article looked at as the automatic reading does; nothing where none does."""
    read = [article for one in checked for article in one.articles if article[1].verdict is Verdict.ARTICLE]
    for page, article in read[:1]:
        recipe = propose_article(page, portal, article)
        if recipe and all(reproduces_article(other, portal, recipe, found) for other, found in read):
            return recipe
    return None


def _doubt_recipe(one: Checked, recipe: ListingRecipe | None) -> list[str]:
    if recipe is None and one.sample.listing.family == _GENERIC:
        return ["no short recipe gives the same rows: read by what the page looks like"]
    return []
