"""Reading the articles that are due: the ones not read yet, and old ones again, to notice what was changed in silence.

claim     notices whose page is due, with lease and fence; those read again at leisure within their portal's share
  | fetch     the page, politely
  | read      verdict and article
  | compare   with the stored article
  | record    article, revision, withdrawal or return, and the event people may be told, in one transaction
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from feeds.decide import changes
from feeds.decide.cadence import space_rereadings
from feeds.decide.timing import is_witnessed, next_reading, retry_at_leisure, retry_reading
from feeds.flows.poll import MIXED_UP, Polling, find_budget, is_mixed_up, recheck_ages, tell_misfit
from feeds.flows.recording import record_facts
from feeds.model import Article, EventKind, Fetched, FetchFailure, Verdict
from feeds.read.channel import read_channel_article
from feeds.read.verdict import judge_failure
from feeds.store import events, feeds, notices, register
from feeds.store.claims import ARTICLES, REREADINGS
from feeds.store.engine import Transaction
from feeds.store.notices import ArticleClaim
from feeds.work.tasks import HandOver, keep_here

log = structlog.get_logger()

LEASE = timedelta(minutes=3)
GONE_READINGS = 2
"""Readings in a row that must say gone before a notice counts as withdrawn while a list still shows it."""
PATIENCE = 8
"""Failed readings in a row after which nobody waits for an article any longer: some hours."""
MOST_GONE = 3
"""Notices of one portal that may be gone at once while lists still have them."""
_LONGEST_UNREAD = timedelta(hours=6)
"""Between two tries of what was never read, at most."""
RESTING_AGE = timedelta(days=60)
"""History older than this is read once and then left alone."""

STEPS = ("article.claimed", "article.read", "article.saved", "article.recorded")
"""Names given to `trace`, in order."""


async def claim_due(polling: Polling, limit: int, hand_over: HandOver = keep_here) -> list[ArticleClaim]:
    """Take notices whose article is due; nobody else gets them until the lease ends.

    What somebody waits for comes first, as fast as politeness allows. What is only read again keeps to its portal's
    share of requests, however much of it is due. What another process has in a newer configuration is left to it.
    """
    now, strangers, knows = polling.clock(), polling.strangers, partial(is_known, polling)
    gaps = {name: space_rereadings(find_budget(one, polling.settings)) for name, one in polling.portals.items()}
    async with polling.database.write() as tx:
        claimed = await notices.claim_articles(tx, now, LEASE, limit, strangers.list_met(ARTICLES))
        known = await strangers.leave(tx, ARTICLES, claimed, knows, now)
        if (room := limit - len(claimed)) > 0:
            met = strangers.list_met(REREADINGS)
            claimed = await notices.claim_rereadings(tx, now, LEASE, room, gaps, met)
            known += await strangers.leave(tx, REREADINGS, claimed, knows, now)
        await hand_over(tx, known)
    return known


def is_known(polling: Polling, claim: ArticleClaim) -> bool:
    """Whether any channel that lists the notice is watched here."""
    return any(polling.knows(claim.portal, slug) for slug in claim.channels)


async def read_due_article(polling: Polling, claim: ArticleClaim) -> Verdict:
    """Read one claimed article and record what it says; return the verdict on its page."""
    polling.trace("article.claimed")
    portal = polling.portals[claim.portal]
    slug = next(slug for slug in claim.channels if polling.knows(claim.portal, slug))
    channel = polling.find_channel(claim.portal, slug)
    outcome = await polling.client.get(portal, claim.url)
    if isinstance(outcome, Fetched):
        article = await asyncio.to_thread(read_channel_article, outcome, portal, channel, claim.item_title)
    else:
        article = _unread(outcome)
    polling.trace("article.read")
    tell_misfit(article, portal)
    async with polling.database.write() as tx:
        if article.verdict is Verdict.ARTICLE:
            await _record_article(polling, tx, claim, article)
        else:
            await _record_failure(polling, tx, claim, article)
        polling.trace("article.saved")
    polling.trace("article.recorded")
    return article.verdict


def _unread(failure: FetchFailure) -> Article:
    return Article(failure.url, judge_failure(failure), problem=failure.problem)


async def _record_article(polling: Polling, tx: Transaction, claim: ArticleClaim, article: Article) -> None:
    """Store a good reading. What differs from the last one is a revision; what was gone and is back, a return."""
    now = polling.clock()
    before = await notices.load_article(tx, claim.notice_id) if claim.read_at else None
    known = before.title if before else claim.item_title if claim.has_title else None
    if await is_mixed_up(tx, polling.portals[claim.portal], claim.url, claim.item_title, article):
        await _record_failure(polling, tx, claim, replace(article, problem=MIXED_UP))
        return
    article = replace(article, title=changes.keep_whole(known, article.title or known))
    if article.title is None:
        await _record_failure(polling, tx, claim, replace(article, problem="the page has no title, the list cuts it"))
        return
    changed = changes.changed_fields(before, article) if before else ()
    reread = _plan_rereading(polling, claim, article, now, changed=bool(changed))
    if not await notices.save_article(tx, claim, article, changes.fingerprint(article), reread, now):
        return
    told = await record_facts(tx, [claim.notice_id], polling.portals, now)
    if before is None and not claim.history:
        await _tell_published(tx, claim.notice_id, now)
    if claim.withdrawn:
        await notices.set_withdrawn(tx, claim.notice_id, None)
        await _record_event(tx, claim, article, EventKind.RESTORED, ("restored", *changed), now)
    elif changed:
        await _record_event(tx, claim, article, EventKind.REVISED, changed, now)
    if before is None or changed or claim.withdrawn:
        told |= await _name_feeds(tx, claim, edited=bool(changed) or claim.withdrawn)
    await feeds.touch_feeds(tx, told)


async def _tell_published(tx: Transaction, notice_id: int, now: datetime) -> None:
    """Record the publication; where it was told without the text, tell it to whom only the text was waited for."""
    if not await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, now):
        await events.reopen_fanout(tx, notice_id, now)


async def _record_failure(polling: Polling, tx: Transaction, claim: ArticleClaim, article: Article) -> None:
    """Store a bad reading: what was read before stays. A page that is gone for sure makes the notice withdrawn."""
    now = polling.clock()
    gone = article.verdict is Verdict.GONE
    problem = article.problem or article.verdict.value
    sure = gone and (claim.gone_count + 1 >= GONE_READINGS or claim.live_memberships == 0)
    due, reread = _plan_retry(claim, now, doubtful=gone and not sure)
    if not await notices.save_article_failure(tx, claim, problem, gone, due, reread):
        return
    if not claim.read_at and not claim.tries:
        await feeds.touch_feeds(tx, await _name_feeds(tx, claim, edited=False))  # its archive waited for this first try
    if not claim.read_at and claim.has_title and not claim.history:
        await events.add_event(tx, claim.notice_id, EventKind.PUBLISHED, 1, now)
    if gone and claim.has_title and not claim.withdrawn and await _is_sure(tx, claim, now):
        await notices.set_withdrawn(tx, claim.notice_id, now)
        stored = await notices.load_article(tx, claim.notice_id) or article
        await _record_event(tx, claim, stored, EventKind.WITHDRAWN, ("withdrawn",), now)
        await feeds.touch_feeds(tx, await _name_feeds(tx, claim, edited=True))


async def _is_sure(tx: Transaction, claim: ArticleClaim, now: datetime) -> bool:
    """Tell whether what is gone now is gone for good. A portal that does not show its lists proves nothing.

    What was not seen to leave a list must be gone twice, with a list seen in between, and not many at once: then the
    portal has given them other addresses.
    """
    if claim.live_memberships == 0:
        return claim.witnessed_at is not None
    if claim.gone_count + 1 < GONE_READINGS or not is_witnessed(now, claim.tries, claim.witnessed_at):
        return False
    many = await notices.count_gone(tx, claim.portal, PATIENCE)
    if many > MOST_GONE:
        log.warning("many pages are gone at once: has the portal moved them?", portal=claim.portal, pages=many)
    return many <= MOST_GONE


async def _record_event(
    tx: Transaction, claim: ArticleClaim, article: Article, kind: EventKind, changed: tuple[str, ...], now: datetime
) -> None:
    title = article.title or claim.item_title
    number = await notices.add_revision(tx, claim.notice_id, title, article.body, changed, now)
    await events.add_event(tx, claim.notice_id, kind, number, now)
    log.info(kind.value, notice=claim.public_id, title=title, changed=list(changed), url=claim.url)


async def _name_feeds(tx: Transaction, claim: ArticleClaim, *, edited: bool) -> set[str]:
    """Return the feeds that carry the notice; with `edited` the portal's feed of changes as well."""
    tails = (*claim.channels, feeds.CHANGES) if edited else claim.channels
    own = {"all", claim.portal, *(f"{claim.portal}/{tail}" for tail in tails)}
    return own | await register.find_feeds(tx, claim.notice_id)


