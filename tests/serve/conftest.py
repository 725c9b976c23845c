"""An installation with a real SQLite database, and clients that visit it over real HTTP: one of ours, and a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, async_playwright

from feeds.store.engine import open_database
from tests.serve.chromium import CHROMIUM, Open, Switch
from tests.serve.town import Town
from tests.serve.web import serving

Visit = Callable[[], AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """An installation whose portal was never polled."""
    database = await open_database(f"sqlite:///{tmp_path}/feeds.db")
    town = Town(database, tmp_path)
    town.configure()
    await town.settle()
    yield town
    await database.close()


@pytest.fixture
def visit(town: Town) -> Visit:
    """Give the application as the town is now, served and visited; each call serves it anew."""

    @asynccontextmanager
    async def visiting() -> AsyncIterator[httpx.AsyncClient]:
        async with serving(town.build()) as address, httpx.AsyncClient(base_url=address, timeout=20) as client:
            yield client

    return visiting


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
    async def visiting(
        path: str, *, script: bool = True, width: int = 1000, dark: bool = False, **site: str
    ) -> AsyncIterator[Page]:
        complaints: list[str] = []
        switch = Switch()
        async with serving(switch) as address:
            town.base_url = address
            town.configure(site=site)
            switch.app = town.build()
            context = await browser.new_context(
                base_url=address,
                locale="zh-CN",
                java_script_enabled=script,
                viewport={"width": width, "height": 740},
                color_scheme="dark" if dark else "light",
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
