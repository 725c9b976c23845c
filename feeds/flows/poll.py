"""A poll: one visit to a channel. Start reading here.

    claim     due channels, by compare-and-swap, each with a lease and a fence
      | fetch     the list page, politely, conditionally
      | list      verdict and items; further pages down to known ground
      | compare   items with what is known
      | guard     hold what is strange   (flows/guard.py)
      | articles  of what is new
      | record    notices, channel state, next poll and events, in one transaction

Doing it twice changes nothing; dying between any two steps loses nothing: an unfinished claim comes due again.
Publishing (`flows/publish.py`) and telling (`flows/alert.py`) start from the rows that `record` left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from feeds.config import PollSettings
from feeds.decide import identity
from feeds.decide.changes import Keyed, ListingChanges, compare_listing
from feeds.decide.timing import next_poll, next_reading, skip_quiet
from feeds.fetch.client import PortalClient
from feeds.flows.guard import Guarded, Seen, guard_changes, prove, record_guarded, tell_operator
from feeds.flows.listings import SeenPages, Sighting, see_channel
from feeds.flows.recording import record_facts
from feeds.flows.strangers import Strangers
from feeds.model import Article, Channel, EventKind, Fetched, FetchFailure, Portal, Validators, Verdict
from feeds.read.channel import agrees_with_row, read_channel_article
from feeds.store import events, feeds, notices, portals, register
from feeds.store.claims import CHANNELS
from feeds.store.engine import Database, Transaction
from feeds.store.notices import KnownNotice, NewNotice
from feeds.store.overviews import OverviewClaim
from feeds.store.portals import ChannelClaim, PollResult
from feeds.work.tasks import HandOver, keep_here

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
"""Longer than ten slow pages and the articles of a burst take together."""
INLINE_ARTICLES = 12
"""New articles read within the poll, so that the first alert has the text; the rest of a burst follows at once."""
INLINE_SECONDS = 60.0
"""Time for them, well inside the lease."""

MIXED_UP = "the page is that of another notice"

STEPS = ("poll.claimed", "poll.listed", "poll.compared", "poll.read", "record.begun", "record.noticed", "poll.recorded")
"""Names given to `trace`, in order; a test kills the process at each."""


@dataclass(frozen=True)
class Polling:
    """What a poll needs: the composition root makes one."""

    database: Database
    client: PortalClient
    portals: Mapping[str, Portal]
    settings: PollSettings
    clock: Callable[[], datetime]
    random: Callable[[], float]
    trace: Callable[[str], None] = lambda _: None
    seen: SeenPages = field(default_factory=SeenPages)
    """Forgotten with the configuration: another recipe reads other rows from the same page."""
    strangers: Strangers = field(default_factory=Strangers)
    """Forgotten with it as well: another one may know them."""

    def knows(self, portal: str, slug: str) -> bool:
        """Tell whether a channel is in this process's configuration."""
        return portal in self.portals and any(channel.slug == slug for channel in self.portals[portal].channels)

    def find_channel(self, portal: str, slug: str) -> Channel:
        """Return a channel of the configuration."""
        return next(channel for channel in self.portals[portal].channels if channel.slug == slug)


@dataclass(frozen=True)
class PollReport:
    """One row of what `feeds poll` prints."""

    channel: str
    verdict: Verdict
    new: int = 0
    revised: int = 0
    moved: int = 0
    vanished: int = 0
    held: int = 0
    baseline: bool = False
    ms: int = 0
    problem: str | None = None


@dataclass(frozen=True)
class _Found:
    """A new item with its article, as far as it could be had."""

    keyed: Keyed
    article: Article | None = None
    problem: str | None = None
    tried: bool = False
    history: bool = False
    """It is told to nobody."""


async def claim_due(polling: Polling, limit: int, hand_over: HandOver = keep_here) -> list[ChannelClaim]:
    """Take due channels; nobody else gets them until the lease ends.

    What another process has in a newer configuration is left to it.
    """
    now, strangers = polling.clock(), polling.strangers
    async with polling.database.write() as tx:
        claimed = await portals.claim_channels(tx, now, LEASE, limit, strangers.list_met(CHANNELS))
        known = await strangers.leave(tx, CHANNELS, claimed, lambda one: polling.knows(one.portal, one.slug), now)
        await hand_over(tx, known)
    return known


