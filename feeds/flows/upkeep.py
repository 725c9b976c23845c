"""Upkeep: finding what fell between.

recall    work that is due further ahead than anything is ever put: the clock was wrong when it was claimed or put off
  | pull back    times of telling that lie ahead: people would not be told until then
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from feeds.decide.replies import LONGEST_WAIT
from feeds.decide.timing import LONGEST_REST
from feeds.flows import alert, articles, deliver, keeping, poll
from feeds.flows.poll import Polling
from feeds.store import claims, clocks, deliveries, feeds

log = structlog.get_logger()

_SLACK = timedelta(hours=1)
"""Longer than every lease, and than any step of a clock that is kept right."""
_RETRY_AFTER = timedelta(days=1)
"""The longest wait that a server is believed (`decide.timing`), and that an article's reading is tried after."""


async def recall_stray(polling: Polling) -> int:
    """Make work due within a lease that no right clock can have put so far ahead; return how much there was."""
    longest = timedelta(minutes=polling.settings.max_interval_minutes)
    oldest = timedelta(hours=max(polling.settings.recheck_hours, default=0))
    work = (
        (claims.CHANNELS, max(longest * 1.1, _RETRY_AFTER) + _SLACK, poll.LEASE),
        (claims.OVERVIEWS, max(longest * 1.1, _RETRY_AFTER) + _SLACK, poll.LEASE),
        (claims.ARTICLES, max(oldest, _RETRY_AFTER) + _SLACK, articles.LEASE),
        (claims.REREADINGS, max(oldest, LONGEST_REST) + _SLACK, articles.LEASE),
        (claims.FILES, max(keeping.LOOK_AGAIN, _RETRY_AFTER) + _SLACK, keeping.LEASE),
        (claims.FANOUTS, _SLACK, alert.LEASE),
        (claims.DELIVERIES, LONGEST_WAIT + _SLACK, deliver.LEASE),
    )
    now = polling.clock()
    async with polling.database.write() as tx:
        recalled = sum([await claims.recall_rows(tx, kind, now + ahead, now + lease) for kind, ahead, lease in work])
        recalled += await deliveries.recall_undeferred(tx, now + _SLACK, now + deliver.LEASE)
        recalled += await feeds.free_feeds(tx, now + _SLACK)
        recalled += await clocks.pull_back(tx, now + _SLACK, now)
    if recalled:
        log.warning("the clock was wrong: what was put off too far is due soon", rows=recalled)
    return recalled
