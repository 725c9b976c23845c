"""What a message says: from a delivery's rows to a mail, the same whenever it is made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import jinja2

from feeds.config import AlertSettings, MailSettings, Site
from feeds.decide.digests import find_soonest
from feeds.decide.guard import RECENT
from feeds.decide.titles import title_notice
from feeds.decide.tokens import Keyring, message_id
from feeds.flows.accounts import write_account_mail
from feeds.flows.edits import find_moves
from feeds.flows.envelopes import address_mail, delivery_date, link_mail, place_alert, place_digest
from feeds.flows.naming import ACCOUNT_KINDS, name_next_digest
from feeds.flows.press import Press
from feeds.flows.reminded import Later, add_reminder, find_daytime, find_hindrance
from feeds.model import (
    Delivery,
    DeliveryKind,
    EventKind,
    Notice,
    Portal,
    Precision,
    Revision,
    Schedule,
    Subscription,
)
from feeds.read.facts.reading import find_published_day, read_notice_facts
from feeds.render.dkim import DkimKey, sign_message
from feeds.render.facts import list_facts, summarise_facts
from feeds.render.letter import NO_LINKS, Draft, make_draft
from feeds.render.mail import (
    Envelope,
    MailContent,
    MailLinks,
    MailNotice,
    build_message,
    draft_alert,
    draft_digest,
)
from feeds.render.message import find_address
from feeds.store import events, notices, subscribers
from feeds.store.engine import Transaction
from feeds.store.events import AlertMaterial

_MOST_READ = 200
"""Notices of a digest; no more stand in it whole."""


@dataclass(frozen=True)
class Composing:
    """What making a message needs besides rows: the composition root makes one."""

    site: Site
    mail: MailSettings
    alerts: AlertSettings
    portals: Mapping[str, Portal]
    keyring: Keyring
    templates: jinja2.Environment
    dkim_keys: Sequence[DkimKey] = ()
    """What mails are signed with; without any they are not signed here."""
    press: Press = field(init=False, repr=False, compare=False, default_factory=Press)

    @property
    def usual(self) -> Schedule:
        """When digests go out to who chose no hour."""
        return self.alerts.find_usual(self.site)


@dataclass(frozen=True)
class Message:
    """A mail that is ready to be built; the first of its kind costs milliseconds and is built off the event loop."""

    sender: str
    write: Callable[[], Draft]
    """What it says, for everybody who is told the same."""
    envelope: Envelope
    links: MailLinks | None
    press: Press
    dkim_keys: Sequence[DkimKey]

    @property
    def content(self) -> MailContent:
        """What it says to this recipient."""
        return self.write().fill(self.links or NO_LINKS)

    def build(self) -> bytes:
        """Return the bytes that go to the relay, signed."""
        if self.links is None:
            return sign_message(build_message(self.content, self.envelope, None), self.dkim_keys)
        return sign_message(self.press.print_mail(self.write(), self.envelope, self.links), self.dkim_keys)


@dataclass(frozen=True)
class _Rows:
    """Rows of many deliveries, each kind of them by one query."""

    material: Mapping[int, Sequence[AlertMaterial]]
    """By delivery."""
    live: Mapping[int, Sequence[Subscription]]
    """By subscriber, those that are confirmed and go on."""
    notices: Mapping[int, Notice]


async def compose(composing: Composing, tx: Transaction, delivery: Delivery, now: datetime) -> Message | str | Later:
    """Return the message of a delivery, why there is nothing to send any more, or when there will be."""
    return await _compose_one(composing, tx, await _load_rows(tx, [delivery]), delivery, now)


async def compose_many(
    composing: Composing, tx: Transaction, deliveries: Sequence[Delivery], now: datetime
) -> list[Message | str | Later | Exception]:
    """Return the message of each delivery; one that cannot be made is its exception, and holds up no other."""
    rows = await _load_rows(tx, deliveries)
    made: list[Message | str | Later | Exception] = []
    for delivery in deliveries:
        try:
            made.append(await _compose_one(composing, tx, rows, delivery, now))
        except Exception as error:  # noqa: BLE001 -- told by whoever asked for this one
            made.append(error)
    return made


async def _load_rows(tx: Transaction, deliveries: Sequence[Delivery]) -> _Rows:
    told = [delivery for delivery in deliveries if delivery.kind not in ACCOUNT_KINDS]
    if not told:
        return _Rows({}, {}, {})
    material = await events.load_materials(tx, [delivery.id for delivery in told])
    live = await subscribers.list_live(tx, [delivery.subscriber_id for delivery in told])
    wanted = dict.fromkeys(one.notice_id for carried in material.values() for one in carried)
    return _Rows(material, live, {notice.id: notice for notice in await notices.load_notices(tx, list(wanted))})


async def _compose_one(
    composing: Composing, tx: Transaction, rows: _Rows, delivery: Delivery, now: datetime
) -> Message | str | Later:
    if delivery.kind in ACCOUNT_KINDS:
        content = await write_account_mail(composing, tx, delivery)
        return content if isinstance(content, str) else make_plain_message(composing, delivery, content)
    material = rows.material.get(delivery.id, ())
    asked = {number for one in material for number in one.item.subscriptions}
    live = [one for one in rows.live.get(delivery.subscriber_id, ()) if one.id in asked]
    alive = {subscription.id for subscription in live}
    material = [one for one in material if alive.intersection(one.item.subscriptions)]
    if not material:
        return "the subscription ended before it was told"
    found = [rows.notices[number] for number in dict.fromkeys(one.notice_id for one in material)]
    daytime = find_daytime(composing.portals, composing.site, composing.alerts, found[0].portal)
    if hindrance := await find_hindrance(tx, found[0], material[0], now, daytime):
        return hindrance
    revised = await _load_revised(tx, found, material)
    told = _describe_notices(composing, found, material, revised)
    told[0] = add_reminder(told[0], material[0], now, daytime)
    links = link_mail(composing, delivery, live)
    if delivery.kind is DeliveryKind.ALERT:
        write = partial(composing.press.drafts.fetch, told[0], partial(draft_alert, composing.templates, told[0]))
        envelope = place_alert(composing, delivery, address_mail(composing, delivery), found[0], told[0])
        if references := await _find_thread(composing, tx, delivery, material[0]):
            envelope = replace(envelope, references=references)
        return make_message(composing, write, envelope, links)
    frequency = find_soonest(one.item.frequency for one in material)
    window, coming = name_next_digest([one.wish for one in live], composing.usual, delivery_date(delivery))
    said = (tuple(told), links.all_url, frequency, window, coming)
    write = partial(composing.press.drafts.fetch, said, partial(draft_digest, composing.templates, *said))
    envelope = place_digest(composing, delivery, address_mail(composing, delivery), frequency)
    return make_message(composing, write, envelope, links)


def make_plain_message(composing: Composing, delivery: Delivery, content: MailContent) -> Message:
    """Return a message about an account: it is to nobody else, and has no links of its own below it."""
    return make_message(composing, lambda: make_draft(content), address_mail(composing, delivery), None)


def make_message(
    composing: Composing, write: Callable[[], Draft], envelope: Envelope, links: MailLinks | None
) -> Message:
    """Return a message that is built with the installation's press and keys."""
    return Message(envelope.sender, write, envelope, links, composing.press, composing.dkim_keys)


