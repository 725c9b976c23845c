"""Seeing a channel: its list page, and the pages behind it down to known ground.

    fetch page 1 -> verdict -> items -> enough known rows? -> done, else the next page, ten at most

A list of which the operator has been asked, and which shows nothing else since, is not walked again.

A failure on a later page fails the whole sighting for a while: recording page 1 alone would make the rows behind it
look like known ground at the next poll, and they would be lost.

Where the recipe finds nothing the page is read without it, and believed only if it shows what the channel is known to
have: a portal that was rebuilt with new addresses would otherwise be told as hundreds of news.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace

from feeds.decide.changes import Keyed, key_items, reaches_known
from feeds.decide.identity import article_key
from feeds.decide.timing import asks_whole
from feeds.fetch.client import PortalClient
from feeds.fetch.waits import read_retry_after
from feeds.model import Channel, Fetched, FetchFailure, Listing, Portal, Validators, Verdict
from feeds.read.channel import misfits, read_channel_listing, without_recipe
from feeds.read.verdict import judge_failure
from feeds.store import holds, notices
from feeds.store.engine import Database
from feeds.store.holds import Hold
from feeds.store.overviews import OverviewClaim
from feeds.store.portals import ChannelClaim

MOST_PAGES = 10
PATIENCE = 3
"""Polls in a row that may fail on a later page before the first pages are taken without it."""
UNASKED = "the server says 304, not modified, to who did not ask whether it is"
_PROOF = 3
"""One row in so many, at least, must be known of the channel before a reading without its recipe is believed: the
block beside the list, which every page has, shows a few of them too."""


@dataclass(frozen=True)
class Sighting:
    """A sighting is what a channel showed: the verdict on it, and its items over all pages walked."""

    verdict: Verdict
    items: tuple[Keyed, ...] = ()
    problem: str | None = None
    gap: str | None = None
    """Why rows may be missing behind the pages that were walked."""
    validators: Validators = Validators()
    retry_after: float | None = None
    rows: int = 0
    """Of the first page."""
    more: bool = False
    """Another page follows the first one."""
    pages: int = 1
    """Asked for: what the poll costs."""
    hold: Hold | None = None
    """The hold that waits for the operator and of which the first page shows nothing else: no other was asked for."""
    page: bytes | None = None
    """What its first page was, as `SeenPages` tells pages apart. None: its bytes do not say what it shows."""

    @property
    def listed(self) -> bool:
        """Whether the channel answered as it should."""
        return self.verdict in (Verdict.LISTING, Verdict.UNCHANGED)


class SeenPages:
    """Which pages the last polls recorded, by channel: one that comes byte for byte again needs no reading.

    Fences number a channel's claims. What is remembered is good for the next one only, so that nothing which another
    process recorded in between is overlooked.
    """

    def __init__(self) -> None:
        self._pages: dict[int, tuple[int, bytes]] = {}

    def holds(self, claim: ChannelClaim, page: bytes) -> bool:
        """Tell whether the channel's last poll recorded this very page."""
        return claim.baseline_at is not None and self._pages.get(claim.id) == (claim.fence - 1, page)

    def keep(self, claim: ChannelClaim, page: bytes | None) -> None:
        """Remember what a poll recorded. None: nothing that a later page could be held against."""
        if page is None:
            self._pages.pop(claim.id, None)
        else:
            self._pages[claim.id] = (claim.fence, page)


async def see_channel(
    database: Database, client: PortalClient, portal: Portal, channel: Channel, claim: ChannelClaim, seen: SeenPages
) -> Sighting:
    """Fetch and read a channel's list. First sight reads page 1 only: `feeds backfill` reads the rest."""
    known = drop_validators(claim)
    outcome = await client.get(portal, channel.data_url or channel.url, known)
    if is_unchanged(outcome, known):
        return Sighting(Verdict.UNCHANGED, validators=claim.validators)
    page = _digest(outcome) if isinstance(outcome, Fetched) else None
    if isinstance(outcome, Fetched) and page is not None and seen.holds(claim, page):
        return Sighting(Verdict.UNCHANGED, validators=outcome.validators, page=page)
    listing = await read_page(outcome, portal, channel)
    validators = outcome.validators if isinstance(outcome, Fetched) else Validators()
    pages = 1
    if (rows := await follow_data(client, portal, channel, listing)) is not listing:
        # The shell may stay the same for ever while its rows change: it must come whole the next time.
        listing, validators, pages, page = rows, Validators(), 2, None
    problem = None
    if misfits(listing, channel) and isinstance(outcome, Fetched):
        listing, problem = await _read_bare(database, outcome, portal, channel, claim, listing)
        channel, page = without_recipe(channel), None
    if listing.verdict is not Verdict.LISTING:
        said = problem or listing.problem
        return Sighting(listing.verdict, problem=said, retry_after=find_wait(outcome), pages=pages)
    keyed = key_listing(listing, portal, 0)
    first = Sighting(Verdict.LISTING, keyed, problem, validators=validators, rows=len(keyed))
    first = replace(first, more=listing.next_page is not None, pages=pages, page=page)
    if claim.baseline_at is None:
        return first
    return await _walk(database, client, portal, channel, claim, listing, first)


def drop_validators(claim: ChannelClaim | OverviewClaim) -> Validators:
    """Return what a visit asks by: the validators that are known, or none where it asks for the whole page."""
    return Validators() if asks_whole(claim.fence, claim.failures) else claim.validators


