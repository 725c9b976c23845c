"""Telling people, first half: from events to deliveries. The second is `flows/deliver.py`.

claim     events that are not fanned out, each with a lease and a fence
  | read      what the notice says
  | match     a page of the audience of its feeds against the notice
  | record    alert items, unique on (event, subscriber, medium), deliveries for the immediate ones, the cursor
... until no subscriber is left

due       digest windows whose end has come
  | gather    each subscriber's waiting items into one delivery
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from feeds.config import AlertSettings, Site
from feeds.decide.digests import choose_slot, due_window, read_slot
from feeds.decide.matching import Match, Sought, match_event, match_reminder
from feeds.decide.reminders import Daytime, find_lapse, read_reminder
from feeds.facts import Facts, Kind
from feeds.flows.reminded import find_daytime
from feeds.model import EventKind, Frequency, Notice, Portal, Schedule, Subscription
from feeds.read.facts.reading import read_known_facts
from feeds.store import appointed, audience, claims, digests, events, notices, targets
from feeds.store.engine import Database, Transaction
from feeds.store.events import EventClaim, NewAlertItem
from feeds.targets import Medium
from feeds.work.tasks import HandOver, Row, keep_here, list_handed

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
PAGE = 5_000
"""People of the audience looked at in one transaction."""

STEPS = ("fanout.claimed", "fanout.matched", "fanout.recorded")
"""Names given to `trace`, in order."""


@dataclass(frozen=True)
class Alerting:
    """What telling needs before a message is made: the composition root makes one."""

    database: Database
    portals: Mapping[str, Portal]
    site: Site
    settings: AlertSettings
    clock: Callable[[], datetime]
    trace: Callable[[str], None] = lambda _: None

    @property
    def usual(self) -> Schedule:
        """When digests go out to who chose no hour."""
        return self.settings.find_usual(self.site)

    def find_daytime(self, portal: str) -> Daytime:
        """Return the hours of a portal in which people may be reminded of its notices."""
        return find_daytime(self.portals, self.site, self.settings, portal)


async def claim_due(alerting: Alerting, limit: int, hand_over: HandOver = keep_here) -> list[EventClaim]:
    """Take events that wait to be fanned out."""
    async with alerting.database.write() as tx:
        claimed = await events.claim_events(tx, alerting.clock(), LEASE, limit)
        await hand_over(tx, claimed)
    return claimed


async def retake(alerting: Alerting, rows: Sequence[Row]) -> list[EventClaim]:
    """Take events over whose claims were handed on; left out is what somebody else has, or what is done."""
    async with alerting.database.write() as tx:
        return await events.retake_events(tx, list_handed(rows), alerting.clock() + LEASE)


async def renew(alerting: Alerting, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: their work takes long, or waits for its turn at a portal."""
    async with alerting.database.write() as tx:
        await claims.renew_rows(tx, claims.FANOUTS, list_handed(rows), alerting.clock() + LEASE)


async def fan_out(alerting: Alerting, claim: EventClaim) -> int:
    """Make the alert items of one event; return how many were new. Doing it again makes none.

    A claim that was overtaken (the notice joined another channel meanwhile) ends here: the newer one does it all.
    """
    alerting.trace("fanout.claimed")
    async with alerting.database.read() as tx:
        notice = (await notices.load_notices(tx, [claim.event.notice_id]))[0]
        lapsed = await _is_lapsed(alerting, tx, claim, notice)
    if lapsed and not claim.cursor:
        async with alerting.database.write() as tx:
            await events.forget_event(tx, claim)  # its day may stand again one day, and be reminded of then
        return 0
    sought = Sought(notice, await asyncio.to_thread(_read_facts, alerting, notice))
    cursor, made, done = claim.cursor, 0, False
    while not done:
        try:
            cursor, more, done = await _fan_out_page(alerting, claim, (notice, sought), cursor)
        except _Overtaken:
            break
        made += more
    alerting.trace("fanout.recorded")
    log.info("fanned out", kind=claim.event.kind.value, notice=notice.public_id, alerts=made)
    return made


def _read_facts(alerting: Alerting, notice: Notice) -> Facts:
    """Read what a notice says; what cannot be read keeps nobody from being told who asks for no facts."""
    try:
        return read_known_facts(notice, alerting.portals.get(notice.portal))
    except Exception:
        log.exception("what a notice says could not be read", notice=notice.public_id)
        return Facts(Kind.OTHER)


