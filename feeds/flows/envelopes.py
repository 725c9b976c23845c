"""Who writes to whom, under which identity, and with which ways out: the envelopes and links of deliveries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from feeds.decide.tokens import sign_token
from feeds.flows.naming import find_from, name_envelope, name_mail, say_why
from feeds.model import Delivery, Frequency, Notice, Subscription
from feeds.render.mail import Envelope, MailLinks, MailNotice
from feeds.render.message import find_address

if TYPE_CHECKING:
    from feeds.flows.compose import Composing

_HOST_NAME = re.compile(r"(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_SITE_LENGTH = 15
"""Characters that receivers take as the sender's part of a Feedback-ID."""


def delivery_date(delivery: Delivery) -> datetime:
    """Return a begun delivery's Date: the time of its first rendering."""
    if delivery.first_rendered_at is None:
        raise ValueError(f"delivery {delivery.id} was not begun")
    return delivery.first_rendered_at


def link_mail(composing: Composing, delivery: Delivery, live: Sequence[Subscription]) -> MailLinks:
    """Make the links below a mail. One click ends the subscription that brought it; all, if several did."""
    base, keyring = composing.site.base_url, composing.keyring
    token = sign_token(keyring, "unsubscribe", live[0].id)
    scope = "" if len(live) == 1 else "?action=all"
    mailbox = f"u+{token}{'.all' if scope else ''}@{composing.mail.bounce_domain}"
    why = "；".join(say_why(composing.portals, one.wish, composing.usual) for one in live)
    return MailLinks(
        manage_url=f"{base}/manage/{sign_token(keyring, 'manage', delivery.subscriber_id)}",
        unsubscribe_url=f"{base}/unsubscribe/{token}{scope}",
        unsubscribe_mailto=f"mailto:{mailbox}?subject=unsubscribe" if composing.mail.returned else None,
        why=why,
        all_url=find_page(composing, {feed for one in live for feed in one.wish.feeds}),
    )


def find_page(composing: Composing, feeds: set[str]) -> str:
    """Return the page that lists everything of these feeds: a channel's, a portal's, or the whole site's."""
    base = composing.site.base_url
    common = feeds if len(feeds) == 1 else {feed.partition("/")[0] for feed in feeds}
    name = next(iter(common)) if len(common) == 1 else "all"
    portal = composing.portals.get(name.partition("/")[0])
    listed = portal is not None and (name == portal.name or any(channel.name == name for channel in portal.channels))
    return f"{base}/p/{name}" if listed else f"{base}/?page=1"


def address_mail(composing: Composing, delivery: Delivery) -> Envelope:
    """Put a mail into its envelope."""
    mail = composing.mail
    from_header = find_from(mail, delivery)
    return Envelope(
        sender=f"b+{name_envelope(composing.keyring, delivery)}@{mail.bounce_domain}"
        if mail.bounce_domain
        else find_address(from_header),
        recipient=delivery.address,
        from_header=from_header,
        reply_to=mail.reply_to,
        date=_local_date(composing, delivery),
        message_id=name_mail(mail, composing.keyring, delivery),
    )


def place_alert(
    composing: Composing, delivery: Delivery, envelope: Envelope, notice: Notice, told: MailNotice
) -> Envelope:
    """Add List-Id (RFC 2919) and Feedback-ID of an alert: those of the first channel that listed the notice."""
    slug = notice.channels[0] if notice.channels else None
    host = _find_host(composing.site.base_url, composing.mail.from_)
    name = ".".join(part for part in (slug, notice.portal, host) if part)
    phrase = " ".join((told.portal_title, *told.channel_titles[:1]))
    feedback_id = _identify_class(composing, delivery, slug or notice.portal, told.kind.value)
    return replace(envelope, list_id=f"{phrase} <{name}>", feedback_id=feedback_id)


def place_digest(composing: Composing, delivery: Delivery, envelope: Envelope, frequency: Frequency) -> Envelope:
    """Add List-Id and Feedback-ID of a digest."""
    feedback_id = _identify_class(composing, delivery, "digest", frequency.value)
    host = _find_host(composing.site.base_url, composing.mail.from_)
    return replace(envelope, list_id=f"{composing.site.title} <digest.{host}>", feedback_id=feedback_id)


def _identify_class(composing: Composing, delivery: Delivery, channel: str, kind: str) -> str:
    """Return a Feedback-ID: receivers count complaints by each of its parts, so none of them is one person's."""
    site = _find_host(composing.site.base_url, composing.mail.from_).removeprefix("www.")[:_SITE_LENGTH].strip(".-")
    return f"{channel}:{kind}:{_local_date(composing, delivery):%Y%m%d}:{site}"


def _local_date(composing: Composing, delivery: Delivery) -> datetime:
    return delivery_date(delivery).astimezone(ZoneInfo(composing.site.time_zone))


@lru_cache(maxsize=16)
def _find_host(base_url: str, from_: str) -> str:
    """Return the domain that lists are named under: the site's; From's where the site has no name of its own."""
    site = urlsplit(base_url).hostname or ""
    sender = find_address(from_).rpartition("@")[2].lower()
    return next((host for host in (site, sender) if _HOST_NAME.fullmatch(host)), "noticefeeds.invalid")
