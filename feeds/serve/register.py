"""The register as pages: who came to an office and who left it, and what was done to which rule. They never write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.merging import group_sittings, merge_acts, merge_rules
from feeds.model import Portal
from feeds.render.facts import ACT_WORDS
from feeds.render.register import EFFECT_WORDS, name_begin, say_begin
from feeds.serve.answers import answer_page
from feeds.serve.context import context_of
from feeds.store import register
from feeds.store.feeds import PEOPLE, RULES

MOST_ANNOUNCED = 20
"""Portals whose feeds a page of all portals announces."""
LONGEST_NAME = 120
"""Characters of a name that is asked for."""


@dataclass(frozen=True)
class Asked:
    """What a page of the register is asked for."""

    portal: Portal | None
    """None: all portals."""
    name: str
    """Empty: everybody, and every rule."""
    before: date | None
    """None: the first page."""

    @property
    def portal_name(self) -> str | None:
        """None: all portals."""
        return self.portal.name if self.portal else None


def read_asked(request: Request) -> Asked:
    """Read what is asked for. What nobody can mean is no page (404)."""
    context, query = context_of(request), request.query_params
    name = request.path_params.get("portal")
    portal = context.find_portal(name) if name else None
    wanted = "".join(query.get("name", "").split()).strip("《》")
    day = query.get("before")
    try:
        before = date.fromisoformat(day) if day else None
    except ValueError:
        raise HTTPException(404) from None
    if (name and portal is None) or len(wanted) > LONGEST_NAME or "\0" in wanted:
        raise HTTPException(404)
    return Asked(portal, wanted, before)


async def show_people(request: Request) -> Response:
    """`/people` and `/p/PORTAL/people`: by day and meeting, the newest first; `?name=` is one person's career."""
    asked = read_asked(request)
    following: date | None = None
    async with context_of(request).database.read() as tx:
        if asked.name:
            told = await register.find_acts(tx, asked.name, asked.portal_name)
        else:
            told, following = await register.list_acts(tx, asked.portal_name, asked.before)
    sittings = group_sittings(merge_acts(told))
    return _answer(request, PEOPLE, asked, following, sittings=sittings)


async def show_rules(request: Request) -> Response:
    """`/rules` and `/p/PORTAL/rules`: a line for each rule, the newest first; `?name=` is one with all its notices."""
    asked = read_asked(request)
    following: date | None = None
    async with context_of(request).database.read() as tx:
        if asked.name:
            told = await register.find_rule(tx, asked.name, asked.portal_name)
        else:
            told, following = await register.list_rules(tx, asked.portal_name, asked.before)
    return _answer(request, RULES, asked, following, rules=merge_rules(told))


def _answer(request: Request, slug: str, asked: Asked, following: date | None, **facts: object) -> Response:
    """A page of the register; of a name that nobody has, and of a time before all, it says so (404)."""
    portals = (asked.portal,) if asked.portal else context_of(request).portals[:MOST_ANNOUNCED]
    found = any(facts.values()) or not (asked.name or asked.before)
    return answer_page(
        request,
        slug,
        200 if found else 404,
        None,
        slug=slug,
        asked=asked,
        following=following,
        page=f"/p/{asked.portal.name}/{slug}" if asked.portal else f"/{slug}",
        feeds=tuple(f"{portal.name}/{slug}" for portal in portals),
        robots="noindex" if asked.before else None,
        acts=ACT_WORDS,
        effects=EFFECT_WORDS,
        say_begin=say_begin,
        name_begin=name_begin,
        **facts,
    )
