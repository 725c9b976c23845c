"""Events: what people may be told, and its fan-out into alert items, unique on (event, subscriber, medium)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, literal, or_, select, update

from feeds.decide.reminders import MOVED, WITHDRAWN
from feeds.model import AlertItem, DeliveryKind, DeliveryState, Event, EventKind, Frequency
from feeds.store import claims
from feeds.store.engine import Transaction
from feeds.store.schema import alert_item, delivery, event, notice, revision, subscriber, tally
from feeds.store.statements import AnyRow, in_pages, insert_new, queued_delivery

_TELL_OF_A_NOTICE = [EventKind.PUBLISHED.value, EventKind.REMINDER.value]
"""Kinds of events that tell of a notice whoever did not know of it."""


@dataclass(frozen=True)
class EventClaim:
    """An event claim is the right to fan an event out until the lease ends."""

    event: Event
    fence: int
    cursor: int
    """The last subscriber that was looked at."""


@dataclass(frozen=True)
class NewAlertItem:
    """A new alert item is one event for one subscriber, as matching made it."""

    event_id: int
    subscriber_id: int
    medium: str
    frequency: Frequency
    subscriptions: tuple[int, ...]
    slot: str = ""
    """Of the digest that it waits for; empty: the site's, or it is told at once."""

    @property
    def recipient(self) -> tuple[int, str]:
        """Who is told over which medium: of one event, once."""
        return self.subscriber_id, self.medium


@dataclass(frozen=True)
class DroppedReminder:
    """A dropped reminder is a message that was not sent because its day did not stand, and who had asked for it."""

    delivery_id: int
    subscriber_id: int
    subscriptions: tuple[int, ...]


@dataclass(frozen=True)
class AlertMaterial:
    """Alert material is what a message says of one alert item."""

    item: AlertItem
    event: Event
    notice_id: int
    revision_changed: tuple[str, ...]
    """Names of the fields that the event's revision changed."""


async def add_event(tx: Transaction, notice_id: int, kind: EventKind, revision: int, now: datetime) -> bool:
    """Record an event, due to be fanned out at once; False if it is there already. Not a reminder."""
    values = {"notice_id": notice_id, "kind": kind.value, "revision": revision, "created_at": now, "fanout_due": now}
    inserted = insert_new(tx, event).values(values).returning(event.c.id)
    return (await tx.execute(inserted)).scalar_one_or_none() is not None


