"""What a process does that polls, publishes and fans out once, and kills itself with SIGKILL at a named step.

What a real kill -9 leaves behind is what the next start finds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from feeds.config import load_configuration
from feeds.fetch.client import PortalClient
from feeds.flows import alert, articles, poll, publish, reminders
from feeds.flows.alert import Alerting
from feeds.flows.poll import Polling
from feeds.flows.rendering import Publishing
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
        alerting = Alerting(database, named, settings.site, settings.alerts, lambda: now, trace)
        await reminders.add_due(alerting)
        while events := await alert.claim_due(alerting, 10):
            for event in events:
                await alert.fan_out(alerting, event)
    await database.close()


def drive(folder: Path, url: str, now: datetime, fatal: str | None) -> None:
    """Run as the body of a process."""
    asyncio.run(run_once(folder, url, now, fatal))
