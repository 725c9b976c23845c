"""The pages of channels' archives: closed once, never added to, so that every notice ever seen can be walked.

A page holds notices that no page has as they are: that are new, or were revised, withdrawn or restored since. It is
closed when its channel's feed is about to lose one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.sql.expression import false

from feeds.store.engine import Transaction
from feeds.store.schema import archive_page, channel, membership, notice, portal
from feeds.store.statements import Condition, in_pages, insert_new

PAGE = 50
"""Most notices on a page."""
MOST_CLOSED = 20
"""Pages that are closed in one transaction."""


@dataclass(frozen=True)
class ArchivePage:
    """An archive page is what one document of a channel's archive shows."""

    number: int
    notice_ids: tuple[int, ...]
    """The newest first."""


async def find_channel_id(tx: Transaction, name: str) -> int | None:
    """Return the id of the channel `PORTAL/SLUG`; None for any other feed."""
    portal_name, _, slug = name.partition("/")
    query = select(channel.c.id).join(portal).where(portal.c.name == portal_name, channel.c.slug == slug)
    found: int | None = await tx.scalar(query)
    return found


async def is_any_outside(tx: Transaction, channel_id: int, shown: AbstractSet[int]) -> bool:
    """Tell whether a channel has notices that neither its feed, which shows `shown`, nor a page has as they are."""
    some = select(membership.c.notice_id).join(notice).where(*_unarchived(channel_id)).limit(len(shown) + 1)
    return any(notice_id not in shown for notice_id in await tx.scalars(some))


async def close_pages(tx: Transaction, channel_id: int, shown: AbstractSet[int], now: datetime) -> bool:
    """Close pages until all that the feed of a channel does not show is on one; True if some is left for next time.

    The oldest go first, those that the feed still shows among them, so that pages are full where they can be. What a
    poll or a reading holds just now is left for next time, so that neither waits for the other; what another publisher
    closes at the same time is left to that.
    """
    order = (notice.c.sort_at, notice.c.rank.desc(), notice.c.id)
    query = select(notice.c.id).join(membership).where(*_unarchived(channel_id)).order_by(*order)
    locked = query.limit(MOST_CLOSED * PAGE + 1).with_for_update(of=membership, skip_locked=True)
    waiting = list((await tx.scalars(locked)).all())
    last = await tx.scalar(select(func.max(archive_page.c.number)).where(archive_page.c.channel_id == channel_id))
    pages = dict(enumerate(_cut(waiting[: MOST_CLOSED * PAGE], shown), (last or 0) + 1))
    if not pages:
        return False
    rows = [
        {"channel_id": channel_id, "number": number, "notice_ids": list(reversed(ids)), "closed_at": now}
        for number, ids in pages.items()
    ]
    closed = (await tx.scalars(insert_new(tx, archive_page).returning(archive_page.c.number), rows)).all()
    for ids in in_pages([each for number in closed for each in pages[number]]):
        here = (membership.c.channel_id == channel_id, membership.c.notice_id.in_(ids))
        await tx.execute(update(membership).where(*here).values(archived=True))
    return len(waiting) > MOST_CLOSED * PAGE


def _cut(waiting: Sequence[int], shown: AbstractSet[int]) -> Iterator[Sequence[int]]:
    """Yield what belongs on pages: each of which has one at least that the feed shows no longer."""
    for page in in_pages(waiting, PAGE):
        if any(notice_id not in shown for notice_id in page):
            yield page


def _unarchived(channel_id: int) -> tuple[Condition, ...]:
    """Return the conditions of what no page has as it is. What is about to be read the first time waits for that."""
    retired = select(channel.c.id).where(channel.c.id == channel_id, channel.c.retired_at.is_not(None)).exists()
    read = (notice.c.article_read_at.is_not(None), notice.c.article_due.is_(None), notice.c.article_tries > 0)
    tried = or_(*read, retired)  # what is listed by channels that are watched no more may never be read
    here = (membership.c.channel_id == channel_id, membership.c.archived == false())
    return (*here, notice.c.title.is_not(None), tried)


async def list_pages(tx: Transaction, channel_id: int, limit: int | None, *, unwritten: bool) -> list[ArchivePage]:
    """Return a channel's pages, the first one closed first; `unwritten`: only those whose documents are not written."""
    query = select(archive_page).where(archive_page.c.channel_id == channel_id).order_by(archive_page.c.number)
    if unwritten:
        query = query.where(archive_page.c.written_at.is_(None))
    return [ArchivePage(row.number, tuple(row.notice_ids)) for row in await tx.execute(query.limit(limit))]


async def mark_pages_written(tx: Transaction, channel_id: int, numbers: Sequence[int], now: datetime) -> None:
    """Say that the documents of these pages are written."""
    for page in in_pages(numbers):
        these = (archive_page.c.channel_id == channel_id, archive_page.c.number.in_(page))
        await tx.execute(update(archive_page).where(*these).values(written_at=now))


async def find_newest_page(tx: Transaction, channel_id: int) -> int | None:
    """Return the number of the newest page of which all documents, and those of all before, are written; None: none."""
    mine = archive_page.c.channel_id == channel_id
    first_left = select(func.min(archive_page.c.number)).where(mine, archive_page.c.written_at.is_(None))
    left: int | None = await tx.scalar(first_left)
    if left is not None:
        return left - 1 or None
    newest: int | None = await tx.scalar(select(func.max(archive_page.c.number)).where(mine))
    return newest


async def rewrite_pages(tx: Transaction) -> None:
    """Say that the documents of all pages have to be written again."""
    await tx.execute(update(archive_page).values(written_at=None))


async def take_out(tx: Transaction, notice_id: int) -> None:
    """Say that a notice is not any more what the pages that have it show: another page will."""
    await tx.execute(update(membership).where(membership.c.notice_id == notice_id).values(archived=False))
