"""What a message says: from a delivery's rows to a mail, the same whenever it is made again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import jinja2

from feeds.config import MailSettings, Site
from feeds.decide.guard import RECENT
from feeds.decide.reminders import find_lapse, read_reminder
from feeds.decide.titles import title_notice
from feeds.decide.tokens import Keyring, message_id, sign_token
from feeds.flows.edits import find_moves
from feeds.flows.naming import name_wish, say_why
from feeds.flows.press import Press
from feeds.model import (
    Delivery,
    DeliveryKind,
    EventKind,
    Frequency,
    Notice,
    Portal,
    Precision,
    Revision,
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
    write_confirmation,
)
from feeds.render.message import find_address
from feeds.render.reminders import head_reminder, say_reminder
from feeds.store import appointed, events, notices, subscribers
from feeds.store.engine import Transaction
from feeds.store.events import AlertMaterial

_HOST_NAME = re.compile(r"(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_SITE_LENGTH = 15
"""Characters that receivers take as the sender's part of a Feedback-ID."""
_MOST_READ = 200
"""Notices of a digest; no more stand in it whole."""


@dataclass(frozen=True)
class Composing:
    """What making a message needs besides rows: the composition root makes one."""

    site: Site
    mail: MailSettings
    portals: Mapping[str, Portal]
    keyring: Keyring
    templates: jinja2.Environment
    dkim_keys: Sequence[DkimKey] = ()
    """What mails are signed with; without any they are not signed here."""
    press: Press = field(init=False, repr=False, compare=False, default_factory=Press)


@dataclass(frozen=True)
class Message:
    """A mail that is ready to be built; the first of its kind costs milliseconds and is built off the event loop."""

    sender: str
    created_at: datetime
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


async def compose(composing: Composing, tx: Transaction, delivery: Delivery, now: datetime) -> Message | str:
    """Return the message of a delivery, or the reason why there is nothing to send any more."""
    return await _compose_one(composing, tx, await _load_rows(tx, [delivery]), delivery, now)


async def compose_many(
    composing: Composing, tx: Transaction, deliveries: Sequence[Delivery], now: datetime
) -> list[Message | str | Exception]:
    """Return the message of each delivery; one that cannot be made is its exception, and holds up no other."""
    rows = await _load_rows(tx, deliveries)
    made: list[Message | str | Exception] = []
    for delivery in deliveries:
        try:
            made.append(await _compose_one(composing, tx, rows, delivery, now))
        except Exception as error:  # noqa: BLE001 -- told by whoever asked for this one
            made.append(error)
    return made


async def _load_rows(tx: Transaction, deliveries: Sequence[Delivery]) -> _Rows:
    told = [delivery for delivery in deliveries if delivery.kind is not DeliveryKind.CONFIRMATION]
    if not told:
        return _Rows({}, {}, {})
    material = await events.load_materials(tx, [delivery.id for delivery in told])
    live = await subscribers.list_live(tx, [delivery.subscriber_id for delivery in told])
    wanted = dict.fromkeys(one.notice_id for carried in material.values() for one in carried)
    return _Rows(material, live, {notice.id: notice for notice in await notices.load_notices(tx, list(wanted))})


