"""The pages that anybody may read: portals, channels, notices. They query and never write."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from itertools import pairwise

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.folding import fold_text
from feeds.decide.moves import compare_facts
from feeds.decide.register import list_people, list_rules
from feeds.decide.titles import title_notice
from feeds.facts import Facts
from feeds.model import Moment, Notice, Portal, Revision
from feeds.read.facts.reading import find_published_day, read_notice_facts, read_revision_facts
from feeds.render.diffs import Paragraph, diff_history
from feeds.render.facts import list_facts
from feeds.serve.answers import answer_page
from feeds.serve.context import ServeContext, context_of
from feeds.serve.copies import NoticeCopies, find_picture, list_copies
from feeds.serve.marks import find_sentence, mark_sentence
from feeds.serve.wording import link_images, mark_moment, show_moment, show_time
from feeds.store.copies import load_copies
from feeds.store.feeds import ASIDE
from feeds.store.notices import count_notices, feed_index, find_notice, load_notices, load_revisions
from feeds.store.portals import load_channels

PAGE = 50
LATEST = 12
MOST_READ = 20
"""Revisions of a notice that are compared by what they say."""

_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True)
class NoticeRow:
    """A notice as a line of a list."""

    notice: Notice
    title: str
    day: str
    hour: str
    mark: str
    """Value of the `datetime` attribute; empty with `day` where the portal gave no time."""
    line: str = ""
    """What it says in a few words."""


@dataclass(frozen=True)
class RevisionRow:
    """A revision with what changed since the one before."""

    revision: Revision
    seen: str
    title_before: str | None
    """None: the title stayed."""
    paragraphs: tuple[Paragraph, ...]
    moved: tuple[str, ...] = ()
    """Which days were moved, in words."""


def _zone_of(context: ServeContext, notice: Notice) -> str:
    portal = context.find_portal(notice.portal)
    return portal.time_zone if portal else context.settings.site.time_zone


def make_row(context: ServeContext, notice: Notice) -> NoticeRow:
    """The line of a notice, its time in its portal's zone and no more exact than the portal said."""
    zone = _zone_of(context, notice)
    moment: Moment | None = notice.published
    day, _, hour = show_moment(moment, zone).partition(" ") if moment else ("", "", "")
    return NoticeRow(notice, title_notice(notice), day, hour, mark_moment(moment, zone) if moment else "")


def _make_rows(context: ServeContext, notices: Sequence[Notice]) -> list[NoticeRow]:
    """The lines of a list, each with what its notice says."""
    said = [context.lines.say(one, context.find_portal(one.portal)) for one in notices]
    return [replace(make_row(context, one), line=line) for one, line in zip(notices, said, strict=True)]


async def show_home(request: Request) -> Response:
    """`/`: the portals with their channels, and what is newest."""
    if "page" in request.query_params:
        return await _answer_list(request, "all")
    context = context_of(request)
    async with context.database.read() as tx:
        health = {row.name: row for row in await load_channels(tx)}
        newest = await load_notices(tx, [number for number, _ in await feed_index(tx, "all", LATEST)])
        total = await count_notices(tx, "all")
    rows = await asyncio.to_thread(_make_rows, context, newest)
    return answer_page(request, "home", health=health, rows=rows, total=total, path="/")


async def show_portal(request: Request) -> Response:
    """`/p/PORTAL`: what a portal published."""
    name = request.path_params["portal"]
    if context_of(request).find_portal(name) is None:
        raise HTTPException(404)
    return await _answer_list(request, name)


async def show_channel(request: Request) -> Response:
    """`/p/PORTAL/CHANNEL`: what stands in one channel."""
    name = f"{request.path_params['portal']}/{request.path_params['slug']}"
    if context_of(request).find_channel(name) is None:
        raise HTTPException(404)
    return await _answer_list(request, name)


