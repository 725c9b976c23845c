"""What happens at a portal, played by the replica over real HTTP: people are told what is new, once, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from feeds.store.engine import Database
from feeds.store.schema import notice
from tests.flows.conftest import World, list_papers
from tests.flows.days import (
    count_warnings,
    is_well,
    look,
    read_entries,
    read_subjects,
    turn_channels,
    watch_portal,
    watching,
)


@pytest.fixture
async def watched(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    """A world with a reader and an operator; of the notices that it knows, some are of this week and on page two."""
    async with watching(database, tmp_path) as world:
        for day in "一二三":
            for number in "甲乙丙丁戊己":
                world.replica.publish("tzgg", f"关于{day}{number}事项的公告", [f"{day}{number}事项的全文。" * 9])
            await look(world)
        yield world


async def list_notices(world: World) -> list[tuple[str, str, str]]:
    """Return day, title and id of every notice that is known and not withdrawn: feeds end with their fiftieth entry."""
    chosen = select(notice.c.published_at, notice.c.title, notice.c.public_id).where(notice.c.withdrawn_at.is_(None))
    async with world.database.read() as tx:
        return sorted((f"{row.published_at:%Y-%m-%d}", row.title, row.public_id) for row in await tx.execute(chosen))


async def find_changes(world: World, before: list[tuple[str, str, str]], told: list[str]) -> list[object]:
    """Return what people were told since, and which notices are gone, doubled or others; older ones may be beside."""
    known = {(day, title) for day, title, _ in before}
    kept = [one for one in await list_notices(world) if one[:2] in known]
    changed = (Counter(kept) - Counter(before)) + (Counter(before) - Counter(kept))
    return [*(await read_subjects(world))[len(told) :], *changed]


async def test_a_switch_of_every_address_tells_nothing_and_doubles_nothing(watched: World) -> None:
    before, told = await list_notices(watched), await read_subjects(watched)
    watched.replica.play("founder")
    await look(watched, 4)
    await look(watched, 4, hours=24)
    assert await find_changes(watched, before, told) == []
    watched.replica.publish("tzgg", "关于举行听证会的公告")
    await look(watched)
    assert len(await read_subjects(watched)) == len(told) + 1
    assert await is_well(watched)


async def test_a_portal_that_moves_without_a_trace_withdraws_nothing(watched: World) -> None:
    """Its lists are not found either, until the operator writes down where they are now."""
    before, told = await list_notices(watched), await read_subjects(watched)
    watched.replica.play("founder")
    watched.replica.former_scheme = None
    watched.wait(minutes=50)  # between two polls articles come due, and are gone
    for _ in range(6):
        await watched.read_articles()
        watched.wait(minutes=5)
    await look(watched, 4)
    await look(watched, 4, hours=24)
    assert await find_changes(watched, before, told) == []
    assert await count_warnings(watched) == 1
    await watch_portal(watched, turn_channels(watched.portal, "founder"))
    await look(watched, 2)
    await look(watched, 2, hours=24)
    assert await find_changes(watched, before, told) == []
    assert await is_well(watched)


async def test_a_channel_that_is_published_again_as_it_was_tells_nothing(watched: World) -> None:
    before, told = await list_notices(watched), await read_subjects(watched)
    watched.replica.play("republish")
    await look(watched, 6)
    assert await find_changes(watched, before, told) == []
    assert await is_well(watched)


async def test_a_channel_that_is_entered_again_under_new_ids_tells_nothing(watched: World) -> None:
    before, told = await list_notices(watched), await read_subjects(watched)
    watched.replica.play("renumber")
    await look(watched, 4)
    await look(watched, 4, hours=24)
    assert await find_changes(watched, before, told) == []
    assert await is_well(watched)


async def test_a_redesign_that_turns_to_utf8_tells_nothing(watched: World) -> None:
    before, told = await list_notices(watched), await read_subjects(watched)
    watched.replica.play("utf8")
    await look(watched, 4)
    await look(watched, 4, hours=24)
    assert await find_changes(watched, before, told) == []
    assert await is_well(watched)
    assert await count_warnings(watched) == 0


async def test_a_host_that_is_taken_over_is_told_to_the_operator_alone(watched: World) -> None:
    before, told = await list_notices(watched), await read_subjects(watched)
    watched.replica.play("takeover")
    await look(watched, 4)
    await look(watched, 4, hours=24)
    assert await find_changes(watched, before, told) == []
    assert await count_warnings(watched) == 1
    watched.replica.play("well")
    await look(watched, 3)
    assert await find_changes(watched, before, told) == []
    assert await count_warnings(watched) == 2
    assert await is_well(watched)


async def test_a_list_that_slides_while_it_is_walked_loses_nothing(watched: World) -> None:
    told = len(await read_subjects(watched))
    known = {paper.id for paper in list_papers(watched, "tzgg")}
    for number in range(16):
        watched.replica.publish("tzgg", f"关于又一件第{number + 1}号事项的公告")
    watched.replica.play("slide")
    await look(watched, 3)
    fresh = [paper for paper in list_papers(watched, "tzgg") if paper.id not in known]
    assert len(fresh) == 17
    assert len(await read_subjects(watched)) == told + 17
    assert len({each for each, _ in read_entries(watched)}) == len(read_entries(watched))


async def test_a_title_that_loses_a_character_is_no_news(watched: World) -> None:
    """Of a notice that was read well before; a new one is told as it stands, and corrected once it is whole."""
    watched.replica.play("new")
    await look(watched)
    before, told = await list_notices(watched), await read_subjects(watched)
    watched.replica.play("lost")
    await look(watched, 4)
    assert await find_changes(watched, before, told) == []
    (lost,) = [paper for paper in watched.replica.papers() if "\ufffd" in paper.draft.title]
    watched.replica.correct_title(lost.id, "关于公开征求意见的更正公告")
    await look(watched, 2)
    assert len(await read_subjects(watched)) == len(told) + 1


async def test_a_new_notice_whose_title_lost_a_character_is_told_as_it_stands(watched: World) -> None:
    told = len(await read_subjects(watched))
    watched.replica.play("new")
    watched.replica.play("lost")
    await look(watched, 4)
    assert len(await read_subjects(watched)) == told + 1
    assert await is_well(watched)


async def test_an_id_that_is_used_again_tells_the_new_notice_once(watched: World) -> None:
    watched.replica.play("new")
    await look(watched)
    told = len(await read_subjects(watched))
    watched.replica.play("reuse")
    await look(watched, 4)
    (subject,) = (await read_subjects(watched))[told:]
    newest = list_papers(watched, "tzgg")[0]
    assert newest.draft.title in subject
    assert newest.draft.title in {title for _, title in read_entries(watched)}
    assert await is_well(watched)
