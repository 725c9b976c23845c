"""Telling WebSub hubs that feeds have changed, so that readers hear of it at once.

    claim     hubs that may be told something, with a lease
      | list      feeds that were published since the hub was told of them
      | post      the address of each document, one after the other
      | settle    told; or when to ask the hub again

The documents are served before: a hub fetches them as soon as it is told. To be told twice does a hub no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from feeds.config import PublishSettings, Site
from feeds.decide.timing import retry_hub
from feeds.fetch.post import Poster, PostFailure
from feeds.store import hubs
from feeds.store.engine import Database
from feeds.store.hubs import HubState

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
MOST_TOLD = 20
"""Feeds of which a hub is told at a time: well within the lease."""


@dataclass(frozen=True)
class Heralding:
    """What telling hubs needs: the composition root makes one."""

    database: Database
    site: Site
    settings: PublishSettings
    poster: Poster
    clock: Callable[[], datetime]


async def renew_hubs(heralding: Heralding) -> None:
    """Know the hubs of the configuration, and no others."""
    async with heralding.database.write() as tx:
        await hubs.sync_hubs(tx, heralding.settings.hub, heralding.clock())


async def tell_hubs(heralding: Heralding) -> int:
    """Tell every hub what it was not told; return of how many feeds."""
    if not heralding.settings.hub:
        return 0
    async with heralding.database.read() as tx:
        waiting = [one for one in heralding.settings.hub if await hubs.list_untold(tx, one, 1)]
    if not waiting:
        return 0
    async with heralding.database.write() as tx:
        claimed = await hubs.claim_hubs(tx, heralding.clock(), LEASE)
    return sum([await _tell_hub(heralding, state) for state in claimed])


async def _tell_hub(heralding: Heralding, state: HubState) -> int:
    async with heralding.database.read() as tx:
        untold = await hubs.list_untold(tx, state.url, MOST_TOLD)
    told, problem, wait = 0, None, None
    for name, version in untold:
        problem, wait = await _post_feed(heralding, state.url, name)
        if problem is not None:
            log.warning("hub not told", hub=state.url, feed=name, problem=problem)
            break
        async with heralding.database.write() as tx:
            await hubs.mark_told(tx, state.url, name, version)
        told += 1
    now, failures = heralding.clock(), 0 if problem is None else state.failures + 1
    next_at = now if problem is None else retry_hub(now, failures, wait)
    async with heralding.database.write() as tx:
        await hubs.settle_hub(tx, state.url, next_at, failures, problem)
    return told


async def _post_feed(heralding: Heralding, hub: str, name: str) -> tuple[str | None, float | None]:
    """Tell a hub of every document of a feed; return why it was not told, and the seconds that it asks to wait.

    Hubs differ in the name of the one parameter: WebSub (W3C, section 6) leaves it open. Both names are said.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for fmt in heralding.settings.formats:
        topic = f"{heralding.site.base_url}/feeds/{name}.{fmt}"
        form = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
        answer = await heralding.poster.post(hub, headers, form.encode(), allow_private=True)
        if isinstance(answer, PostFailure):
            return answer.problem, None
        if not 200 <= answer.status < 300:
            said = " ".join(answer.body.decode("utf-8", "replace").split())[:200]
            return f"the hub answers {answer.status}: {said}", answer.retry_after
    return None, None
