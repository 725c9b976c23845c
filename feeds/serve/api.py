"""The API: `/api/...` answers programs with JSON, for reading only; `/api` is the page about it.

An answer reads at most as many notices as are asked for, is made while few others are, and is kept until what it
tells of moves on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zlib import crc32
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from feeds.decide.parameters import ID, LIST, Misput, read_parameters
from feeds.decide.titles import title_notice
from feeds.errors import StoreError
from feeds.files import KeptFile
from feeds.model import Channel, Health, Notice, Portal, Revision, Verdict
from feeds.read.facts.reading import read_notice_facts
from feeds.read.results import facts_result
from feeds.render.notices import describe_article, describe_notice, describe_revisions, dump_json, show_local
from feeds.serve.answers import answer_page
from feeds.serve.api_gate import guard_api
from feeds.serve.api_lists import Page, Wanted, find_page, load_list_version, read_wanted
from feeds.serve.context import ServeContext, context_of
from feeds.serve.documents import Document, DocumentResponse, make_json
from feeds.serve.openapi import Asking, Operation, write_description
from feeds.serve.problems import KINDS, answer_misput, answer_problem, refuse_bug, refuse_http, refuse_storage
from feeds.serve.wording import VERDICTS, Words, show_health
from feeds.store.copies import load_copies
from feeds.store.notices import find_notice, load_revisions
from feeds.store.portals import ChannelHealth, load_channels

_FMT = "api"


def build_api(context: ServeContext) -> ASGIApp:
    """Everything below `/api`, with its own way to say no."""
    api = Starlette(
        routes=[Route(one.path, _answering(one)) for one in OPERATIONS],
        exception_handlers={HTTPException: refuse_http, StoreError: refuse_storage, Exception: refuse_bug},
    )
    api.router.redirect_slashes = False
    api.state.context = context
    return guard_api(api, context)


def _answering(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """Return what reads a request and has it answered."""
    in_path = [one for one in operation.parameters if one.in_path]
    in_query = [one for one in operation.parameters if not one.in_path]

    async def answer(request: Request) -> Response:
        named = read_parameters(list(request.path_params.items()), in_path)
        if isinstance(named, Misput):
            raise HTTPException(404)
        asked = read_parameters(request.query_params.multi_items(), in_query)
        if isinstance(asked, Misput):
            return answer_misput(request, asked)
        return await operation.answer(Asking(request, context_of(request), named | asked))

    return answer


async def _find_document(
    context: ServeContext, key: str, load_version: Callable[[], Awaitable[int]], make: Callable[[], Awaitable[Document]]
) -> DocumentResponse:
    desk = context.api_desk
    document = desk.get(key, _FMT, await load_version())
    if document is None:
        async with desk.take_turn(key, _FMT):
            version = await load_version()  # before what is read: whatever moves meanwhile makes this one old
            document = desk.get(key, _FMT, version)
            if document is None:
                document = desk.keep(key, _FMT, version, await make())
    return DocumentResponse(document)


async def send_notices(asking: Asking) -> Response:
    """`/api/notices`: the newest first, a page at a time."""
    context = asking.context
    wanted = read_wanted(asking)
    if isinstance(wanted, Response):
        return wanted

    async def make() -> Document:
        async with context.database.read() as tx:
            page = await find_page(tx, wanted)
        return await asyncio.to_thread(_write_list, context, wanted, page)

    return await _find_document(
        context, f"notices?{urlencode(wanted.values)}", partial(load_list_version, context.database, wanted), make
    )


def _write_list(context: ServeContext, wanted: Wanted, page: Page) -> Document:
    following = wanted.follow(context.keyring, page.behind) if page.behind else None
    address = context.at.api("/notices", urlencode(following)) if following else None
    items = [_describe_item(context, notice) for notice in page.notices]
    return make_json(dump_json({"items": items, "next": address}), f'<{address}>; rel="next"' if address else None)


def _describe_item(context: ServeContext, notice: Notice) -> dict[str, Any]:
    portal = context.find_portal(notice.portal)
    gist = context.lines.sum_up(notice, portal)
    article = notice.article
    page_url = context.at.whole_page(f"/n/{notice.public_id}")
    return describe_notice(notice, ZoneInfo(context.find_zone(notice.portal)), page_url, title_notice(notice)) | {
        "kind": gist.kind.value if gist.kind else None,
        "reprint": gist.reprint,
        "number": gist.number or (article.number if article else None),
        "summary": gist.line,
    }


async def send_notice(asking: Asking) -> Response:
    """`/api/notices/ID`: everything of one notice."""
    context, public_id = asking.context, asking.values["id"]

    async with context.database.read() as tx:
        found = await find_notice(tx, public_id)
        kept = (await load_copies(tx, [found.id])).get(found.id, []) if found else []
    if found is None:
        return answer_problem(asking.request, "not-found", Words("没有这条公告。", "There is no such notice."))

    async def load_version() -> int:
        # Copies come and go without the notice being another one.
        return found.version << 32 | crc32("".join(copy.sha256 for copy in kept).encode())

    async def make() -> Document:
        async with context.database.read() as tx:
            revisions = await load_revisions(tx, found.id)
        return await asyncio.to_thread(_write_notice, context, found, revisions, kept)

    return await _find_document(context, f"notices/{public_id}", load_version, make)


def _write_notice(
    context: ServeContext, notice: Notice, revisions: Sequence[Revision], kept: Sequence[KeptFile]
) -> Document:
    portal = context.find_portal(notice.portal)
    facts = read_notice_facts(notice, portal)
    whole = {
        "article": describe_article(notice.article, kept) if notice.article else None,
        "facts": facts_result(facts) if facts else None,
        "revisions": describe_revisions(revisions, ZoneInfo(context.find_zone(notice.portal))),
    }
    return make_json(dump_json(_describe_item(context, notice) | whole))


async def send_channels(asking: Asking) -> Response:
    """`/api/channels`: what is watched, with the addresses of feeds and how it fares; a minute old at most."""
    context = asking.context

    async def load_version() -> int:
        return int(context.clock().timestamp()) // 60

    async def make() -> Document:
        async with context.database.read() as tx:
            rows = {row.name: row for row in await load_channels(tx)}
        portals = [_describe_portal(context, one, rows) for one in context.portals]
        return await asyncio.to_thread(lambda: make_json(dump_json({"portals": portals})))

    return await _find_document(context, "channels", load_version, make)


def _describe_portal(context: ServeContext, portal: Portal, rows: Mapping[str, ChannelHealth]) -> dict[str, Any]:
    zone = ZoneInfo(portal.time_zone)
    return {
        "name": portal.name,
        "title": portal.title,
        "url": portal.base_url,
        **_list_addresses(context, portal.name),
        "channels": [_describe_channel(context, one, rows.get(one.name), zone) for one in portal.channels],
    }


def _list_addresses(context: ServeContext, feed: str) -> dict[str, Any]:
    return {
        "page": context.at.whole_page(f"/p/{feed}"),
        "feeds": {fmt: context.at.feed(feed, fmt) for fmt in context.settings.publish.formats},
        "calendar": context.at.calendar(feed),
    }


def _describe_channel(
    context: ServeContext, channel: Channel, row: ChannelHealth | None, zone: ZoneInfo
) -> dict[str, Any]:
    health = row.health if row else None
    shown = VERDICTS[Verdict.LISTING] if health is Health.HEALTHY else show_health(health)
    return {
        "name": channel.name,
        "slug": channel.slug,
        "title": channel.title,
        "url": channel.url,
        **_list_addresses(context, channel.name),
        "notices": (row.notices or 0) if row else 0,
        "newest": show_local(row.newest_at, zone) if row else None,
        "health": health.value if health else None,
        "health_shown": f"{shown.zh} {shown.en}",
        "visited": show_local(row.polled_at, zone) if row else None,
    }


async def send_description(asking: Asking) -> Response:
    """`/api/openapi.json`: what is here, for programs that write programs."""
    context = asking.context

    async def load_version() -> int:
        return 0

    async def make() -> Document:
        described = write_description(context, OPERATIONS)
        return await asyncio.to_thread(lambda: make_json(dump_json(described)))

    return await _find_document(context, "openapi.json", load_version, make)


OPERATIONS = (
    Operation(
        "listNotices",
        "/notices",
        Words("公告，新的在前，条件与搜索页相同。", "Notices, the newest first, by the conditions of the search page."),
        "Notices",
        send_notices,
        LIST,
    ),
    Operation(
        "getNotice",
        "/notices/{id}",
        Words("一条公告的全部：正文、附件、要点、修改记录。", "Everything of a notice: text, files, facts, revisions."),
        "Notice",
        send_notice,
        (ID,),
    ),
    Operation(
        "listChannels",
        "/channels",
        Words("门户和栏目，订阅源的地址，是否正常。", "Portals and channels, where their feeds are, how they fare."),
        "Channels",
        send_channels,
    ),
    Operation(
        "getDescription",
        "/openapi.json",
        Words("这份说明。", "This description."),
        "Description",
        send_description,
    ),
)
"""All there are: the addresses are made of them, and so is the description."""


async def show_api(request: Request) -> Response:
    """`/api`: how programs ask, for people who write them."""
    context = context_of(request)
    if not context.settings.web.api_per_minute:
        raise HTTPException(404)
    return answer_page(
        request,
        "api",
        kinds=KINDS.values(),
        parameters=LIST,
        per_minute=context.settings.web.api_per_minute,
        channel=next(context.list_channels(), None),
    )
