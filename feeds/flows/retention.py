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
from feeds.store import retention
from feeds.store.engine import Database

log = structlog.get_logger()

_PAGE = 200


async def forget_people(database: Database, keyring: Keyring, clock: Callable[[], datetime]) -> int:
    """End what was never confirmed, blank what is kept too long; return how many addresses were blanked."""
    async with database.write() as tx:
        ended = await retention.end_unconfirmed(tx, clock())
    blanked, page = 0, 1
    while page:
        async with database.write() as tx:
            leftovers = await retention.list_leftovers(tx, clock(), _PAGE)
            for one in leftovers:
                await retention.blank_subscriber(tx, one.subscriber_id, hash_address(keyring, one.address))
        page = len(leftovers)
        blanked += page
    if ended or blanked:
        log.info("people forgotten in time", unconfirmed=ended, addresses=blanked)
    return blanked