def _plan_retry(claim: ArticleClaim, now: datetime, *, doubtful: bool) -> tuple[datetime | None, datetime | None]:
    """Return when to try again what could not be read: for those who wait, or (the second) at leisure.

    Nobody waits for what is withdrawn, nor for what was only looked at again; unless the page was gone for the first
    time (`doubtful`), since a second look makes it sure.
    """
    if not doubtful and (claim.at_leisure or claim.withdrawn):
        if claim.read_at or claim.withdrawn:
            return None, retry_at_leisure(now, claim.tries)
        # Its text, or even its title, is still missing: it is not left alone for weeks.
        return None, min(retry_at_leisure(now, max(0, claim.tries - PATIENCE)), now + _LONGEST_UNREAD)
    again = retry_reading(now, claim.tries)
    return (again, None) if claim.tries < PATIENCE else (None, again)


def _plan_rereading(
    polling: Polling, claim: ArticleClaim, article: Article, now: datetime, *, changed: bool
) -> datetime | None:
    """Return when to read it again at leisure; old history rests after one reading.

    What rests and has changed all the same is read once more: the page may have been caught at work.
    """
    published, ages = article.published, recheck_ages(polling.settings)
    again = now + ages[0] if changed and ages else None
    if claim.history and published is not None and now - published.at > RESTING_AGE:
        return again
    return next_reading(now, claim.first_seen_at, ages) or again
