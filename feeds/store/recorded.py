"""What is recorded of notices' facts: the days they appoint, whom and which rules they act upon.

Indexes, made anew from the texts whenever those are read. A day that a text names no more stays, struck, for a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import Table, delete, insert, or_, select, tuple_, update

from feeds.facts import PersonLine, Role, RuleLine
from feeds.store.engine import Transaction
from feeds.store.schema import appointed, notice, person_act, rule_effect
from feeds.store.statements import in_pages

Day: TypeAlias = tuple[Role, int, date]
"""Role, place among its like in the notice, and the last day."""


@dataclass(frozen=True)
class Recording:
    """A recording is what is kept of a notice's facts."""

    notice_id: int
    days: tuple[Day, ...] = ()
    people: tuple[PersonLine, ...] = ()
    rules: tuple[RuleLine, ...] = ()


@dataclass(frozen=True)
class Differing:
    """Ids of the notices of which something else was recorded before."""

    days: frozenset[int]
    people: frozenset[int]
    rules: frozenset[int]


async def save_recordings(
    tx: Transaction, recordings: Sequence[Recording], rule: int, since: date, now: datetime
) -> Differing:
    """Put recordings in place of those that notices had.

    `rule` is the number of the rules they were read by. Days before `since` are left out.
    """
    days = await _save_days(tx, recordings, since, now)
    people = await _save_lines(tx, person_act, {one.notice_id: _write_people(one) for one in recordings})
    rules = await _save_lines(tx, rule_effect, {one.notice_id: _write_rules(one) for one in recordings})
    for page in in_pages([one.notice_id for one in recordings]):
        await tx.execute(update(notice).where(notice.c.id.in_(page)).values(facts_rule=rule))
    return Differing(days, people, rules)


async def _save_days(tx: Transaction, recordings: Sequence[Recording], since: date, now: datetime) -> frozenset[int]:
    kept = await _load_rows(tx, appointed, [one.notice_id for one in recordings])
    before = {(row["notice_id"], row["role"], row["place"]): (row["day"], row["struck_at"] is None) for row in kept}
    known = {(row["notice_id"], row["role"], row["day"]): row["since"] for row in kept}
    after = {
        (one.notice_id, role.value, place): (day, True)
        for one in recordings
        for role, place, day in one.days
        if day >= since
    }
    changed = [key for key, day in after.items() if before.get(key) != day]
    gone = [key for key, (day, stands) in before.items() if key not in after and stands and day >= since]
    named = tuple_(appointed.c.notice_id, appointed.c.role, appointed.c.place)
    for page in in_pages([key for key in changed if key in before], 300):
        await tx.execute(delete(appointed).where(named.in_(page)))
    for page in in_pages(gone, 300):
        await tx.execute(update(appointed).where(named.in_(page)).values(struck_at=now))
    if changed:
        rows = [_write_day(key, after[key][0], known, now) for key in changed]
        await tx.execute(insert(appointed), rows)
    return frozenset(key[0] for key in (*changed, *gone))


def _write_day(
    key: tuple[int, str, int], day: date, known: Mapping[tuple[int, str, date], datetime | None], now: datetime
) -> dict[str, Any]:
    """Return the row of a day; one that the notice named before, at whatever place, is as old as it was."""
    notice_id, role, place = key
    since = known.get((notice_id, role, day), now)
    return {"notice_id": notice_id, "role": role, "place": place, "day": day, "since": since}


async def _save_lines(tx: Transaction, table: Table, lines: Mapping[int, list[dict[str, Any]]]) -> frozenset[int]:
    before: dict[int, list[dict[str, Any]]] = {notice_id: [] for notice_id in lines}
    for row in await _load_rows(tx, table, list(lines)):
        before[row["notice_id"]].append(row)
    differing = [notice_id for notice_id, rows in lines.items() if rows != before[notice_id]]
    for page in in_pages([notice_id for notice_id in differing if before[notice_id]]):
        await tx.execute(delete(table).where(table.c.notice_id.in_(page)))
    if rows := [row for notice_id in differing for row in lines[notice_id]]:
        await tx.execute(insert(table), rows)
    return frozenset(differing)


async def _load_rows(tx: Transaction, table: Table, ids: Sequence[int]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for page in in_pages(ids):
        query = select(table).where(table.c.notice_id.in_(page)).order_by(table.c.notice_id, table.c.place)
        rows += [dict(row._mapping) for row in await tx.execute(query)]  # noqa: SLF001 -- SQLAlchemy's name for it
    return rows


def _write_people(one: Recording) -> list[dict[str, Any]]:
    return [
        {
            "notice_id": one.notice_id,
            "place": line.place,
            "name": line.name,
            "act": line.act.value,
            "post": line.post,
            "day": line.day,
            "meeting": line.meeting,
            "sentence": line.sentence,
        }
        for line in one.people
    ]


def _write_rules(one: Recording) -> list[dict[str, Any]]:
    return [
        {
            "notice_id": one.notice_id,
            "place": line.place,
            "name": line.name,
            "stage": line.stage,
            "effect": line.effect.value,
            "day": line.day,
            "adopted": line.adopted,
            "approved": line.approved,
            "in_force": line.in_force,
            "sentence": line.sentence,
        }
        for line in one.rules
    ]


async def find_unread(tx: Transaction, rule: int, limit: int) -> list[int]:
    """Return the ids of notices whose texts were read by older rules, the newest first."""
    old = (notice.c.facts_rule < rule, notice.c.article_read_at.is_not(None), notice.c.title.is_not(None))
    query = select(notice.c.id).where(*old).order_by(notice.c.facts_rule, notice.c.id.desc()).limit(limit)
    return list((await tx.scalars(query)).all())


async def lock_unchanged(tx: Transaction, versions: Mapping[int, int]) -> set[int]:
    """Return those of some notices that are still at these versions, and lock their rows.

    Those that somebody else holds are left out: they are read anew just now, or come next time.
    """
    query = select(notice.c.id, notice.c.version).where(notice.c.id.in_(sorted(versions))).order_by(notice.c.id)
    rows = await tx.execute(query.with_for_update(skip_locked=True))
    return {row.id for row in rows if versions[row.id] == row.version}


async def drop_days(tx: Transaction, since: date, struck_before: datetime, limit: int) -> list[int]:
    """Forget days that are too long ago for calendars, or were struck before a time; return their notices' ids."""
    old = or_(appointed.c.day < since, appointed.c.struck_at < struck_before)
    named = (appointed.c.notice_id, appointed.c.role, appointed.c.place)
    some = select(*named).where(old).limit(limit)
    keys = [tuple(row) for row in await tx.execute(some)]
    for page in in_pages(keys, 300):
        await tx.execute(delete(appointed).where(tuple_(*named).in_(page)))
    return sorted({key[0] for key in keys})
