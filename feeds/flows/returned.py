"""What comes back: mails to our bounce domain, each read once and moved out of the mailbox.

read      what it is (`read/returned.py`): a report, a complaint, an automatic reply, a wish to unsubscribe
  | match     whose it is: by what we signed (the address it came to, the envelope's id, the Message-ID), never by what
  |           its text says; without that, nothing is written
  | judge     what it means (`decide/returned.py`)
  | commit    the bounce or complaint beside the delivery, which was accepted if nobody knew so far; what stands
  |           against the address, the end of subscriptions, and the mail's mark: read twice, it counts once
  | file      to `Processed`, or to `Unmatched` for a person to look at; nothing is deleted
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from feeds.decide.providers import find_provider
from feeds.decide.returned import judge_complaint, judge_report
from feeds.decide.shaping import FORGOTTEN, is_believed
from feeds.decide.tokens import Keyring, verify_message_id, verify_token
from feeds.errors import FeedsError, TokenInvalid
from feeds.mailboxes import Bounce, ReturnedKind, ReturnedMail, Suppression
from feeds.model import Subscriber
from feeds.read.returned import read_returned
from feeds.send.returned import Mailbox
from feeds.store import paces, returned, subscribers, suppressions
from feeds.store.engine import Database, Transaction
from feeds.store.returned import TracedDelivery

log = structlog.get_logger()

_KEPT = timedelta(days=366)
"""How long a mail is known to have been read; it is moved at once, if nothing breaks down."""


class Outcome(StrEnum):
    """What a mail that came back did."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    NOTHING = "nothing"
    """It was ours, and means nothing: an automatic reply, a delay, or what was known already."""
    UNMATCHED = "unmatched"
    """Nobody knows what it is, or whose."""


@dataclass(frozen=True)
class Returning:
    """What reading mails that come back needs: the composition root makes one."""

    database: Database
    keyring: Keyring
    domain: str
    clock: Callable[[], datetime]
    mailbox: Mailbox


@dataclass(frozen=True)
class Account:
    """An account of one mail that came back: what it was, and what it did."""

    name: str
    """Of its file, or its number in the mailbox."""
    mail: ReturnedMail
    outcome: Outcome = Outcome.UNMATCHED
    subscriber: Subscriber | None = None
    """Whose it is. None: nobody's that we know."""
    delivery_id: int | None = None
    """That it is about. None: none that we know, or it is a wish."""
    bounce: Bounce | None = None
    """None: it proves nothing about its mail."""
    said: str = ""
    """The reply or the complaint, as it was reported."""
    struck: Suppression | None = None
    """What stands against the address from now on. None: nothing changed."""
    subscription_id: int | None = None
    """That ends. None: none, or all."""
    seen: bool = False
    """Whether it was read before: then it does nothing now."""


async def read_mailbox(returning: Returning, *, dry_run: bool = False) -> AsyncIterator[Account]:
    """Read and move all that waits, one by one; with `dry_run` write and move nothing. MailboxUnusable, StoreError.

    One that we cannot judge for a fault of ours is logged, and kept for a person like one that is nobody's.
    """
    async with returning.mailbox.open() as mailbox:
        for key in await mailbox.list_mails():
            content = await mailbox.fetch(key)
            if content is None:
                continue
            try:
                account = await settle_mail(returning, key, content, dry_run=dry_run)
            except FeedsError:
                raise
            except Exception:  # a bug of ours must not keep the mails behind it from being read
                log.exception("a mail that came back cannot be judged", mail=key)
                account = Account(key, ReturnedMail(ReturnedKind.UNKNOWN))
            if not dry_run:
                await mailbox.file(key, "Unmatched" if account.outcome is Outcome.UNMATCHED else "Processed")
            yield account


