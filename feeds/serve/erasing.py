"""Erasing what is kept about an address (PIPL, Article 47).

A link in a mail that was forwarded is not enough: the address is asked by a mail of its own, whose link erases.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.addresses import hash_address
from feeds.decide.tokens import verify_token
from feeds.errors import TokenInvalid
from feeds.model import Subscriber
from feeds.serve.answers import answer_private
from feeds.serve.context import ServeContext, context_of
from feeds.serve.guards import is_foreign
from feeds.serve.personal import find_owner
from feeds.store.engine import Transaction
from feeds.store.relocations import UNDO_MOVE, find_relocation
from feeds.store.retention import ask_erasure, erase_subscriber, find_erasure
from feeds.store.subscribers import load_subscriber


async def show_erase(request: Request) -> Response:
    """`/manage/TOKEN/erase`: what erasing means, and the button that has the mail sent, or when there will be."""
    context = context_of(request)
    subscriber = await find_owner(request, context)
    if subscriber is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.read() as tx:
        held_until = await _find_hold(tx, subscriber.id, context)
    return _answer(request, subscriber, "ask", held_until)


async def ask_erase(request: Request) -> Response:
    """POST `/manage/TOKEN/erase`: mail the address a link that erases it. 409: not while a move may be taken back."""
    context = context_of(request)
    _refuse_foreign(request, context)
    subscriber = await find_owner(request, context)
    if subscriber is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.write() as tx:
        held_until = await _find_hold(tx, subscriber.id, context)
        if held_until is None:
            await ask_erasure(tx, subscriber.id, context.clock())
    return _answer(request, subscriber, "asked", held_until)


async def show_erasure(request: Request) -> Response:
    """`/erase/TOKEN`, from the mail, good for a day: what erasing means, and the button that does it."""
    context = context_of(request)
    async with context.database.read() as tx:
        subscriber = await _find_asked(request, tx)
        if subscriber is None:
            return answer_private(request, "dead_link", 404)
        held_until = await _find_hold(tx, subscriber.id, context)
    return _answer(request, subscriber, "erase", held_until)


async def take_erasure(request: Request) -> Response:
    """POST `/erase/TOKEN`: end everything and forget the address, for good.

    409 while a change of address may be taken back: whoever made it could else see to it that nobody is told.
    """
    context = context_of(request)
    _refuse_foreign(request, context)
    async with context.database.write() as tx:
        subscriber = await _find_asked(request, tx)
        if subscriber is None:
            return answer_private(request, "dead_link", 404)
        held_until = await _find_hold(tx, subscriber.id, context)
        if held_until:
            return _answer(request, subscriber, "erase", held_until)
        hashed = hash_address(context.keyring, subscriber.address)
        await erase_subscriber(tx, subscriber.id, hashed, context.clock())
    return answer_private(request, "erased")


def _refuse_foreign(request: Request, context: ServeContext) -> None:
    if is_foreign(request, context.settings.site.base_url):
        raise HTTPException(403)


async def _find_asked(request: Request, tx: Transaction) -> Subscriber | None:
    """The subscriber that the mail went to; None: a forged or an old link, or its address was blanked."""
    context = context_of(request)
    try:
        number = verify_token(context.keyring, "erase", request.path_params["token"])
    except TokenInvalid:
        return None
    subscriber_id = await find_erasure(tx, number, context.clock())
    subscriber = await load_subscriber(tx, subscriber_id) if subscriber_id is not None else None
    return subscriber if subscriber and subscriber.address else None


async def _find_hold(tx: Transaction, subscriber_id: int, context: ServeContext) -> datetime | None:
    """Until when a change of address may be taken back, and nothing be erased."""
    relocation = await find_relocation(tx, subscriber_id, context.clock())
    return relocation.moved_at + UNDO_MOVE if relocation and relocation.moved_at else None


def _answer(request: Request, subscriber: Subscriber, step: str, held_until: datetime | None) -> Response:
    """Show a `step` (`ask`, `asked`, `erase`) of erasing, or until when there is none."""
    zone = ZoneInfo(context_of(request).settings.site.time_zone)
    return answer_private(
        request,
        "erase",
        409 if held_until and request.method == "POST" else 200,
        subscriber=subscriber,
        step=step,
        token=request.path_params["token"],
        held_until=f"{held_until.astimezone(zone):%Y-%m-%d %H:%M}" if held_until else None,
    )