async def find_reminded(tx: Transaction, notice_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Return what these notices' reminders are about, each with the notice's id; at most some hundred notices."""
    query = select(event.c.notice_id, event.c.about).where(event.c.notice_id.in_(notice_ids))
    rows = await tx.execute(query.where(event.c.kind == EventKind.REMINDER.value))
    return {(row.notice_id, row.about) for row in rows}


async def add_reminders(tx: Transaction, rows: Sequence[tuple[int, str]], now: datetime) -> int:
    """Record reminders, each by its notice's id and what it is about; return how many were not there before."""
    fixed = {"kind": EventKind.REMINDER.value, "revision": 0, "created_at": now, "fanout_due": now}
    values = [{"notice_id": notice_id, "about": about, **fixed} for notice_id, about in rows]
    return len((await tx.scalars(insert_new(tx, event).returning(event.c.id), values)).all()) if values else 0


async def forget_event(tx: Transaction, claim: EventClaim) -> None:
    """Forget a claimed event of which nobody was to be told yet, as if it had never been recorded or counted."""
    held = claims.held(claims.FANOUTS, claim.event.id, claim.fence)
    mine = select(event.c.id).where(held, event.c.expected == 0).with_for_update()  # a check may be counting it
    forgotten = await tx.scalar(mine)
    if forgotten is not None:
        await tx.execute(delete(tally).where(tally.c.event_id == forgotten))
        await tx.execute(delete(event).where(event.c.id == forgotten))


async def find_lapsed(tx: Transaction, notice_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Return what those reminders are about that were dropped as lapsed when their mails were made, with the notice."""
    query = select(event.c.notice_id, event.c.about).join_from(event, alert_item).join(delivery)
    rows = await tx.execute(query.where(event.c.notice_id.in_(notice_ids), *_DROPPED).distinct())
    return {(row.notice_id, row.about) for row in rows}


async def find_dropped(tx: Transaction, notice_id: int, about: str, limit: int) -> list[DroppedReminder]:
    """Return messages of a reminder that were dropped as lapsed, by id; they stay as they are in this transaction."""
    query = (
        select(delivery.c.id, alert_item.c.subscriber_id, alert_item.c.subscriptions)
        .join_from(event, alert_item)
        .join(delivery)
        .where(event.c.notice_id == notice_id, event.c.about == about, *_DROPPED)
        .order_by(delivery.c.id)
        .limit(limit)
        .with_for_update(of=delivery)
    )
    return [DroppedReminder(row.id, row.subscriber_id, tuple(row.subscriptions)) for row in await tx.execute(query)]


async def revive_reminders(tx: Transaction, delivery_ids: Sequence[int], now: datetime) -> None:
    """Queue messages that were dropped as lapsed once more, as new; a thousand at most."""
    again: dict[str, object] = {"state": DeliveryState.QUEUED.value, "problem": None, "first_rendered_at": None}
    again |= {"created_at": now, "next_at": now, "retried_at": None, "tries": 0}
    await tx.execute(update(delivery).where(delivery.c.id.in_(delivery_ids)).values(again))


async def leave_dropped(tx: Transaction, delivery_ids: Sequence[int], why: str) -> None:
    """Record why messages that were dropped as lapsed are told no more though their day stands; a thousand at most."""
    await tx.execute(update(delivery).where(delivery.c.id.in_(delivery_ids)).values(problem=why))


_DROPPED = (
    event.c.kind == EventKind.REMINDER.value,
    delivery.c.state == DeliveryState.SUPPRESSED.value,
    delivery.c.problem.in_([WITHDRAWN, MOVED]),
)


async def reopen_fanout(tx: Transaction, notice_id: int, now: datetime) -> None:
    """Fan a notice's publication out once more: more people may want it now. Nobody is told twice.

    It joined a channel, or its text was read at last. History has no event and stays untold. A fan-out under way counts
    no more.
    """
    again = {"fanout_due": now, "fanout_cursor": 0, "fanout_fence": event.c.fanout_fence + 1}
    published = (event.c.notice_id == notice_id, event.c.kind == EventKind.PUBLISHED.value)
    await tx.execute(update(event).where(*published).values(again))


async def claim_events(tx: Transaction, now: datetime, lease: timedelta, limit: int) -> list[EventClaim]:
    """Take events that wait to be fanned out; nobody else gets them until the lease ends. Longest due first."""
    ids = await claims.claim_rows(tx, claims.FANOUTS, (now, lease), limit)
    return await _load_claims(tx, ids)


async def retake_events(tx: Transaction, rows: Sequence[claims.Handed], until: datetime) -> list[EventClaim]:
    """Take events over whose claims were handed on; left out is what somebody else has, or what is done."""
    return await _load_claims(tx, await claims.retake_rows(tx, claims.FANOUTS, rows, until))


async def _load_claims(tx: Transaction, ids: Sequence[int]) -> list[EventClaim]:
    found = {row.id: row for row in await tx.execute(select(event).where(event.c.id.in_(ids)))}
    return [EventClaim(_read_event(found[each]), found[each].fanout_fence, found[each].fanout_cursor) for each in ids]


async def advance_fanout(
    tx: Transaction,
    claim: EventClaim,
    cursor: int,
    made: int,
    done: bool,  # noqa: FBT001
    now: datetime,  # noqa: ARG001
) -> bool:
    """Record a worked page; False, and nothing written, if the event was claimed again meanwhile.

    The caller then undoes the page: the items belong to the transaction that moves the cursor.
    """
    changed: dict[str, object] = {"fanout_cursor": cursor, "expected": event.c.expected + made}
    if done:
        changed["fanout_due"] = None
    held = claims.held(claims.FANOUTS, claim.event.id, claim.fence)
    return (await tx.execute(update(event).where(held).values(changed))).rowcount == 1


async def add_alert_items(tx: Transaction, rows: Sequence[NewAlertItem], now: datetime) -> list[int]:
    """Record alert items, and queue a delivery for each that is told at once; return the ids of those that were new.

    An event has one fan-out at a time: another waits until this transaction ends.
    """
    made: list[int] = []
    for event_id in sorted({row.event_id for row in rows}):
        locked = select(event.c.id).where(event.c.id == event_id).with_for_update(key_share=True)
        await tx.execute(locked)
        new = await _find_new(tx, event_id, [row for row in rows if row.event_id == event_id])
        for page in in_pages(new):
            carriers = await _queue_alerts(tx, page, now)
            values = [_describe_item(row, now) | {"delivery_id": carriers.get(row.recipient)} for row in page]
            made += await tx.scalars(insert(alert_item).returning(alert_item.c.id), values)
    return sorted(made)


async def _find_new(tx: Transaction, event_id: int, rows: Sequence[NewAlertItem]) -> list[NewAlertItem]:
    """Return those of one event's items that are not recorded yet, each once."""
    people = [row.subscriber_id for row in rows]
    near = (alert_item.c.event_id == event_id, alert_item.c.subscriber_id.between(min(people), max(people)))
    found = await tx.execute(select(alert_item.c.subscriber_id, alert_item.c.medium).where(*near))
    known = set(map(tuple, found))
    wanted = {row.recipient: row for row in rows}
    return [row for recipient, row in wanted.items() if recipient not in known]


async def _queue_alerts(tx: Transaction, rows: Sequence[NewAlertItem], now: datetime) -> dict[tuple[int, str], int]:
    """Queue a delivery for each of one event's items that is told at once; return their ids by recipient."""
    at_once = [row for row in rows if row.frequency is Frequency.IMMEDIATE]
    queued: dict[tuple[int, str], int] = {}
    for medium in sorted({row.medium for row in at_once}):
        people = subscriber.c.id.in_([row.subscriber_id for row in at_once if row.medium == medium])
        same = queued_delivery(DeliveryKind.ALERT, 0, now) | {"medium": medium}
        columns = {name: literal(value, delivery.c[name].type) for name, value in same.items()}
        each = select(*(columns | {"subscriber_id": subscriber.c.id}).values()).where(people)
        added = insert(delivery).from_select(list(columns), each).returning(delivery.c.subscriber_id, delivery.c.id)
        for row in await tx.execute(added):
            queued[row.subscriber_id, medium] = row.id
    return queued


def _describe_item(row: NewAlertItem, now: datetime) -> dict[str, object]:
    return {
        "event_id": row.event_id,
        "subscriber_id": row.subscriber_id,
        "medium": row.medium,
        "frequency": row.frequency.value,
        "subscriptions": list(row.subscriptions),
        "slot": row.slot,
        "created_at": now,
    }


async def load_event_material(tx: Transaction, delivery_id: int) -> list[AlertMaterial]:
    """Return what a delivery carries, newest notice first, events of one notice in their order."""
    return (await load_materials(tx, [delivery_id])).get(delivery_id, [])


async def load_materials(tx: Transaction, delivery_ids: Sequence[int]) -> dict[int, list[AlertMaterial]]:
    """Return what each delivery carries, in the same order, by the delivery's id."""
    query = (
        select(
            alert_item,
            event.c.notice_id,
            event.c.kind,
            event.c.revision,
            event.c.about,
            event.c.created_at.label("event_created_at"),
            revision.c.changed,
        )
        .join_from(alert_item, event)
        .join(notice, notice.c.id == event.c.notice_id)
        .outerjoin(revision, and_(revision.c.notice_id == event.c.notice_id, revision.c.number == event.c.revision))
        .order_by(notice.c.sort_at.desc(), notice.c.rank, notice.c.id.desc(), event.c.id)
    )
    found: dict[int, list[AlertMaterial]] = {}
    for page in in_pages(delivery_ids):
        for row in await tx.execute(query.where(alert_item.c.delivery_id.in_(page))):
            found.setdefault(row.delivery_id, []).append(_read_material(row))
    return found


async def find_told(tx: Transaction, notice_id: int, subscriber_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return who of these was told of a notice, or is going to be, by which subscriptions: published, or reminded of.

    A message that the relay refused, or that grew too old, told nobody.
    """
    told: dict[int, frozenset[int]] = {}
    first = (event.c.notice_id == notice_id, event.c.kind.in_(_TELL_OF_A_NOTICE))
    lost = delivery.c.state.in_([DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED])
    for page in in_pages(list(dict.fromkeys(subscriber_ids))):
        query = (
            select(alert_item.c.subscriber_id, alert_item.c.subscriptions)
            .join_from(alert_item, event)
            .outerjoin(delivery, delivery.c.id == alert_item.c.delivery_id)
            .where(*first, alert_item.c.subscriber_id.in_(page), or_(delivery.c.id.is_(None), ~lost))
        )
        for row in await tx.execute(query):
            told[row.subscriber_id] = told.get(row.subscriber_id, frozenset()) | frozenset(row.subscriptions)
    return told


async def find_first_delivery(tx: Transaction, subscriber_id: int, notice_id: int, before: int) -> int | None:
    """Return the delivery that told a subscriber of a notice first, if it is older than delivery `before`.

    The answer never changes later, so that a mail that refers to it stays the same on every attempt.
    """
    query = (
        select(func.min(alert_item.c.delivery_id))
        .join_from(alert_item, event)
        .where(event.c.notice_id == notice_id, event.c.kind.in_(_TELL_OF_A_NOTICE))
        .where(alert_item.c.subscriber_id == subscriber_id, alert_item.c.delivery_id < before)
    )
    found: int | None = (await tx.execute(query)).scalar_one()
    return found


def _read_event(row: AnyRow) -> Event:
    return Event(row.id, EventKind(row.kind), row.notice_id, row.revision, row.created_at, row.about)


def _read_material(row: AnyRow) -> AlertMaterial:
    item = AlertItem(
        id=row.id,
        event_id=row.event_id,
        subscriber_id=row.subscriber_id,
        medium=row.medium,
        frequency=Frequency(row.frequency),
        subscriptions=tuple(row.subscriptions),
        slot=row.slot,
    )
    happened = Event(row.event_id, EventKind(row.kind), row.notice_id, row.revision, row.event_created_at, row.about)
    return AlertMaterial(item, happened, row.notice_id, tuple(row.changed or ()))