async def read_waiting(returning: Returning) -> None:
    """Read and move all that waits, and log what it did; then forget what was read a year ago."""
    outcomes = [_log_account(account) async for account in read_mailbox(returning)]
    if outcomes:
        async with returning.database.write() as tx:
            await returned.forget_mails(tx, returning.clock() - _KEPT)


def _log_account(account: Account) -> Outcome:
    """Log what a mail did; not its words, which name whose mailbox it is about."""
    log.info(
        "mail came back",
        mail=account.name,
        kind=account.mail.kind.value,
        outcome=account.outcome.value,
        bounce=account.bounce.value if account.bounce else None,
        delivery=account.delivery_id,
    )
    return account.outcome


async def settle_mail(returning: Returning, name: str, content: bytes, *, dry_run: bool = False) -> Account:
    """Do what one mail asks for; the same bytes again do nothing more. Of what nobody signed, nothing is written."""
    mail = await asyncio.to_thread(read_returned, content, returning.domain)
    if mail.kind is ReturnedKind.UNKNOWN or not _is_signed(returning.keyring, mail):
        return Account(name, mail, Outcome.NOTHING if mail.kind is ReturnedKind.AUTOMATIC else Outcome.UNMATCHED)
    mark, now = hashlib.sha256(content).hexdigest(), returning.clock()
    database = returning.database
    async with database.read() if dry_run else database.write() as tx:
        account = _leave_unsaid(await _JUDGES[mail.kind](returning, tx, Account(name, mail), now))
        if account.outcome is Outcome.UNMATCHED:
            return account
        if dry_run:
            seen = await returned.was_read(tx, mark)
        else:
            outcome, about = account.outcome.value, account.delivery_id
            seen = not await returned.remember_mail(tx, mark, mail.kind, outcome, about, now)
            if not seen:
                await _apply(tx, account, now)
    return replace(account, outcome=Outcome.NOTHING, seen=True) if seen else account


def _leave_unsaid(account: Account) -> Account:
    """Keep no words about somebody whose address was blanked: they name it."""
    if account.subscriber is None or account.subscriber.address:
        return account
    struck = replace(account.struck, evidence="") if account.struck else None
    return replace(account, said="", struck=struck)


async def _apply(tx: Transaction, account: Account, now: datetime) -> None:
    """Write what a mail did. Locks are taken as sign-ups and outcomes take them: person, delivery, suppression."""
    outcome, subscriber, delivery_id = account.outcome, account.subscriber, account.delivery_id
    if outcome is Outcome.UNSUBSCRIBED and account.subscription_id is not None:
        await subscribers.end_subscription(tx, account.subscription_id, subscribers.UNSUBSCRIBED, now)
    elif outcome is Outcome.UNSUBSCRIBED and subscriber is not None:
        await subscribers.end_subscriber(tx, subscriber.id, subscribers.UNSUBSCRIBED, now)
    elif outcome is Outcome.COMPLAINED and subscriber is not None:
        await subscribers.end_subscriber(tx, subscriber.id, subscribers.COMPLAINED, now)
    if delivery_id is not None:
        await returned.settle_doubt(tx, delivery_id, now)
        if outcome is Outcome.COMPLAINED and subscriber is not None:
            await returned.record_complaint(tx, delivery_id, now)
        elif account.bounce is not None:
            await returned.record_bounce(tx, delivery_id, account.bounce, account.said, now)
    if account.struck is not None:
        await suppressions.save_suppression(tx, account.struck)


async def _judge_report(returning: Returning, tx: Transaction, account: Account, now: datetime) -> Account:
    traced, account = await _match(returning, tx, account)
    if traced is None:
        return account
    account = replace(account, outcome=Outcome.NOTHING)
    provider = find_provider(traced.address)
    slowed = {pace.provider: pace for pace in await paces.list_paces(tx, now - FORGOTTEN)}
    # Of a blanked address nobody knows the provider, nor whether it refuses everybody: no strike.
    believed = bool(traced.address) and is_believed(slowed.get(provider), now)
    against = traced.suppression
    judged = judge_report(account.mail, {provider}, traced.subscriber_id, against, now, believed=believed)
    if judged is None or traced.bounced is not None:
        return account
    said, struck = judged.said, judged.struck
    return replace(account, outcome=Outcome.BOUNCED, bounce=judged.bounce, said=said, struck=struck)


