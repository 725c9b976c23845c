"""Upkeep: finding what fell between.

recall    work that is due further ahead than anything is ever put: the clock was wrong when it was claimed or put off
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from feeds.flows import deliver
from feeds.flows.poll import Polling
from feeds.store import claims

log = structlog.get_logger()

_LEASE = timedelta(hours=1)
"""Longer than every lease."""
_RETRY_AFTER = timedelta(days=1)
"""The longest wait that a server is believed (`decide.timing`), and that an article's reading is tried after."""
_NEXT_TRY = timedelta(hours=3)
"""Longer than the longest wait between two tries of a delivery (`decide.replies`)."""


async def recall_stray(polling: Polling) -> int:
    """Make work due now that no right clock can have put so far ahead; return how much there was."""
    longest = timedelta(minutes=polling.settings.max_interval_minutes)
    oldest = timedelta(hours=max(polling.settings.recheck_hours, default=0))
    furthest = {
        claims.CHANNELS: max(longest * 1.1, _RETRY_AFTER) + _LEASE,
        claims.ARTICLES: max(oldest, _RETRY_AFTER) + _LEASE,
        claims.FANOUTS: _LEASE,
        claims.DELIVERIES: max(_NEXT_TRY, deliver.LEASE),
    }
    now = polling.clock()
    async with polling.database.write() as tx:
        recalled = sum([await claims.recall_rows(tx, work, now, now + ahead) for work, ahead in furthest.items()])
    if recalled:
        log.warning("the clock was wrong: work that was put off too far is due now", rows=recalled)
    return recalled
