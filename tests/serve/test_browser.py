"""The pages in a real browser: with JavaScript and without, wide and on a phone, by keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright
from starlette.types import ASGIApp, Receive, Scope, Send

from feeds.model import Subscription, Wish
from feeds.store.subscribers import add_confirmed, find_subscriber, list_subscriptions, load_subscription, sign_up
from tests.serve.post import collect_mails, find_code, find_erasure_link
from tests.serve.town import Town
from tests.serve.web import serving

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here: apt-get install chromium"),
]

Open = Callable[..., AbstractAsyncContextManager[Page]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
def visit_page(town: Town, browser: Browser) -> Open:
    """Opening a page of the town in a browser of its own; what the browser complains of fails the test."""

    @asynccontextmanager
    async def visiting(path: str, *, script: bool = True, width: int = 1000) -> AsyncIterator[Page]:
        complaints: list[str] = []
        switch = _Switch()
        async with serving(switch) as address:
            town.base_url = address
            town.configure()
            switch.app = town.build()
            context = await browser.new_context(
                base_url=address, java_script_enabled=script, viewport={"width": width, "height": 740}
            )
            page = await context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            await page.goto(path)
            yield page
            await context.close()
        assert complaints == []

    return visiting


class _Switch:
    """An application that is known only after its address is."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


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


LONG = "关于公开征求《临江市城市绿化条例（草案）》意见的通知http://linjiang.example.com/" + "a" * 90


@pytest.mark.parametrize("path", ["/", "/p/linjiang", "/n/n1", "/subscribe", "/status", "/privacy", "/confirm", "/api"])
async def test_nothing_runs_out_of_a_phones_screen(town: Town, visit_page: Open, path: str) -> None:
    table = "<table><tr>" + "<td>临江市人民政府</td>" * 12 + "</tr></table>"
    await town.publish(1, LONG, html=f"<p>{LONG}</p>{table}<pre>{'x' * 200}</pre>")
    async with visit_page("/healthz", width=360) as page:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


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
