"""Once more, by the operator's word: deliveries that failed or grew too old are due again, as the mails they were.

load      the deliveries as they are
  | refuse    what was accepted, is being tried still, or has nothing left to tell
  | requeue   the others: due at once, the same Message-ID and Date
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from feeds.decide.retries import refuse_retry
from feeds.store import outcomes
from feeds.store.engine import Database

_PAGE = 500


async def retry_deliveries(
    database: Database, delivery_ids: Sequence[int], clock: Callable[[], datetime]
) -> dict[int, str | None]:
    """Try these once more; return for each why it is not tried, or None: it is due."""
    now = clock()
    async with database.write() as tx:
        found = await outcomes.load_lost(tx, delivery_ids)
        refusals = {
            number: refuse_retry(found[number].delivery, now, carries=found[number].carries)
            if number in found
            else "there is no such delivery"
            for number in dict.fromkeys(delivery_ids)
        }
        again = [found[number] for number, refusal in refusals.items() if refusal is None]
        await outcomes.requeue_deliveries(tx, again, now)
    return refusals


async def retry_lost(
    database: Database, since: datetime | None, clock: Callable[[], datetime]
) -> dict[int, str | None]:
    """Try once more whatever came to nothing, of what was made `since` then; return the same. A page at a time."""
    refusals: dict[int, str | None] = {}
    after = 0
    while True:
        async with database.read() as tx:
            page = await outcomes.list_lost(tx, since, after, _PAGE)
        if not page:
            return refusals
        refusals |= await retry_deliveries(database, page, clock)
        after = page[-1]
