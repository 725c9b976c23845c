"""What mails about an account say: whether a sign-up or an erasure was meant, and word to an old address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.decide.sign_ups import make_code
from feeds.decide.tokens import sign_token
from feeds.flows.naming import name_wish
from feeds.model import Delivery, DeliveryKind, Subscription
from feeds.render.mail import MailContent, write_confirmation, write_erasure, write_relocation
from feeds.render.wishes import mask_address
from feeds.store import subscribers
from feeds.store.engine import Transaction
from feeds.store.relocations import has_moved

if TYPE_CHECKING:
    from feeds.flows.compose import Composing

_RELOCATED = "另一个邮箱已有的全部订阅 · everything that another address is subscribed to"


async def write_account_mail(composing: Composing, tx: Transaction, delivery: Delivery) -> MailContent | str:
    """Return what such a mail says, or why there is nothing to say any more."""
    if delivery.kind is DeliveryKind.ERASURE:
        url = f"{composing.site.base_url}/erase/{sign_token(composing.keyring, 'erase', delivery.id)}"
        return write_erasure(composing.templates, composing.site.title, url)
    if delivery.subscription_id is None:
        raise ValueError(f"{delivery.kind} {delivery.id} names no subscription")
    subscription = await subscribers.load_subscription(tx, delivery.subscription_id)
    if delivery.kind is DeliveryKind.RELOCATION:
        return await _write_relocation(composing, tx, delivery, subscription)
    if subscription is None or subscription.ended_at or subscription.confirmed_at or not subscription.asked_at:
        return "there is nothing left to confirm"
    return write_confirming(composing, subscription)


def write_confirming(composing: Composing, subscription: Subscription) -> MailContent:
    """Write the mail that asks whether a sign-up was meant, of a subscription that is being asked about."""
    if subscription.asked_at is None:
        raise ValueError(f"subscription {subscription.id} is not being asked about")
    url = f"{composing.site.base_url}/confirm/{sign_token(composing.keyring, 'confirm', subscription.id)}"
    code = make_code(composing.keyring, subscription.id, subscription.asked_at)
    wanted = name_wish(composing.portals, subscription.wish, composing.usual)
    if subscription.taken_from is not None:
        wanted = [_RELOCATED]  # without the old address: whoever owns the new one may be a stranger to it
    return write_confirmation(composing.templates, composing.site.title, (url, code), wanted)


async def _write_relocation(
    composing: Composing, tx: Transaction, delivery: Delivery, subscription: Subscription | None
) -> MailContent | str:
    undone = subscription is None or subscription.ended_reason == subscribers.UNDONE
    if subscription is None or undone or not await has_moved(tx, delivery.subscriber_id):
        return "the relocation was taken back"
    new = await subscribers.load_subscriber(tx, subscription.subscriber_id)
    url = f"{composing.site.base_url}/manage/{sign_token(composing.keyring, 'manage', delivery.subscriber_id)}"
    return write_relocation(composing.templates, composing.site.title, url, mask_address(new.address if new else ""))
