"""What the law gives people over their data (PIPL): what is kept and why, and a copy of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from feeds.decide.sign_ups import LIFE
from feeds.model import Subscriber
from feeds.serve.answers import PRIVATE, answer_page, answer_private
from feeds.serve.context import ServeContext, context_of
from feeds.serve.manage import read_token
from feeds.store.dossiers import load_dossier
from feeds.store.retention import KEPT
from feeds.store.subscribers import load_subscriber


async def show_privacy(request: Request) -> Response:
    """`/privacy`: what is kept of whom, why, how long, and whom to ask."""
    return answer_page(request, "privacy", waiting_days=LIFE.days, kept_days=KEPT.days)


async def send_export(request: Request) -> Response:
    """`/manage/TOKEN/export.json`: everything that is kept about the address, as a file."""
    context = context_of(request)
    subscriber = await find_owner(request, context)
    if subscriber is None:
        return answer_private(request, "dead_link", 404)
    async with context.database.read() as tx:
        dossier = await load_dossier(tx, subscriber.id)
    saved = {"content-disposition": 'attachment; filename="noticefeeds.json"'}
    return JSONResponse({"exported": context.clock().isoformat(), **dossier}, headers=PRIVATE | saved)


async def find_owner(request: Request, context: ServeContext) -> Subscriber | None:
    """The subscriber of the link; None for a forged one, and for one whose address was blanked."""
    subscriber_id = read_token(request, context)
    if subscriber_id is None:
        return None
    async with context.database.read() as tx:
        subscriber = await load_subscriber(tx, subscriber_id)
    return subscriber if subscriber and subscriber.address else None
