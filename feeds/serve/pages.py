"""The pages that anybody may read: portals, channels, notices. They query and never write."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from itertools import pairwise
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds import __version__
from feeds.decide.folding import fold_text
from feeds.decide.moves import compare_facts
from feeds.decide.register import list_people, list_rules
from feeds.facts import Facts
from feeds.model import Notice, Portal, Revision
from feeds.read.facts.reading import find_published_day, read_notice_facts, read_revision_facts
from feeds.render.diffs import Paragraph, diff_history
from feeds.render.facts import list_facts
from feeds.render.typeset import typeset_body
from feeds.serve.answers import answer_page
from feeds.serve.context import context_of
from feeds.serve.copies import NoticeCopies, find_picture, list_copies
from feeds.serve.languages import CHINESE, ENGLISH, find_language
from feeds.serve.lists import CHOICES, answer_list
from feeds.serve.marks import find_sentence, mark_sentence
from feeds.serve.rows import group_days, make_row, make_rows
from feeds.serve.wording import link_images, show_day, show_time
from feeds.store.copies import load_copies
from feeds.store.lists import Listed, list_page
from feeds.store.notices import find_notice, load_notices, load_revisions
from feeds.store.rhythm import load_standings

LATEST = 15
"""Notices that the front page shows at least; the last day is never cut."""
MOST_SHOWN = 60
MOST_READ = 20
"""Revisions of a notice that are compared by what they say."""

BOX_WORDS = {CHINESE: "表格，可左右移动 Table, scrolls sideways", ENGLISH: "Table, scrolls sideways"}
"""What a wide table's box is called, by the language of the page."""

_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


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


async def show_home(request: Request) -> Response:
    """`/`: what is new today and on the days before, and the portals with their channels."""
    if request.query_params.keys() & {"page", "before", *CHOICES}:
        return await answer_list(request, "all")
    context = context_of(request)
    portals, zone = context.portals, context.settings.site.time_zone
    today = context.clock().astimezone(ZoneInfo(zone)).date()
    async with context.database.read() as tx:
        standings = {row.name: row for row in await load_standings(tx)}
        extents = await context.almanac.load_extents(tx, context.list_feeds())
        listed = _take_days(await list_page(tx, "all", MOST_SHOWN), zone)
        newest = await load_notices(tx, [one.notice_id for one in listed])
    rows = await asyncio.to_thread(make_rows, context, newest, find_language(request))
    groups = group_days(rows, listed, zone, today)
    return answer_page(
        request,
        "home",
        standings=standings,
        fares={one.name: [standings[each.name] for each in one.channels if each.name in standings] for one in portals},
        extents=extents,
        groups=groups,
        today=show_day(today, today),
        path="/",
    )


def _take_days(listed: Sequence[Listed], zone: str) -> list[Listed]:
    """The newest whole days that are enough for the front page."""
    days = [one.sort_at.astimezone(ZoneInfo(zone)).date() for one in listed]
    end = next((place for place in range(LATEST, len(days)) if days[place] != days[place - 1]), len(days))
    return list(listed[:end])


async def show_about(request: Request) -> Response:
    """`/about`: what this site is, how often it visits portals, and who answers for it."""
    context = context_of(request)
    poll = context.settings.poll
    budgets = {
        portal.name: portal.budget or poll.budget or len(portal.channels) * 1440 / poll.interval_minutes
        for portal in context.portals
    }
    keeps = context.settings.files.keep
    return answer_page(request, "about", budgets=budgets, learns=poll.learn, keeps_files=keeps, version=__version__)


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
    zone = context.find_zone(notice.portal)
    portal = context.find_portal(notice.portal)
    channels = [channel for slug in notice.channels if (channel := context.find_channel(f"{notice.portal}/{slug}"))]
    facts = await asyncio.to_thread(read_notice_facts, notice, portal)
    at = request.query_params.get("at", "")
    told = list_facts(facts) if facts else ()
    language = find_language(request)
    copies = list_copies(context, notice, kept, zone)
    body = _write_body(notice, copies, language)
    marked = mark_sentence(body, find_sentence(facts, at)) if facts else None
    shown = await asyncio.to_thread(typeset_body, marked or body, BOX_WORDS[language])
    rows = await asyncio.to_thread(_make_revision_rows, revisions, notice, portal, zone)
    return answer_page(
        request,
        "notice",
        row=make_row(context, notice),
        notice=notice,
        zone=zone,
        portal=portal,
        channels=channels,
        feeds=(*(channel.name for channel in channels), *((portal.name,) if portal else ())),
        facts=told,
        registered=_list_registered(facts, notice, portal) if facts else frozenset(),
        opened=None if marked else at,
        body=shown,
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


def _write_body(notice: Notice, copies: NoticeCopies, language: str) -> str:
    """The text as clean HTML, paragraphs where the portal's own HTML is not there."""
    if notice.article is None:
        return ""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in notice.article.body.splitlines())
    pictures = partial(find_picture, copies.pictures)
    return link_images(notice.article.body_html, language, pictures) or paragraphs


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
