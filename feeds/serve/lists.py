"""The lists that anybody may read: of everything, of a portal, of a channel; whole, or what somebody chose of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.rhythm import find_usual_delay, list_years, start_day
from feeds.facts import Kind
from feeds.model import Portal
from feeds.render.heatmap import HeatMap, draw_heat_map
from feeds.render.sparkline import Sparkline, draw_sparkline, say_span
from feeds.serve.almanac import Past
from feeds.serve.answers import answer_page
from feeds.serve.context import context_of
from feeds.serve.languages import find_language
from feeds.serve.rows import group_days, group_months, make_rows
from feeds.serve.wording import Words
from feeds.store.engine import Transaction
from feeds.store.feeds import ASIDE
from feeds.store.lists import Choice, Chosen, list_chosen, list_page
from feeds.store.notices import find_place, load_notices
from feeds.store.rhythm import load_standings
from feeds.store.shelf import find_id

PAGE = 50
CHOICES = ("kind", "year", "show", "reprints")
"""What a list can be narrowed down by; other keys of an address mean nothing."""

_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True)
class Asked:
    """What is asked for of a list, as the form has it."""

    number: int
    """Of the page; from 1."""
    values: dict[str, str]
    """Of CHOICES, those that narrow it down."""
    before: str
    """Public id of the notice behind which it goes on; empty: from the newest on."""


@dataclass(frozen=True)
class Rhythm:
    """A rhythm is how a feed's notices came, drawn."""

    heat: HeatMap
    usual: Words | None
    """Within how long half of them were seen. None: too few tell."""
    line: Sparkline | None
    fastest: Words | None
    slowest: Words | None
    told: int
    """Notices that tell."""


async def show_portal(request: Request) -> Response:
    """`/p/PORTAL`: what a portal published."""
    name = request.path_params["portal"]
    if context_of(request).find_portal(name) is None:
        raise HTTPException(404)
    return await answer_list(request, name)


async def show_channel(request: Request) -> Response:
    """`/p/PORTAL/CHANNEL`: what stands in one channel."""
    name = f"{request.path_params['portal']}/{request.path_params['slug']}"
    if context_of(request).find_channel(name) is None:
        raise HTTPException(404)
    return await answer_list(request, name)


async def answer_list(request: Request, feed: str) -> Response:
    """Answer with a page of a feed's notices."""
    context, asked = context_of(request), read_asked(request)
    portal = context.find_portal(feed.partition("/")[0])
    zone = context.find_zone(feed.partition("/")[0])
    today = context.clock().astimezone(ZoneInfo(zone)).date()
    async with context.database.read() as tx:
        extent = (await context.almanac.load_extents(tx, [feed]))[feed]
        is_first = portal and not asked.values and asked.number == 1
        past = await context.almanac.load_past(tx, feed, zone, today) if is_first else None
        last = max(1, -(-extent.count // PAGE))
        if not asked.values and not 1 <= asked.number <= last:
            raise HTTPException(404)
        chosen = await _load(tx, feed, asked, zone)
        notices = await load_notices(tx, [one.notice_id for one in chosen.found])
        standings = {one.name: one for one in await load_standings(tx, portal.name if portal else None)}
    rows = await asyncio.to_thread(make_rows, context, notices, find_language(request))
    by_month = "/" in feed
    groups = group_months(rows, chosen.found, zone) if by_month else group_days(rows, chosen.found, zone, today)
    return answer_page(
        request,
        "list",
        path=request.url.path if portal else "/all",  # it has no address of its own
        feed=feed,
        feeds=_announce(feed, portal),
        portal=portal,
        channel=context.find_channel(feed),
        standings=standings,
        groups=groups,
        total=extent.count,
        number=asked.number,
        last=last,
        values=asked.values,
        behind=notices[-1].public_id if asked.values and chosen.more and notices else None,
        is_later=bool(asked.before),
        years=list_years(extent.oldest, context.clock(), zone),
        rhythm=draw_rhythm(past, today) if past else None,
        robots="noindex" if asked.values else None,
    )


def read_asked(request: Request) -> Asked:
    """Read what is asked for. HTTPException 404: there is no such page, year or kind."""
    query = request.query_params
    page = query.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 0
    values = {key: query.get(key, "").strip() for key in CHOICES}
    year, before = values["year"], query.get("before", "")
    known = (
        values["kind"] in {"", *(kind.value for kind in Kind)}
        and (not year or (re.fullmatch("[0-9]{4}", year, re.ASCII) is not None and 1900 <= int(year) < 9999))
        and values["show"] in {"", "withdrawn"}
        and values["reprints"] in {"", "no"}
        and (not before or _PUBLIC_ID.fullmatch(before) is not None)
    )
    if not known:
        raise HTTPException(404)
    return Asked(number, {key: value for key, value in values.items() if value}, before)


async def _load(tx: Transaction, feed: str, asked: Asked, zone: str) -> Chosen:
    if not asked.values:
        return Chosen(tuple(await list_page(tx, feed, PAGE, (asked.number - 1) * PAGE)), more=False)
    place = None
    if asked.before:
        notice_id = await find_id(tx, asked.before)
        place = await find_place(tx, notice_id) if notice_id is not None else None
        if place is None:
            raise HTTPException(404)
    year = int(asked.values.get("year", 0))
    choice = Choice(
        since=start_day(date(year, 1, 1), zone) if year else None,
        until=start_day(date(year + 1, 1, 1), zone) if year else None,
        kind=Kind(asked.values["kind"]) if "kind" in asked.values else None,
        withdrawn="show" in asked.values,
        reprints="reprints" not in asked.values,
    )
    return await list_chosen(tx, feed, choice, PAGE, place)


def _announce(feed: str, portal: Portal | None) -> tuple[str, ...]:
    """The feeds that a list page names for autodiscovery, its own first."""
    if portal is None:
        return (feed,)
    return (portal.name, *(f"{portal.name}/{slug}" for slug in ASIDE)) if feed == portal.name else (feed, portal.name)


def draw_rhythm(past: Past, today: date) -> Rhythm | None:
    """Draw how notices came. None: none of the last year is dated, and none tells of delays."""
    minutes = [delay.minutes for delay in past.delays]
    usual = find_usual_delay(minutes)
    if not past.days and usual is None:
        return None
    heat = draw_heat_map(past.days, past.first, today)
    if usual is None:
        return Rhythm(heat, None, None, None, None, len(minutes))
    spans = [Words(*say_span(value)) for value in (usual, min(minutes), max(minutes))]
    return Rhythm(heat, spans[0], draw_sparkline(minutes, usual), spans[1], spans[2], len(minutes))
