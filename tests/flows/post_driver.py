"""What a process does that tells every target what is due, until somebody kills it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from feeds.config import load_configuration
from feeds.daemon.secret import open_keyring
from feeds.daemon.templates import load_templates
from feeds.fetch.post import Poster
from feeds.flows import post
from feeds.flows.compose import Composing
from feeds.flows.post import Posting
from feeds.send.chat import send_chat
from feeds.store.engine import open_database


async def tell_all(folder: Path, url: str, now: datetime) -> None:
    """Tell all that is due at `now`."""
    settings, loaded = load_configuration(folder / "feeds.toml", {})
    keyring = open_keyring(settings.site.secret_file)
    named = {portal.name: portal for portal in loaded}
    composing = Composing(settings.site, settings.mail, settings.alerts, named, keyring, load_templates())
    database = await open_database(url)
    async with Poster(user_agent="noticefeeds tests") as poster:
        posting = Posting(database, composing, poster, send_chat, lambda: now)
        while due := await post.claim_due(posting, 4):
            for one in due:
                await post.post(posting, one)
    await database.close()


def drive(folder: Path, url: str, now: datetime) -> None:
    """Run as the body of a process."""
    asyncio.run(tell_all(folder, url, now))