async def poll_channel(polling: Polling, claim: ChannelClaim) -> PollReport:
    """Visit a claimed channel and record what was found."""
    polling.trace("poll.claimed")
    started = polling.clock()
    portal = polling.portals[claim.portal]
    channel = polling.find_channel(claim.portal, claim.slug)
    sighting = await see_channel(polling.database, polling.client, portal, channel, claim, polling.seen)
    polling.trace("poll.listed")
    changes, known = await _compare(polling, claim, sighting)
    seen = Seen(sighting, changes, known)
    guarded = await guard_changes(polling.database, portal, claim, seen, started)
    polling.trace("poll.compared")
    found = await _read_new(polling, portal, channel, claim, guarded)
    read = {one.keyed.key: one.article for one in found if one.article is not None}
    guarded = await prove(polling.database, portal, claim, seen, guarded, read, started)
    going = {keyed.key for keyed in guarded.changes.new}
    found = [one for one in found if one.keyed.key in going]
    polling.trace("poll.read")
    await _record(polling, claim, sighting, guarded, found)
    polling.trace("poll.recorded")
    tell_operator(claim, guarded)
    return _report(channel, claim, sighting, guarded, found, polling.clock() - started)


async def _compare(
    polling: Polling, claim: ChannelClaim, sighting: Sighting
) -> tuple[ListingChanges, Mapping[str, KnownNotice]]:
    if sighting.verdict is not Verdict.LISTING:
        return ListingChanges(), {}
    keys = [keyed.key for keyed in sighting.items]
    async with polling.database.read() as tx:
        known = await notices.find_known(tx, claim.portal, keys)
        shown = {notice.notice_id: key for key, notice in known.items()}
        order = await notices.find_channel_order(tx, claim.id, len(keys) + 1, shown)
    return compare_listing(claim.slug, sighting.items, known, order), known


async def _read_new(
    polling: Polling, portal: Portal, channel: Channel, claim: ChannelClaim, guarded: Guarded
) -> list[_Found]:
    """Read the articles of what is new, in page order.

    A baseline's are left to `flows/articles.py`, since nobody waits; but for some that may be known ones which moved.
    """
    moved = {move.keyed.key for move in guarded.moves[:INLINE_ARTICLES]}
    found: list[_Found] = []
    begun = polling.clock()
    for place, keyed in enumerate(guarded.changes.new):
        history = claim.baseline_at is None or keyed.key in guarded.history
        if history and keyed.key not in moved:
            found.append(_Found(keyed, history=True))
            continue
        own = identity.is_own_address(keyed.item.url, portal)
        late = place >= INLINE_ARTICLES or (polling.clock() - begun).total_seconds() > INLINE_SECONDS
        if not own or late:
            found.append(_Found(keyed, tried=not own, history=history))
            continue
        outcome = await polling.client.get(portal, keyed.item.url)
        one = await _read_one(keyed, outcome, portal, channel)
        async with polling.database.read() as tx:
            if one.article and await is_mixed_up(tx, portal, keyed.item.url, keyed.item.title, one.article):
                one = _Found(keyed, problem=MIXED_UP, tried=True)
        found.append(replace(one, history=history))
    return found


async def _read_one(keyed: Keyed, outcome: Fetched | FetchFailure, portal: Portal, channel: Channel) -> _Found:
    if isinstance(outcome, FetchFailure):
        return _Found(keyed, problem=outcome.problem, tried=True)
    try:
        article = await asyncio.to_thread(read_channel_article, outcome, portal, channel, keyed.item.title)
    except Exception as crash:
        log.exception("reading crashed: this is a bug", url=outcome.url)  # one page must not hold up its whole channel
        return _Found(keyed, problem=f"reading crashed: {crash!r}", tried=True)
    if article.verdict is not Verdict.ARTICLE:
        return _Found(keyed, problem=article.problem or article.verdict.value, tried=True)
    tell_misfit(article, portal)
    return _Found(keyed, article=article, tried=True)


async def is_mixed_up(tx: Transaction, portal: Portal, url: str, listed: str, article: Article) -> bool:
    """Tell whether the page at an address is that of another notice: not the listed title, and all of it is known."""
    if article.title is None or agrees_with_row(listed, article.title):
        return False
    return await notices.is_anothers(tx, portal.name, replace(article, url=url))


def tell_misfit(article: Article, portal: Portal) -> None:
    """Log that an article had to be read without the portal's recipe, if so."""
    if why := article.evidence.get("recipe"):
        repair = f"feeds add --repair {portal.name}"
        log.warning("the article recipe no longer fits", portal=portal.name, url=article.url, why=why, repair=repair)