async def _load_revised(
    tx: Transaction, found: Sequence[Notice], material: Sequence[AlertMaterial]
) -> dict[int, tuple[Revision, Revision]]:
    """Return the revisions on both sides of what is told of notices that were revised, by the notices' ids."""
    revised: dict[int, tuple[Revision, Revision]] = {}
    for notice in found[:_MOST_READ]:
        event = _find_event(notice, material).event
        if event.kind is EventKind.REVISED and notice.withdrawn_at is None:
            numbered = {one.number: one for one in await notices.load_revisions(tx, notice.id)}
            if {event.revision - 1, event.revision} <= numbered.keys():
                revised[notice.id] = numbered[event.revision - 1], numbered[event.revision]
    return revised


def _find_event(notice: Notice, material: Sequence[AlertMaterial]) -> AlertMaterial:
    """Return the event that is told of a notice: several in one digest are told as one, published wins."""
    mine = [one for one in material if one.notice_id == notice.id]
    return next((one for one in mine if one.event.kind is EventKind.PUBLISHED), mine[-1])


def _describe_notices(
    composing: Composing,
    found: Sequence[Notice],
    material: Sequence[AlertMaterial],
    revised: Mapping[int, tuple[Revision, Revision]],
) -> list[MailNotice]:
    """Fit notices for a mail, the first of them with what they say: that takes milliseconds each, once."""
    told = []
    for number, notice in enumerate(found):
        first = _find_event(notice, material)
        whole, states = number < _MOST_READ, revised.get(notice.id)
        made_of = (notice.id, notice.version, notice.channels, notice.withdrawn_at, first.event.kind)
        key = (*made_of, first.event.revision, first.revision_changed, whole, states is None)
        make = partial(describe_whole if whole else _describe_notice, composing, notice, first)
        told.append(composing.press.told.fetch(key, partial(make, states) if whole else make))
    return told


