"""Lists of the API: what is wanted, and where it goes on.

Portal and channel alone are answered from the feeds' own order, everything else from the index of searches. Both know
one order of all notices, so a cursor of one is good for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from feeds.decide.cursors import Place, read_cursor, write_cursor
from feeds.decide.parameters import LIST, USUAL, Misput, read_since
from feeds.decide.searching import KEYS, Misasked, read_search
from feeds.decide.tokens import Keyring
from feeds.errors import TokenInvalid
from feeds.facts import Search
from feeds.model import Notice
from feeds.serve.openapi import Asking
from feeds.serve.problems import answer_misput, answer_problem
from feeds.serve.wording import Words
from feeds.store import indexing, shelf
from feeds.store.engine import Database, Transaction
from feeds.store.feeds import load_feed_version
from feeds.store.search import find_hits, load_version


@dataclass(frozen=True)
class Wanted:
    """What is wanted is a stretch of the notices that a search finds."""

    values: Mapping[str, str]
    """As they were asked for, in one order."""
    search: Search
    limit: int
    since: datetime | None
    """None: from the beginning."""
    before: Place | None
    """None: from the newest."""

    @property
    def feed(self) -> str | None:
        """The feed that has just these notices; None: only the index knows them."""
        if replace(self.search, portal=None, channel=None) != Search():
            return None
        return "/".join(name for name in (self.search.portal, self.search.channel) if name) or "all"

    def follow(self, keyring: Keyring, behind: Place) -> dict[str, str]:
        """Return what is asked with for the notices behind a place."""
        return {**self.values, "cursor": write_cursor(keyring, behind)}


@dataclass(frozen=True)
class Page:
    """A page is the notices of one answer, newest first."""

    notices: tuple[Notice, ...]
    behind: Place | None
    """Where it goes on. None: there is no more."""


def read_wanted(asking: Asking) -> Wanted | Response:
    """Return what a request wants, or the answer that it cannot be had."""
    asked, context = asking.values, asking.context
    known = {portal.name: [one.slug for one in portal.channels] for portal in context.portals}
    search = read_search({key: asked.get(key, "") for key in KEYS}, known)
    if isinstance(search, Misasked):
        # each value by itself was read before: portal and channel together are none, or several
        return answer_problem(asking.request, "not-found", Words(search.zh, search.en))
    since = read_since(asked["since"], ZoneInfo(context.settings.site.time_zone)) if "since" in asked else None
    if isinstance(since, Misput):
        return answer_misput(asking.request, since)
    try:
        before = read_cursor(context.keyring, asked["cursor"]) if "cursor" in asked else None
    except TokenInvalid:
        return answer_problem(asking.request, "bad-cursor", parameter="cursor")
    values = {one.name: asked[one.name] for one in LIST if one.name in asked}
    return Wanted(values, search, int(asked.get("limit", USUAL)), since, before)


async def load_list_version(database: Database, wanted: Wanted) -> int:
    """Return the number that rises whenever a list may be another one."""
    async with database.read() as tx:
        return await (load_feed_version(tx, wanted.feed) if wanted.feed else load_version(tx))


async def find_page(tx: Transaction, wanted: Wanted) -> Page:
    """Return the notices that are wanted."""
    if wanted.feed is None:
        before = indexing.find_place(*wanted.before) if wanted.before else None
        since = indexing.find_start(wanted.since) if wanted.since else None
        hits = await find_hits(tx, wanted.search, wanted.limit, before, since)
        found = await shelf.load_notices(tx, [one.notice_id for one in hits.found])
        return Page(tuple(found), None if hits.behind is None else await _find_exact(tx, hits.behind))
    index = await shelf.feed_index(tx, wanted.feed, wanted.limit + 1, wanted.before, wanted.since)
    ids = [notice_id for notice_id, _ in index[: wanted.limit]]
    behind = await shelf.find_place(tx, ids[-1]) if len(index) > wanted.limit else None
    return Page(tuple(await shelf.load_notices(tx, ids)), behind)


async def _find_exact(tx: Transaction, behind: int) -> Place:
    """Return a place of the index as feeds know it; of a notice that moved since it was indexed, as the index does."""
    indexed = indexing.read_place(behind)
    place = await shelf.find_place(tx, indexed[2])
    return place if place and indexing.find_place(*place) == behind else indexed