async def _record(
    polling: Polling, claim: ChannelClaim, sighting: Sighting, guarded: Guarded, found: list[_Found]
) -> None:
    """Write everything in one transaction; a claim that was overtaken writes nothing.

    What is known is asked again inside: two channels that list the same new notice may be polled at once.
    """
    now, changes = polling.clock(), guarded.changes
    seen = (*changes.new, *changes.joined, *changes.retitled)
    touched = {claim.slug} if changes.new or changes.joined or changes.vanished or guarded.moves else set()
    told: set[str] = set()
    async with polling.database.write() as tx:
        polling.trace("record.begun")
        if not await portals.finish_poll(tx, claim, _result(polling, claim, sighting, guarded, now)):
            return
        await record_guarded(tx, claim, guarded, now)
        known = await notices.find_known(tx, claim.portal, [keyed.key for keyed in seen])
        if fresh := [one for one in found if one.keyed.key not in known]:
            told |= await _record_new(polling, tx, claim, fresh, now)
            polling.trace("record.noticed")
        for keyed in (*changes.new, *changes.joined):
            if notice := known.get(keyed.key):
                await _record_joined(tx, claim, keyed, notice, now)
                touched |= notice.channels
                told |= await register.find_feeds(tx, notice.notice_id)
        for keyed in changes.retitled:
            touched |= await _record_retitled(polling, tx, claim, keyed, known[keyed.key], now)
        await notices.mark_vanished(tx, claim.id, changes.vanished, now)
        if touched:
            told |= {"all", claim.portal, *(f"{claim.portal}/{slug}" for slug in touched)}
        await feeds.touch_feeds(tx, told)
    polling.seen.keep(claim, sighting.page if sighting.pages == 1 and not guarded.suspicion else None)


async def _record_new(
    polling: Polling, tx: Transaction, claim: ChannelClaim, fresh: Sequence[_Found], now: datetime
) -> set[str]:
    """Write new notices, and the events that tell of those whose articles were tried.

    Return the feeds that carry what they say.
    """
    news = [_new_notice(polling, claim, one, now) for one in fresh]
    ids = await notices.add_notices(tx, claim.portal, news, now)
    await notices.join_new(tx, claim.id, [(ids[one.keyed.key], one.keyed.item) for one in fresh], now, claim.listed_at)
    told = await record_facts(tx, [ids[new.key] for new in news if new.article], polling.portals, now)
    for one, new in zip(fresh, news, strict=True):
        if one.tried and new.title is not None and not new.history:
            await events.add_event(tx, ids[new.key], EventKind.PUBLISHED, 1, now)
    return told


async def _record_joined(
    tx: Transaction, claim: ChannelClaim, keyed: Keyed, notice: KnownNotice, now: datetime
) -> None:
    """Write that a known notice is in this channel as well, or back on its list; tell those who were not told yet.

    What is history only because another channel's baseline or backfill met it since this channel was last seen is
    news here. A baseline tells nobody anything.
    """
    await notices.join_channel(tx, notice.notice_id, claim.id, keyed.item, now, claim.listed_at)
    if claim.baseline_at is None or claim.listed_at is None:
        return
    if notice.history and notice.first_seen_at > claim.listed_at:
        if await notices.turn_to_news(tx, notice.notice_id, now):
            await events.add_event(tx, notice.notice_id, EventKind.PUBLISHED, 1, now)
    else:
        await events.reopen_fanout(tx, notice.notice_id, now)
    if claim.slug in notice.vanished_from:
        await notices.note_item(tx, notice.notice_id, claim.id, keyed.item.title, now)


async def _record_retitled(
    polling: Polling, tx: Transaction, claim: ChannelClaim, keyed: Keyed, notice: KnownNotice, now: datetime
) -> AbstractSet[str]:
    """Write that the list shows another title; return the slugs of the feeds it changes.

    Mostly the article tells what it is now. Of another host's pages the list is all that is read, so it is believed;
    so it is where no title was known at all.
    """
    item = keyed.item
    await notices.note_item(tx, notice.notice_id, claim.id, item.title, now)
    own = identity.is_own_address(item.url, polling.portals[claim.portal])
    if not item.title_complete or (own and notice.has_title):
        return frozenset()
    before = await notices.set_title(tx, notice.notice_id, item.title)
    if own:
        return notice.channels  # the reading that is due now tells of it, good or bad
    if before is not None and before != item.title:
        number = await notices.add_revision(tx, notice.notice_id, item.title, "", ("title",), now)
        await events.add_event(tx, notice.notice_id, EventKind.REVISED, number, now)
        return notice.channels | {feeds.CHANGES}
    if before is None and not notice.history:
        await events.add_event(tx, notice.notice_id, EventKind.PUBLISHED, 1, now)
    return notice.channels


