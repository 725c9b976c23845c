"""Ending a subscription from a mail: by the button of a mail program (RFC 8058) or by ours.

The link works for ever, without a cookie, without an Origin, in both form types, and is answered with 200 on the spot.
It stands in a header that many machines read: it leads to nothing but an end and its undoing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.tokens import NOBODY, verify_token
from feeds.errors import TokenInvalid
from feeds.model import Subscriber, Subscription
from feeds.render.wishes import mask_address
from feeds.serve.answers import answer_private
from feeds.serve.context import ServeContext, context_of
from feeds.serve.forms import read_text
from feeds.serve.manage import can_resume
from feeds.store.subscribers import (
    UNSUBSCRIBED,
    end_subscriber,
    end_subscription,
    list_subscriptions,
    load_subscriber,
    load_subscription,
    resume_subscription,
)


@dataclass(frozen=True)
class Case:
    """A case is the subscription that a link is about, whose it is, and everything else of theirs."""

    subscription: Subscription
    subscriber: Subscriber
    every: tuple[Subscription, ...]
    is_all: bool
    """The link is about all of them: `?action=all`."""

    @property
    def ending(self) -> tuple[Subscription, ...]:
        """What the link's main button ends."""
        return tuple(one for one in self.every if one.ended_at is None and (self.is_all or one == self.subscription))

    def find_undoable(self, now: datetime) -> tuple[Subscription, ...]:
        """What may be taken back: all that ended with the link's subscription, or with the last one for `all`.

        Nothing by who was erased.
        """
        if not self.subscriber.address:
            return ()
        resumable = [one for one in self.every if can_resume(one, now)]
        moments = [one.ended_at for one in resumable if one.ended_at and (self.is_all or one == self.subscription)]
        return tuple(one for one in resumable if one.ended_at == max(moments)) if moments else ()


def _read_number(request: Request, context: ServeContext) -> int | None:
    try:
        return verify_token(context.keyring, "unsubscribe", request.path_params["token"])
    except TokenInvalid:
        return None


async def _load_case(request: Request, context: ServeContext) -> Case | None:
    number = _read_number(request, context)
    if number is None:
        return None
    async with context.database.read() as tx:
        subscription = await load_subscription(tx, number)
        if subscription is None:
            return None
        subscriber = await load_subscriber(tx, subscription.subscriber_id)
        every = await list_subscriptions(tx, subscription.subscriber_id, live_only=False)
    is_all = request.query_params.get("action") == "all"
    return Case(subscription, subscriber, tuple(every), is_all) if subscriber else None


async def show_unsubscribe(request: Request) -> Response:
    """`/unsubscribe/TOKEN`: what would end, and the button."""
    context = context_of(request)
    case = await _load_case(request, context)
    return _answer(request, context, case) if case else _answer_nobody(request, context)


async def take_unsubscribe(request: Request) -> Response:
    """POST `/unsubscribe/TOKEN`: end it; with `action=all` all of that address.

    `action=undo` takes back everything that ended at that moment.
    """
    context = context_of(request)
    case = await _load_case(request, context)
    if case is None:
        return _answer_nobody(request, context)
    action = await _read_action(request) or ("all" if case.is_all else "end")
    now = context.clock()
    async with context.database.write() as tx:
        if action == "undo":
            for one in case.find_undoable(now):
                await resume_subscription(tx, one.id, now)
        elif action == "all":
            await end_subscriber(tx, case.subscriber.id, UNSUBSCRIBED, now)
        elif case.subscription.ended_at is None:
            await end_subscription(tx, case.subscription.id, UNSUBSCRIBED, now)
    after = await _load_case(request, context)
    return _answer(request, context, after or case, action)


def _answer_nobody(request: Request, context: ServeContext) -> Response:
    """Answer a link that ends nothing: a sample mail's (`feeds doctor --mail`), by which the way here is proved."""
    if _read_number(request, context) == NOBODY:
        return answer_private(request, "sample_link")
    return answer_private(request, "dead_link", 404)


async def _read_action(request: Request) -> str:
    """`end`, `undo` or `all` from our own buttons; a mail program's button says nothing, and means what the link says.

    The link of a mail that several subscriptions brought says `?action=all`: its one click ends all of them. A body
    that cannot be read is a wish to end.
    """
    try:
        async with request.form(max_files=0, max_fields=20) as form:
            return read_text(form, "action")
    except HTTPException:
        return ""


def _answer(request: Request, context: ServeContext, case: Case, done: str = "") -> Response:
    undoable = case.find_undoable(context.clock())
    return answer_private(
        request,
        "unsubscribe",
        subscription=case.subscription,
        ending=case.ending,
        ended=undoable or (case.subscription,),
        is_all=case.is_all,
        address=mask_address(case.subscriber.address),
        can_undo=bool(undoable),
        done=done,
    )
