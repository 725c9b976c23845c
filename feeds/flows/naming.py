"""Names: what a subscriber wishes, with the feeds as the portals name them; and the name of a mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from feeds.config import MailSettings
from feeds.decide.digests import find_next_cut, find_schedule
from feeds.decide.tokens import Keyring, message_id, sign_token
from feeds.model import Delivery, DeliveryKind, Frequency, Portal, Schedule, Wish
from feeds.render.message import find_address
from feeds.render.wishes import describe_wish, list_words

ACCOUNT_KINDS = (DeliveryKind.CONFIRMATION, DeliveryKind.RELOCATION, DeliveryKind.ERASURE)
"""They carry no notices, and no link to unsubscribe: nothing is subscribed to, or nothing any more."""


def name_wish(portals: Mapping[str, Portal], wish: Wish, usual: Schedule) -> list[str]:
    """Say in words what a subscription wants, without the subscriber's own words."""
    return describe_wish(wish, [_name_feed(portals, feed) for feed in wish.feeds], find_schedule(wish, usual))


def say_why(portals: Mapping[str, Portal], wish: Wish, usual: Schedule) -> str:
    """Say which subscription a mail comes from, its words included: the address was confirmed by then."""
    return " · ".join([*name_wish(portals, wish, usual), *list_words(wish)])


def name_next_digest(wishes: Iterable[Wish], usual: Schedule, now: datetime) -> tuple[str, str]:
    """Return the day that it is where a digest's reader is, and when the next one comes there at the earliest.

    The second is empty if none of these wishes is told by digests any more.
    """
    told = ((wish.frequency, find_schedule(wish, usual)) for wish in wishes)
    slow = [each for each in told if each[0] is not Frequency.IMMEDIATE]
    cuts = [(find_next_cut(frequency, schedule, now), schedule.time_zone) for frequency, schedule in slow]
    at, zone = min(cuts, default=(now, usual.time_zone))
    coming = f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" + ("" if zone == usual.time_zone else f" ({zone})")
    return f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d}", coming if cuts else ""


def find_from(mail: MailSettings, delivery: Delivery) -> str:
    """Return From of a delivery's mail; it differs by class: receivers tell alerts and account mail apart."""
    return mail.account_from or mail.from_ if delivery.kind in ACCOUNT_KINDS else mail.from_


def name_mail(mail: MailSettings, keyring: Keyring, delivery: Delivery) -> str:
    """Return the Message-ID of a delivery's mail, the same on every attempt."""
    return message_id(keyring, delivery.id, find_address(find_from(mail, delivery)).rpartition("@")[2])


def name_envelope(keyring: Keyring, delivery: Delivery) -> str:
    """Return a delivery's envelope id (RFC 3461), the token that bounces come back to as well."""
    return sign_token(keyring, "bounce", delivery.id)


def _name_feed(portals: Mapping[str, Portal], feed: str) -> str:
    """Return a feed's name for people."""
    if feed == "all":
        return "全部 · everything"
    name, _, slug = feed.partition("/")
    portal = portals.get(name)
    if portal is None:
        return feed
    channel = next((channel.title for channel in portal.channels if channel.slug == slug), slug)
    return f"{portal.title} · {channel}" if slug else portal.title
