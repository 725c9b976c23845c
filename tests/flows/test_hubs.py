"""Hubs are told of what is published, once each, and again later where they did not listen."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from celery import Celery  # type: ignore[import-untyped]
from flask import Flask
from flask_websub.hub import Hub, SQLite3HubStorage  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from werkzeug.serving import make_server

from feeds.fetch.post import Poster
from feeds.flows import hubs
from feeds.flows.hubs import Heralding
from feeds.store import feeds
from feeds.store import hubs as stored
from tests.flows.conftest import World
from tests.flows.switchboard import Heard, Said, Switchboard, switchboard
from tests.flows.test_readers import serve_feeds
from tests.serve.web import serving

CHANNEL = "harbin-renda/tzgg"


@asynccontextmanager
async def herald(world: World, *urls: str) -> AsyncIterator[Heralding]:
    """What tells the world's hubs, which knows them already."""
    settings = world.publishing.settings.model_copy(update={"hub": urls})
    async with Poster(user_agent="noticefeeds tests", seconds=5) as poster:
        heralding = Heralding(world.database, world.publishing.site, settings, poster, world.clock)
        await hubs.renew_hubs(heralding)
        yield heralding


def list_topics(board: Switchboard) -> list[str]:
    """Return the documents that a hub was told of, without what stands before their feeds."""
    forms = [parse_qs(one.body.decode()) for one in board.heard]
    assert all(form["hub.mode"] == ["publish"] and form["hub.url"] == form["hub.topic"] for form in forms)
    return [urlsplit(form["hub.url"][0]).path for form in forms]


async def publish_one(world: World, title: str) -> None:
    """The portal has a new notice, and the feeds have it."""
    world.replica.publish("tzgg", title)
    await world.poll()
    await world.publish()


@pytest.fixture
async def board() -> AsyncIterator[Switchboard]:
    """A hub that takes everything."""
    async with switchboard() as board:
        yield board


async def test_a_hub_is_told_of_every_document_that_moved_on_and_once(world: World, board: Switchboard) -> None:
    await world.poll()
    await world.publish()
    async with herald(world, board.url) as heralding:
        assert await hubs.tell_hubs(heralding) == 0, "what was there before the hub is no news"
        await publish_one(world, "关于甲的通知")
        await hubs.tell_hubs(heralding)
        told = list_topics(board)
        assert {f"/feeds/{CHANNEL}.{fmt}" for fmt in ("atom", "rss", "json")} <= set(told)
        assert "/feeds/all.json" in told
        assert "/feeds/harbin-renda/gzbg.atom" not in told, "nothing new there"
        assert len(told) == len(set(told))
        assert await hubs.tell_hubs(heralding) == 0
        assert len(board.heard) == len(told)


async def test_a_hub_that_fails_is_told_later_and_of_everything(world: World, board: Switchboard) -> None:
    def refuse(_: Heard) -> Said:
        return 503, {"Retry-After": "600"}, b"over capacity"

    await world.poll()
    await world.publish()
    async with herald(world, board.url) as heralding:
        board.answer = refuse
        await publish_one(world, "关于甲的通知")
        await hubs.tell_hubs(heralding)
        assert len(board.heard) == 1, "one failure is enough for now"
        async with world.database.read() as tx:
            (state,) = await stored.list_hubs(tx)
        assert str(state.problem).endswith(": over capacity")
        assert state.next_at == world.now + timedelta(minutes=10), "as long as it asked for"
        board.answer = lambda _: (204, {}, b"")
        world.wait(minutes=9)
        assert await hubs.tell_hubs(heralding) == 0
        world.wait(minutes=1)
        assert await hubs.tell_hubs(heralding) >= 3
        assert f"/feeds/{CHANNEL}.atom" in list_topics(board)
        async with world.database.read() as tx:
            (state,) = await stored.list_hubs(tx)
        assert (state.failures, state.problem) == (0, None)


async def test_a_hub_that_is_down_holds_up_no_other(world: World, board: Switchboard) -> None:
    await world.poll()
    await world.publish()
    async with switchboard() as gone:
        dead = gone.url
    async with herald(world, dead, board.url) as heralding:
        await publish_one(world, "关于甲的通知")
        await hubs.tell_hubs(heralding)
        assert f"/feeds/{CHANNEL}.atom" in list_topics(board)
        async with world.database.read() as tx:
            states = {one.url: one for one in await stored.list_hubs(tx)}
        assert states[dead].failures == 1
        assert states[dead].problem
        assert states[board.url].problem is None


async def test_two_processes_tell_a_hub_once(world: World, board: Switchboard) -> None:
    await world.poll()
    await world.publish()
    async with herald(world, board.url) as heralding:
        await publish_one(world, "关于甲的通知")
        async with world.database.write() as tx:
            assert len(await stored.claim_hubs(tx, [board.url], world.now, hubs.LEASE)) == 1
        assert await hubs.tell_hubs(heralding) == 0
        assert board.heard == []
        world.wait(minutes=6)  # the other one died
        assert await hubs.tell_hubs(heralding) >= 3


async def test_a_feed_that_a_hub_will_not_have_keeps_no_other_from_it(world: World, board: Switchboard) -> None:
    def answer(heard: Heard) -> Said:
        return (400, {}, b"unknown topic") if b"%2Ffeeds%2Fall." in heard.body else (204, {}, b"")

    await world.poll()
    await world.publish()
    async with herald(world, board.url) as heralding:
        board.answer = answer
        await publish_one(world, "关于甲的通知")
        await hubs.tell_hubs(heralding)
        assert f"/feeds/{CHANNEL}.atom" in list_topics(board)
        async with world.database.read() as tx:
            (state,) = await stored.list_hubs(tx)
        assert state.failures == 0
        assert "answers 400 for" in str(state.problem)
        told = len(board.heard)
        await hubs.tell_hubs(heralding)
        assert len(board.heard) == told, "what it will not have is not offered again"


