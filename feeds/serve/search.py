"""Searching: `/search` for people, `/feeds/search.FMT` for their readers.

A search costs more than a page that is there, so few are made at once; walkers are asked to stay away. A feed is kept
until the index moves on, under the one address that its search has, whatever order or spelling was asked with.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.excerpts import Piece, excerpt_text, mark_words
from feeds.decide.searching import KEYS, QUOTES, Misasked, list_values, read_search, write_query
from feeds.facts import Search
from feeds.model import Notice
from feeds.render.search import name_search
from feeds.serve.answers import answer_page, answer_refusal
from feeds.serve.context import ServeContext, context_of
from feeds.serve.documents import SUFFIXES, Document, DocumentResponse, make_document
from feeds.serve.languages import ENGLISH, find_language
from feeds.serve.rows import NoticeRow, make_rows
from feeds.serve.wording import Words
from feeds.store.notices import load_notices
from feeds.store.search import Hits, find_hits, load_version

PAGE = 20
_PLACE = re.compile(r"-?[0-9]{1,19}")
_UNQUOTED = str.maketrans("", "", QUOTES)
_NOTHING = Words("请写出要搜索的词，或者选择条件。", "Please say what to search for.")


@dataclass(frozen=True)
class HitRow:
    """A hit as a line of a list: its title and a few words of its text, with what was searched for marked."""

    row: NoticeRow
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


def _read(request: Request) -> Search | Misasked:
    known = {portal.name: [one.slug for one in portal.channels] for portal in context_of(request).portals}
    return read_search({key: request.query_params.get(key, "") for key in KEYS}, known)


def _refuse(request: Request, fault: Misasked) -> Response:
    return answer_refusal(request, 404 if fault.unknown else 400, Words(fault.zh, fault.en))


async def send_search_feed(request: Request) -> Response:
    """`/feeds/search.FMT`: the feed of a search."""
    context, fmt, search = context_of(request), request.path_params["fmt"], _read(request)
    publish = context.settings.publish
    if fmt not in publish.formats:
        raise HTTPException(404)
    if isinstance(search, Misasked):
        return _refuse(request, search)
    query = write_query(search)
    if not query:
        return answer_refusal(request, 400, _NOTHING)
    return DocumentResponse(await _find_document(context, search, query, fmt))


async def _find_document(context: ServeContext, search: Search, query: str, fmt: str) -> Document:
    desk = context.desk
    if (held := desk.get(query, fmt, await _load_version(context))) is not None:
        return held
    async with desk.take_turn(query, fmt):
        version = await _load_version(context)  # before the hits: what is indexed meanwhile makes this one old
        if (held := desk.get(query, fmt, version)) is not None:
            return held
        files = await context.search_feed(search, fmt)
        packed = {coding: files[suffix] for coding, suffix in SUFFIXES.items()}
        address, now = context.at.search_feed(query, fmt), context.clock().timestamp()
        return desk.keep(query, fmt, version, make_document(address, (), fmt, now, files[""], packed))


async def _load_version(context: ServeContext) -> int:
    async with context.database.read() as tx:
        return await load_version(tx)


async def show_search(request: Request) -> Response:
    """`/search`: the form, and what is found."""
    context, search = context_of(request), _read(request)
    if isinstance(search, Misasked):
        return _refuse(request, search)
    place = request.query_params.get("before", "")
    if place and not (_PLACE.fullmatch(place) and abs(int(place)) < 2**63):
        raise HTTPException(400)
    language = find_language(request)
    query, hits, rows = write_query(search), Hits((), None), []
    if query:
        async with context.desk.take_turn(query, "page"):
            async with context.database.read() as tx:
                hits = await find_hits(tx, search, PAGE, int(place) if place else None)
                found = await load_notices(tx, [one.notice_id for one in hits.found])
            rows = await asyncio.to_thread(_make_rows, context, found, search, language)
    return answer_page(
        request,
        "search",
        search=search,
        query=query,
        values=list_values(search),
        name=name_search(search, {portal.name: portal for portal in context.portals}, english=language == ENGLISH),
        rows=rows,
        hits=hits,
        is_later=bool(place),
        keywords=request.query_params.get("q", "").translate(_UNQUOTED).strip() if search.phrases else "",
        robots="noindex" if query else None,
    )


def _make_rows(context: ServeContext, found: Sequence[Notice], search: Search, language: str) -> list[HitRow]:
    rows = []
    for row in make_rows(context, found, language):
        text = row.notice.article.body if row.notice.article else ""
        rows.append(HitRow(row, mark_words(row.title, search.phrases), excerpt_text(text, search.phrases)))
    return rows
