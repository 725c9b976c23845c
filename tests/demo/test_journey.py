"""A reader's whole way through the running demo, in a real browser, on a phone and on a desk."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path
from socket import socket

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SPEED = "6"
"""Times the demo's own pace: something happens every four to six seconds."""
PATIENCE = 120_000.0
"""Milliseconds until what the portal did must be seen, on the slowest machine."""
PICTURES = os.environ.get("JOURNEY_PICTURES")
"""A folder for pictures of each step; None: they are not kept."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here: apt-get install chromium"),
]


@asynccontextmanager
async def running_demo(folder: Path) -> AsyncIterator[str]:
    """Run `feeds demo` beside us until the block ends; give its address."""
    ports = [_find_port() for _ in range(2)]
    command = ["-m", "feeds", "demo", "--port", str(ports[0]), "--portal-port", str(ports[1]), "--speed", SPEED]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{ports[0]}"
    try:
        async with httpx.AsyncClient() as client:
            await _wait_for(client, f"{address}/feeds/harbin-renda/tzgg.atom", b"<entry>")
        yield address
    finally:
        process.terminate()
        await process.wait()


def _find_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _wait_for(client: httpx.AsyncClient, address: str, sign: bytes) -> bytes:
    """Ask until an answer holds the sign; return it."""
    for _ in range(int(PATIENCE / 250)):
        try:
            answer = await client.get(address)
        except httpx.TransportError:
            answer = None
        if answer is not None and answer.status_code == 200 and sign in answer.content:
            return answer.content
        await asyncio.sleep(0.25)
    pytest.fail(f"{address} never said {sign!r}")


async def read_mail(address: str, to: str, part: str) -> str:
    """Return the text of the first mail to an address that has a link with this part, once it is there."""
    async with httpx.AsyncClient(base_url=address) as client:
        for _ in range(int(PATIENCE / 500)):
            count = len(re.findall(r'href="/mails/\d+"', (await client.get("/mails")).text))
            for number in range(1, count + 1):
                mail = message_from_bytes((await client.get(f"/mails/{number}.txt")).content, policy=policy.default)
                body = mail.get_body(("plain",))
                text = str(body.get_content()) if body is not None else ""
                if to in str(mail["To"]) and part in text:
                    return text
            await asyncio.sleep(0.5)
    pytest.fail(f"no mail to {to} leads to {part}")


def find_link(text: str, part: str) -> str:
    """Return the first address in a mail that has a part."""
    found: list[str] = [link for link in re.findall(r"https?://\S+", text) if part in link]
    return found[0]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


async def _take_picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"journey-{name}.png")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)], ids=["phone", "desk"])
async def test_a_reader_finds_subscribes_is_told_reads_compares_and_leaves(
    browser: Browser, tmp_path: Path, width: int, height: int
) -> None:
    reader = "journalist@example.com"
    async with running_demo(tmp_path) as address:
        context = await browser.new_context(
            base_url=address, locale="zh-CN", viewport={"width": width, "height": height}
        )
        page = await context.new_page()
        page.set_default_timeout(30_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))

        await page.goto("/")
        await _take_picture(page, f"home-{width}")
        await page.locator('main a[href="/p/harbin-renda/tzgg"]').first.click()
        await expect(page.locator("h1")).to_contain_text("通知公告")
        await _take_picture(page, f"channel-{width}")

        await page.locator('main a[href*="/subscribe"]').first.click()
        await expect(page.locator('input[name="feed"][value="harbin-renda/tzgg"]')).to_be_checked()
        await page.locator('input[name="feed"][value="harbin-renda"]').check()
        await page.locator("#address").fill(reader)
        await page.locator('#form button[type="submit"]').click()
        await expect(page.locator('input[name="code"]')).to_be_visible()
        await _take_picture(page, f"code-{width}")

        confirmation = await read_mail(address, reader, "/confirm/")
        await page.goto(find_link(confirmation, "/confirm/"))
        await expect(page.locator("h1")).to_contain_text(
            "订阅成功"
        )  # the page sent its own form: this browser signed up
        await _take_picture(page, f"confirmed-{width}")

        alert = await read_mail(address, reader, "/n/")
        await page.goto(find_link(alert, "/n/"))
        await expect(page.locator("article, main").first).to_be_visible()
        title = (await page.locator("h1").inner_text()).strip()
        assert title
        await _take_picture(page, f"notice-{width}")

        async with httpx.AsyncClient() as client:
            edits = await _wait_for(client, f"{address}/feeds/harbin-renda/changes.atom", "<title>修改".encode())
        revised = re.findall(r"/n/[\w-]+#r\d+", edits.decode())[0]
        await page.goto(revised)
        await page.reload()  # it may be the page that is open, as it was before
        await expect(page.locator("main ins, main del").first).to_be_attached()
        await _take_picture(page, f"revisions-{width}")

        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        await page.goto(find_link(alert, "/unsubscribe/"))
        await page.locator('button[name="action"][value="end"]').click()
        await expect(page.locator("h1")).to_contain_text("已退订")
        await _take_picture(page, f"unsubscribed-{width}")
        assert complaints == []
        await context.close()