async def _judge_complaint(returning: Returning, tx: Transaction, account: Account, now: datetime) -> Account:
    traced, account = await _match(returning, tx, account)
    if traced is None:
        return account
    if traced.complained_at is not None:
        return replace(account, outcome=Outcome.NOTHING)
    said = account.mail.subject or "a feedback report"
    struck = judge_complaint(traced.subscriber_id, said, traced.suppression, now)
    return replace(account, outcome=Outcome.COMPLAINED, said=said, struck=struck)


async def _judge_wish(returning: Returning, tx: Transaction, account: Account, _now: datetime) -> Account:
    """Find what a mail to `u+TOKEN` ends: the same as the link of that token."""
    for wish in account.mail.wishes:
        number = _read_wish(returning.keyring, wish)
        subscription = await subscribers.load_subscription(tx, number) if number is not None else None
        if subscription is None:
            continue
        of_all = wish.endswith(".all")
        live = await subscribers.list_subscriptions(tx, subscription.subscriber_id)
        ending = live if of_all else [one for one in live if one.id == subscription.id]
        outcome = Outcome.UNSUBSCRIBED if ending else Outcome.NOTHING
        who = await subscribers.load_subscriber(tx, subscription.subscriber_id)
        return replace(account, outcome=outcome, subscriber=who, subscription_id=None if of_all else subscription.id)
    return account


async def _judge_automatic(returning: Returning, tx: Transaction, account: Account, _now: datetime) -> Account:
    _, account = await _match(returning, tx, account)
    return replace(account, outcome=Outcome.NOTHING)


_JUDGES = {
    ReturnedKind.REPORT: _judge_report,
    ReturnedKind.COMPLAINT: _judge_complaint,
    ReturnedKind.WISH: _judge_wish,
    ReturnedKind.AUTOMATIC: _judge_automatic,
}


async def _match(returning: Returning, tx: Transaction, account: Account) -> tuple[TracedDelivery | None, Account]:
    """Return the delivery that a mail is about, by what of it we signed, and the account with it."""
    for number in _read_deliveries(returning.keyring, account.mail):
        traced = await returned.trace_delivery(tx, number)
        if traced is not None:
            who = await subscribers.load_subscriber(tx, traced.subscriber_id)
            return traced, replace(account, delivery_id=traced.id, subscriber=who)
    return None, account


def _is_signed(keyring: Keyring, mail: ReturnedMail) -> bool:
    """Tell whether it carries anything that we signed."""
    return bool(_read_deliveries(keyring, mail)) or any(_read_wish(keyring, wish) is not None for wish in mail.wishes)


def _read_deliveries(keyring: Keyring, mail: ReturnedMail) -> list[int]:
    """Return the ids of the deliveries that it may be about, each once."""
    tokens = [*mail.tokens, mail.envelope_id]
    numbers = [_verify(lambda token: verify_token(keyring, "bounce", token), token) for token in tokens]
    numbers += [_verify(lambda said: verify_message_id(keyring, said), said) for said in mail.message_ids]
    return list(dict.fromkeys(number for number in numbers if number is not None))


def _read_wish(keyring: Keyring, wish: str) -> int | None:
    """Return the id of the subscription behind a wish, `TOKEN` or `TOKEN.all`; None: we did not sign it."""
    return _verify(lambda token: verify_token(keyring, "unsubscribe", token), wish.removesuffix(".all"))


def _verify(verify: Callable[[str], int], signed: str) -> int | None:
    """Return the number behind something signed; None: we did not sign it."""
    try:
        return verify(signed)
    except TokenInvalid:
        return None