def is_unchanged(outcome: Fetched | FetchFailure, asked: Validators) -> bool:
    """Tell whether a page is the one that is known; a 304 to who did not ask says nothing."""
    return isinstance(outcome, Fetched) and outcome.status == 304 and asked != Validators()


def _digest(page: Fetched) -> bytes:
    """Return what tells a page from others: its bytes, and what they are read by."""
    read_by = f"{page.status} {page.url} {page.content_type}\n"
    return hashlib.sha256(read_by.encode("utf-8", "replace") + page.body).digest()


async def follow_data(client: PortalClient, portal: Portal, channel: Channel, listing: Listing) -> Listing:
    """Return the rows that a page without any says it fetches from elsewhere; the listing itself if it does not."""
    if listing.verdict not in (Verdict.CONTAINER_MISSING, Verdict.EMPTY_CONTAINER) or listing.data_url is None:
        return listing
    return await read_page(await client.get(portal, listing.data_url), portal, channel)


async def _read_bare(
    database: Database, page: Fetched, portal: Portal, channel: Channel, claim: ChannelClaim, failed: Listing
) -> tuple[Listing, str | None]:
    """Read a page that the recipe does not fit without it; return the listing to go on with and what to tell."""
    listing = await read_page(page, portal, without_recipe(channel))
    if listing.verdict is not Verdict.LISTING:
        return failed, failed.problem
    keyed = key_listing(listing, portal, 0)
    known = await _find_known(database, claim, keyed)
    repair = f"`feeds add --repair {portal.name}` proposes a new one"
    if len(known) * _PROOF >= len(keyed):
        return listing, f"the recipe no longer fits ({failed.problem}), the list was read without it; {repair}"
    found = f"without the recipe {len(keyed)} rows are found, {len(known)} of them known: not believed"
    return failed, f"{failed.problem}; {found}; {repair}"


async def _walk(
    database: Database,
    client: PortalClient,
    portal: Portal,
    channel: Channel,
    claim: ChannelClaim,
    listing: Listing,
    first: Sighting,
) -> Sighting:
    """Follow older pages until two known rows are met, or all that the channel has of them."""
    sighting, closes = first, f"`feeds backfill {channel.name}` closes the gap"
    async with database.read() as tx:
        wanted = min(2, len(await notices.find_channel_order(tx, claim.id, limit=2)))
        hold = await holds.find_hold(tx, claim.id)
        known = await notices.find_known(tx, claim.portal, [keyed.key for keyed in first.items])
    grounded = reaches_known(first.items, await _find_known(database, claim, first.items), wanted)
    if not grounded and hold and hold.rests and {keyed.key for keyed in first.items} <= hold.keys | known.keys():
        return replace(first, hold=hold)
    for _ in range(MOST_PAGES - 1):
        if grounded or listing.next_page is None:
            return sighting
        outcome = await client.get(portal, listing.next_page)
        sighting = replace(sighting, pages=sighting.pages + 1)
        listing = await read_page(outcome, portal, channel)
        if listing.verdict is not Verdict.LISTING:
            problem = f"{listing.url}: {listing.problem or listing.verdict.value}"
            if claim.failures >= PATIENCE:
                return replace(sighting, gap=f"rows may be missing behind page 1 ({problem}); {closes}")
            return Sighting(listing.verdict, problem=problem, retry_after=find_wait(outcome), pages=sighting.pages)
        items = _append(sighting.items, key_listing(listing, portal, len(sighting.items)))
        sighting = replace(sighting, items=items)
        grounded = reaches_known(items, await _find_known(database, claim, items), wanted)
    if grounded:
        return sighting
    return replace(sighting, gap=f"rows may be missing: none of {MOST_PAGES} pages has a known one; {closes}")


async def read_page(outcome: Fetched | FetchFailure, portal: Portal, channel: Channel) -> Listing:
    """Read a fetched list page off the event loop; a failed fetch is a listing with that verdict."""
    if isinstance(outcome, FetchFailure):
        return Listing(outcome.url, judge_failure(outcome), problem=outcome.problem)
    if outcome.status == 304:
        return Listing(outcome.url, Verdict.FAILED, problem=UNASKED)
    return await asyncio.to_thread(read_channel_listing, outcome, portal, channel)


def key_listing(listing: Listing, portal: Portal, first_rank: int) -> tuple[Keyed, ...]:
    """Give every item its identity and its place; rows that stand outside a broken list are on top of it."""
    items = (*listing.strays, *listing.items)
    return key_items(items, [article_key(item.url, portal) for item in items], first_rank)


def _append(items: tuple[Keyed, ...], more: tuple[Keyed, ...]) -> tuple[Keyed, ...]:
    """Add a page's items; a row that slid from one page to the next while we walked counts once."""
    seen = {keyed.key for keyed in items}
    return items + tuple(keyed for keyed in more if keyed.key not in seen)


async def _find_known(database: Database, claim: ChannelClaim, items: tuple[Keyed, ...]) -> set[str]:
    """Return the keys of the items that this channel is known to have."""
    async with database.read() as tx:
        known = await notices.find_known(tx, claim.portal, [keyed.key for keyed in items])
    return {key for key, notice in known.items() if claim.slug in notice.channels}


def find_wait(outcome: Fetched | FetchFailure) -> float | None:
    """Return the seconds a server asks us to wait."""
    if isinstance(outcome, FetchFailure):
        return outcome.retry_after
    return read_retry_after(outcome.headers)
