"""Notices: who is known, and what the lists say about it.

Recording the same thing twice changes nothing. The key is the identity, never the title. Reading articles is in
`articles`, loading notices in `shelf`; both are offered here as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, insert, or_, select, update

from feeds.model import Article, Item, Moment
from feeds.store.archive_pages import take_out
from feeds.store.articles import (
    ArticleClaim,
    add_revision,
    claim_articles,
    claim_rereadings,
    count_gone,
    is_anothers,
    load_article,
    retake_articles,
    save_article,
    save_article_failure,
    set_withdrawn,
    write_article,
    write_attachments,
    write_moment,
)
from feeds.store.engine import Transaction
from feeds.store.schema import channel, membership, notice, notice_key, portal, revision
from feeds.store.shelf import count_notices, feed_index, find_notice, find_place, load_notices, load_revisions
from feeds.store.statements import AnyRow, in_pages, insert_new

__all__ = [
    "ArticleClaim",
    "KnownNotice",
    "NewNotice",
    "add_notice",
    "add_notices",
    "add_revision",
    "claim_articles",
    "claim_rereadings",
    "count_gone",
    "count_notices",
    "feed_index",
    "find_channel_order",
    "find_known",
    "find_notice",
    "find_place",
    "is_anothers",
    "join_channel",
    "join_new",
    "load_article",
    "load_notices",
    "load_revisions",
    "mark_vanished",
    "note_item",
    "retake_articles",
    "save_article",
    "save_article_failure",
    "set_title",
    "set_withdrawn",
    "turn_to_news",
]


@dataclass(frozen=True)
class KnownNotice:
    """A known notice is what comparing a list needs to know of a notice that we have."""

    notice_id: int
    public_id: str
    key: str
    item_titles: Mapping[str, str]
    """How each channel last listed it, by slug."""
    has_title: bool
    """False while only a cut title is known: it is shown nowhere yet."""
    channels: frozenset[str]
    """Slugs of the channels that list it or listed it."""
    vanished_from: frozenset[str]
    withdrawn: bool
    history: bool
    first_seen_at: datetime
    alias: bool = False
    """The key is a former one, or that of another channel's address."""


@dataclass(frozen=True)
class NewNotice:
    """A new notice is what is known when an item is seen for the first time."""

    portal: str
    key: str
    public_id: str
    url: str
    item_title: str
    title: str | None
    """None: the list shows only its beginning, and the article was not read."""
    published: Moment | None
    history: bool
    sort_at: datetime
    rank: int
    article: Article | None
    article_due: datetime | None
    """None: it was read, or its page is never read, as another host's."""
    article_problem: str | None
    reread_due: datetime | None = None
    """None: it is not read again at leisure."""


async def find_known(tx: Transaction, portal_name: str, keys: Sequence[str]) -> dict[str, KnownNotice]:
    """Return the notices of a portal that are known under these keys, by key."""
    if not keys:
        return {}
    portal_id = await _find_portal(tx, portal_name)
    rows: list[AnyRow] = []
    for page in in_pages(keys):
        columns = (notice_key.c.key, notice_key.c.alias, notice.c.id, notice.c.public_id, notice.c.title)
        found = await tx.execute(
            select(*columns, notice.c.withdrawn_at, notice.c.history, notice.c.first_seen_at)
            .join_from(notice_key, notice)
            .where(notice_key.c.portal_id == portal_id, notice_key.c.key.in_(page))
        )
        rows += found.all()
    places = await _find_places(tx, sorted({row.id for row in rows}))
    return {
        row.key: KnownNotice(
            notice_id=row.id,
            public_id=row.public_id,
            key=row.key,
            item_titles={place.slug: place.item_title for place in places.get(row.id, ())},
            has_title=row.title is not None,
            channels=frozenset(place.slug for place in places.get(row.id, ())),
            vanished_from=frozenset(place.slug for place in places.get(row.id, ()) if place.vanished_at is not None),
            withdrawn=row.withdrawn_at is not None,
            history=row.history,
            first_seen_at=row.first_seen_at,
            alias=row.alias,
        )
        for row in rows
    }


async def _find_places(tx: Transaction, ids: Sequence[int]) -> dict[int, list[AnyRow]]:
    """Return for each notice the channels that list it or did: `slug`, `vanished_at`, `item_title`."""
    places: dict[int, list[AnyRow]] = {}
    for page in in_pages(ids):
        columns = (membership.c.notice_id, channel.c.slug, membership.c.vanished_at, membership.c.item_title)
        query = select(*columns).join_from(membership, channel).where(membership.c.notice_id.in_(page))
        for row in await tx.execute(query):
            places.setdefault(row.notice_id, []).append(row)
    return places