async def _fan_out_page(
    alerting: Alerting, claim: EventClaim, matter: tuple[Notice, Sought], cursor: int
) -> tuple[int, int, bool]:
    """Work one page in one transaction; return the new cursor, the items made, and whether it was the last page."""
    now = alerting.clock()
    async with alerting.database.write() as tx:
        page, last = await audience.load_audience(tx, matter[1].feeds, cursor, PAGE)
        matches = await _match(alerting, tx, claim, matter, page)
        media = await targets.find_media(tx, [match.subscriber_id for match in matches])
        items = [_new_item(claim, match, media[match.subscriber_id]) for match in matches]
        made = await events.add_alert_items(tx, items, now)
        done = last is None
        cursor = cursor if last is None else last
        alerting.trace("fanout.matched")
        if not await events.advance_fanout(tx, claim, cursor, len(made), done, now):
            raise _Overtaken
    return cursor, len(made), done


async def _match(
    alerting: Alerting,
    tx: Transaction,
    claim: EventClaim,
    matter: tuple[Notice, Sought],
    page: Sequence[Subscription],
) -> tuple[Match, ...]:
    """Match a page of subscriptions; a reminder of a day that is no more, or is another by now, matches none."""
    (notice, sought), event = matter, claim.event
    choose = partial(choose_slot, usual=alerting.usual, now=alerting.clock())
    if event.kind is EventKind.PUBLISHED:
        return match_event(event, sought, page, choose)
    if event.kind is not EventKind.REMINDER:
        told = await events.find_told(tx, notice.id, [subscription.subscriber_id for subscription in page])
        return match_event(event, sought, page, choose, told)
    if await _is_lapsed(alerting, tx, claim, notice):
        return ()
    daytime = alerting.find_daytime(notice.portal)
    return match_reminder(read_reminder(event.about), sought, page, alerting.clock(), daytime)


async def _is_lapsed(alerting: Alerting, tx: Transaction, claim: EventClaim, notice: Notice) -> bool:
    """Tell whether an event reminds of a day that is over, or stands no more."""
    if claim.event.kind is not EventKind.REMINDER:
        return False
    reminder = read_reminder(claim.event.about)
    stands = await appointed.names_day(tx, notice.id, reminder.role, reminder.day)
    today = alerting.find_daytime(notice.portal).find_day(alerting.clock())
    return find_lapse(reminder, notice, today, stands=stands) is not None


class _Overtaken(Exception):
    """Another claim of the same event is working; what this page wrote is undone."""


def _new_item(claim: EventClaim, match: Match, medium: Medium) -> NewAlertItem:
    soonest = (match.frequency, match.subscriptions, match.slot)
    return NewAlertItem(claim.event.id, match.subscriber_id, medium.value, *soonest)


async def open_due_digests(alerting: Alerting) -> None:
    """Open a run for every window whose end has come; a missed one is merged into it.

    Looked at are the hours and zones that anything waits for, however many people wait.
    """
    now = alerting.clock()
    for frequency in (Frequency.DAILY, Frequency.WEEKLY):
        async with alerting.database.read() as tx:
            schedules = {slot: read_slot(slot, alerting.usual) for slot in await digests.list_slots(tx, frequency)}
            ends = {
                slot: await digests.last_window_end(tx, frequency, schedule.time_zone, now, slot)
                for slot, schedule in schedules.items()
            }
        windows = {slot: due_window(frequency, now, schedules[slot], ends[slot]) for slot in schedules}
        for slot, window in windows.items():
            if window is not None:
                async with alerting.database.write() as tx:
                    await digests.open_run(tx, frequency, schedules[slot].time_zone, window.start, window.end, slot)


async def gather_digests(alerting: Alerting) -> None:
    """Work every run that is not done, a page of subscribers at a time."""
    async with alerting.database.read() as tx:
        runs = await digests.unfinished_runs(tx)
    for run in runs:
        done = False
        while not done:
            async with alerting.database.write() as tx:
                done = await digests.gather_page(tx, run, alerting.clock())
        until = run.window_end.isoformat()
        log.info("digest gathered", frequency=run.frequency.value, slot=run.slot or None, until=until)
