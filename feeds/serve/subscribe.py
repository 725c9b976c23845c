"""Signing up: a form, a mail, and a button or a code that confirms. Looking at any of these pages changes nothing."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.addresses import hash_address, hash_mailbox
from feeds.decide.sign_ups import LIFE, MOST_TRIES, is_code, sign_stamp
from feeds.decide.tokens import open_token, seal_token, sign_token, verify_token
from feeds.decide.work import BITS, PARTS
from feeds.errors import TokenInvalid
from feeds.model import Subscription, Wish
from feeds.serve.answers import answer_page, answer_private
from feeds.serve.context import ServeContext, context_of
from feeds.serve.forms import TRAP, SignUpForm, read_feeds, read_keywords, read_sign_up, read_text
from feeds.serve.guards import is_same_origin
from feeds.serve.screening import admit_network, find_doubt, needs_work
from feeds.store.asking import count_try, find_asked
from feeds.store.subscribers import confirm_subscription, load_subscription, sign_up

COOKIE = "signed_up_here"
_LONGEST_QUERY = 500
_COOKIE_SECONDS = 7 * 24 * 3600


async def show_sign_up(request: Request) -> Response:
    """`/subscribe`: the empty form; `?feed=NAME` ticks a feed, `?keywords=` fills in words."""
    context = context_of(request)
    known = context.list_feeds()
    # Nothing is ticked unasked: without a script, a wide choice left standing would swallow the narrow one made.
    feeds = read_feeds(request.query_params.getlist("feed"), known)
    keywords, _ = read_keywords(request.query_params.get("keywords", "")[:_LONGEST_QUERY])
    return await _answer_form(request, SignUpForm(wish=Wish(feeds, keywords, changes=False)))


async def _answer_form(request: Request, form: SignUpForm, status: int = 200) -> Response:
    context = context_of(request)
    near = tuple(name for name in form.wish.feeds if name != "all") or ("all",)
    return answer_page(
        request,
        "subscribe",
        status,
        {"cache-control": "no-store"},
        form=form,
        trap=TRAP,
        stamp=sign_stamp(context.keyring, context.clock(), context.random()),
        work=(PARTS, BITS) if await needs_work(context) else None,
        feeds=near[:4],
    )


async def take_sign_up(request: Request) -> Response:
    """POST `/subscribe`: keep the wish, queue a confirmation; the answer never tells whether an address is known."""
    context = context_of(request)
    if not is_same_origin(request, context.settings.site.base_url):
        raise HTTPException(403)
    async with request.form(max_files=0, max_fields=500) as fields:
        form = read_sign_up(fields, context.list_feeds())
    if not form.faults and not form.is_trapped and (doubt := await find_doubt(context, form)):
        form = replace(form, faults={"form": doubt})
    if form.faults:
        return await _answer_form(request, form, 422)
    if form.is_trapped:
        return answer_private(request, "sent", form=form)
    admit_network(request)
    answer = answer_private(request, "sent", form=form)
    remember_sign_up(answer, context, await _record(context, form))
    return answer


async def _record(context: ServeContext, form: SignUpForm) -> int:
    """Return the subscription that a form asks for; of a flood for one mailbox only the first are looked at."""
    mailbox = hash_mailbox(context.keyring, form.address)
    answered = context.gate.find_answered(mailbox, context.clock())
    if answered is not None:
        return answered
    hashed = hash_address(context.keyring, form.address)
    async with context.database.write() as tx:
        made = await sign_up(tx, form.address, form.wish, context.clock(), hashed, mailbox=mailbox)
    context.gate.keep_answered(mailbox, made.subscription_id)
    return made.subscription_id


def remember_sign_up(answer: Response, context: ServeContext, subscription_id: int) -> None:
    """Let this browser type the code of the mail that asks, and be spared the button of its link.

    The cookie shows no row's number: an old one would tell that somebody waits for the same already.
    """
    answer.set_cookie(
        COOKIE,
        seal_token(context.keyring, "signup", subscription_id),
        max_age=_COOKIE_SECONDS,
        path=context.at.page("/confirm"),
        secure=context.at.is_secure,
        httponly=True,
        samesite="lax",
    )


def _read_cookie(request: Request, context: ServeContext) -> int | None:
    """Return the subscription that this browser signed up for, if it did."""
    try:
        return open_token(context.keyring, "signup", request.cookies.get(COOKIE, ""))
    except TokenInvalid:
        return None


def _is_sign_up_browser(request: Request, context: ServeContext, subscription_id: int) -> bool:
    """Whether this browser filled in the very form that is being confirmed, and is not merely reading ahead."""
    if "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", "")):
        return False
    return _read_cookie(request, context) == subscription_id


def _read_token(request: Request, context: ServeContext) -> int | None:
    try:
        return verify_token(context.keyring, "confirm", request.path_params["token"])
    except TokenInvalid:
        return None


async def show_confirm(request: Request) -> Response:
    """`/confirm/TOKEN`: what is about to be confirmed, and the button."""
    context = context_of(request)
    subscription_id = _read_token(request, context)
    subscription: Subscription | None = None
    if subscription_id is not None:
        async with context.database.read() as tx:
            subscription = await load_subscription(tx, subscription_id)
    if subscription is None or subscription.ended_at:
        return answer_private(request, "dead_link", 404)
    if subscription.confirmed_at:
        return _answer_confirmed(request, context, subscription)
    if (subscription.asked_at or subscription.created_at) <= context.clock() - LIFE:
        return answer_private(request, "dead_link", 404)
    hurry = _is_sign_up_browser(request, context, subscription.id)
    return answer_private(request, "confirm", subscription=subscription, hurry=hurry)


async def take_confirm(request: Request) -> Response:
    """POST `/confirm/TOKEN`: the token is the right to do it. Doing it twice changes nothing more."""
    context = context_of(request)
    subscription_id = _read_token(request, context)
    subscription: Subscription | None = None
    if subscription_id is not None:
        async with context.database.write() as tx:
            subscription = await confirm_subscription(tx, subscription_id, context.clock())
    if subscription is None:
        return answer_private(request, "dead_link", 404)
    return _answer_confirmed(request, context, subscription)


async def show_code(request: Request) -> Response:
    """`/confirm`: the field for the six digits of the mail; the browser that signed up knows for what."""
    return answer_private(request, "code", wrong=False)


async def take_code(request: Request) -> Response:
    """POST `/confirm`: what the digits confirm is the sign-up whose mail the address got last.

    They count for the browser that signed up only. Wrong, dead, and nothing to confirm are answered alike.
    """
    context = context_of(request)
    if not is_same_origin(request, context.settings.site.base_url):
        raise HTTPException(403)
    async with request.form(max_files=0, max_fields=5) as fields:
        typed = read_text(fields, "code")
    signed_up = _read_cookie(request, context)
    confirmed = await _confirm_by_code(context, signed_up, typed) if signed_up is not None else None
    return (
        _answer_confirmed(request, context, confirmed)
        if confirmed
        else answer_private(request, "code", 422, wrong=True)
    )


async def _confirm_by_code(context: ServeContext, signed_up: int, typed: str) -> Subscription | None:
    async with context.database.write() as tx:
        asked = await find_asked(tx, signed_up, context.clock())
        if asked is None or asked.tries >= MOST_TRIES:
            return None
        if is_code(context.keyring, asked.subscription_id, asked.asked_at, typed):
            return await confirm_subscription(tx, asked.subscription_id, context.clock())
        await count_try(tx, asked.subscription_id)
        return None


def _answer_confirmed(request: Request, context: ServeContext, subscription: Subscription) -> Response:
    manage = context.at.token_page("manage", sign_token(context.keyring, "manage", subscription.subscriber_id))
    return answer_private(request, "confirmed", subscription=subscription, manage=manage)
