"""The pages in a real browser: with JavaScript and without, wide and on a phone, by keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page

from feeds.model import Attachment, Subscription, Wish
from feeds.store.subscribers import add_confirmed, find_subscriber, list_subscriptions, load_subscription, sign_up
from tests.serve.chromium import NEEDS_CHROMIUM, Open
from tests.serve.post import collect_mails, find_code, find_erasure_link
from tests.serve.town import Town

pytestmark = NEEDS_CHROMIUM


async def subscriptions_of(town: Town, address: str) -> list[Subscription]:
    """What an address is subscribed to."""
    async with town.database.read() as tx:
        subscriber = await find_subscriber(tx, address)
        return await list_subscriptions(tx, subscriber.id) if subscriber else []


async def fill_in(town: Town, page: Page) -> None:
    """Fill in the sign-up form as a person does, and send it."""
    await page.get_by_label("邮箱地址").fill("su.kun@example.com")
    await page.get_by_label("通知公告").check()
    await page.get_by_label("每天一封摘要").check()
    town.now += timedelta(seconds=20)
    await page.get_by_role("button", name="发送确认信").click()
    await page.get_by_role("heading", name="请查收确认信").wait_for()


async def test_a_person_without_javascript_signs_up_and_confirms(town: Town, visit_page: Open) -> None:
    async with visit_page("/subscribe", script=False) as page:
        await fill_in(town, page)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        await page.goto(town.sign("confirm", made.id))
        await page.get_by_role("button", name="确认").click()
        await page.get_by_role("heading", name="订阅成功").wait_for()
    (made,) = await subscriptions_of(town, "su.kun@example.com")
    assert made.wish.feeds == ("linjiang/tzgg",)
    assert made.confirmed_at is not None


async def test_the_browser_that_signed_up_confirms_by_opening_the_link(town: Town, visit_page: Open) -> None:
    async with visit_page("/subscribe") as page:
        await fill_in(town, page)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        await page.goto(town.sign("confirm", made.id))
        await page.get_by_role("heading", name="订阅成功").wait_for()
    assert (await subscriptions_of(town, "su.kun@example.com"))[0].confirmed_at is not None


async def test_another_browser_has_to_press_the_button(town: Town, visit_page: Open) -> None:
    async with visit_page("/subscribe") as page:
        await fill_in(town, page)
        (made,) = await subscriptions_of(town, "su.kun@example.com")
        await page.context.clear_cookies()
        await page.goto(town.sign("confirm", made.id), wait_until="networkidle")
        assert (await subscriptions_of(town, "su.kun@example.com"))[0].confirmed_at is None
        await page.get_by_role("button", name="确认").click()
        await page.get_by_role("heading", name="订阅成功").wait_for()


async def test_a_person_without_javascript_types_the_code_on_a_phone(town: Town, visit_page: Open) -> None:
    async with visit_page("/subscribe", script=False, width=375) as page:
        await fill_in(town, page)
        (mail,) = await collect_mails(town)
        await page.get_by_label("六位验证码").fill(find_code(mail))
        await page.get_by_role("button", name="确认").click()
        await page.get_by_role("heading", name="订阅成功").wait_for()
    assert (await subscriptions_of(town, "su.kun@example.com"))[0].confirmed_at is not None


async def test_during_a_siege_the_page_works_for_its_visitor(town: Town, visit_page: Open) -> None:
    async with town.database.write() as tx:
        for number in range(50):
            await sign_up(tx, f"victim{number}@example.com", Wish(("all",)), town.now)
    async with visit_page("/subscribe") as page:
        await fill_in(town, page)
    assert len(await subscriptions_of(town, "su.kun@example.com")) == 1


async def test_a_subscriber_moves_and_erases_without_javascript_on_a_phone(town: Town, visit_page: Open) -> None:
    async with town.database.write() as tx:
        found = await load_subscription(tx, await add_confirmed(tx, "su.kun@example.com", Wish(("all",)), town.now))
    assert found is not None
    async with visit_page(town.sign("manage", found.subscriber_id), script=False, width=375) as page:
        await page.get_by_label("新的邮箱地址").fill(
            "a-rather-long-name-for-a-mailbox@a-rather-long-domain.example.net"
        )
        await page.get_by_role("button", name="发送确认信").click()
        await page.get_by_text("确认信正在发往新邮箱").wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 375
        await page.get_by_role("link", name="删除").click()
        await page.get_by_role("button", name="发送确认信").click()
        await page.get_by_text("确认信正在发往这个邮箱").wait_for()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 375
        (asked,) = [mail for mail in await collect_mails(town) if mail.to == "su.kun@example.com"]
        await page.goto(find_erasure_link(asked))
        await page.get_by_role("button", name="删除").click()
        await page.get_by_role("heading", name="已删除").wait_for()
    assert await subscriptions_of(town, "su.kun@example.com") == []


async def test_a_narrow_choice_takes_the_place_of_the_wide_one(visit_page: Open) -> None:
    async with visit_page("/subscribe?feed=linjiang") as page:
        whole, channel = page.get_by_label("全部栏目"), page.get_by_label("工作动态")
        assert await whole.is_checked()
        await channel.check()
        assert not await whole.is_checked()
        await whole.check()
        assert not await channel.is_checked()


async def test_an_address_is_copied_with_one_press(town: Town, visit_page: Open) -> None:
    async with visit_page("/p/linjiang/tzgg") as page:
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await page.get_by_role("button", name="tzgg.atom").click()
        await page.get_by_text("已复制").wait_for()
        copied = await page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{town.base_url}/feeds/linjiang/tzgg.atom"


async def test_the_first_tab_skips_to_the_content(visit_page: Open) -> None:
    async with visit_page("/") as page:
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.activeElement.id") == "main"


LATIN = "a" * 80
LONG = f"关于公开征求《临江市城市绿化条例（草案）》意见的通知http://linjiang.example.com/{LATIN}"
HOSTILE: dict[str, dict[str, Any]] = {
    "long words": {
        "html": f"<p>{LONG}</p><pre>{'x' * 200}</pre><p><a href='http://linjiang.example.com/'>{LATIN}</a></p>"
    },
    "a wide table": {"html": "<table>" + f"<tr>{'<td>临江市人民政府2026</td>' * 30}</tr>" * 4 + "</table>"},
    "a narrow table of long words": {"html": f"<table><tr><td>{LATIN}</td><td>{LATIN}</td></tr></table>"},
    "far too much text": {"html": f"<p>　　{'临江市供水条例' * 40}</p>" * 340, "text": "临江市供水条例\n" * 14_000},
    "many attachments": {
        "attachments": tuple(
            Attachment(
                f"http://linjiang.example.com/{LATIN}{number}.pdf", f"附件{number}{LATIN}.pdf", "application/pdf"
            )
            for number in range(200)
        )
    },
    "neither date nor text": {"precision": None, "text": ""},
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_no_notice_runs_out_of_a_phones_screen(town: Town, visit_page: Open, what: str) -> None:
    await town.publish(1, LONG, **HOSTILE[what])
    async with visit_page("/healthz", width=360) as page:
        for path in ("/n/n1", "/p/linjiang/tzgg", "/"):
            await page.goto(path)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


async def test_a_wide_table_is_moved_by_the_keyboard_inside_its_box(town: Town, visit_page: Open) -> None:
    await town.publish(1, "名单", **HOSTILE["a wide table"])
    async with visit_page("/n/n1", width=360) as page:
        box = page.locator(".body .scroll")
        await box.focus()
        await page.keyboard.press("ArrowRight")
        while not await box.evaluate("box => box.scrollLeft"):  # what is waited for in the page needs eval
            await page.wait_for_timeout(20)


@pytest.mark.parametrize(
    "path",
    ["/", "/p/linjiang", "/n/n1", "/subscribe", "/status", "/privacy", "/confirm", "/about", "/api", "/search?q=公告"],
)
async def test_nothing_runs_out_of_a_phones_screen(town: Town, visit_page: Open, path: str) -> None:
    await town.publish(1, LONG, html=f"<p>{LONG}</p>")
    async with visit_page("/healthz", width=360) as page:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_a_list_is_filtered_without_javascript_on_a_phone(town: Town, visit_page: Open) -> None:
    await town.publish(1, "今年的公告")
    await town.publish(24 * 100, "去年的公告")
    async with visit_page("/p/linjiang/tzgg", script=False, width=375) as page:
        await page.get_by_text("筛选").click()
        await page.get_by_label("年份").select_option("2025")
        await page.get_by_role("button", name="应用").click()
        await page.wait_for_url("**year=2025**")
        assert await page.locator(".notices .title").all_inner_texts() == ["去年的公告"]


async def test_nothing_on_a_page_is_asked_of_anybody_else(town: Town, visit_page: Open) -> None:
    await town.publish(1, "会议公告", html='<p><img src="http://linjiang.example.com/a.jpg">　</p>')
    async with visit_page("/healthz") as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in ("/", "/p/linjiang/tzgg", "/n/n1", "/about"):
            await page.goto(path, wait_until="networkidle")
    assert len(asked) > 4
    assert [url for url in asked if not url.startswith(f"{town.base_url}/")] == []


async def test_a_feed_opened_in_a_browser_explains_itself(town: Town, visit_page: Open) -> None:
    file = town.folder / "public" / "feeds" / "all.atom"
    file.parent.mkdir(parents=True)
    async with visit_page("/healthz") as page:
        style = f'<?xml-stylesheet type="text/css" href="{town.base_url}/static/feed.css"?>'
        file.write_text(f'{style}<feed xmlns="http://www.w3.org/2005/Atom"><title>临江公告</title></feed>', "utf-8")
        await page.goto("/feeds/all.atom")
        assert await page.evaluate("document.contentType") == "application/xml"
        assert await page.evaluate("document.styleSheets[0].cssRules.length") > 0


@pytest.mark.parametrize("script", [True, False])
async def test_the_hour_shows_beside_digests_only_with_or_without_scripts(visit_page: Open, *, script: bool) -> None:
    async with visit_page("/subscribe", script=script) as page:
        hour = page.locator("select[name=hour]")
        await page.check("input[value=immediate]")
        assert not await hour.is_visible()
        await page.check("input[value=daily]")
        assert await hour.is_visible()
        assert not await page.locator("select[name=time_zone]").is_visible()
        await page.click("details.more summary")
        assert await page.locator("select[name=time_zone]").is_visible()