async def _compose_one(
    composing: Composing, tx: Transaction, rows: _Rows, delivery: Delivery, now: datetime
) -> Message | str:
    if delivery.kind is DeliveryKind.CONFIRMATION:
        return await _compose_confirmation(composing, tx, delivery)
    material = rows.material.get(delivery.id, ())
    asked = {number for one in material for number in one.item.subscriptions}
    live = [one for one in rows.live.get(delivery.subscriber_id, ()) if one.id in asked]
    alive = {subscription.id for subscription in live}
    material = [one for one in material if alive.intersection(one.item.subscriptions)]
    if not material:
        return "the subscription ended before it was told"
    found = [rows.notices[number] for number in dict.fromkeys(one.notice_id for one in material)]
    if lapse := await _find_lapse(composing, tx, found[0], material[0], now):
        return lapse
    revised = await _load_revised(tx, found, material)
    told = _describe_notices(composing, found, material, revised)
    told[0] = _add_reminder(composing, delivery, found[0], material[0], told[0])
    links = _link(composing, delivery, live)
    if delivery.kind is DeliveryKind.ALERT:
        write = partial(composing.press.drafts.fetch, told[0], partial(draft_alert, composing.templates, told[0]))
        message = _address(composing, delivery, write, links)
        envelope = _place_alert(composing, delivery, message.envelope, found[0], told[0])
        references = await _find_thread(composing, tx, delivery, material[0])
        return replace(message, envelope=replace(envelope, references=references))
    frequency = min((one.item.frequency for one in material), key=list(Frequency).index)
    zone = ZoneInfo(composing.site.time_zone)
    window = f"{delivery_date(delivery).astimezone(zone):%Y-%m-%d}"
    said = (tuple(told), links.all_url, frequency, window)
    write = partial(composing.press.drafts.fetch, said, partial(draft_digest, composing.templates, *said))
    message = _address(composing, delivery, write, links)
    list_id = f"{composing.site.title} <digest.{_find_host(composing)}>"
    feedback_id = _identify_class(composing, delivery, "digest", frequency.value)
    return replace(message, envelope=replace(message.envelope, list_id=list_id, feedback_id=feedback_id))


async def _find_lapse(
    composing: Composing, tx: Transaction, notice: Notice, first: AlertMaterial, now: datetime
) -> str | None:
    """Return why a reminder is told no more; None: it is, or there is none. It stands alone in its delivery."""
    if first.event.kind is not EventKind.REMINDER:
        return None
    reminder = read_reminder(first.event.about)
    stands = await appointed.names_day(tx, notice.id, reminder.role, reminder.day)
    return find_lapse(reminder, notice, now.astimezone(_find_zone(composing, notice)).date(), stands=stands)


def _add_reminder(
    composing: Composing, delivery: Delivery, notice: Notice, first: AlertMaterial, told: MailNotice
) -> MailNotice:
    """Say how many days are left; as on the day of its first rendering, so that every attempt says the same."""
    if first.event.kind is not EventKind.REMINDER:
        return told
    reminder = read_reminder(first.event.about)
    today = delivery_date(delivery).astimezone(_find_zone(composing, notice)).date()
    return replace(told, deadline=head_reminder(reminder, today), reminder=say_reminder(reminder, today))


async def _compose_confirmation(composing: Composing, tx: Transaction, delivery: Delivery) -> Message | str:
    if delivery.subscription_id is None:
        raise ValueError(f"confirmation {delivery.id} names no subscription")
    subscription = await subscribers.load_subscription(tx, delivery.subscription_id)
    if subscription is None or subscription.ended_at or subscription.confirmed_at:
        return "there is nothing left to confirm"
    token = sign_token(composing.keyring, "confirm", subscription.id)
    url = f"{composing.site.base_url}/confirm/{token}"
    content = write_confirmation(
        composing.templates, composing.site.title, url, name_wish(composing.portals, subscription.wish)
    )
    return _address(composing, delivery, lambda: make_draft(content), None)


def delivery_date(delivery: Delivery) -> datetime:
    """Return a begun delivery's Date: the time of its first rendering."""
    if delivery.first_rendered_at is None:
        raise ValueError(f"delivery {delivery.id} was not begun")
    return delivery.first_rendered_at


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
        make = partial(_describe_whole if whole else _describe_notice, composing, notice, first)
        told.append(composing.press.told.fetch(key, partial(make, states) if whole else make))
    return told


def _describe_whole(
    composing: Composing, notice: Notice, first: AlertMaterial, revised: tuple[Revision, Revision] | None
) -> MailNotice:
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