def _result(polling: Polling, claim: ChannelClaim, sighting: Sighting, guarded: Guarded, now: datetime) -> PollResult:
    portal = polling.portals[claim.portal]
    hit = claim.baseline_at is not None and bool(guarded.changes.new)
    failures = 0 if sighting.listed else claim.failures + 1
    interval = plan_wait(polling, claim, now if hit else claim.hit_at, now)
    longest = timedelta(minutes=polling.settings.max_interval_minutes)
    due = next_poll(now, interval, longest, failures, sighting.retry_after, polling.random())
    due = skip_quiet(due, portal.quiet, ZoneInfo(portal.time_zone), polling.random())
    return PollResult(
        polled_at=now,
        verdict=sighting.verdict,
        problem=guarded.detail or sighting.problem,
        next_poll=due,
        validators=Validators() if guarded.suspicion else sighting.validators,  # what is held must be shown again
        listed=sighting.listed,
        gap=None if guarded.suspicion else sighting.gap,
        hit=hit,
        believed=guarded.suspicion is None,
        rows=None if guarded.suspicion or sighting.verdict is not Verdict.LISTING else sighting.rows,
        cost=sighting.pages / find_budget(portal, polling.settings),
    )


def plan_wait(polling: Polling, claim: ChannelClaim | OverviewClaim, hit: datetime | None, now: datetime) -> timedelta:
    """Return how long to wait for what answers well: by its share of the requests, once that was learned."""
    if claim.share is None or not polling.settings.learn:
        return timedelta(minutes=polling.settings.interval_minutes)
    zone = ZoneInfo(polling.portals[claim.portal].time_zone)
    return claim.share.plan_poll(now, zone, claim.saved, hit) - now


def find_budget(portal: Portal, settings: PollSettings) -> float:
    """Return the list pages asked for in a day at a portal."""
    return portal.budget or settings.budget or len(portal.channels) * 1440 / settings.interval_minutes


def _new_notice(polling: Polling, claim: ChannelClaim, one: _Found, now: datetime) -> NewNotice:
    """Fit a new item for the store. History is placed by its own date, news by when we saw it."""
    item, article = one.keyed.item, one.article
    portal = polling.portals[claim.portal]
    history = one.history
    published = (article.published if article else None) or item.published
    read_title = article.title if article else None
    own = identity.is_own_address(item.url, portal)
    reread = next_reading(now, now, recheck_ages(polling.settings)) if article else None
    return NewNotice(
        portal=claim.portal,
        key=one.keyed.key,
        public_id=identity.public_id(claim.portal, one.keyed.key),
        url=item.url,
        item_title=item.title,
        title=read_title or (item.title if item.title_complete else None),
        published=published,
        history=history,
        sort_at=published.at if history and published else now,
        rank=one.keyed.rank,
        article=article,
        article_due=now if own and article is None else None,
        article_problem=one.problem,
        reread_due=reread if own else None,
    )


def recheck_ages(settings: PollSettings) -> tuple[timedelta, ...]:
    """Return the ages at which a read article is read again."""
    return tuple(timedelta(hours=hours) for hours in settings.recheck_hours)


def _report(
    channel: Channel,
    claim: ChannelClaim,
    sighting: Sighting,
    guarded: Guarded,
    found: list[_Found],
    took: timedelta,
) -> PollReport:
    changes = guarded.changes
    report = PollReport(
        channel=channel.name,
        verdict=sighting.verdict,
        new=len(changes.new),
        revised=len(changes.retitled),
        moved=len(changes.joined) + len(guarded.moves),
        vanished=len(changes.vanished),
        held=len(guarded.held),
        baseline=claim.baseline_at is None and sighting.verdict is Verdict.LISTING,
        ms=round(took.total_seconds() * 1000),
        problem=guarded.detail or sighting.problem or sighting.gap,
    )
    told = {**asdict(report), "verdict": report.verdict.value, "took_ms": report.ms}
    log.info("polled", **{name: value for name, value in told.items() if name != "ms"})
    if not report.baseline:
        for one in found:
            title = (one.article.title if one.article else None) or one.keyed.item.title
            log.info("noticed", channel=channel.name, title=title, url=one.keyed.item.url)
    return report