async def _find_portal(tx: Transaction, name: str) -> int:
    return int((await tx.scalars(select(portal.c.id).where(portal.c.name == name))).one())


async def find_channel_order(
    tx: Transaction, channel_id: int, limit: int, seen: Mapping[int, str] | None = None
) -> list[str]:
    """Return the keys that stand on a channel's list, pinned ones left out, newest first.

    `seen` gives the key under which a list shows a notice now, by the notice's id: it may be a former one.
    """
    order = (
        select(notice.c.id, notice_key.c.key)
        .join_from(membership, notice)
        .join(notice_key, and_(notice_key.c.notice_id == notice.c.id, notice_key.c.alias.is_(False)))
        .where(
            membership.c.channel_id == channel_id, membership.c.vanished_at.is_(None), membership.c.pinned.is_(False)
        )
        .order_by(notice.c.sort_at.desc(), notice.c.rank, notice.c.id.desc())
        .limit(limit)
    )
    shown = seen or {}
    return [shown.get(row.id, row.key) for row in await tx.execute(order)]


async def add_notice(tx: Transaction, new: NewNotice, now: datetime) -> int:
    """Record a notice with its first revision; return its id. A key that is known adds nothing."""
    return (await add_notices(tx, new.portal, [new], now))[new.key]


async def add_notices(tx: Transaction, portal_name: str, news: Sequence[NewNotice], now: datetime) -> dict[str, int]:
    """Record notices of a portal as `add_notice` does, in few statements; return their ids by key."""
    portal_id = await _find_portal(tx, portal_name)
    ids = await _find_ids(tx, portal_id, [new.key for new in news])
    added: list[NewNotice] = []
    for written in (True, False):
        some = [new for new in news if new.key not in ids and (new.article is not None) is written]
        for page in in_pages(some):
            values = [_write_new(portal_id, new, now) for new in page]
            inserted = insert_new(tx, notice).returning(notice.c.id, notice.c.public_id)
            found = {row.public_id: row.id for row in await tx.execute(inserted, values)}
            ids |= {new.key: found[new.public_id] for new in page if new.public_id in found}
            added += [new for new in page if new.public_id in found]
    if added:
        keys = [{"portal_id": portal_id, "key": new.key, "notice_id": ids[new.key]} for new in added]
        await tx.execute(insert_new(tx, notice_key), keys)
        await tx.execute(insert(revision), [_write_first(ids[new.key], new, now) for new in added])
    for new in added:
        if new.article:
            await write_attachments(tx, ids[new.key], new.article.attachments)
    late = {new.public_id: new.key for new in news if new.key not in ids}  # recorded by somebody since we looked
    for names in in_pages(sorted(late)):
        rows = await tx.execute(select(notice.c.id, notice.c.public_id).where(notice.c.public_id.in_(names)))
        ids |= {late[row.public_id]: row.id for row in rows}
    return ids