def _link(composing: Composing, delivery: Delivery, live: Sequence[Subscription]) -> MailLinks:
    """Make the links below a mail. One click ends the subscription that brought it; all, if several did."""
    base, keyring = composing.site.base_url, composing.keyring
    token = sign_token(keyring, "unsubscribe", live[0].id)
    scope = "" if len(live) == 1 else "?action=all"
    why = "；".join(say_why(composing.portals, one.wish) for one in live)
    return MailLinks(
        manage_url=f"{base}/manage/{sign_token(keyring, 'manage', delivery.subscriber_id)}",
        unsubscribe_url=f"{base}/unsubscribe/{token}{scope}",
        unsubscribe_mailto=None,
        why=why,
        all_url=find_page(composing, {feed for one in live for feed in one.wish.feeds}),
    )


def find_page(composing: Composing, feeds: set[str]) -> str:
    """Return the page that lists everything of these feeds: a channel's, a portal's, or the whole site's."""
    base, known = composing.site.base_url, {"all", *composing.portals}
    known |= {channel.name for portal in composing.portals.values() for channel in portal.channels}
    common = feeds if len(feeds) == 1 else {feed.partition("/")[0] for feed in feeds}
    name = next(iter(common)) if len(common) == 1 and common <= known else "all"
    return f"{base}/?page=1" if name == "all" else f"{base}/p/{name}"


def _address(composing: Composing, delivery: Delivery, write: Callable[[], Draft], links: MailLinks | None) -> Message:
    """Put a message into its envelope. From differs by class: alerts and account mail are told apart by receivers."""
    mail = composing.mail
    from_header = mail.from_ if links else mail.account_from or mail.from_
    address = find_address(from_header)
    bounces = f"b+{sign_token(composing.keyring, 'bounce', delivery.id)}@{mail.bounce_domain}"
    sender = bounces if mail.bounce_domain else address
    envelope = Envelope(
        sender=sender,
        recipient=delivery.address,
        from_header=from_header,
        reply_to=mail.reply_to,
        date=_local_date(composing, delivery),
        message_id=message_id(composing.keyring, delivery.id, address.rpartition("@")[2]),
    )
    return Message(sender, delivery_date(delivery), write, envelope, links, composing.press, composing.dkim_keys)


def _local_date(composing: Composing, delivery: Delivery) -> datetime:
    return delivery_date(delivery).astimezone(ZoneInfo(composing.site.time_zone))


def _place_alert(
    composing: Composing, delivery: Delivery, envelope: Envelope, notice: Notice, told: MailNotice
) -> Envelope:
    """Add List-Id (RFC 2919) and Feedback-ID of an alert: those of the first channel that listed the notice."""
    slug = notice.channels[0] if notice.channels else None
    name = ".".join(part for part in (slug, notice.portal, _find_host(composing)) if part)
    phrase = " ".join((told.portal_title, *told.channel_titles[:1]))
    feedback_id = _identify_class(composing, delivery, slug or notice.portal, told.kind.value)
    return replace(envelope, list_id=f"{phrase} <{name}>", feedback_id=feedback_id)


def _identify_class(composing: Composing, delivery: Delivery, channel: str, kind: str) -> str:
    """Return a Feedback-ID: receivers count complaints by each of its parts, so none of them is one person's."""
    site = _find_host(composing).removeprefix("www.")[:_SITE_LENGTH].strip(".-")
    return f"{channel}:{kind}:{_local_date(composing, delivery):%Y%m%d}:{site}"


async def _find_thread(
    composing: Composing, tx: Transaction, delivery: Delivery, material: AlertMaterial
) -> str | None:
    """Return the Message-ID of the mail that told this person of the notice, so that later ones stand under it."""
    if material.event.kind is EventKind.PUBLISHED:
        return None
    first = await events.find_first_delivery(tx, delivery.subscriber_id, material.notice_id, delivery.id)
    domain = find_address(composing.mail.from_).rpartition("@")[2]
    return message_id(composing.keyring, first, domain) if first else None


def _find_host(composing: Composing) -> str:
    """Return the domain that lists are named under: the site's; From's where the site has no name of its own."""
    site = urlsplit(composing.site.base_url).hostname or ""
    sender = find_address(composing.mail.from_).rpartition("@")[2].lower()
    return next((host for host in (site, sender) if _HOST_NAME.fullmatch(host)), "noticefeeds.invalid")
