"""Gathering: groups form while others are worked, and each who asks gets what is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from feeds.work.gathering import Gathering


class Groups:
    """Work that notes its groups."""

    def __init__(self) -> None:
        self.seen: list[list[int]] = []
        self.go = asyncio.Event()

    async def double(self, group: Sequence[int]) -> list[int]:
        """Return the double of each."""
        self.seen.append(list(group))
        await self.go.wait()
        if 13 in group:
            raise ValueError("not that one")
        return [2 * one for one in group]


async def test_what_is_asked_while_a_group_is_worked_is_the_next_group() -> None:
    groups, gathering = Groups(), Gathering[int, int]()
    first = [asyncio.create_task(gathering.ask(number, groups.double)) for number in (1, 2)]
    await asyncio.sleep(0.01)
    second = [asyncio.create_task(gathering.ask(number, groups.double)) for number in (3, 4, 5)]
    await asyncio.sleep(0.01)
    groups.go.set()
    assert await asyncio.gather(*first, *second) == [2, 4, 6, 8, 10]
    assert groups.seen == [[1, 2], [3, 4, 5]]


async def test_a_group_is_no_larger_than_it_may_be() -> None:
    groups, gathering = Groups(), Gathering[int, int](most=2)
    groups.go.set()
    assert await asyncio.gather(*(gathering.ask(number, groups.double) for number in range(5))) == [0, 2, 4, 6, 8]
    assert groups.seen == [[0, 1], [2, 3], [4]]


async def test_a_group_that_fails_fails_for_its_own_and_the_next_goes_on() -> None:
    groups, gathering = Groups(), Gathering[int, int](most=2)
    groups.go.set()
    answers = await asyncio.gather(*(gathering.ask(one, groups.double) for one in (1, 13, 3)), return_exceptions=True)
    assert [isinstance(answer, ValueError) for answer in answers] == [True, True, False]
    assert await gathering.ask(4, groups.double) == 8


async def test_who_is_cancelled_gets_nothing_and_holds_up_nobody() -> None:
    groups, gathering = Groups(), Gathering[int, int]()
    asked = [asyncio.create_task(gathering.ask(number, groups.double)) for number in (1, 2)]
    await asyncio.sleep(0.01)
    asked[0].cancel()
    groups.go.set()
    with pytest.raises(asyncio.CancelledError):
        await asked[0]
    assert await asked[1] == 4
    assert groups.seen == [[1, 2]], "what was begun is finished"


async def test_work_that_is_cut_off_is_cut_off_for_all_who_asked() -> None:
    groups, gathering = Groups(), Gathering[int, int]()
    asked = [asyncio.create_task(gathering.ask(number, groups.double)) for number in (1, 2)]
    await asyncio.sleep(0.01)
    assert gathering._working is not None
    gathering._working.cancel()
    assert [type(end) for end in await asyncio.gather(*asked, return_exceptions=True)] == [asyncio.CancelledError] * 2


async def test_a_small_group_waits_for_company_and_no_longer_than_it_must() -> None:
    groups = Groups()
    groups.go.set()
    patient = Gathering[int, int](enough=3, seconds=600)
    asked = [asyncio.create_task(patient.ask(number, groups.double)) for number in (1, 2)]
    await asyncio.sleep(0.01)
    assert groups.seen == []
    assert await patient.ask(3, groups.double) == 6
    assert await asyncio.gather(*asked) == [2, 4]
    assert groups.seen == [[1, 2, 3]]
    assert await Gathering[int, int](enough=3, seconds=0.01).ask(4, groups.double) == 8
