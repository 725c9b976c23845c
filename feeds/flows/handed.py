"""Claims of polling that were handed on: they are taken over by who works them, and kept while they are worked.

What is not watched here is left to who has it in a newer configuration.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from feeds.flows import articles, overview
from feeds.flows.poll import Polling
from feeds.flows.strangers import leave_strangers
from feeds.store import claims, notices, overviews, portals
from feeds.store.articles import ArticleClaim
from feeds.store.overviews import OverviewClaim
from feeds.store.portals import ChannelClaim
from feeds.work.tasks import Row, list_handed

LEASE = timedelta(minutes=3)
"""Of a poll or a visit that is under way: it is renewed, so what a killed worker had need not wait for a whole one."""


async def retake_channels(polling: Polling, rows: Sequence[Row]) -> list[ChannelClaim]:
    """Take channels over whose claims were handed on; left out is what somebody else has, or is not watched here."""
    now = polling.clock()
    async with polling.database.write() as tx:
        taken = await portals.retake_channels(tx, list_handed(rows), now + LEASE)
        return await leave_strangers(tx, claims.CHANNELS, taken, lambda one: polling.knows(one.portal, one.slug), now)


async def renew_channels(polling: Polling, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: their work takes long, or waits for its turn at a portal."""
    async with polling.database.write() as tx:
        await claims.renew_rows(tx, claims.CHANNELS, list_handed(rows), polling.clock() + LEASE)


async def retake_overviews(polling: Polling, rows: Sequence[Row]) -> list[OverviewClaim]:
    """Take overviews over whose claims were handed on; left out is what somebody else has, or is not watched here."""
    now = polling.clock()
    async with polling.database.write() as tx:
        taken = await overviews.retake_overviews(tx, list_handed(rows), now + LEASE)
        return await leave_strangers(tx, claims.OVERVIEWS, taken, partial(overview.is_known, polling), now)


async def renew_overviews(polling: Polling, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: their work takes long, or waits for its turn at a portal."""
    async with polling.database.write() as tx:
        await claims.renew_rows(tx, claims.OVERVIEWS, list_handed(rows), polling.clock() + LEASE)


async def retake_articles(polling: Polling, rows: Sequence[Row]) -> list[ArticleClaim]:
    """Take notices over whose claims were handed on; left out is what somebody else has, or is not watched here.

    `leisure` in a row: 1 if nobody waits for it.
    """
    now, known = polling.clock(), []
    async with polling.database.write() as tx:
        for at_leisure, work in ((False, claims.ARTICLES), (True, claims.REREADINGS)):
            handed = list_handed([row for row in rows if bool(row["leisure"]) is at_leisure])
            taken = await notices.retake_articles(tx, handed, now + articles.LEASE, at_leisure=at_leisure)
            known += await leave_strangers(tx, work, taken, partial(articles.is_known, polling), now)
    return known


async def renew_articles(polling: Polling, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: a reading waits for its turn at the portal."""
    async with polling.database.write() as tx:
        for at_leisure, work in ((False, claims.ARTICLES), (True, claims.REREADINGS)):
            handed = list_handed([row for row in rows if bool(row["leisure"]) is at_leisure])
            await claims.renew_rows(tx, work, handed, polling.clock() + articles.LEASE)
