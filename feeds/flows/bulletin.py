"""What a target is told: from a delivery's rows to a bulletin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from feeds.decide.digests import find_soonest
from feeds.decide.reminders import read_reminder
from feeds.flows.compose import Composing
from feeds.flows.edits import find_moves
from feeds.flows.entries import describe_entry
from feeds.flows.envelopes import delivery_date, find_page
from feeds.flows.reminded import find_daytime, find_hindrance
from feeds.model import Delivery, DeliveryKind, EventKind, Notice, Precision, Revision, Subscription
from feeds.render.bulletin import Bulletin, Told
from feeds.render.legal import make_entry_legal
from feeds.store import events, notices, subscribers
from feeds.store.engine import Database, Transaction
from feeds.store.events import AlertMaterial
from feeds.targets import Medium, TargetKind

MOST_EVENTS = 100
"""Events of one digest that are told; of the others their number, and where they are."""


@dataclass(frozen=True)
class _Rows:
    """Rows of one delivery: what it carries, and what somebody wants of it still."""

    material: Sequence[AlertMaterial]
    live: Sequence[Subscription]
    notices: Mapping[int, Notice]
    revisions: Mapping[int, Mapping[int, Revision]]
    """By notice and number, of the notices that were revised."""


async def compose_bulletin(
    composing: Composing, database: Database, begun: tuple[Delivery, TargetKind], now: datetime
) -> Bulletin | str:
    """Return what a begun delivery tells its target, or the reason why there is nothing to tell any more."""
    delivery, kind = begun
    async with database.read() as tx:
        rows = await _load_rows(tx, delivery, every=kind.medium is Medium.WEBHOOK)
        if not rows.material:
            return "the subscription ended before it was told"
        first = rows.material[0]
        notice = rows.notices[first.notice_id]
        daytime = find_daytime(composing.portals, composing.site, composing.alerts, notice.portal)
        hindrance = await find_hindrance(tx, notice, first, now, daytime)
        if isinstance(hindrance, str):  # at night it is told all the same: what came after it would wait as well
            return hindrance
    return await asyncio.to_thread(_write_bulletin, composing, delivery, rows, now)


async def _load_rows(tx: Transaction, delivery: Delivery, *, every: bool) -> _Rows:
    """Load what is told. Of several events of one notice a chat is told one, published before others."""
    material = await events.load_event_material(tx, delivery.id)
    asked = {number for one in material for number in one.item.subscriptions}
    mine = (await subscribers.list_live(tx, [delivery.subscriber_id])).get(delivery.subscriber_id, [])
    live = [one for one in mine if one.id in asked]
    alive = {one.id for one in live}
    material = [one for one in material if alive.intersection(one.item.subscriptions)]
    if not every:
        newest = {one.notice_id: one for one in material}
        newest |= {one.notice_id: one for one in material if one.event.kind is EventKind.PUBLISHED}
        material = list(newest.values())
    shown = material[:MOST_EVENTS]
    found = await notices.load_notices(tx, list(dict.fromkeys(one.notice_id for one in shown)))
    revisions = {
        number: {one.number: one for one in await notices.load_revisions(tx, number)}
        for number in {one.notice_id for one in shown if one.event.kind is EventKind.REVISED}
    }
    return _Rows(material, live, {notice.id: notice for notice in found}, revisions)


def _write_bulletin(composing: Composing, delivery: Delivery, rows: _Rows, now: datetime) -> Bulletin:
    is_alert = delivery.kind is DeliveryKind.ALERT
    return Bulletin(
        told=tuple(_tell(composing, rows, one, now) for one in rows.material[:MOST_EVENTS]),
        made_at=delivery_date(delivery).astimezone(ZoneInfo(composing.site.time_zone)),
        all_url=find_page(composing, {feed for one in rows.live for feed in one.wish.feeds}),
        digest=None if is_alert else find_soonest(one.item.frequency for one in rows.material),
        left=max(0, len(rows.material) - MOST_EVENTS),
    )


def _tell(composing: Composing, rows: _Rows, one: AlertMaterial, now: datetime) -> Told:
    notice, event = rows.notices[one.notice_id], one.event
    portal, zone = composing.portals.get(notice.portal), _find_zone(composing, notice)
    titles = {channel.slug: channel.title for channel in portal.channels} if portal else {}
    entry = describe_entry(notice, portal, composing.site.base_url, titles)
    numbered = rows.revisions.get(notice.id, {})
    before, after = numbered.get(event.revision - 1), numbered.get(event.revision)
    published = notice.published and notice.published.at.astimezone(zone)
    exact = notice.published is not None and notice.published.precision is not Precision.DAY
    shown = f"{published:%Y-%m-%d %H:%M}" if exact else f"{published:%Y-%m-%d}" if published else None
    portal_title = portal.title if portal else notice.portal
    channels = [titles.get(slug, slug) for slug in notice.channels]
    return Told(
        event_id=event.id,
        kind=event.kind,
        happened_at=event.created_at.astimezone(zone),
        revision=event.revision,
        entry=make_entry_legal(entry),
        where=tuple(part for part in (shown, portal_title, *channels) if part),
        changed=one.revision_changed if event.kind is EventKind.REVISED else (),
        moved=find_moves(before, after, notice, portal) if before and after else (),
        reminder=read_reminder(event.about) if event.kind is EventKind.REMINDER else None,
        today=now.astimezone(zone).date(),
    )


def _find_zone(composing: Composing, notice: Notice) -> ZoneInfo:
    portal = composing.portals.get(notice.portal)
    return ZoneInfo(portal.time_zone if portal else composing.site.time_zone)
