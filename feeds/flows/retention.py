"""Forgetting in time: people, and what was said at attempts to reach them.

end       sign-ups that nobody confirmed within seven days
  | find      addresses that are not needed: 28 days after the last subscription ended, or never confirmed
  | blank     the address becomes a keyed hash; words and replies go with it
prune     attempts at deliveries that ended long ago
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from feeds.decide.addresses import hash_address
from feeds.decide.tokens import Keyring
from feeds.errors import FeedsError
from feeds.store import pruning, retention
from feeds.store.engine import Database
from feeds.store.retention import Leftover

log = structlog.get_logger()

_PAGE = 200
_ATTEMPTS = 1_000
"""Looked at, and deleted, in one transaction."""


async def forget_people(database: Database, keyring: Keyring, clock: Callable[[], datetime]) -> int:
    """End what was never confirmed, blank what is kept too long; return how many addresses were blanked.

    It looks through everybody without holding up who writes. One that cannot be blanked keeps nobody else's address.
    """
    ended, blanked, after = 0, 0, 0
    async with database.read() as tx:
        unconfirmed = await retention.has_unconfirmed(tx, clock())
    if unconfirmed:
        async with database.write() as tx:
            ended = await retention.end_unconfirmed(tx, clock())
    while True:
        async with database.read() as tx:
            leftovers = await retention.list_leftovers(tx, clock(), after, _PAGE)
        if not leftovers:
            break
        for one in leftovers:
            blanked += await _blank(database, one, hash_address(keyring, one.address), clock())
        after = leftovers[-1].subscriber_id
    if ended or blanked:
        log.info("people forgotten in time", unconfirmed=ended, addresses=blanked)
    return blanked


async def _blank(database: Database, one: Leftover, hashed: str, now: datetime) -> bool:
    try:
        async with database.write() as tx:
            return await retention.blank_leftover(tx, one, hashed, now)
    except FeedsError:
        raise
    except Exception:
        log.exception("somebody could not be forgotten: this is a bug", subscriber=one.subscriber_id)
        return False


async def prune_attempts(database: Database, keep: timedelta, clock: Callable[[], datetime]) -> int:
    """Delete attempts that are older than they are kept; return how many."""
    pruned, before = 0, clock() - keep
    after: pruning.Key | None = (0, 0)
    while after is not None:
        async with database.read() as tx:
            old = await pruning.find_old_attempts(tx, before, after, _ATTEMPTS)
        if old.over:
            async with database.write() as tx:
                await pruning.prune_attempts(tx, old.over)
        pruned, after = pruned + len(old.over), old.last
    if pruned:
        log.info("attempts pruned", attempts=pruned)
    return pruned
