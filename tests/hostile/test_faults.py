"""Whatever a portal does: nothing false is published or mailed, nothing is lost, and it heals by itself."""

from __future__ import annotations

import time

import feedparser
import pytest
from structlog.testing import capture_logs

from feeds.model import Verdict
from tests.hostile.conftest import DEADLINE, Hostile
from tests.hostile.faults import FAULTS

TITLE = "关于征求《哈尔滨市公园条例（草案）》意见的公告"


def read_titles(hostile: Hostile) -> set[str]:
    """Titles of what a reader of the feed sees."""
    return {entry.title for entry in feedparser.parse(hostile.world.feed()).entries}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_list_that(hostile: Hostile, name: str) -> None:
    """A subscriber is told of the one new notice, once: during the fault if it can be read, else at the next poll."""
    world, fault = hostile.world, FAULTS[name]
    with capture_logs() as logs:
        await world.poll()
        await world.publish()
        before = read_titles(hostile)
        await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
        world.wait(minutes=30)
        world.replica.publish("tzgg", TITLE)

        hostile.behave = fault.behave
        began = time.monotonic()
        report = await world.poll()
        took = time.monotonic() - began
        await world.publish()
        during, told = read_titles(hostile), await world.tell()

        hostile.behave = None
        world.wait(hours=3)
        healed = await world.poll()
        await world.publish()
        after, mails = read_titles(hostile), await world.tell()

    read = fault.verdict is Verdict.LISTING
    assert report.verdict is fault.verdict, report.problem
    assert took < DEADLINE + 1
    assert during - before == ({TITLE} if read else set()), fault.wanted
    assert len(told) == (1 if read else 0)
    assert read or fault.verdict is Verdict.UNCHANGED or report.problem, "an operator is told why"
    assert healed.verdict in (Verdict.LISTING, Verdict.UNCHANGED)  # the latter where the fault changed no byte of it
    assert after - before == {TITLE}
    assert [mail.to for mail in mails] == ["lawyer@example.com"]
    assert not [log for log in logs if log.get("exc_info") or log["log_level"] in ("error", "critical")]


def test_there_are_sixty_faults() -> None:
    assert len(FAULTS) >= 60
