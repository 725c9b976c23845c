"""Whatever a portal does with an article's page: the notice is told all the same, its text is that of its own page."""

from __future__ import annotations

import json

import pytest
from structlog.testing import capture_logs

from tests.fetch.servers import page
from tests.hostile.conftest import Hostile
from tests.hostile.faults import FAULTS

TITLE = "关于征求《哈尔滨市公园条例（草案）》意见的公告"
BODY = "现将《哈尔滨市公园条例（草案）》全文公布，欢迎各界人士于十月十五日前提出意见。" * 3
KNOWN = "关于举行听证会的公告"
NAMES = (
    "hangs",
    "drips its body",
    "never stops",
    "sends a gzip bomb",
    "resets amid the body",
    "is cut amid its chunks",
    "sends half of its page",
    "says 500",
    "says 404",
    "says 403",
    "says 404 with 200",
    "says 304 to who did not ask",
    "wants a login",
    "wants a CAPTCHA",
    "challenges with 521",
    "is in maintenance",
    "is taken over",
    "is garbled",
    "sends nothing",
    "sends a PDF as HTML",
    "redirects to its home page",
    "redirects to another host",
)
"""Of the faults, those that articles have as well as lists."""


def find_entry(hostile: Hostile, title: str = TITLE) -> dict[str, str]:
    """Return the one entry of that title in the feed."""
    (entry,) = [one for one in json.loads(hostile.world.feed(fmt="json"))["items"] if one["title"] == title]
    return {**entry}


async def look(hostile: Hostile, hours: float) -> None:
    hostile.world.wait(hours=hours)
    await hostile.world.poll()
    await hostile.world.read_articles()
    await hostile.world.publish()


@pytest.mark.parametrize("name", NAMES)
async def test_an_article_that(hostile: Hostile, name: str) -> None:
    """A new one is told once, by what the list says, and its text follows; a known one stays as it was read."""
    world = hostile.world
    with capture_logs() as logs:
        await world.poll()
        world.replica.publish("tzgg", KNOWN, ["听证会定于十月十日举行，欢迎旁听。" * 4])
        await look(hostile, 0.5)
        await world.tell()
        await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
        known = find_entry(hostile, KNOWN)
        hostile.behave_article = FAULTS[name].behave
        world.replica.publish("tzgg", TITLE, [BODY])
        await look(hostile, 1)
        during, told = find_entry(hostile), await world.tell()
        hostile.behave_article = None
        await look(hostile, 7)
        after = find_entry(hostile)

    assert [mail.subject for mail in told] == [f"【通知公告】{TITLE}"]
    assert during["content_html"] != after["content_html"]
    assert BODY[:30] in after["content_html"]
    assert after["id"] == during["id"]
    assert find_entry(hostile, KNOWN) == known
    assert await world.tell() == told
    assert not [log for log in logs if log.get("exc_info") or log["log_level"] in ("error", "critical")]


async def test_an_article_with_the_text_of_another_one_is_not_taken_for_it(hostile: Hostile) -> None:
    """A cache that mixes addresses up: neither what is new nor what is known has another's text."""
    world = hostile.world
    await world.poll()
    other = world.replica.publish("tzgg", KNOWN, ["听证会定于十月十日举行，欢迎旁听。" * 4])
    world.replica.publish("tzgg", TITLE, [BODY])
    await look(hostile, 0.5)
    await world.tell()
    await world.subscribe("lawyer@example.com", "harbin-renda/tzgg")
    before = find_entry(hostile)
    mixed = world.replica.answer("/info.jsp", f"id={other.id}").body
    hostile.behave_article = lambda _: page(mixed, Content_Type="text/html")
    world.replica.publish("tzgg", "关于会期的通知", ["会期三天。" * 9])
    await look(hostile, 1)
    assert find_entry(hostile) == before
    (mail,) = await world.tell()
    assert "听证会" not in mail.subject + mail.text
    hostile.behave_article = None
    await look(hostile, 7)
    assert find_entry(hostile) == before
    assert "会期三天" in find_entry(hostile, "关于会期的通知")["content_html"]
    assert await world.tell() == [mail]
