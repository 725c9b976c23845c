"""A visit to an overview: a page that shows what is new in several channels, so that one request watches them all.

    claim     due overviews, by compare-and-swap
      | fetch     the page, politely, conditionally
      | read      where its links lead
      | compare   links that were not there before, placed among the rows that are known
      | record    what it shows, its next visit; the channels with something new are due at once

It publishes nothing itself: what is new is read from the channel's own list, a moment later.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from feeds.decide.identity import article_key
from feeds.decide.overviews import count_tries, find_news, find_shown, follow_links
from feeds.decide.timing import next_poll, skip_quiet
from feeds.flows.listings import UNASKED, drop_validators, find_wait, is_unchanged
from feeds.flows.poll import LEASE, Polling, find_budget, plan_wait
from feeds.model import Fetched, FetchFailure, Portal, Validators, Verdict
from feeds.read.overview import OverviewLinks, read_overview
from feeds.read.verdict import judge_failure
from feeds.store import notices, overviews, portals
from feeds.store.claims import OVERVIEWS
from feeds.store.overviews import OverviewClaim, OverviewResult
from feeds.work.tasks import HandOver, keep_here

log = structlog.get_logger()


async def claim_due(polling: Polling, limit: int, hand_over: HandOver = keep_here) -> list[OverviewClaim]:
    """Take due overviews; nobody else gets them until the lease ends.

    What another process has in a newer configuration is left to it.
    """
    now, strangers = polling.clock(), polling.strangers
    async with polling.database.write() as tx:
        claimed = await overviews.claim_overviews(tx, now, LEASE, limit, strangers.list_met(OVERVIEWS))
        known = await strangers.leave(tx, OVERVIEWS, claimed, partial(is_known, polling), now)
        await hand_over(tx, known)
    return known


def is_known(polling: Polling, claim: OverviewClaim) -> bool:
    """Whether the portal of an overview is watched here."""
    return claim.portal in polling.portals


async def visit_overview(polling: Polling, claim: OverviewClaim) -> frozenset[str]:
    """Visit a claimed overview; return the channels in which it shows something new."""
    portal = polling.portals[claim.portal]
    asked = drop_validators(claim)
    outcome = await polling.client.get(portal, claim.url, asked)
    now = polling.clock()
    unchanged = is_unchanged(outcome, asked)
    page = OverviewLinks() if unchanged else await _read(outcome, portal)
    # A page that is as it was shows what it showed: the lists may lag behind it.
    keys = list(claim.links or ()) if unchanged else [article_key(url, portal) for url in page.addresses]
    async with polling.database.read() as tx:
        known = await notices.find_known(tx, claim.portal, keys)
    places = {key: notice.channels for key, notice in known.items()}
    leads = follow_links(keys, claim.links, places.keys(), now)
    news = find_news(leads, places, now)
    found = frozenset[str]().union(*news.values())
    hit = any(slugs and (lead := leads[key]) and lead.since == now for key, slugs in news.items())
    result = OverviewResult(
        polled_at=now,
        next_poll=_plan(polling, claim, outcome, page, now, hit=hit),
        problem=page.problem,
        validators=_keep_validators(claim, outcome),
        shown=find_shown(keys, places),
        hit=hit,
    )
    async with polling.database.write() as tx:
        await portals.charge_portal(tx, claim.portal, now, 1 / find_budget(portal, polling.settings))
        hastened = await overviews.hasten_channels(tx, claim.portal, found, now) if found else frozenset[str]()
        links = count_tries(leads, news, hastened) if keys else None
        await overviews.finish_overview(tx, claim, replace(result, links=links))
    log.info("visited an overview", url=claim.url, links=len(keys), news=sorted(found), problem=page.problem)
    return found


def _keep_validators(claim: OverviewClaim, outcome: Fetched | FetchFailure) -> Validators:
    if isinstance(outcome, FetchFailure):
        return Validators()
    return claim.validators if outcome.status == 304 else outcome.validators


async def _read(outcome: Fetched | FetchFailure, portal: Portal) -> OverviewLinks:
    if isinstance(outcome, FetchFailure):
        return OverviewLinks(verdict=judge_failure(outcome), problem=outcome.problem)
    if outcome.status == 304:
        return OverviewLinks(verdict=Verdict.FAILED, problem=UNASKED)
    return await asyncio.to_thread(read_overview, outcome, portal)


def _plan(
    polling: Polling,
    claim: OverviewClaim,
    outcome: Fetched | FetchFailure,
    links: OverviewLinks,
    now: datetime,
    *,
    hit: bool,
) -> datetime:
    failures = claim.failures + 1 if links.verdict is not Verdict.LISTING else 0
    wait = plan_wait(polling, claim, now if hit else claim.hit_at, now)
    longest = timedelta(minutes=polling.settings.max_interval_minutes)
    due = next_poll(now, wait, longest, failures, find_wait(outcome), polling.random())
    portal = polling.portals[claim.portal]
    return skip_quiet(due, portal.quiet, ZoneInfo(portal.time_zone), polling.random())
