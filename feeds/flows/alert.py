"""Telling people, first half: from events to deliveries. The second is `flows/deliver.py`.

claim     events that are not fanned out, each with a lease and a fence
  | match     a page of subscriptions against the notice
  | record    alert items, unique on (event, subscriber, medium), deliveries for the immediate ones, the cursor
... until no subscriber is left

due       digest windows whose end has come
  | gather    each subscriber's waiting items into one delivery
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from feeds.config import AlertSettings, Site
from feeds.decide.digests import due_window
from feeds.decide.matching import Match, match_event
from feeds.model import EventKind, Frequency, Notice
from feeds.store import deliveries, digests, events, notices, subscribers
from feeds.store.engine import Database
from feeds.store.events import EventClaim, NewAlertItem

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
PAGE = 5_000
"""Subscribers looked at in one transaction."""
MEDIUM = "mail"

STEPS = ("fanout.claimed", "fanout.matched", "fanout.recorded")
"""Names given to `trace`, in order."""


@dataclass(frozen=True)
class Alerting:
    """What telling needs before a message is made: the composition root makes one."""

    database: Database
    site: Site
    settings: AlertSettings
    clock: Callable[[], datetime]
    trace: Callable[[str], None] = lambda _: None


async def claim_due(alerting: Alerting, limit: int) -> list[EventClaim]:
    """Take events that wait to be fanned out."""
    async with alerting.database.write() as tx:
        return await events.claim_events(tx, alerting.clock(), LEASE, limit)


async def fan_out(alerting: Alerting, claim: EventClaim) -> int:
    """Make the alert items of one event; return how many were new. Doing it again makes none.

    A claim that was overtaken (the notice joined another channel meanwhile) ends here: the newer one does it all.
    """
    alerting.trace("fanout.claimed")
    async with alerting.database.read() as tx:
        notice = (await notices.load_notices(tx, [claim.event.notice_id]))[0]
    cursor, made, done = claim.cursor, 0, False
    while not done:
        try:
            cursor, more, done = await _fan_out_page(alerting, claim, notice, cursor)
        except _Overtaken:
            break
        made += more
    alerting.trace("fanout.recorded")
    log.info("fanned out", kind=claim.event.kind.value, notice=notice.public_id, alerts=made)
    return made


async def _fan_out_page(alerting: Alerting, claim: EventClaim, notice: Notice, cursor: int) -> tuple[int, int, bool]:
    """Work one page in one transaction; return the new cursor, the items made, and whether it was the last page."""
    now = alerting.clock()
    async with alerting.database.write() as tx:
        page = await subscribers.load_live_page(tx, cursor, PAGE)
        told = None
        if claim.event.kind is not EventKind.PUBLISHED:
            told = await events.find_told(tx, notice.id, [subscription.subscriber_id for subscription in page])
        matches = match_event(claim.event, notice, page, told)
        cursor = max((subscription.subscriber_id for subscription in page), default=cursor)
        made = await events.add_alert_items(tx, [_new_item(claim, match) for match in matches], now)
        await deliveries.add_alert_deliveries(tx, made, now)
        done = not page
        alerting.trace("fanout.matched")
        if not await events.advance_fanout(tx, claim, cursor, len(made), done, now):
            raise _Overtaken
    return cursor, len(made), done


class _Overtaken(Exception):
    """Another claim of the same event is working; what this page wrote is undone."""


def _new_item(claim: EventClaim, match: Match) -> NewAlertItem:
    return NewAlertItem(claim.event.id, match.subscriber_id, MEDIUM, match.frequency, match.subscriptions)


async def open_due_digests(alerting: Alerting) -> None:
    """Open a run for every window whose end has come; a missed one is merged into it."""
    zone, now = alerting.site.time_zone, alerting.clock()
    for frequency in (Frequency.DAILY, Frequency.WEEKLY):
        async with alerting.database.read() as tx:
            last = await digests.last_window_end(tx, frequency, zone, now)
        hour, weekday = alerting.settings.digest_hour, alerting.settings.weekly_day
        window = due_window(frequency, now, ZoneInfo(zone), hour, weekday, last)
        if window is not None:
            async with alerting.database.write() as tx:
                await digests.open_run(tx, frequency, zone, window.start, window.end)


async def gather_digests(alerting: Alerting) -> None:
    """Work every run that is not done, a page of subscribers at a time."""
    async with alerting.database.read() as tx:
        runs = await digests.unfinished_runs(tx)
    for run in runs:
        done = False
        while not done:
            async with alerting.database.write() as tx:
                done = await digests.gather_page(tx, run, alerting.clock())
        log.info("digest gathered", frequency=run.frequency.value, until=run.window_end.isoformat())
