"""The register as it is asked for: whom notices act upon, and which rules. It is written in `recorded`.

Pages are whole days, from the newest on: what several notices tell of one act is of one day.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Table, exists, func, select

from feeds.decide.merging import Source, ToldAct, ToldRule
from feeds.facts import Act, Effect, PersonLine, RuleLine
from feeds.store.engine import Transaction
from feeds.store.feeds import PEOPLE, RULES
from feeds.store.schema import notice, person_act, portal, rule_effect
from feeds.store.statements import AnyRow, AnySelect, Condition, in_pages

PAGE = 100
"""Lines of a page, whole days apart."""
MOST = 2_000
"""Lines of one day, of one name or without a day that are shown."""

STATIONS = 20
"""Lines of a rule, the newest ones, that a list of rules has; its own page has all."""

_TABLES = {PEOPLE: person_act, RULES: rule_effect}


async def find_feeds(tx: Transaction, notice_id: int) -> set[str]:
    """Return the names of the feeds of the register that carry a notice."""
    names: set[str] = set()
    for slug, table in _TABLES.items():
        owner = select(portal.c.name).join(notice).where(notice.c.id == notice_id)
        name = await tx.scalar(owner.where(exists().where(table.c.notice_id == notice_id)))
        names |= {f"{name}/{slug}"} if name else set()
    return names


async def register_index(tx: Transaction, portal_name: str, slug: str, limit: int) -> list[tuple[int, int]]:
    """Return id and version of the notices in a portal's feed of people or of rules, newest first."""
    table = _TABLES[slug]
    query = (
        select(notice.c.id, notice.c.version)
        .join(portal)
        .where(portal.c.name == portal_name, notice.c.title.is_not(None))
        .where(exists().where(table.c.notice_id == notice.c.id))
        .order_by(notice.c.sort_at.desc(), notice.c.rank, notice.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.version) for row in await tx.execute(query)]


async def list_acts(
    tx: Transaction, portal_name: str | None = None, before: date | None = None
) -> tuple[list[ToldAct], date | None]:
    """Return a page of what was done to people, the newest day first, and the day before which the next page begins.

    `portal_name` None: on all portals. The second is None on the last page, which has what has no day at its end.
    """
    query = _select(person_act, *_on_portal(portal_name))
    rows, following = await _take_days(tx, query, person_act, before)
    return [(_read_person(row), _read_source(row)) for row in rows], following


async def find_acts(tx: Transaction, name: str, portal_name: str | None = None) -> list[ToldAct]:
    """Return what was done to those of a name, the newest first."""
    query = _select(person_act, person_act.c.name == name, *_on_portal(portal_name))
    newest = query.order_by(person_act.c.day.desc().nulls_last(), *person_act.primary_key).limit(MOST)
    return [(_read_person(row), _read_source(row)) for row in await tx.execute(newest)]


async def list_rules(
    tx: Transaction, portal_name: str | None = None, before: date | None = None
) -> tuple[list[ToldRule], date | None]:
    """Return what is told of a page of rules, of each the newest, and the day before which the next page begins.

    A rule stands where its newest line does. `portal_name` and None as in `list_acts`.
    """
    later = rule_effect.alias()
    newer = select(later.c.name).join(notice, notice.c.id == later.c.notice_id).join(portal)
    above = newer.where(later.c.name == rule_effect.c.name, notice.c.title.is_not(None), *_on_portal(portal_name))
    newer_or_dated = (later.c.day > rule_effect.c.day) | (rule_effect.c.day.is_(None) & later.c.day.is_not(None))
    newest = ~exists(above.where(newer_or_dated).correlate(rule_effect))
    query = _select(rule_effect, newest, *_on_portal(portal_name))
    rows, following = await _take_days(tx, query, rule_effect, before)
    names = list(dict.fromkeys(row.name for row in rows))
    place = {name: number for number, name in enumerate(names)}
    told: list[ToldRule] = []
    for page in in_pages(names):
        newness = (rule_effect.c.day.desc().nulls_last(), *rule_effect.primary_key)
        number = func.row_number().over(partition_by=rule_effect.c.name, order_by=newness).label("number")
        lines = _select(rule_effect, rule_effect.c.name.in_(page), *_on_portal(portal_name)).add_columns(number)
        some = lines.subquery()
        newest_lines = (
            select(some).where(some.c.number <= STATIONS).order_by(some.c.day, some.c.notice_id, some.c.place)
        )
        found = await tx.execute(newest_lines)
        told += [(_read_rule(row), _read_source(row)) for row in found]
    return sorted(told, key=lambda one: place[one[0].name]), following


async def find_rule(tx: Transaction, name: str, portal_name: str | None = None) -> list[ToldRule]:
    """Return all that is told of a rule, the oldest first."""
    query = _select(rule_effect, rule_effect.c.name == name, *_on_portal(portal_name))
    oldest = query.order_by(rule_effect.c.day.nulls_first(), *rule_effect.primary_key).limit(MOST)
    return [(_read_rule(row), _read_source(row)) for row in await tx.execute(oldest)]


def _select(table: Table, *conditions: Condition) -> AnySelect:
    beside = (notice.c.public_id, notice.c.title, notice.c.withdrawn_at, portal.c.name.label("portal_name"))
    query = select(table, *beside).join_from(table, notice, notice.c.id == table.c.notice_id).join(portal)
    return query.where(notice.c.title.is_not(None), *conditions)


def _on_portal(name: str | None) -> tuple[Condition, ...]:
    return () if name is None else (portal.c.name == name,)


async def _take_days(
    tx: Transaction, query: AnySelect, table: Table, before: date | None
) -> tuple[list[AnyRow], date | None]:
    """Return the rows of whole days, a page full of them, and the last of those days if more follow."""
    dated = query.where(table.c.day < before) if before else query.where(table.c.day.is_not(None))
    order = (table.c.day.desc(), *table.primary_key)
    rows = list(await tx.execute(dated.order_by(*order).limit(PAGE + 1)))
    if len(rows) <= PAGE:
        undated = query.where(table.c.day.is_(None)).order_by(*table.primary_key).limit(MOST)
        return rows + list(await tx.execute(undated)), None
    cut = rows[-1].day
    whole = [row for row in rows if row.day != cut]
    if whole:
        return whole, whole[-1].day
    return list(await tx.execute(query.where(table.c.day == cut).order_by(*order).limit(MOST))), cut


def _read_person(row: Any) -> PersonLine:
    return PersonLine(row.place, row.name, Act(row.act), row.post, row.day, row.meeting, row.sentence)


def _read_rule(row: Any) -> RuleLine:
    days = (row.day, row.adopted, row.approved, row.in_force)
    return RuleLine(row.place, row.name, row.stage, Effect(row.effect), *days, row.sentence)


def _read_source(row: Any) -> Source:
    return Source(row.portal_name, row.public_id, row.title, row.withdrawn_at is not None)