async def test_what_a_hub_would_not_have_is_remembered_while_others_are_told(world: World, board: Switchboard) -> None:
    await world.poll()
    await world.publish()
    async with switchboard() as strict, herald(world, strict.url, board.url) as heralding:
        strict.answer = lambda _: (403, {}, b"not yours")
        board.answer = lambda _: (500, {}, b"")
        await publish_one(world, "关于甲的通知")
        await hubs.tell_hubs(heralding)
        board.answer = lambda _: (204, {}, b"")
        world.wait(minutes=2)
        assert await hubs.tell_hubs(heralding) >= 3
        async with world.database.read() as tx:
            states = {one.url: one for one in await stored.list_hubs(tx)}
        assert "not yours" in str(states[strict.url].problem)
        assert states[board.url].problem is None


async def test_a_hub_waits_longer_with_each_failure(world: World, board: Switchboard) -> None:
    await world.poll()
    await world.publish()
    async with herald(world, board.url) as heralding:
        board.answer = lambda _: (500, {}, b"")
        await publish_one(world, "关于甲的通知")
        waits = []
        for _ in range(3):
            await hubs.tell_hubs(heralding)
            async with world.database.read() as tx:
                (state,) = await stored.list_hubs(tx)
            waits.append(state.next_at - world.now)
            world.clock.now = state.next_at
        assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]


async def test_documents_that_stayed_the_same_are_no_news_for_a_hub(world: World, board: Switchboard) -> None:
    await world.poll()
    await world.read_articles()
    await world.publish()
    async with herald(world, board.url) as heralding:
        async with world.database.write() as tx:
            await feeds.touch_all_feeds(tx)
        await world.publish()
        assert await hubs.tell_hubs(heralding) == 0
        assert board.heard == []


async def test_a_claim_that_was_overtaken_settles_nothing(world: World, board: Switchboard) -> None:
    async with herald(world, board.url), world.database.write() as tx:
        (late,) = await stored.claim_hubs(tx, [board.url], world.now, hubs.LEASE)
        (newer,) = await stored.claim_hubs(tx, [board.url], world.now + hubs.LEASE, hubs.LEASE)
        await stored.settle_hub(tx, late, world.now, 0, None)
        assert await stored.list_hubs(tx) == [newer]


async def test_two_processes_that_meet_a_new_hub_both_start(world: World, board: Switchboard) -> None:
    await world.poll()
    await world.publish()

    async def meet() -> None:
        async with world.database.write() as tx:
            await stored.sync_hubs(tx, [board.url], world.now)

    await asyncio.gather(*(meet() for _ in range(4)))
    async with world.database.read() as tx:
        assert [one.url for one in await stored.list_hubs(tx)] == [board.url]


async def test_a_hub_that_left_the_configuration_is_forgotten(world: World, board: Switchboard) -> None:
    async with herald(world, board.url) as heralding:
        await hubs.renew_hubs(replace(heralding, settings=heralding.settings.model_copy(update={"hub": ()})))
        async with world.database.read() as tx:
            assert await stored.list_hubs(tx) == []


# ---- a real hub ----


@contextmanager
def run_hub(folder: Path) -> Iterator[str]:
    """Run Flask-WebSub's hub on loopback, its tasks done at once; give its address."""
    app = Flask("hub")
    app.config["PUBLISH_SUPPORTED"] = True
    celery = Celery("hub", broker="memory://")
    celery.conf.update(task_always_eager=True, task_eager_propagates=True)
    hub = Hub(SQLite3HubStorage(str(folder / "hub.sqlite3")), celery, **app.config)
    app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hub"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class WebSubReader:
    """A reader's callback: it says yes to the hub, and keeps what it is brought."""

    brought: list[tuple[bytes, str]] = field(default_factory=list)
    """Each body with its signature."""

    async def answer(self, request: Request) -> Response:
        """Answer the hub."""
        if request.method == "GET":
            return PlainTextResponse(request.query_params["hub.challenge"])
        self.brought.append((await request.body(), request.headers["x-hub-signature"]))
        return PlainTextResponse("")


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
async def test_a_real_hub_brings_the_new_feed_to_its_subscribers(world: World, tmp_path: Path) -> None:
    """Flask-WebSub's: it verifies the reader, is told by us, fetches the feed and hands it on, signed."""
    await world.poll()
    await world.publish()
    reader = WebSubReader()
    app = Starlette(routes=[Route("/callback", reader.answer, methods=["GET", "POST"])])
    with run_hub(tmp_path) as hub:
        settings = world.settings.publish.model_copy(update={"hub": (hub,)})
        world.settings = world.settings.model_copy(update={"publish": settings})
        async with (
            serving(app) as callback,
            serve_feeds(world) as address,
            herald(world, hub) as known,
            httpx.AsyncClient() as client,
        ):
            heralding = replace(known, site=known.site.model_copy(update={"base_url": address}))
            topic = f"{address}/feeds/{CHANNEL}.atom"
            assert f'<{hub}>; rel="hub"' in (await client.get(topic)).headers["link"]
            form = {
                "hub.mode": "subscribe",
                "hub.topic": topic,
                "hub.callback": f"{callback}/callback",
                "hub.secret": "a secret of the reader",
            }
            assert (await client.post(hub, data=form)).status_code == 202
            await publish_one(world, "关于甲的通知")
            await hubs.tell_hubs(heralding)
    ((body, signature),) = reader.brought
    assert body == world.feed()
    assert "关于甲的通知".encode() in body
    assert signature == f"sha512={hmac.new(b'a secret of the reader', body, hashlib.sha512).hexdigest()}"
