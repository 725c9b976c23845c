"""What the store's tests are told: a small portal, its notices, and people who subscribe."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from feeds.model import (
    Article,
    ArticleRecipe,
    Attachment,
    Channel,
    EventKind,
    Frequency,
    Item,
    ListingRecipe,
    Moment,
    Portal,
    Precision,
    Recipe,
    Validators,
    Verdict,
    Wish,
)
from feeds.store import events, notices, portals, subscribers
from feeds.store.engine import Database, Transaction
from feeds.store.events import NewAlertItem
from feeds.store.notices import ArticleClaim, NewNotice
from feeds.store.portals import ChannelClaim, PollResult
from feeds.store.schema import subscriber

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
LEASE = timedelta(minutes=10)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

_RECIPE = Recipe(ListingRecipe("li"), ArticleRecipe("h1", "div.body"))


class Killed(BaseException):
    """The process ends here, before anything after it."""


def make_portal(name: str = "songbei", slugs: tuple[str, ...] = ("tzgg", "gzdt")) -> Portal:
    base = f"http://{name}.example/"
    channels = tuple(Channel(name, slug, f"栏目 {slug}", f"{base}{slug}/", _RECIPE) for slug in slugs)
    return Portal(name, f"{name} 门户", base, channels)


def make_article(page: int = 1, **different: Any) -> Article:
    article = Article(
        url=f"http://songbei.example/a/{page}.html",
        verdict=Verdict.ARTICLE,
        title=f"关于第{page}号事项的公告",
        published=Moment(NOW - HOUR, Precision.MINUTE),
        editor="李明",
        column="通知公告",
        body="各有关单位：\n现公告如下。",
        body_html="<p>各有关单位：</p><p>现公告如下。</p>",
        attachments=(
            Attachment("http://songbei.example/f/2.doc", "名单.doc", "application/msword"),
            Attachment("http://songbei.example/f/1.pdf", "附件.pdf", "application/pdf"),
        ),
        images=("http://songbei.example/i/1.jpg",),
        evidence={"title": "h1"},
    )
    return replace(article, **different)


def make_new(number: int = 1, **different: Any) -> NewNotice:
    new = NewNotice(
        portal="songbei",
        key=f"id:{number}",
        public_id=f"notice{number:07d}",
        url=f"http://songbei.example/a/{number}.html",
        item_title=f"关于第{number}号事项的公告",
        title=f"关于第{number}号事项的公告",
        published=Moment(datetime(2026, 11, 23, 16, tzinfo=UTC), Precision.DAY, "listing"),
        history=False,
        sort_at=NOW,
        rank=number,
        article=None,
        article_due=NOW,
        article_problem=None,
    )
    return replace(new, **different)


async def watch(database: Database, *more: Portal, now: datetime = NOW) -> None:
    async with database.write() as tx:
        await portals.sync_portals(tx, more or [make_portal()], now)


async def claim(database: Database, name: str = "songbei/tzgg", now: datetime = NOW) -> ChannelClaim:
    async with database.write() as tx:
        claimed = await portals.claim_channel(tx, name, now, LEASE)
    assert claimed is not None
    return claimed


def make_result(verdict: Verdict = Verdict.LISTING, at: datetime = NOW, **different: Any) -> PollResult:
    listed = verdict in (Verdict.LISTING, Verdict.UNCHANGED)
    result = PollResult(at, verdict, None if listed else "它没有回答", at + HOUR, Validators('"1"', None), listed)
    return replace(result, **different)


async def add(tx: Transaction, new: NewNotice, channel_id: int, now: datetime = NOW, *, pinned: bool = False) -> int:
    notice_id = await notices.add_notice(tx, new, now)
    await notices.join_channel(tx, notice_id, channel_id, Item(new.url, new.item_title, True, pinned=pinned), now)
    return notice_id


async def stock(database: Database, *new: NewNotice, channel: str = "songbei/tzgg") -> list[int]:
    """Watch the portal and record notices in one of its channels."""
    await watch(database)
    claimed = await claim(database, channel)
    async with database.write() as tx:
        return [await add(tx, one, claimed.id) for one in new or [make_new()]]


async def claim_article(database: Database, now: datetime = NOW) -> ArticleClaim:
    """Claim the one article that is due, or due to be read again."""
    async with database.write() as tx:
        due = await notices.claim_articles(tx, now, LEASE, 1)
        (claimed,) = due or await notices.claim_rereadings(tx, now, LEASE, 1, {"songbei": MINUTE})
    return claimed


async def subscribe(
    tx: Transaction, person: int, frequency: Frequency = Frequency.IMMEDIATE, feeds: tuple[str, ...] = ("all",)
) -> tuple[int, int]:
    """Add a person with one confirmed subscription; return both ids."""
    address = f"reader{person}@mail.example"
    subscription_id = await subscribers.add_confirmed(tx, address, Wish(feeds, frequency=frequency, changes=False), NOW)
    subscription = await subscribers.load_subscription(tx, subscription_id)
    assert subscription is not None
    return subscription.subscriber_id, subscription_id


async def publish_event(tx: Transaction, notice_id: int, now: datetime = NOW) -> int:
    """Record that a notice was published; return the event's id."""
    assert await events.add_event(tx, notice_id, EventKind.PUBLISHED, 1, now)
    (claimed,) = await events.claim_events(tx, now, LEASE, 1)
    return claimed.event.id


async def queue_alert(database: Database, people: int = 1) -> list[int]:
    """Queue an alert on one notice for each of some people; return the items' ids."""
    (notice_id,) = await stock(database)
    async with database.write() as tx:
        event_id = await publish_event(tx, notice_id)
        readers = [{"address": f"reader{person}@mail.example", "created_at": NOW} for person in range(people)]
        ids = (await tx.scalars(insert(subscriber).returning(subscriber.c.id), readers)).all()
        rows = [NewAlertItem(event_id, person, "mail", Frequency.IMMEDIATE, ()) for person in ids]
        return await events.add_alert_items(tx, rows, NOW)
