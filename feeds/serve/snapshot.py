"""How the whole installation stands at one moment, read from the store in one go; for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feeds.decide.shaping import FORGOTTEN
from feeds.mailboxes import Pace
from feeds.store.deliveries import count_deliveries
from feeds.store.engine import Database
from feeds.store.feeds import FeedRow, list_feeds
from feeds.store.paces import list_paces
from feeds.store.portals import ChannelHealth, load_channels
from feeds.store.returned import count_returned
from feeds.store.status import Ledger, QueueDepth, load_ledger, load_queues


@dataclass(frozen=True)
class Snapshot:
    """A snapshot is channels, feeds, ledger and queues as they are at one moment."""

    channels: tuple[ChannelHealth, ...]
    feeds: tuple[FeedRow, ...]
    ledger: Ledger
    deliveries: Mapping[str, int]
    """Mails by state."""
    queues: tuple[QueueDepth, ...]
    returned: Mapping[str, int]
    """Mails that came back after they were accepted, by what they prove, and complaints."""
    slowed: tuple[Pace, ...]
    """Mail providers that said `slower` lately, and the relay where it could not be reached."""

    @property
    def stale_feeds(self) -> tuple[str, ...]:
        """Feeds that moved on since they were published."""
        return tuple(row.name for row in self.feeds if row.version != row.published_version)

    @property
    def ill_channels(self) -> tuple[ChannelHealth, ...]:
        """Channels that fare badly, judged over several polls."""
        return tuple(row for row in self.channels if row.ill)


async def take_snapshot(database: Database, now: datetime) -> Snapshot:
    """Read it all in one transaction, so that the sums agree with each other."""
    async with database.read() as tx:
        return Snapshot(
            channels=tuple(await load_channels(tx)),
            feeds=tuple(await list_feeds(tx)),
            ledger=await load_ledger(tx),
            deliveries=await count_deliveries(tx),
            queues=tuple(await load_queues(tx, now)),
            returned=await count_returned(tx),
            slowed=tuple(await list_paces(tx, now - FORGOTTEN)),
        )
