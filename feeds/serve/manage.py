"""What a subscriber changes through the link in every mail. GET shows, POST acts; the token is the right to both."""

from __future__ import annotations

from datetime import datetime

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from feeds.decide.tokens import verify_token
from feeds.errors import TokenInvalid
from feeds.model import Subscription
from feeds.render.wishes import mask_address
from feeds.serve.answers import PRIVATE, answer_private
from feeds.serve.context import ServeContext, context_of
from feeds.serve.forms import read_text, read_wish
from feeds.serve.guards import is_foreign
from feeds.serve.relocating import RELOCATED, relocate
from feeds.serve.subscribe import remember_sign_up
from feeds.serve.wording import Words
from feeds.store.engine import Transaction
from feeds.store.relocations import find_relocation
from feeds.store.subscribers import (
    UNDO,
    UNSUBSCRIBED,
    change_subscription,
    end_subscriber,
    end_subscription,
    list_subscriptions,
    load_subscriber,
    resume_subscription,
)

DONE = {
    "change": Words("已保存。", "Saved."),
    "end": Words("这一项已退订。", "That subscription has ended."),
    "end_all": Words("全部订阅已退订，不会再收到邮件。", "All subscriptions have ended; no more mail will come."),
    "resume": Words("已恢复订阅。", "The subscription is back."),
    **RELOCATED,
}


def can_resume(subscription: Subscription, now: datetime) -> bool:
    """Whether its owner may still take an unsubscription back."""
    ended = subscription.ended_at
    mine = subscription.ended_reason == UNSUBSCRIBED and subscription.confirmed_at is not None
    return ended is not None and mine and now - ended <= UNDO


def read_token(request: Request, context: ServeContext) -> int | None:
    """The subscriber whose link it is; None: it is nobody's."""
    try:
        return verify_token(context.keyring, "manage", request.path_params["token"])
    except TokenInvalid:
        return None


async def show_manage(request: Request) -> Response:
    """`/manage/TOKEN`: everything that one address is subscribed to."""
    return await _answer_manage(request, DONE.get(request.query_params.get("done", "")))


async def _answer_manage(request: Request, said: Words | None = None, fault: Words | None = None) -> Response:
    context = context_of(request)
    subscriber_id = read_token(request, context)
    if subscriber_id is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.read() as tx:
        subscriber = await load_subscriber(tx, subscriber_id)
        every = await list_subscriptions(tx, subscriber_id, live_only=False)
        relocation = await find_relocation(tx, subscriber_id, context.clock())
    if subscriber is None or not subscriber.address:
        return answer_private(request, "dead_link", 404)
    now = context.clock()
    return answer_private(
        request,
        "manage",
        422 if fault else 200,
        subscriber=subscriber,
        live=[one for one in every if one.confirmed_at and not one.ended_at],
        waiting=[one for one in every if not one.confirmed_at and not one.ended_at],
        ended=[one for one in every if can_resume(one, now)],
        relocation=relocation,
        new_address=mask_address(relocation.address) if relocation else "",
        token=request.path_params["token"],
        said=said,
        fault=fault,
        sent=f"{context.at.token_page('manage', request.path_params['token'])}/sent",
    )


async def take_manage(request: Request) -> Response:
    """POST `/manage/TOKEN`: `action` is `change`, `end`, `resume` (with `subscription`), `end_all`, or of RELOCATED."""
    context = context_of(request)
    if is_foreign(request, context.settings.site.base_url):
        raise HTTPException(403)
    subscriber_id = read_token(request, context)
    if subscriber_id is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.read() as tx:
        subscriber = await load_subscriber(tx, subscriber_id)
    if subscriber is None or not subscriber.address:
        return answer_private(request, "dead_link", 404)
    async with request.form(max_files=0, max_fields=100) as form:
        action, asked = read_text(form, "action"), None
        if action in RELOCATED:
            fault, asked = await relocate(request, subscriber_id, action, form)
        else:
            fault = await _take_action(context, subscriber_id, action, form)
    if fault:
        return await _answer_manage(request, fault=fault)
    page = context.at.token_page("manage", request.path_params["token"])
    answer = RedirectResponse(f"{page}?done={action}", 303, PRIVATE)
    if asked is not None:
        remember_sign_up(answer, context, asked)
    return answer


async def _take_action(context: ServeContext, subscriber_id: int, action: str, form: FormData) -> Words | None:
    async with context.database.write() as tx:
        if action == "end_all":
            await end_subscriber(tx, subscriber_id, UNSUBSCRIBED, context.clock())
            return None
        subscription = await _find_own(tx, subscriber_id, read_text(form, "subscription"))
        return await _act(tx, action, subscription, form, context.clock())


async def _find_own(tx: Transaction, subscriber_id: int, number: str) -> Subscription:
    """The subscription of that number, if it is this subscriber's; 404 otherwise."""
    for subscription in await list_subscriptions(tx, subscriber_id, live_only=False):
        if str(subscription.id) == number:
            return subscription
    raise HTTPException(404)


async def _act(tx: Transaction, action: str, subscription: Subscription, form: FormData, now: datetime) -> Words | None:
    """Do what a button says; return what is wrong with its form, and nothing is done."""
    if action == "end":
        await end_subscription(tx, subscription.id, UNSUBSCRIBED, now)
    elif action == "resume" and can_resume(subscription, now):
        await resume_subscription(tx, subscription.id, now)
    elif action == "change" and subscription.ended_at is None:
        wish, faults = read_wish(form, subscription.wish)
        if faults:
            return next(iter(faults.values()))
        await change_subscription(tx, subscription.id, wish, now)
    else:
        raise HTTPException(400)
    return None
