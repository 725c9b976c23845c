"""The lists that anybody may read, and what somebody chooses of them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event

from feeds.model import Precision, Verdict
from feeds.serve.almanac import Past
from feeds.serve.lists import draw_rhythm
from feeds.serve.wording import show_day, show_month
from feeds.store.feeds import touch_feeds
from feeds.store.notices import set_withdrawn
from feeds.store.rhythm import Delay
from tests.serve.conftest import Visit
from tests.serve.town import NOW, Town

CALL = "《临江市供水条例（草案）》现公开征求意见。请于2026年3月31日前将意见反馈至市人大办公室。"


def read_page(answer: httpx.Response) -> LexborHTMLParser:
    """The page of an answer that should be one."""
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def list_titles(page: LexborHTMLParser) -> list[str]:
    """The titles in a list of notices, in page order."""
    return [node.text(strip=True) for node in page.css(".notices .title")]


def list_headings(page: LexborHTMLParser) -> list[str]:
    """The days or months that stand over the lists of a page, in Chinese."""
    return [" ".join(node.text(deep=False).split()) for node in page.css(".when")]


def say_english(words: tuple[object, ...]) -> list[str]:
    """The English of words."""
    return [str(getattr(one, "en", "")) for one in words]


# It is 2 March 2026, half past nine in the morning, in the town.


async def test_the_front_page_begins_with_today_even_if_nothing_came(town: Town, visit: Visit) -> None:
    await town.publish(12, "昨天的公告")
    await town.publish(40, "前天的公告")
    async with visit() as client:
        page = read_page(await client.get("/"))
    assert list_headings(page) == ["今天", "昨天", "2月28日"]
    assert "今天还没有新公告" in page.css(".group")[0].text()
    assert list_titles(page) == ["昨天的公告", "前天的公告"]


async def test_the_front_page_never_cuts_a_day(town: Town, visit: Visit) -> None:
    for number in range(1, 61):
        await town.publish(number, f"公告之{number}")
    async with visit() as client:
        page = read_page(await client.get("/"))
    shown = list_titles(page)
    assert list_headings(page) == ["今天", "昨天"]
    assert 15 <= len(shown) < 40
    days = {(NOW - timedelta(hours=number) + timedelta(hours=8)).date() for number in range(1, len(shown) + 1)}
    after = (NOW - timedelta(hours=len(shown) + 1) + timedelta(hours=8)).date()
    assert after not in days


async def test_the_front_page_counts_and_says_how_each_portal_fares(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告", slugs=("tzgg", "gzdt"))
    async with visit() as client:
        waiting = read_page(await client.get("/"))
        await town.poll("linjiang/tzgg", Verdict.LISTING)
        fine = read_page(await client.get("/"))
        for _ in range(9):
            await town.poll("linjiang/tzgg", Verdict.CHALLENGE, "a script")
        ill = read_page(await client.get("/"))
    assert [" ".join(node.text().split()).split(" ")[0] for node in fine.css(".channels .count")] == [
        "1",
        "1",
        "–还没有",
    ]
    said = [node.text() for page in (waiting, fine, ill) for node in page.css(".how")]
    assert [
        words in one for words, one in zip(("等待第一次读取", "运行正常", "1 个栏目状况不好"), said, strict=True)
    ] == [True] * 3
    assert len(ill.css(".channels .unwell")) == 1


async def test_a_portal_is_listed_by_days_and_a_channel_by_months(town: Town, visit: Visit) -> None:
    for number in (1, 30, 24 * 40, 24 * 400):
        await town.publish(number, f"公告之{number}")
    async with visit() as client:
        portal, channel = read_page(await client.get("/p/linjiang")), read_page(await client.get("/p/linjiang/tzgg"))
    assert list_headings(portal) == ["今天", "昨天", "1月21日", "1月26日"]
    assert list_headings(channel) == ["3月", "1月", "1月"]
    years = [" ".join(node.text().split()) for node in channel.css(".when .under")]
    assert years == ["2026年 2026", "2026年 2026", "2025年 2025"]


def test_days_are_called_as_people_call_them() -> None:
    today = date(2026, 3, 2)
    assert [show_day(today - timedelta(days=back), today)[0].zh for back in (-1, 0, 1, 2)] == [
        "3月3日",
        "今天",
        "昨天",
        "2月28日",
    ]
    assert say_english(show_day(date(2025, 12, 31), today)) == ["31 December", "Wed 2025"]
    assert say_english(show_day(today, today)) == ["Today", "Mon 2 March"]
    assert say_english(show_month(date(2026, 2, 1))) == ["February", "2026"]


@pytest.mark.parametrize("path", ["/p/linjiang/tzgg", "/p/linjiang", "/"])
async def test_a_list_is_narrowed_down_without_a_script(town: Town, visit: Visit, path: str) -> None:
    await town.publish(1, "征求意见的公告", text=CALL)
    withdrawn = await town.publish(2, "撤下的征求意见公告", text=CALL)
    await town.publish(3, "温馨提示")
    await town.publish(24 * 100, "去年的征求意见公告", text=CALL)
    async with town.database.write() as tx:
        await set_withdrawn(tx, withdrawn, NOW)
    await town.index()
    async with visit() as client:

        async def choose(query: str) -> list[str]:
            return list_titles(read_page(await client.get(f"{path}?{query}")))

        assert await choose("kind=consultation") == ["征求意见的公告", "撤下的征求意见公告", "去年的征求意见公告"]
        assert await choose("kind=consultation&year=2026&show=&reprints=") == ["征求意见的公告", "撤下的征求意见公告"]
        assert await choose("year=2025") == ["去年的征求意见公告"]
        assert await choose("year=1999") == []
        assert await choose("show=withdrawn") == ["撤下的征求意见公告"]
        assert await choose("show=withdrawn&kind=consultation&reprints=no") == ["撤下的征求意见公告"]
        assert len(await choose("reprints=no")) == 4
        page = read_page(await client.get(f"{path}?kind=consultation&year=2026"))
    assert page.css_first('meta[name=robots][content="noindex"]') is not None
    chosen = [node.attributes.get("value") or node.text() for node in page.css(".filter option[selected]")]
    assert chosen == ["consultation", "2026"]


@pytest.mark.parametrize(
    "query",
    ["year=x", "year=99999", "year=0000", "year=²026", "kind=none", "show=all", "reprints=yes", "year=2026&before='"],
)
async def test_a_choice_that_cannot_be_is_no_page(town: Town, visit: Visit, query: str) -> None:
    await town.publish(1, "会议公告")
    async with visit() as client:
        assert (await client.get(f"/p/linjiang/tzgg?{query}")).status_code == 404
        assert (await client.get("/p/linjiang/tzgg?year=2026&before=n99")).status_code == 404


async def test_a_long_choice_is_walked_to_its_end_and_back(town: Town, visit: Visit) -> None:
    for number in range(1, 53):
        await town.publish(number, f"公告之{number}")
    async with visit() as client:
        first = read_page(await client.get("/p/linjiang/tzgg?year=2026"))
        older = first.css_first("a[rel=next]")
        assert older is not None
        second = read_page(await client.get(older.attributes["href"] or ""))
        assert list_titles(first) + list_titles(second) == [f"公告之{number}" for number in range(1, 53)]
        assert second.css_first("a[rel=next]") is None
        newest = second.css_first(".pager a")
        assert newest is not None
        again = read_page(await client.get(newest.attributes["href"] or ""))
    assert list_titles(again) == list_titles(first)


async def test_a_channel_shows_its_year_as_a_picture_and_as_a_table(town: Town, visit: Visit) -> None:
    for number in range(1, 8):
        await town.publish(number, f"公告之{number}")
    async with visit() as client:
        page = read_page(await client.get("/p/linjiang/tzgg"))
        second = read_page(await client.get("/p/linjiang/gzdt"))
        narrowed = read_page(await client.get("/p/linjiang/tzgg?year=2026"))
    heat = page.css_first("svg.heat")
    assert heat is not None
    assert heat.attributes["role"] == "img"
    assert heat.attributes["aria-label"]
    assert [node.text() for node in heat.css("title")] == ["2026-03-02：7 条"]
    rows = ["".join(node.text().split()) for node in page.css(".months tbody tr")]
    assert rows[:2] == ["2026年3月7", "2026年2月0"]
    assert second.css_first(".rhythm") is None
    assert narrowed.css_first(".rhythm") is None


async def test_a_channel_says_how_soon_its_notices_are_seen(town: Town, visit: Visit) -> None:
    """The town sees notice number n so many hours after it was published."""
    for number in range(1, 8):
        await town.publish(number, f"公告之{number}")
    async with visit() as client:
        page = read_page(await client.get("/p/linjiang/tzgg"))
        portal = read_page(await client.get("/p/linjiang"))
    for one in (page, portal):
        delay = one.css_first(".delay")
        assert delay is not None
        assert "通常在发布后 4 小时内看到" in delay.text()
        assert "最近 7 条：最快 60 分钟，最慢 7 小时" in delay.text()
        assert delay.css_first("svg polyline") is not None


async def test_where_days_alone_are_known_nothing_is_said_of_delays(town: Town, visit: Visit) -> None:
    for number in range(1, 8):
        await town.publish(number, f"公告之{number}", precision=Precision.DAY)
    async with visit() as client:
        page = read_page(await client.get("/p/linjiang/tzgg"))
    assert page.css_first(".heat") is not None
    assert page.css_first(".delay") is None


def test_delays_are_told_where_a_year_without_dates_has_none_to_draw() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    past = Past(date(2025, 2, 24), {}, tuple(Delay(at, at + timedelta(minutes=number)) for number in range(5)))
    rhythm = draw_rhythm(past, date(2026, 3, 2))
    assert rhythm is not None
    assert rhythm.heat.total == 0
    assert rhythm.usual is not None
    assert rhythm.usual.zh == "2 分钟"
    assert draw_rhythm(Past(date(2025, 2, 24), {}, ()), date(2026, 3, 2)) is None


async def test_what_was_counted_is_counted_again_once_a_feed_moved_on(town: Town, visit: Visit) -> None:
    await town.publish(1, "会议公告")
    async with visit() as client:
        assert "共 1 条" in (await client.get("/p/linjiang/tzgg")).text
        await town.publish(2, "调研公告")
        async with town.database.write() as tx:
            await touch_feeds(tx, ["linjiang/tzgg"])
        answer = await client.get("/p/linjiang/tzgg")
        assert "共 2 条" in answer.text
        assert "最近一年发布 2 条" in answer.text


@pytest.mark.parametrize("path", ["/", "/p/linjiang", "/p/linjiang/tzgg", "/p/linjiang/tzgg?year=2026"])
async def test_a_page_asks_the_database_a_handful_of_times(town: Town, visit: Visit, path: str) -> None:
    """However many notices there are; the first visitor after a change pays for the counting."""
    for number in range(1, 60):
        await town.publish(number, f"公告之{number}")
    asked: list[str] = []
    engine = town.database._reader.sync_engine
    async with visit() as client:
        await client.get(path)
        event.listen(engine, "before_cursor_execute", lambda *it: asked.append(it[2]))
        await client.get(path)
    asked = [one for one in asked if not one.startswith(("PRAGMA", "BEGIN"))]
    assert 1 <= len(asked) <= 9
    assert not [one for one in asked if re.search(r"count\(", one)]


async def test_the_about_page_says_what_this_is_and_how_often_it_looks(town: Town, visit: Visit) -> None:
    town.configure(poll={"budget": 240}, site={"contact": "webmaster@linjiang.example", "icp": "临ICP备1号"})
    async with visit() as client:
        answer = await client.get("/about")
    page = read_page(answer)
    row = page.css_first(".plain-table tbody tr")
    assert row is not None
    assert [node.text().split()[0] for node in row.css("td")] == ["3", "240"]
    assert page.css_first('main a[href="mailto:webmaster@linjiang.example"]') is not None
    assert page.css_first('main a[href="/privacy"]') is not None
    assert "noticefeeds" in answer.text


async def test_the_foot_of_a_page_has_the_registration_and_the_contact(town: Town, visit: Visit) -> None:
    town.configure(site={"contact": "请致电市人大", "icp": "临ICP备1号"})
    async with visit() as client:
        page = read_page(await client.get("/"))
    foot = page.css_first("footer")
    assert foot is not None
    assert "请致电市人大" in foot.text()
    registration = foot.css_first('a[href="https://beian.miit.gov.cn/"]')
    assert registration is not None
    assert registration.text() == "临ICP备1号"
    assert registration.attributes["rel"] == "noreferrer"
