"""How the whole installation stands at one moment, read from the store in one go; for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feeds.decide.shaping import FORGOTTEN
from feeds.mailboxes import Pace
from feeds.model import Epoch
from feeds.store.copies import FileTally, tally_files
from feeds.store.deliveries import count_deliveries
from feeds.store.engine import Database
from feeds.store.epochs import count_held, load_epoch
from feeds.store.feeds import FeedRow, list_feeds
from feeds.store.paces import list_paces
from feeds.store.portals import ChannelHealth, load_channels
from feeds.store.returned import count_returned
from feeds.store.status import Ledger, QueueDepth, count_repeated, find_oldest_alert, load_queues
from feeds.store.tallies import LedgerCheck, load_check, load_checked_ledger


@dataclass(frozen=True)
class Snapshot:
    """A snapshot is channels, feeds, ledger and queues as they are at one moment."""

    taken_at: datetime
    channels: tuple[ChannelHealth, ...]
    feeds: tuple[FeedRow, ...]
    ledger: Ledger
    """As the checks found it; none found anything yet: all zero."""
    check: LedgerCheck | None
    """The last check of the ledger. None: there was none yet."""
    deliveries: Mapping[str, int]
    """Mails by state."""
    queues: tuple[QueueDepth, ...]
    oldest_alert: datetime | None
    """Since when the oldest mail is due that is to be told at once. None: none is due."""
    repeated: int
    """Mails handed over once more that may have arrived before."""
    restored: Epoch | None
    """The epoch, while mails wait because the database was restored. None: none do."""
    held: int
    """Mails that wait for that."""
    returned: Mapping[str, int]
    """Mails that came back after they were accepted, by what they prove, and complaints."""
    slowed: tuple[Pace, ...]
    """Mail providers that said `slower` lately, and the relay where it could not be reached."""
    files: FileTally
    """Copies of attachments and pictures."""

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
        epoch = await load_epoch(tx)
        restored = epoch if epoch and epoch.holds(now) else None
        return Snapshot(
            taken_at=now,
            channels=tuple(await load_channels(tx)),
            feeds=tuple(await list_feeds(tx)),
            ledger=await load_checked_ledger(tx),
            check=await load_check(tx),
            deliveries=await count_deliveries(tx),
            queues=tuple(await load_queues(tx, now)),
            oldest_alert=await find_oldest_alert(tx, now),
            restored=restored,
            held=await count_held(tx, restored) if restored else 0,
            repeated=await count_repeated(tx),
            returned=await count_returned(tx),
            slowed=tuple(await list_paces(tx, now - FORGOTTEN)),
            files=await tally_files(tx),
        )
