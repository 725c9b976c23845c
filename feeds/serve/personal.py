"""What the law gives people over their data (PIPL): what is kept and why, a copy of it, and an end to it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from feeds.decide.addresses import hash_address
from feeds.decide.sign_ups import LIFE
from feeds.model import Subscriber
from feeds.serve.answers import PRIVATE, answer_page, answer_private
from feeds.serve.context import ServeContext, context_of
from feeds.serve.guards import is_foreign
from feeds.serve.manage import read_token
from feeds.store.dossiers import load_dossier
from feeds.store.engine import Transaction
from feeds.store.relocations import UNDO_MOVE, find_relocation
from feeds.store.retention import KEPT, erase_subscriber
from feeds.store.subscribers import load_subscriber


async def show_privacy(request: Request) -> Response:
    """`/privacy`: what is kept of whom, why, how long, and whom to ask."""
    return answer_page(request, "privacy", waiting_days=LIFE.days, kept_days=KEPT.days)


async def send_export(request: Request) -> Response:
    """`/manage/TOKEN/export.json`: everything that is kept about the address, as a file."""
    context = context_of(request)
    subscriber = await _find_owner(request, context)
    if subscriber is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.read() as tx:
        dossier = await load_dossier(tx, subscriber.id)
    saved = {"content-disposition": 'attachment; filename="noticefeeds.json"'}
    return JSONResponse({"exported": context.clock().isoformat(), **dossier}, headers=PRIVATE | saved)


async def show_erase(request: Request) -> Response:
    """`/manage/TOKEN/erase`: what erasing means, and the button, or from when on there is one."""
    context = context_of(request)
    subscriber = await _find_owner(request, context)
    if subscriber is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.read() as tx:
        held_until = await _find_hold(tx, subscriber.id, context)
    return _answer_erase(request, context, subscriber, held_until)


async def take_erase(request: Request) -> Response:
    """POST `/manage/TOKEN/erase`: end everything and forget the address, for good.

    409 while a change of address may be taken back: whoever made it could else see to it that nobody is told.
    """
    context = context_of(request)
    if is_foreign(request, context.settings.site.base_url):
        raise HTTPException(403)
    subscriber = await _find_owner(request, context)
    if subscriber is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.write() as tx:
        held_until = await _find_hold(tx, subscriber.id, context)
        if held_until:
            return _answer_erase(request, context, subscriber, held_until)
        hashed = hash_address(context.keyring, subscriber.address)
        await erase_subscriber(tx, subscriber.id, hashed, context.clock())
    return answer_private(request, "erased")


async def _find_hold(tx: Transaction, subscriber_id: int, context: ServeContext) -> datetime | None:
    """Until when a change of address may be taken back, and nothing be erased."""
    relocation = await find_relocation(tx, subscriber_id, context.clock())
    return relocation.moved_at + UNDO_MOVE if relocation and relocation.moved_at else None


def _answer_erase(
    request: Request, context: ServeContext, subscriber: Subscriber, held_until: datetime | None
) -> Response:
    zone = ZoneInfo(context.settings.site.time_zone)
    return answer_private(
        request,
        "erase",
        409 if held_until and request.method == "POST" else 200,
        subscriber=subscriber,
        token=request.path_params["token"],
        held_until=f"{held_until.astimezone(zone):%Y-%m-%d %H:%M}" if held_until else None,
    )


async def _find_owner(request: Request, context: ServeContext) -> Subscriber | None:
    """The subscriber of the link; None for a forged one, and for one whose address was blanked."""
    subscriber_id = read_token(request, context)
    if subscriber_id is None:
        return None
    async with context.database.read() as tx:
        subscriber = await load_subscriber(tx, subscriber_id)
    return subscriber if subscriber and subscriber.address else None
