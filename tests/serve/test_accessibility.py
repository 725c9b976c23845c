"""The public pages judged by axe-core in a real browser, wide and on a phone, by day and by night; and what they print.

Every fold is opened first: what is in it is judged as well.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from playwright.async_api import Page

from feeds.model import Attachment, Verdict
from feeds.store.notices import set_withdrawn
from tests.serve.chromium import NEEDS_CHROMIUM, Open
from tests.serve.town import NOW, Town

AXE = Path(str(files("axe_playwright_python"))) / "axe.min.js"

pytestmark = NEEDS_CHROMIUM

CALL = "《临江市供水条例（草案）》现公开征求意见。请于2026年3月31日前将意见反馈至市人大办公室。"
ODD = """<h4>一、安排</h4><h1>二、名单</h1><li>独行</li><ul>说明<li>甲</li></ul><dl><dd>乙</dd></dl><a href="/x"> </a>
<table><tr><th></th><th>姓名</th><th>职务</th><th>备注</th></tr><tr><td>1</td><td>周岚</td><td>主任</td><td></td></tr></table>
<p>　　正文。</p><p><img src="/1.jpg"></p>"""
PAGES = [
    "/",
    "/?page=1",
    "/p/linjiang",
    "/p/linjiang/tzgg",
    "/p/linjiang/tzgg?year=2026&show=withdrawn",
    "/p/linjiang/xjrm",
    "/n/n1?at=l0",
    "/n/n2",
    "/n/n3",
    "/search",
    "/search?q=征求意见",
    "/search?q=没有这样的词",
    "/people",
    "/rules",
    "/status",
    "/about",
    "/privacy",
    "/subscribe",
    "/confirm",
]
ENGLISH = ["/?lang=en", "/p/linjiang/tzgg?lang=en", "/n/n1?lang=en"]
"""Looked at last: from there on, the browser goes on in English."""


async def fill(town: Town) -> None:
    """Notices of every sort, and a channel in trouble."""
    file = Attachment("http://linjiang.example.com/f/1", "草案", "application/octet-stream")
    call = await town.publish(1, "关于公开征求《临江市供水条例（草案）》意见的公告", text=CALL, attachments=(file,))
    await town.revise(call, "关于公开征求意见的公告", CALL.replace("31日", "30日"), ("title", "body"))
    gone = await town.publish(2, "临江市人大常委会公告", html=ODD, article_number="第7号", slugs=("tzgg", "gzdt"))
    await town.publish(3, "没有日期的公告", precision=None, text="")
    for number in range(4, 60):
        await town.publish(number, f"公告之{number}")
    async with town.database.write() as tx:
        await set_withdrawn(tx, gone, NOW)
    await town.index()
    for _ in range(9):
        await town.poll("linjiang/gzdt", Verdict.CHALLENGE, "a script")


async def judge(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, every rule of it asked."""
    await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate("axe.run(document)")
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desk"])
async def test_axe_finds_nothing_on_any_public_page(town: Town, visit_page: Open, width: int, dark: bool) -> None:
    whom = {"contact": "webmaster@linjiang.example", "icp": "临ICP备1号"}
    async with visit_page("/healthz", width=width, dark=dark, **whom) as page:
        await fill(town)
        found = {}
        for path in [*PAGES, *ENGLISH]:
            await page.goto(path)
            found[path] = await judge(page)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


async def test_axe_finds_what_is_wrong(visit_page: Open) -> None:
    """Or the test above could not fail."""
    async with visit_page("/about") as page:
        await page.evaluate("document.querySelector('h1').outerHTML = '<h4></h4><button></button>'")
        assert {one.partition(":")[0] for one in await judge(page)} >= {"button-name", "empty-heading"}
    assert AXE.exists()


async def test_pages_have_their_landmarks_and_say_what_is_english(town: Town, visit_page: Open) -> None:
    async with visit_page("/healthz", script=False) as page:
        await fill(town)
        for path in PAGES:
            await page.goto(path)
            for landmark in ("header", "main", "footer"):
                assert await page.locator(landmark).first.is_visible(), path
            assert await page.locator("main h1").count() == 1, path
            assert await page.get_attribute("html", "lang") == "zh-CN"
            assert await page.locator(".en:not([lang=en])").count() == 0, path


async def test_a_notice_prints_with_its_addresses_and_the_time_and_without_the_rest(
    town: Town, visit_page: Open
) -> None:
    async with visit_page("/healthz") as page:
        await fill(town)
        await page.goto("/n/n1")
        line = page.locator(".print-only")
        assert not await line.is_visible()
        await page.emulate_media(media="print")
        assert await line.is_visible()
        text = await line.inner_text()
        assert "http://linjiang.example.com/content/1.html" in text
        assert f"{town.base_url}/n/n1" in text
        assert "2026-03-02 09:30" in text
        for gone in ("header nav", ".told", ".follow", ".crumbs", ".original"):
            assert not await page.locator(gone).first.is_visible()
        for kept in ("h1", ".keys", ".body", ".attachments", ".revisions"):
            assert await page.locator(kept).first.is_visible()