async def _answer_list(request: Request, feed: str) -> Response:
    context = context_of(request)
    asked = request.query_params.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0
    async with context.database.read() as tx:
        total = await count_notices(tx, feed)
        last = max(1, -(-total // PAGE))
        if not 1 <= number <= last:
            raise HTTPException(404)
        index = await feed_index(tx, feed, number * PAGE)
        notices = await load_notices(tx, [notice_id for notice_id, _ in index[(number - 1) * PAGE :]])
        health = {row.name: row for row in await load_channels(tx)}
    portal = context.find_portal(feed.partition("/")[0])
    return answer_page(
        request,
        "list",
        feed=feed,
        feeds=_announce(feed, portal),
        portal=portal,
        channel=context.find_channel(feed),
        health=health.get(feed),
        rows=await asyncio.to_thread(_make_rows, context, notices),
        total=total,
        number=number,
        last=last,
    )


def _announce(feed: str, portal: Portal | None) -> tuple[str, ...]:
    """The feeds that a list page names for autodiscovery, its own first."""
    if portal is None:
        return (feed,)
    return (portal.name, *(f"{portal.name}/{slug}" for slug in ASIDE)) if feed == portal.name else (feed, portal.name)


async def show_notice(request: Request) -> Response:
    """`/n/ID`: one notice whole, with its attachments and revisions."""
    context = context_of(request)
    public_id = request.path_params["public_id"]
    if not _PUBLIC_ID.fullmatch(public_id):
        raise HTTPException(404)
    async with context.database.read() as tx:
        notice = await find_notice(tx, public_id)
        revisions = await load_revisions(tx, notice.id) if notice else []
        kept = (await load_copies(tx, [notice.id])).get(notice.id, []) if notice else []
    if notice is None:
        raise HTTPException(404)
    zone = _zone_of(context, notice)
    portal = context.find_portal(notice.portal)
    channels = [channel for slug in notice.channels if (channel := context.find_channel(f"{notice.portal}/{slug}"))]
    facts = await asyncio.to_thread(read_notice_facts, notice, portal)
    at = request.query_params.get("at", "")
    told = list_facts(facts) if facts else ()
    copies = list_copies(context, notice, kept, zone)
    body = _write_body(notice, copies)
    marked = mark_sentence(body, find_sentence(facts, at)) if facts else None
    rows = await asyncio.to_thread(_make_revision_rows, revisions, notice, portal, zone)
    return answer_page(
        request,
        "notice",
        row=make_row(context, notice),
        notice=notice,
        portal=portal,
        channels=channels,
        feeds=(*(channel.name for channel in channels), *((portal.name,) if portal else ())),
        facts=told,
        registered=_list_registered(facts, notice, portal) if facts else frozenset(),
        opened=None if marked else at,
        body=marked or body,
        first_seen=show_time(notice.first_seen_at, zone),
        withdrawn=show_time(notice.withdrawn_at, zone) if notice.withdrawn_at else None,
        revisions=rows,
        copies=copies,
    )


def _list_registered(facts: Facts, notice: Notice, portal: Portal | None) -> frozenset[str]:
    """The keys of the facts that the register has: other people and rules lead nowhere."""
    day = find_published_day(notice, portal)
    people = (f"p{line.place}" for line in list_people(facts, day))
    return frozenset([*people, *(f"l{line.place}" for line in list_rules(facts, notice.title, day))])


def _write_body(notice: Notice, copies: NoticeCopies) -> str:
    """The text as clean HTML, paragraphs where the portal's own HTML is not there."""
    if notice.article is None:
        return ""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in notice.article.body.splitlines())
    return link_images(notice.article.body_html, partial(find_picture, copies.pictures)) or paragraphs


def _make_revision_rows(
    revisions: list[Revision], notice: Notice, portal: Portal | None, zone: str
) -> list[RevisionRow]:
    """Newest first; the first revision has nothing to be compared with."""
    rows: list[RevisionRow] = []
    before: Revision | None = None
    ordered = sorted(revisions, key=lambda one: one.number)
    diffs = ((), *diff_history(tuple(one.body for one in ordered), fold_text))
    moves = ((), *_find_moves(ordered, notice, portal))
    for revision, paragraphs, moved in zip(ordered, diffs, moves, strict=False):
        title_before = before.title if before and before.title != revision.title else None
        rows.append(RevisionRow(revision, show_time(revision.seen_at, zone), title_before, paragraphs, moved))
        before = revision
    return rows[::-1]


def _find_moves(ordered: Sequence[Revision], notice: Notice, portal: Portal | None) -> list[tuple[str, ...]]:
    """Say between each two revisions which days were moved; of a long history only the newest are read."""
    unread = max(0, len(ordered) - MOST_READ)
    facts = [read_revision_facts(one, notice, portal) for one in ordered[unread:]]
    moves = [compare_facts(old, new) if old and new else () for old, new in pairwise(facts)]
    return [()] * unread + moves