def describe_whole(
    composing: Composing, notice: Notice, first: AlertMaterial, revised: tuple[Revision, Revision] | None
) -> MailNotice:
    """Fit a notice for a mail, with what it says; `revised`: its states before and after, where they are told."""
    return _add_facts(composing, notice, _describe_notice(composing, notice, first), revised)


def _add_facts(
    composing: Composing, notice: Notice, told: MailNotice, revised: tuple[Revision, Revision] | None
) -> MailNotice:
    portal = composing.portals.get(notice.portal)
    if revised:
        told = replace(told, moved=find_moves(*revised, notice, portal))
    facts = read_notice_facts(notice, portal)
    if facts is None:
        return told
    return replace(told, line=summarise_facts(facts, find_published_day(notice, portal)), facts=list_facts(facts))


def _find_zone(composing: Composing, notice: Notice) -> ZoneInfo:
    portal = composing.portals.get(notice.portal)
    return ZoneInfo(portal.time_zone if portal else composing.site.time_zone)


def _describe_notice(composing: Composing, notice: Notice, first: AlertMaterial) -> MailNotice:
    """Fit a notice for a mail.

    What the portal has withdrawn by now is told as withdrawn, whatever happened first: its address leads nowhere.
    """
    kind = EventKind.WITHDRAWN if notice.withdrawn_at else first.event.kind
    portal = composing.portals.get(notice.portal)
    titles = {channel.slug: channel.title for channel in portal.channels} if portal else {}
    article = notice.article
    return MailNotice(
        title=title_notice(notice),
        original_title=notice.title,
        url=notice.url,
        page_url=f"{composing.site.base_url}/n/{notice.public_id}",
        published_text=_say_published(notice, _find_zone(composing, notice)),
        channel_titles=tuple(titles.get(slug, slug) for slug in notice.channels),
        portal_title=portal.title if portal else notice.portal,
        editor=article.editor if article else None,
        body_text=article.body if article else "",
        body_html=article.body_html if article else "",
        attachments=article.attachments if article else (),
        kind=kind,
        changed=first.revision_changed if kind is EventKind.REVISED else (),
        public_id=notice.public_id,
    )


def _say_published(notice: Notice, zone: ZoneInfo) -> str | None:
    """Say when it was published, no more exactly than the portal does, and whether it was dated back."""
    if notice.published is None:
        return None
    local = notice.published.at.astimezone(zone)
    said = f"{local:%Y-%m-%d}" if notice.published.precision is Precision.DAY else f"{local:%Y-%m-%d %H:%M}"
    late = (notice.first_seen_at - notice.published.at).days
    return f"{said}（补发，{late} 天后才出现 back-dated, first seen {late} days later）" if late > RECENT.days else said


async def _find_thread(
    composing: Composing, tx: Transaction, delivery: Delivery, material: AlertMaterial
) -> str | None:
    """Return the Message-ID of the mail that told this person of the notice, so that later ones stand under it."""
    if material.event.kind is EventKind.PUBLISHED:
        return None
    first = await events.find_first_delivery(tx, delivery.subscriber_id, material.notice_id, delivery.id)
    domain = find_address(composing.mail.from_).rpartition("@")[2]
    return message_id(composing.keyring, first, domain) if first else None
