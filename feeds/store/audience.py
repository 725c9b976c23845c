"""The audience of a feed: who is subscribed to it, found by its name, so that an event looks at nobody else.

`subscription_feed` holds the feeds of every subscription that is not over, and of those that can be taken back: the
same names as its JSON column, which is the truth. Whoever writes that column calls `add_to_audiences`. Whether a
subscription is live, and wants this, is told by its own row. The feeds of who was blanked are dropped: nothing of
theirs comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, func, select, true, union_all

from feeds.model import Subscription
from feeds.store.engine import Transaction
from feeds.store.schema import subscription, subscription_feed
from feeds.store.statements import in_pages, insert_new
from feeds.store.wishes import SUBSCRIBED, recall_subscription


async def add_to_audiences(tx: Transaction, subscription_ids: Sequence[int]) -> None:
    """Add subscriptions, as they are by now, to the audiences of their feeds; they may be there already."""
    expand = func.json_each if tx.dialect.name == "sqlite" else func.json_array_elements_text
    named = expand(subscription.c.feeds).table_valued("value")
    columns = {
        "feed": named.c.value,
        "subscriber_id": subscription.c.subscriber_id,
        "subscription_id": subscription.c.id,
    }
    each = select(*columns.values()).select_from(subscription).join(named, true())
    for page in in_pages(subscription_ids):
        theirs = each.where(subscription.c.id.in_(page))
        await tx.execute(insert_new(tx, subscription_feed).from_select(list(columns), theirs))


async def leave_audiences(tx: Transaction, subscriber_id: int, subscription_id: int, feeds: Iterable[str]) -> None:
    """Take a subscription out of the audiences of feeds."""
    one = (subscription_feed.c.subscriber_id == subscriber_id, subscription_feed.c.subscription_id == subscription_id)
    for page in in_pages(sorted(set(feeds))):
        await tx.execute(delete(subscription_feed).where(subscription_feed.c.feed.in_(page), *one))


async def forget_listener(tx: Transaction, subscriber_id: int) -> None:
    """Take somebody out of every audience."""
    feeds = await tx.scalars(select(subscription.c.feeds).where(subscription.c.subscriber_id == subscriber_id))
    for page in in_pages(sorted({name for names in feeds for name in names})):
        theirs = (subscription_feed.c.feed.in_(page), subscription_feed.c.subscriber_id == subscriber_id)
        await tx.execute(delete(subscription_feed).where(*theirs))


async def load_audience(
    tx: Transaction, feeds: Collection[str], after_subscriber: int, limit: int
) -> tuple[list[Subscription], int | None]:
    """Return a page of subscriptions that events in these feeds may concern, by subscriber, and its last subscriber.

    It has every confirmed live subscription of up to `limit` of those who are subscribed to any of the feeds: one's are
    never cut apart by a page. The last one looked at may have none of them, by now. None: nobody is left.
    """
    people = await list_audience(tx, feeds, after_subscriber, limit)
    live = (subscription.c.confirmed_at.is_not(None), subscription.c.ended_at.is_(None))
    found: list[Subscription] = []
    for page in in_pages(people):
        query = SUBSCRIBED.where(subscription.c.subscriber_id.in_(page), *live)
        rows = await tx.execute(query.order_by(subscription.c.subscriber_id, subscription.c.id))
        found += map(recall_subscription, rows)
    return found, people[-1] if people else None


async def list_audience(tx: Transaction, feeds: Iterable[str], after_subscriber: int, limit: int) -> list[int]:
    """Return the subscribers in the audience of any of these feeds behind one, by id; at most `limit`, at least one.

    Empty: nobody is left. Of each feed no more is read than a page needs, however many are subscribed to it.
    """
    column = subscription_feed.c.subscriber_id
    ranges = [
        select(column)
        .where(subscription_feed.c.feed == feed, column > after_subscriber)
        .order_by(column)
        .limit(limit)
        .subquery()
        for feed in sorted(set(feeds))
    ]
    # Not made distinct before it is limited: behind the end of a range there may be people whom it did not come to.
    every = union_all(*(select(each.c.subscriber_id) for each in ranges)).subquery()
    query = select(every.c.subscriber_id).order_by(every.c.subscriber_id).limit(limit)
    return list(dict.fromkeys(await tx.scalars(query)))
