"""What is recorded of notices' facts, and asked for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import select, update

from feeds.facts import Act, Effect, PersonLine, Role, RuleLine
from feeds.store import recorded, register
from feeds.store.appointed import find_struck
from feeds.store.engine import Database
from feeds.store.recorded import Differing, Recording
from feeds.store.schema import appointed, notice
from tests.store.builders import NOW, make_article, make_new, make_portal, stock, watch

SINCE = date(2026, 1, 1)
DAY = date(2026, 12, 15)
PERSON = PersonLine(0, "尹明", Act.APPOINTED, "局长", DAY, "第六次会议", "任命尹明为局长。")
RULE = RuleLine(0, "养犬条例", None, Effect.ADOPTED, DAY, DAY, None, DAY, "养犬条例通过。")


async def save(database: Database, *recordings: Recording, rule: int = 1) -> Differing:
    async with database.write() as tx:
        return await recorded.save_recordings(tx, recordings, rule, SINCE, NOW)


async def test_only_what_was_recorded_otherwise_before_differs(database: Database) -> None:
    first, second = await stock(database, make_new(1), make_new(2))
    one = Recording(first, ((Role.DEADLINE, 0, DAY),), (PERSON,), (RULE,))
    none = frozenset[int]()
    some = frozenset({first})
    assert await save(database, one, Recording(second)) == Differing(some, some, some)
    assert await save(database, one, Recording(second)) == Differing(none, none, none)
    moved = replace(one, days=((Role.DEADLINE, 0, DAY + timedelta(days=1)),))
    assert await save(database, moved) == Differing(some, none, none)
    renamed = replace(moved, people=(replace(PERSON, name="田小禾"),))
    assert await save(database, renamed) == Differing(none, some, none)
    assert await save(database, replace(renamed, rules=())) == Differing(none, none, some)


async def test_a_struck_day_stays_until_it_returns_and_old_days_are_never_kept(database: Database) -> None:
    (one,) = await stock(database)
    days = ((Role.DEADLINE, 0, DAY), (Role.DEADLINE, 1, DAY), (Role.MEETING, 0, SINCE - timedelta(days=1)))
    await save(database, Recording(one, days))
    await save(database, Recording(one, days[:1]))
    async with database.read() as tx:
        assert len((await tx.execute(select(appointed))).all()) == 2
        ((struck,),) = (await find_struck(tx, [one])).values()
    assert (struck.role, struck.place, struck.day, struck.struck_at) == (Role.DEADLINE, 1, DAY, NOW)
    assert await save(database, Recording(one, days[:1])) == Differing(*[frozenset[int]()] * 3)
    await save(database, Recording(one, days))
    async with database.read() as tx:
        assert await find_struck(tx, [one]) == {}


async def test_days_are_forgotten_some_at_a_time(database: Database) -> None:
    first, second = await stock(database, make_new(1), make_new(2))
    await save(database, Recording(first, ((Role.DEADLINE, 0, DAY),)), Recording(second, ((Role.DEADLINE, 0, DAY),)))
    async with database.write() as tx:
        assert await recorded.drop_days(tx, DAY, NOW, 10) == []
        later = DAY + timedelta(days=1)
        both = [await recorded.drop_days(tx, later, NOW, 1) for _ in range(2)]
        assert sorted(both) == [[first], [second]]
        assert await recorded.drop_days(tx, later, NOW, 1) == []


async def test_what_changed_while_it_was_read_is_not_written(database: Database) -> None:
    first, second = await stock(database, make_new(1, article=make_article(1)), make_new(2, article=make_article(2)))
    async with database.write() as tx:
        await tx.execute(update(notice).values(article_read_at=NOW))
        assert await recorded.find_unread(tx, 1, 9) == [second, first]
        versions = dict((await tx.execute(select(notice.c.id, notice.c.version))).all())
        await tx.execute(update(notice).where(notice.c.id == first).values(version=9))
        assert await recorded.lock_unchanged(tx, versions) == {second}
    await save(database, Recording(second))
    async with database.read() as tx:
        assert await recorded.find_unread(tx, 1, 9) == [first]
        assert await recorded.find_unread(tx, 2, 9) == [first, second]


async def test_the_register_is_asked_by_portal_name_and_day(database: Database) -> None:
    await watch(database, make_portal(), make_portal("other"))
    first, second = await stock(database, make_new(1), make_new(2))
    undated = replace(PERSON, name="田小禾", day=None)
    older = replace(RULE, day=SINCE, effect=Effect.DRAFTED)
    await save(database, Recording(first, (), (PERSON, replace(undated, place=1)), (RULE,)))
    await save(database, Recording(second, (), (replace(PERSON, day=SINCE),), (older,)))
    async with database.read() as tx:
        acts, following = await register.list_acts(tx, "songbei")
        assert [(line.name, line.day) for line, _ in acts] == [("尹明", DAY), ("尹明", SINCE), ("田小禾", None)]
        assert following is None
        assert [source.public_id for _, source in acts] == ["notice0000001", "notice0000002", "notice0000001"]
        assert await register.list_acts(tx, "other") == ([], None)
        assert [line.day for line, _ in (await register.list_acts(tx, None, DAY))[0]] == [SINCE, None]
        assert [line.day for line, _ in await register.find_acts(tx, "尹明")] == [DAY, SINCE]
        assert await register.find_acts(tx, "尹明", "other") == []
        rules, _ = await register.list_rules(tx, "songbei")
        assert [line.effect for line, _ in rules] == [Effect.DRAFTED, Effect.ADOPTED]
        assert (await register.list_rules(tx, None, DAY))[0] == [], "a rule stands where its newest line does"
        assert [line.effect for line, _ in await register.find_rule(tx, "养犬条例")] == [Effect.DRAFTED, Effect.ADOPTED]
        assert await register.find_feeds(tx, first) == {"songbei/people", "songbei/rules"}
        index = await register.register_index(tx, "songbei", "rules", 9)
    assert [one for one, _ in index] == [first, second]
    async with database.write() as tx:
        await tx.execute(update(notice).where(notice.c.id == first).values(title=None))
        assert len((await register.list_acts(tx))[0]) == 1
        assert [line.effect for line, _ in (await register.list_rules(tx))[0]] == [Effect.DRAFTED]
