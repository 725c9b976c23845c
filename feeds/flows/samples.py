"""Sample mails: an alert, a digest and a confirmation as this installation would send them, about nothing.

They are made by what makes all mails, from a notice that says what it is. Their links belong to nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from feeds.decide.tokens import NOBODY
from feeds.flows.accounts import write_confirming
from feeds.flows.compose import Composing, Message, describe_whole, make_message, make_plain_message
from feeds.flows.envelopes import address_mail, link_mail, place_alert, place_digest
from feeds.model import (
    AlertItem,
    Article,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Event,
    EventKind,
    Frequency,
    Moment,
    Notice,
    Precision,
    Subscription,
    Verdict,
    Wish,
)
from feeds.render.mail import draft_alert, draft_digest
from feeds.store.events import AlertMaterial

_TITLE = "样信：收到即说明邮件可以送达（第1号）"
_BODY = (
    "这是一封样信，由 feeds doctor 发出，与任何通知无关，也不属于任何订阅。\n"
    "This is a sample mail of feeds doctor. It is about no notice and belongs to no subscription.\n"
    "请查看它是否在收件箱里，以及原文中 SPF、DKIM、DMARC 的结果。\n"
    "See whether it is in the inbox, and what its source says of SPF, DKIM and DMARC."
)


@dataclass(frozen=True)
class Sample:
    """A sample is a mail that nobody asked for, to look at or to try the way with."""

    name: str
    message: Message
    to_list: bool
    """Whether it is one to subscribers, with a way out."""


def write_samples(composing: Composing, recipient: str, now: datetime) -> tuple[Sample, ...]:
    """Return an alert, a digest and a confirmation for an address, the alert first."""
    notice = _make_notice(composing, now)
    event = Event(NOBODY, EventKind.PUBLISHED, NOBODY, 1, now)
    wish = Wish((f"{notice.portal}/{notice.channels[0]}" if notice.channels else "all",))
    item = AlertItem(NOBODY, NOBODY, NOBODY, "mail", wish.frequency, (NOBODY,))
    told = describe_whole(composing, notice, AlertMaterial(item, event, NOBODY, ()), None)
    links = link_mail(composing, _make_delivery(recipient, now), [Subscription(NOBODY, NOBODY, wish, now)])

    def alert(delivery: Delivery) -> Message:
        envelope = place_alert(composing, delivery, address_mail(composing, delivery), notice, told)
        return make_message(composing, lambda: draft_alert(composing.templates, told), envelope, links)

    def digest(delivery: Delivery) -> Message:
        said = ([told], links.all_url, Frequency.DAILY, f"{now:%Y-%m-%d}")
        envelope = address_mail(composing, delivery)
        envelope = place_digest(composing, delivery, envelope, Frequency.DAILY)
        return make_message(composing, lambda: draft_digest(composing.templates, *said), envelope, links)

    delivery = _make_delivery(recipient, now)
    account = replace(delivery, kind=DeliveryKind.CONFIRMATION)
    asked = write_confirming(composing, Subscription(NOBODY, NOBODY, wish, now, asked_at=now))
    return (
        Sample("提醒 alert", alert(delivery), to_list=True),
        Sample("汇总 digest", digest(delivery), to_list=True),
        Sample("确认 confirmation", make_plain_message(composing, account, asked), to_list=False),
    )


def _make_delivery(recipient: str, now: datetime) -> Delivery:
    """Return a delivery that is in no ledger; its number, and so its Message-ID, no other ever has."""
    number = int(now.timestamp() * 1_000_000)
    return Delivery(number, DeliveryKind.ALERT, NOBODY, recipient, DeliveryState.SENDING, 1, 1, now)


def _make_notice(composing: Composing, now: datetime) -> Notice:
    """Return a notice on the first channel of the first portal; on none, if there is none yet."""
    portal = next(iter(composing.portals.values()), None)
    channels = tuple(channel.slug for channel in portal.channels[:1]) if portal else ()
    home = composing.site.base_url
    html = "".join(f"<p>{line}</p>" for line in _BODY.splitlines())
    article = Article(f"{home}/", Verdict.LISTING, _TITLE, body=_BODY, body_html=html)
    return Notice(
        id=NOBODY,
        public_id="sample",
        portal=portal.name if portal else "sample",
        key="sample",
        url=f"{home}/",
        title=_TITLE,
        published=Moment(now, Precision.MINUTE),
        first_seen_at=now,
        updated_at=now,
        revision=1,
        channels=channels,
        article=article,
    )
