"""Services that Apprise knows (extra `chat`). It works in a thread, and only says whether a message was taken."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

DEADLINE_SECONDS = 60.0
"""Less than a claim's lease."""
NO_APPRISE = "Apprise is not installed: pip install 'noticefeeds[chat]'"


_THREADS = ThreadPoolExecutor(8, "chat")
"""Of its own: a thread that hangs cannot be ended, and must keep no other work waiting."""


def has_apprise() -> bool:
    """Tell whether the extra `chat` is installed."""
    return find_spec("apprise") is not None


def knows_address(url: str) -> bool:
    """Tell whether Apprise, which must be installed, knows what an address means."""
    import apprise

    _silence()
    return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


async def send_chat(url: str, title: str, text: str) -> str | None:
    """Tell a service; return why it was not told, in a sentence without its address. None: it took it."""
    if not has_apprise():
        return NO_APPRISE
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(_THREADS, _notify, url, title, text)
    except TimeoutError:
        return f"no answer within {DEADLINE_SECONDS:g} s"


def _notify(url: str, title: str, text: str) -> str | None:
    import apprise

    _silence()
    service = apprise.Apprise()
    if not service.add(url):
        return "Apprise does not know this kind of address"
    taken = service.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
    return None if taken else "the service did not take it; Apprise does not say why"


def _silence() -> None:
    """Keep Apprise's log, which names addresses, out of ours."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
