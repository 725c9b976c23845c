"""Claims of polling that were handed on: they are taken over by who works them, and kept while they are worked."""

from __future__ import annotations

from collections.abc import Sequence

from feeds.flows import articles, poll
from feeds.flows.poll import Polling
from feeds.store import claims, notices, overviews, portals
from feeds.store.articles import ArticleClaim
from feeds.store.overviews import OverviewClaim
from feeds.store.portals import ChannelClaim
from feeds.work.tasks import Row, list_handed


async def retake_channels(polling: Polling, rows: Sequence[Row]) -> list[ChannelClaim]:
    """Take channels over whose claims were handed on; left out is what somebody else has, or is not watched here."""
    async with polling.database.write() as tx:
        taken = await portals.retake_channels(tx, list_handed(rows), polling.clock() + poll.LEASE)
    return [claim for claim in taken if polling.knows(claim.portal, claim.slug)]


async def renew_channels(polling: Polling, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: their work takes long, or waits for its turn at a portal."""
    async with polling.database.write() as tx:
        await claims.renew_rows(tx, claims.CHANNELS, list_handed(rows), polling.clock() + poll.LEASE)


async def retake_overviews(polling: Polling, rows: Sequence[Row]) -> list[OverviewClaim]:
    """Take overviews over whose claims were handed on; left out is what somebody else has, or is not watched here."""
    async with polling.database.write() as tx:
        taken = await overviews.retake_overviews(tx, list_handed(rows), polling.clock() + poll.LEASE)
    return [claim for claim in taken if claim.portal in polling.portals]


async def renew_overviews(polling: Polling, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: their work takes long, or waits for its turn at a portal."""
    async with polling.database.write() as tx:
        await claims.renew_rows(tx, claims.OVERVIEWS, list_handed(rows), polling.clock() + poll.LEASE)


async def retake_articles(polling: Polling, rows: Sequence[Row]) -> list[ArticleClaim]:
    """Take notices over whose claims were handed on; left out is what somebody else has, or is not watched here.

    `leisure` in a row: 1 if nobody waits for it.
    """
    until, taken = polling.clock() + articles.LEASE, []
    async with polling.database.write() as tx:
        for at_leisure in (False, True):
            handed = list_handed([row for row in rows if bool(row["leisure"]) is at_leisure])
            taken += await notices.retake_articles(tx, handed, until, at_leisure=at_leisure)
    return [claim for claim in taken if articles.is_known(polling, claim)]


async def renew_articles(polling: Polling, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: a reading waits for its turn at the portal."""
    async with polling.database.write() as tx:
        for at_leisure, work in ((False, claims.ARTICLES), (True, claims.REREADINGS)):
            handed = list_handed([row for row in rows if bool(row["leisure"]) is at_leisure])
            await claims.renew_rows(tx, work, handed, polling.clock() + articles.LEASE)