async def _find_ids(tx: Transaction, portal_id: int, keys: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for page in in_pages(keys):
        query = select(notice_key.c.key, notice_key.c.notice_id)
        rows = await tx.execute(query.where(notice_key.c.portal_id == portal_id, notice_key.c.key.in_(page)))
        ids |= {row.key: row.notice_id for row in rows}
    return ids


def _write_new(portal_id: int, new: NewNotice, now: datetime) -> dict[str, object]:
    return {
        "public_id": new.public_id,
        "portal_id": portal_id,
        "url": new.url,
        "title": new.title,
        "item_title": new.item_title,
        **write_moment(new.published),
        "first_seen_at": now,
        "updated_at": min(new.sort_at, now) if new.history else now,  # history was not updated by our looking at it
        "sort_at": new.sort_at,
        "rank": new.rank,
        "history": new.history,
        "article_due": new.article_due,
        "reread_due": new.reread_due,
        "article_problem": new.article_problem,
        **(write_article(new.article, None, now) if new.article else {}),
    }


def _write_first(notice_id: int, new: NewNotice, now: datetime) -> dict[str, object]:
    """Return a notice's first revision."""
    title, body = new.title or new.item_title, new.article.body if new.article else ""
    return {"notice_id": notice_id, "number": 1, "seen_at": now, "title": title, "body": body, "changed": []}


async def join_new(
    tx: Transaction, channel_id: int, places: Sequence[tuple[int, Item]], now: datetime, unseen: datetime | None = None
) -> None:
    """Record that a channel lists notices that were just added to it.

    `unseen`: the channel's last good poll before, which did not show them; None: there was none.
    """
    rows = [_write_place(channel_id, notice_id, item, now, unseen) for notice_id, item in places]
    await tx.execute(insert_new(tx, membership), rows)
    for page in in_pages([notice_id for notice_id, _ in places]):
        await tx.execute(update(notice).where(notice.c.id.in_(page)).values(version=notice.c.version + 1))


def _write_place(
    channel_id: int, notice_id: int, item: Item, now: datetime, unseen: datetime | None
) -> dict[str, object]:
    return {
        "channel_id": channel_id,
        "notice_id": notice_id,
        "url": item.url,
        "pinned": item.pinned,
        "item_title": item.title,
        "first_seen_at": now,
        "unseen_at": unseen,
    }


async def join_channel(
    tx: Transaction, notice_id: int, channel_id: int, item: Item, now: datetime, unseen: datetime | None = None
) -> bool:
    """Record that a channel lists a notice; True if it never did before. A notice that had vanished is back.

    `unseen`: the channel's last good poll before, which did not show it; None: there was none.
    """
    place = _write_place(channel_id, notice_id, item, now, unseen)
    inserted = insert_new(tx, membership).values(place).returning(membership.c.notice_id)
    if (await tx.execute(inserted)).scalar_one_or_none() is not None:
        await tx.execute(update(notice).where(notice.c.id == notice_id).values(version=notice.c.version + 1))
        return True
    here = (membership.c.channel_id == channel_id, membership.c.notice_id == notice_id)
    shown = {"vanished_at": None, "url": item.url, "pinned": item.pinned, "item_title": item.title}
    await tx.execute(update(membership).where(*here).values(shown))
    return False


async def turn_to_news(tx: Transaction, notice_id: int, now: datetime) -> bool:
    """Place a notice of the history among what is new; True if it can be told at once, False if its page is read first.

    The reading of an article tells of news that nobody was told of yet; one that is under way takes it for history
    still, and counts no more.
    """
    placed = {"history": False, "sort_at": now, "updated_at": now, "version": notice.c.version + 1}
    unread = notice.c.article_read_at.is_(None)
    again = {name: case((unread, value), else_=notice.c[name]) for name, value in _read_again(now).items()}
    changed = {**placed, **again}
    moved = update(notice).where(notice.c.id == notice_id).values(changed)
    columns = (notice.c.title, notice.c.article_read_at, notice.c.article_due)
    row = (await tx.execute(moved.returning(*columns))).one()
    await take_out(tx, notice_id)
    return row.title is not None and (row.article_read_at is not None or row.article_due is None)


async def set_title(tx: Transaction, notice_id: int, title: str) -> str | None:
    """Give a notice its whole title; return the one it had before. None: it had none."""
    before: str | None = await tx.scalar(select(notice.c.title).where(notice.c.id == notice_id))
    changed = {"title": title, "version": notice.c.version + 1}
    await tx.execute(update(notice).where(notice.c.id == notice_id).values(changed))
    if before is None:
        first = and_(revision.c.notice_id == notice_id, revision.c.number == 1)
        await tx.execute(update(revision).where(first).values(title=title))
    return before


async def note_item(tx: Transaction, notice_id: int, channel_id: int, item_title: str, due: datetime) -> None:
    """Remember that a list shows another title, and have the article read again; a reading under way counts no more."""
    here = (membership.c.channel_id == channel_id, membership.c.notice_id == notice_id)
    await tx.execute(update(membership).where(*here).values(item_title=item_title))
    changed = {"item_title": item_title, **_read_again(due)}
    await tx.execute(update(notice).where(notice.c.id == notice_id).values(changed))


async def mark_vanished(tx: Transaction, channel_id: int, keys: Sequence[str], now: datetime) -> list[int]:
    """Record that a channel no longer lists these, and have their articles read; return the notices' ids."""
    portal_id = select(channel.c.portal_id).where(channel.c.id == channel_id).scalar_subquery()
    vanished: list[int] = []
    for page in in_pages(keys):
        named = select(notice_key.c.notice_id).where(notice_key.c.portal_id == portal_id, notice_key.c.key.in_(page))
        here = and_(membership.c.channel_id == channel_id, membership.c.vanished_at.is_(None))
        gone = update(membership).where(here, membership.c.notice_id.in_(named)).values(vanished_at=now)
        vanished += (await tx.scalars(gone.returning(membership.c.notice_id))).all()
    for ids in in_pages(vanished):
        await tx.execute(update(notice).where(notice.c.id.in_(ids)).values(_read_again(now)))
    return sorted(vanished)


def _read_again(due: datetime) -> dict[str, object]:
    """Return the values that make an article due, unless its page is another host's (never due, never read)."""
    readable = or_(*(notice.c[name].is_not(None) for name in ("article_due", "reread_due", "article_read_at")))
    return {"article_due": case((readable, due)), "article_fence": notice.c.article_fence + 1}
