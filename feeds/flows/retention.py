"""Forgetting people in time.

end       sign-ups that nobody confirmed within seven days
  | find      addresses that are not needed: 28 days after the last subscription ended, or never confirmed
  | blank     the address becomes a keyed hash; words and replies go with it
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from feeds.decide.addresses import hash_address
from feeds.decide.tokens import Keyring
from feeds.errors import FeedsError
from feeds.store import retention
from feeds.store.engine import Database
from feeds.store.retention import Leftover

log = structlog.get_logger()

_PAGE = 200


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
