"""Telling WebSub hubs that feeds have changed, so that readers hear of it at once.

    claim     hubs that may be told something, with a lease
      | list      feeds whose bytes are others than those that the hub was told of
      | post      the address of each document, one after the other
      | settle    told; or when to ask the hub again

The documents are served before: a hub fetches them as soon as it is told. To be told twice does a hub no harm.
"""

from __future__ import annotations

import asyncio
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
MARGIN = timedelta(minutes=2)
"""Nothing is begun so near to the end of a lease: a feed of three documents takes half of it at most."""
MOST_TOLD = 100
"""Feeds of which a hub is told at a time."""
_BUSY = frozenset({408, 425, 429})
"""Statuses that mean: not now. Other 4xx mean: not this feed, ever."""


@dataclass(frozen=True)
class _Refusal:
    """Why a hub was not told of a feed, the seconds it asks to wait, and whether it will not have this feed at all."""

    problem: str
    wait: float | None = None
    is_final: bool = False


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
    now = heralding.clock()
    async with heralding.database.read() as tx:
        ready = [one for one in await hubs.list_hubs(tx) if one.next_at <= now]
        waiting = [one.url for one in ready if await hubs.list_untold(tx, one.url, 1)]
    if not waiting:
        return 0
    async with heralding.database.write() as tx:
        claimed = await hubs.claim_hubs(tx, waiting, now, LEASE)
    return sum(await asyncio.gather(*(_tell_hub(heralding, state) for state in claimed)))


async def is_due(heralding: Heralding) -> bool:
    """Tell whether any hub was not told of something and may be told now."""
    now = heralding.clock()
    async with heralding.database.read() as tx:
        return any([one.next_at <= now and await hubs.list_untold(tx, one.url, 1) for one in await hubs.list_hubs(tx)])


async def _tell_hub(heralding: Heralding, claim: HubState) -> int:
    """Tell one hub until it does not listen. A feed that it will not have is left out, and named."""
    async with heralding.database.read() as tx:
        untold = await hubs.list_untold(tx, claim.url, MOST_TOLD)
    told, refusal = 0, None
    for name, version in untold:
        if heralding.clock() > claim.next_at - MARGIN:
            break
        refused = await _post_feed(heralding, claim.url, name)
        if refused is not None:
            refusal = refused
            log.warning("hub not told", hub=claim.url, feed=name, problem=refused.problem)
            if not refused.is_final:
                break
        async with heralding.database.write() as tx:
            await hubs.mark_told(tx, claim.url, name, version)
        told += 1
    now, failures = heralding.clock(), 0
    next_at = now
    if refusal is not None and not refusal.is_final:
        failures = claim.failures + 1
        next_at = retry_hub(now, failures, refusal.wait)
    async with heralding.database.write() as tx:
        await hubs.settle_hub(tx, claim, next_at, failures, refusal.problem if refusal else None)
    return told


async def _post_feed(heralding: Heralding, hub: str, name: str) -> _Refusal | None:
    """Tell a hub of every document of a feed; return why it was not told. None: it was.

    Hubs differ in the name of the one parameter: WebSub (W3C, section 6) leaves it open. Both names are said.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    refusal = None
    for fmt in heralding.settings.formats:
        topic = f"{heralding.site.base_url}/feeds/{name}.{fmt}"
        form = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic})
        answer = await heralding.poster.post(hub, headers, form.encode(), allow_private=True)
        if isinstance(answer, PostFailure):
            return _Refusal(answer.problem)
        if 200 <= answer.status < 300:
            continue
        said = " ".join(answer.body.decode("utf-8", "replace").split())[:200]
        problem = f"the hub answers {answer.status} for {topic}: {said}"
        if not 400 <= answer.status < 500 or answer.status in _BUSY:
            return _Refusal(problem, answer.retry_after)
        refusal = _Refusal(problem, is_final=True)
    return refusal
