"""The audiences of feeds, held against the subscriptions that they are found for."""

from __future__ import annotations

from sqlalchemy import select

from feeds.store.engine import Database
from feeds.store.schema import subscriber, subscription, subscription_feed
from feeds.store.subscribers import MOVED, UNDONE, UNSUBSCRIBED

_MAY_COME_BACK = {UNSUBSCRIBED, MOVED, UNDONE}


async def check_audiences(database: Database) -> None:
    """See that everybody is found by the feeds of each subscription that is live, or may be again, and by no other."""
    async with database.read() as tx:
        rows = (await tx.execute(select(subscription))).all()
        found = {
            (row.feed, row.subscriber_id, row.subscription_id) for row in await tx.execute(select(subscription_feed))
        }
        gone = set(await tx.scalars(select(subscriber.c.id).where(subscriber.c.address.is_(None))))
    named = {row.id: {(feed, row.subscriber_id, row.id) for feed in row.feeds} for row in rows}
    wanted = [row.id for row in rows if row.ended_at is None or row.ended_reason in _MAY_COME_BACK]
    blanked = [row.id for row in rows if row.subscriber_id in gone]
    assert found <= {each for every in named.values() for each in every}
    assert found >= {each for number in wanted for each in named[number]}
    assert found.isdisjoint({each for number in blanked for each in named[number]})
