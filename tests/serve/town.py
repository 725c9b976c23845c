"""A small installation to visit: a town's portal with three channels, a database with notices, a clock of our own."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import jinja2
from starlette.types import ASGIApp

from feeds.config import Settings
from feeds.decide.tokens import Keyring, sign_token
from feeds.facts import Search
from feeds.flows.indexing import index_some
from feeds.flows.rendering import Publishing
from feeds.flows.search import render_search
from feeds.model import (
    Article,
    ArticleRecipe,
    Attachment,
    Channel,
    Item,
    ListingRecipe,
    Moment,
    Portal,
    Precision,
    Recipe,
    Validators,
    Verdict,
)
from feeds.serve.app import ServeContext, build_app
from feeds.serve.standing import Standing
from feeds.store.engine import Database
from feeds.store.notices import NewNotice, add_notice, add_revision, join_channel
from feeds.store.portals import PollResult, claim_channel, finish_poll, sync_portals

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
RECIPE = Recipe(ListingRecipe(row="li"), ArticleRecipe(title="h1", body=".body"))
CHANNELS = {"tzgg": "通知公告", "gzdt": "工作动态", "xjrm": "选举任免"}
KEYRING = Keyring("a", {"a": b"k" * 32})


def make_portal(name: str = "linjiang", title: str = "临江市人大") -> Portal:
    """A portal of a town that does not exist."""
    base = f"http://{name}.example.com"
    channels = tuple(Channel(name, slug, label, f"{base}/{slug}/", RECIPE) for slug, label in CHANNELS.items())
    return Portal(name=name, title=title, base_url=base, channels=channels)


def load_templates() -> jinja2.Environment:
    """The templates as the composition root loads them."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(resources.files("feeds") / "text")),
        autoescape=lambda name: name is None or ".html" in name,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass
class Town:
    """An installation under test. `now` may be moved; `health` is what the process says of itself."""

    database: Database
    folder: Path
    portals: tuple[Portal, ...] = (make_portal(),)
    now: datetime = NOW
    health: dict[str, object] = field(default_factory=lambda: {"stopping": False, "failure": None})
    standing: Standing | None = None
    """Of its copies of documents; None: there are none."""
    settings: Settings = field(default_factory=Settings)
    base_url: str = "https://feeds.example.com"
    rendered: int = 0
    """Feeds of searches."""

    def configure(self, **sections: Mapping[str, object]) -> None:
        """Change settings, section by section."""
        own: dict[str, dict[str, object]] = {
            "site": {"base_url": self.base_url, "title": "临江公告"},
            "publish": {"dir": self.folder / "public"},
            "files": {"dir": self.folder / "files"},
        }
        merged = {name: {**own.get(name, {}), **sections.get(name, {})} for name in {*own, *sections}}
        self.settings = Settings.model_validate(merged)

    def build(self) -> ASGIApp:
        """The application as it stands now."""
        return build_app(
            ServeContext(
                database=self.database,
                settings=self.settings,
                portals=self.portals,
                keyring=KEYRING,
                templates=load_templates(),
                clock=lambda: self.now,
                health=lambda: self.health,
                search_feed=self.render_search,
                random=random.Random(7).random,
                documents=lambda: self.standing,
            )
        )

    async def render_search(self, search: Search, fmt: str) -> Mapping[str, bytes]:
        """Render the feed of a search, counting how often."""
        self.rendered += 1
        portals = {portal.name: portal for portal in self.portals}
        site, publish = self.settings.site, self.settings.publish
        return await render_search(Publishing(self.database, portals, site, publish, lambda: self.now), search, fmt)

    async def index(self) -> None:
        """Index what waits for it."""
        while await index_some(self.database, {portal.name: portal for portal in self.portals}):
            pass

    def sign(self, purpose: str, number: int) -> str:
        """The path of a link in a mail."""
        return f"/{purpose}/{sign_token(KEYRING, purpose, number)}"

    async def settle(self) -> None:
        """Write the portals into the database."""
        async with self.database.write() as tx:
            await sync_portals(tx, self.portals, self.now)

    async def poll(self, name: str, verdict: Verdict = Verdict.LISTING, problem: str | None = None) -> None:
        """Record a poll of a channel."""
        async with self.database.write() as tx:
            claim = await claim_channel(tx, name, self.now, timedelta(minutes=1))
            assert claim is not None
            later, listed = self.now + timedelta(minutes=30), verdict is Verdict.LISTING
            await finish_poll(tx, claim, PollResult(self.now, verdict, problem, later, Validators(), listed))

    async def publish(
        self,
        number: int,
        title: str,
        *,
        slugs: tuple[str, ...] = ("tzgg",),
        precision: Precision | None = Precision.MINUTE,
        html: str = "<p>正文第一段。</p>",
        attachments: tuple[Attachment, ...] = (),
        article_number: str | None = None,
        portal: str = "linjiang",
        text: str = "正文第一段。",
    ) -> int:
        """Record a notice, `number` hours before now; its public id is `n` and the number."""
        at = self.now - timedelta(hours=number)
        if precision is Precision.DAY:
            at = at.replace(hour=16, minute=0)
        moment = Moment(at, precision) if precision else None
        url = f"http://{portal}.example.com/content/{number}.html"
        article = Article(
            url=url,
            verdict=Verdict.ARTICLE,
            title=title,
            published=moment,
            editor="临江市人大办公室",
            number=article_number,
            body=text,
            body_html=html,
            attachments=attachments,
        )
        new = NewNotice(
            portal, str(number), f"n{number}", url, title, title, moment, False, at, number, article, None, None
        )
        async with self.database.write() as tx:
            notice_id = await add_notice(tx, new, self.now)
            for slug in slugs:
                claim = await claim_channel(tx, f"{portal}/{slug}", self.now, timedelta(minutes=1))
                assert claim is not None
                await join_channel(tx, notice_id, claim.id, Item(url, title, True), self.now)
        return notice_id

    async def revise(self, notice_id: int, title: str, body: str, changed: tuple[str, ...]) -> None:
        """Record a significant change."""
        async with self.database.write() as tx:
            await add_revision(tx, notice_id, title, body, changed, self.now)
