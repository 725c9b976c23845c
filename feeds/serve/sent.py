"""`/manage/TOKEN/sent`: what a subscriber was sent and why, and the answer to "was I sent this?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.titles import title_notice
from feeds.model import Notice, Subscription
from feeds.serve.answers import answer_private
from feeds.serve.context import context_of
from feeds.serve.manage import read_token
from feeds.serve.wording import Words
from feeds.store.engine import Transaction
from feeds.store.notices import find_notice, load_notices
from feeds.store.subscribers import list_subscriptions, load_subscriber
from feeds.store.told import Telling, list_tellings, was_told

_PAGE = 30
_LONGEST = 200


@dataclass(frozen=True)
class SentRow:
    """A telling as a line of the page."""

    telling: Telling
    public_id: str
    title: str
    why: tuple[Subscription, ...]
    """The subscriptions that it came through."""


async def show_sent(request: Request) -> Response:
    """What one address was sent, newest first; `q` looks for a notice's title, id or page, `before` pages."""
    context = context_of(request)
    subscriber_id = read_token(request, context)
    if subscriber_id is None:
        return answer_private(request, "dead_link", 404)
    sought = request.query_params.get("q", "").strip()[:_LONGEST]
    before = request.query_params.get("before", "")
    async with context.database.read() as tx:
        subscriber = await load_subscriber(tx, subscriber_id)
        if subscriber is None or not subscriber.address:
            return answer_private(request, "dead_link", 404)
        every = await list_subscriptions(tx, subscriber_id, live_only=False)
        start = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
        wanted = _find_id(sought) if sought else None
        found = await list_tellings(tx, subscriber_id, _PAGE + 1, start, wanted)
        rows = await _describe(tx, found[:_PAGE], every)
        missed = await find_notice(tx, wanted) if wanted and not rows and start is None else None
        why_not = await _explain(tx, missed, every) if missed else None
    return answer_private(
        request,
        "sent_to",
        subscriber=subscriber,
        rows=rows,
        older=found[_PAGE - 1].item.id if len(found) > _PAGE else None,
        is_later=start is not None,
        sought=sought,
        missed=missed and title_notice(missed),
        why_not=why_not,
        manage=context.at.token_page("manage", request.path_params["token"]),
        now=context.clock(),
    )


def _find_id(sought: str) -> str:
    """The id of a notice whose page's address was pasted; else what is sought as it is."""
    path = urlsplit(sought).path if sought.startswith(("http://", "https://")) else sought
    return path.rpartition("/n/")[2] or sought


async def _describe(tx: Transaction, found: Sequence[Telling], every: Sequence[Subscription]) -> list[SentRow]:
    notices = {one.id: one for one in await load_notices(tx, list(dict.fromkeys(one.notice_id for one in found)))}
    return [
        SentRow(
            telling=one,
            public_id=notices[one.notice_id].public_id,
            title=title_notice(notices[one.notice_id]),
            why=tuple(wanted for wanted in every if wanted.id in one.item.subscriptions),
        )
        for one in found
    ]


async def _explain(tx: Transaction, missed: Notice, every: Sequence[Subscription]) -> Words:
    """Why a notice that we know was not sent to somebody."""
    confirmed = [one.confirmed_at for one in every if one.confirmed_at]
    told = await was_told(tx, missed.id)
    if told is None:
        return Words(
            "本站开始收录以前它就在了，没有发给任何人。", "It was there before this site watched; nobody was sent it."
        )
    if not told:
        return Words("它还没有发给任何人。", "It has not been sent to anybody yet.")
    if not confirmed or min(confirmed) > missed.first_seen_at:
        return Words("它出现时，您还没有确认订阅。", "When it appeared, you had not confirmed a subscription yet.")
    return Words(
        "您当时的订阅没有选中它：栏目、关键词或其他条件不符。",
        "None of your subscriptions of that time picked it: other lists, keywords or conditions.",
    )
