"""Ending a subscription from a mail: by the button of a mail program (RFC 8058) or by ours.

The link works for ever, without a cookie, without an Origin, in both form types, and is answered with 200 on the spot.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.tokens import sign_token, verify_token
from feeds.errors import TokenInvalid
from feeds.model import Subscriber, Subscription
from feeds.serve.answers import answer_private
from feeds.serve.context import ServeContext, context_of
from feeds.serve.forms import read_text
from feeds.serve.manage import UNSUBSCRIBED, can_resume
from feeds.serve.wording import mask_address
from feeds.store.subscribers import (
    end_subscriber,
    end_subscription,
    load_subscriber,
    load_subscription,
    resume_subscription,
)


@dataclass(frozen=True)
class Case:
    """A case is the subscription that a link is about, and whose it is."""

    subscription: Subscription
    subscriber: Subscriber


async def _load_case(request: Request, context: ServeContext) -> Case | None:
    try:
        number = verify_token(context.keyring, "unsubscribe", request.path_params["token"])
    except TokenInvalid:
        return None
    async with context.database.read() as tx:
        subscription = await load_subscription(tx, number)
        subscriber = await load_subscriber(tx, subscription.subscriber_id) if subscription else None
    return Case(subscription, subscriber) if subscription and subscriber else None


async def show_unsubscribe(request: Request) -> Response:
    """`/unsubscribe/TOKEN`: what would end, and the button."""
    context = context_of(request)
    case = await _load_case(request, context)
    return _answer(request, context, case) if case else answer_private(request, "dead_link", 404)


async def take_unsubscribe(request: Request) -> Response:
    """POST `/unsubscribe/TOKEN`: end it; with `action=all` all of that address, with `action=undo` take it back."""
    context = context_of(request)
    case = await _load_case(request, context)
    if case is None:
        return answer_private(request, "dead_link", 404)
    action = await _read_action(request)
    now = context.clock()
    async with context.database.write() as tx:
        if action == "undo":
            if can_resume(case.subscription, now):
                await resume_subscription(tx, case.subscription.id, now)
        elif action == "all":
            await end_subscriber(tx, case.subscriber.id, UNSUBSCRIBED, now)
        elif case.subscription.ended_at is None:
            await end_subscription(tx, case.subscription.id, UNSUBSCRIBED, now)
    after = await _load_case(request, context)
    return _answer(request, context, after or case, action or "end")


async def _read_action(request: Request) -> str:
    """`end`, `undo` or `all` from our own buttons; a mail program's button means what the link says.

    The link of a mail that several subscriptions brought says `?action=all`: its one click ends all of them. A body
    that cannot be read is a wish to end.
    """
    linked = "all" if request.query_params.get("action") == "all" else ""
    try:
        async with request.form(max_files=0, max_fields=20) as form:
            return read_text(form, "action") or linked
    except HTTPException:
        return linked


def _answer(request: Request, context: ServeContext, case: Case, done: str = "") -> Response:
    return answer_private(
        request,
        "unsubscribe",
        subscription=case.subscription,
        address=mask_address(case.subscriber.address),
        manage=context.at.token_page("manage", sign_token(context.keyring, "manage", case.subscriber.id)),
        can_undo=can_resume(case.subscription, context.clock()),
        done=done,
    )
