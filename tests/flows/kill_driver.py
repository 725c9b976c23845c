"""A process that polls, publishes and fans out once, and kills itself with SIGKILL at a named step.

    python -m tests.flows.kill_driver FOLDER DATABASE_URL NOW_ISO [STEP]

The test starts it: what is left behind by a real kill -9 is what the next start finds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from feeds.config import load_configuration
from feeds.fetch.client import PortalClient
from feeds.flows import alert, articles, poll, publish
from feeds.flows.alert import Alerting
from feeds.flows.poll import Polling
from feeds.flows.publish import Publishing
from feeds.store.engine import open_database


async def run_once(folder: Path, url: str, now: datetime, fatal: str | None) -> None:
    """Do all that is due at `now`; die at the step `fatal`."""

    def trace(step: str) -> None:
        if step == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    settings, loaded = load_configuration(folder / "feeds.toml", {})
    portal = replace(loaded[0], politeness=replace(loaded[0].politeness, spacing_seconds=0.0))
    named = {portal.name: portal}
    database = await open_database(url)
    client = PortalClient(user_agent="noticefeeds tests", clock=time.monotonic, jitter=lambda: 0.0)
    async with client:
        polling = Polling(database, client, named, settings.poll, lambda: now, lambda: 0.0, trace)
        for claim in await poll.claim_due(polling, 1):
            await poll.poll_channel(polling, claim)
        while due := await articles.claim_due(polling, 20):
            for one in due:
                await articles.read_due_article(polling, one)
        publishing = Publishing(database, named, settings.site, settings.publish, lambda: now, trace)
        await publish.publish_stale(publishing)
        alerting = Alerting(database, settings.site, settings.alerts, lambda: now, trace)
        while events := await alert.claim_due(alerting, 10):
            for event in events:
                await alert.fan_out(alerting, event)
    await database.close()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    asyncio.run(
        run_once(
            Path(arguments[0]),
            arguments[1],
            datetime.fromisoformat(arguments[2]),
            arguments[3] if len(arguments) > 3 else None,
        )
    )
