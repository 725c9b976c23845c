"""Learning when channels publish, once a day for each portal.

find     portals whose shares are older than a day
  | load    when their notices were published
  | learn   the patterns, and each channel's share of the portal's requests
  | save    the shares: the next polls follow them
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from feeds.config import PollSettings
from feeds.decide.cadence import Share, find_least_budget, share_budget
from feeds.decide.patterns import MEMORY, Pattern, learn_patterns
from feeds.flows.poll import Polling, find_budget
from feeds.model import Portal
from feeds.store import overviews, shares

log = structlog.get_logger()

_AGE = timedelta(days=1)
_AT_ONCE = 20
"""Portals learned in one go: a thousand take an hour of ticks, none of them long."""


async def learn_habits(polling: Polling) -> int:
    """Learn anew what was learned more than a day ago; return how many portals that were."""
    if not polling.settings.learn:
        return 0
    now = polling.clock()
    async with polling.database.read() as tx:
        names = await shares.find_unlearned(tx, now - _AGE, _AT_ONCE)
    ours = [polling.portals[name] for name in names if name in polling.portals]
    for portal in ours:
        async with polling.database.read() as tx:
            posts = await shares.load_posts(tx, portal.name, now - MEMORY, ZoneInfo(portal.time_zone))
            known = await shares.load_known(tx, portal.name)
            shown = await overviews.load_shown(tx, portal.name, now - _AGE)
        habits = await asyncio.to_thread(learn_patterns, posts, now - MEMORY, now, ZoneInfo(portal.time_zone), known)
        learned = _share(portal, habits, shown, find_budget(portal, polling.settings))
        async with polling.database.write() as tx:
            await shares.save_shares(tx, portal.name, learned, now)
        log.debug("learned when channels publish", portal=portal.name, posts=sum(map(len, posts.values())))
    return len(ours)


def explain_overspending(portal: Portal, settings: PollSettings) -> str | None:
    """Return why a portal is asked for more list pages a day than its budget says; None where the budget is kept."""
    budget, targets = find_budget(portal, settings), len(portal.channels) + len(portal.overviews)
    if settings.learn:
        least, why = find_least_budget(targets), f"none of {targets} lists and pages waits for a whole day"
    else:
        least = targets * 1440 / settings.interval_minutes
        why = f"learn = false asks {targets} lists and pages every {settings.interval_minutes:g} minutes"
    if least <= budget or (portal.budget is None and settings.budget is None):
        return None
    said = f"a budget of {budget:g} list pages a day cannot be kept, about {least:.0f} are asked for"
    return f"{portal.name}: {said}: {why}"


def _share(
    portal: Portal, patterns: Mapping[str, Pattern], shown: Mapping[str, AbstractSet[str]], budget: float
) -> dict[str, Share]:
    """Return the shares of the channels that were seen; those that were not get as much as an average one."""
    unseen = len(portal.channels) - len(patterns)
    weights = {channel.slug: channel.weight for channel in portal.channels}
    reveals = {url: sorted(slugs & patterns.keys()) for url, slugs in shown.items() if slugs & patterns.keys()}
    return share_budget(patterns, budget * (1 - unseen / len(portal.channels)), reveals, weights)
