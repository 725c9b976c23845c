"""Backfill: the older list pages of a channel, walked into the history. Never told by mail.

begin    at the page where the last walk stopped, else at page 1
  | fetch and read   the page, politely
  | record           what is not known yet, and where to go on, in one transaction
... until there is no next page
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from feeds.decide import identity
from feeds.decide.changes import Keyed
from feeds.flows.listings import MOST_PAGES, key_listing, read_page
from feeds.flows.poll import Polling
from feeds.model import Channel, Listing, Portal, Verdict
from feeds.store import feeds, notices, portals
from feeds.store.notices import NewNotice
from feeds.store.portals import ChannelClaim


@dataclass(frozen=True)
class BackfillReport:
    """What a walk did: pages read, notices that were not known before, and why it ended early."""

    channel: str
    pages: int
    new: int
    done: bool
    problem: str | None = None


async def backfill_channel(
    polling: Polling,
    state: ChannelClaim,
    most_pages: int | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> BackfillReport:
    """Walk a channel's older pages; nothing is claimed, polls go on beside it.

    `progress` hears the channel, pages and new notices so far, after each page.
    """
    portal = polling.portals[state.portal]
    channel = polling.find_channel(state.portal, state.slug)
    # A gap lies behind page 1, before the place where an earlier walk stopped.
    address: str | None = channel.url if state.gap or not state.backfill_url else state.backfill_url
    above = state.baseline_at is not None and address == channel.url
    walked: set[str] = set()
    pages = new = 0
    while address and address not in walked and (most_pages is None or pages < most_pages):
        walked.add(address)
        listing = await read_page(await polling.client.get(portal, address), portal, channel)
        if listing.verdict is not Verdict.LISTING:
            problem = f"{address}: {listing.problem or listing.verdict.value}"
            return BackfillReport(channel.name, pages, new, done=False, problem=problem)
        following = listing.next_page if listing.next_page not in walked else None
        above = above and pages < MOST_PAGES
        added, above = await _record_page(polling, portal, channel, state, listing, following, above=above)
        new += added
        pages += 1
        progress(channel.name, pages, new)
        address = following
    return BackfillReport(channel.name, pages, new, done=address is None or address in walked)


async def _record_page(
    polling: Polling,
    portal: Portal,
    channel: Channel,
    state: ChannelClaim,
    listing: Listing,
    following: str | None,
    *,
    above: bool,
) -> tuple[int, bool]:
    """Write one page's unknown rows and the place to go on from; return how many were new.

    While the walk is `above` all that is known, unknown rows are news, and a poll's to tell: they are left. The second
    value is whether it still is.
    """
    now = polling.clock()
    async with polling.database.write() as tx:
        rank = await notices.count_notices(tx, channel.name)
        keyed = key_listing(listing, portal, rank)
        known = await notices.find_known(tx, portal.name, [one.key for one in keyed])
        if above:
            here = {key for key, notice in known.items() if state.slug in notice.channels}
            keyed, above = _leave_news(keyed, here)
        fresh = [one for one in keyed if one.key not in known]
        for one in keyed:
            known_one = known.get(one.key)
            notice_id = (
                known_one.notice_id if known_one else await notices.add_notice(tx, _history(polling, portal, one), now)
            )
            await notices.join_channel(tx, notice_id, state.id, one.item, now)
        await portals.save_backfill(tx, state.id, following, following is None, now)
        if fresh:
            await feeds.touch_feeds(tx, {"all", portal.name, channel.name})
    return len(fresh), above


def _leave_news(keyed: tuple[Keyed, ...], known: set[str]) -> tuple[tuple[Keyed, ...], bool]:
    """Drop the unknown rows above the first known unpinned one; tell whether there was none on this page."""
    first = next((place for place, one in enumerate(keyed) if one.key in known and not one.item.pinned), None)
    below = len(keyed) if first is None else first
    return tuple(one for place, one in enumerate(keyed) if place >= below or one.key in known), first is None


def _history(polling: Polling, portal: Portal, one: Keyed) -> NewNotice:
    now = polling.clock()
    item = one.item
    return NewNotice(
        portal=portal.name,
        key=one.key,
        public_id=identity.public_id(portal.name, one.key),
        url=item.url,
        item_title=item.title,
        title=item.title if item.title_complete else None,
        published=item.published,
        history=True,
        sort_at=item.published.at if item.published else now,
        rank=one.rank,
        article=None,
        article_due=now if identity.is_own_address(item.url, portal) else None,
        article_problem=None,
    )
