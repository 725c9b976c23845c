"""A portal that says "unchanged" of what changed: nothing is lost for ever, and it is asked for little more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from feeds.model import Verdict
from tests.fetch.servers import Answer, Request, page, raw
from tests.hostile.conftest import Hostile

TITLE = "关于征求《哈尔滨市公园条例（草案）》意见的公告"
LONG_AGO = "Mon, 01 Jun 2026 08:00:00 GMT"
UNCHANGED = raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")


def lie(**validators: str) -> Callable[[bytes], Answer]:
    """Give a page the validators that it always had, and say that it is unchanged to who asks by one of them."""

    def behave(good: bytes) -> Answer:
        whole = page(good, Content_Type="text/html", **validators)

        async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
            asked = {"if-none-match", "if-modified-since"} & request.headers.keys()
            await (UNCHANGED if asked else whole)(request, writer)

        return answer

    return behave


@pytest.mark.parametrize(
    "validators",
    [{"ETag": '"1"'}, {"Last_Modified": LONG_AGO}, {"ETag": 'W/"1"', "Last_Modified": LONG_AGO}],
    ids=["ETag", "Last-Modified", "both"],
)
async def test_a_notice_behind_a_lie_is_told_within_eight_visits(hostile: Hostile, validators: dict[str, str]) -> None:
    world = hostile.world
    hostile.behave = lie(**validators)
    await world.poll()
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    world.replica.publish("tzgg", TITLE)
    verdicts = []
    for _ in range(16):
        world.wait(minutes=30)
        verdicts.append((await world.poll()).verdict)
    assert verdicts.count(Verdict.LISTING) == 2, "most visits are as cheap as before"
    assert Verdict.LISTING in verdicts[:8]
    assert [mail.subject for mail in await world.tell()] == [f"【通知公告】{TITLE}"]


async def test_a_portal_that_says_unchanged_whoever_asks_is_a_failing_one(hostile: Hostile) -> None:
    world = hostile.world
    hostile.behave = lie(ETag='"1"')
    await world.poll()
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    world.replica.publish("tzgg", TITLE)
    hostile.behave = lambda _: UNCHANGED
    reports = []
    for _ in range(12):
        world.wait(hours=1)
        reports.append(await world.poll())
    assert {report.verdict for report in reports[7:]} == {Verdict.FAILED}, "it is not taken for well in between"
    assert "did not ask" in (reports[-1].problem or "")
    hostile.behave = None
    world.wait(hours=7)
    assert (await world.poll()).new == 1
    assert len(await world.tell()) == 1


async def test_unchanged_at_first_sight_is_no_baseline(hostile: Hostile) -> None:
    """Else all that the list has would be news at the second sight."""
    world = hostile.world
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    hostile.behave = lambda _: UNCHANGED
    assert (await world.poll()).verdict is Verdict.FAILED
    hostile.behave = None
    world.wait(hours=1)
    assert (await world.poll()).baseline
    assert await world.tell() == []
