"""What portals see of this installation: one visitor, whichever of its processes asks."""

from __future__ import annotations

import random
import time
from urllib.request import getproxies, proxy_bypass

from feeds import __version__
from feeds.config import Settings
from feeds.fetch.client import PortalClient
from feeds.fetch.post import Poster


def open_client(settings: Settings | None, *, records: bool = False) -> PortalClient:
    """Return a client that keeps to a portal's budget together with the daemon and all commands of this machine.

    What only looks leaves nothing behind: where nobody who `records` has been, there is nobody to keep to it with.
    None: there is no configuration yet.
    """
    folder = settings.site.secret_file.parent / "politeness" if settings else None
    shared = folder if folder and (records or folder.is_dir()) else None
    return PortalClient(
        user_agent=name_ourselves(settings or Settings()),
        clock=time.monotonic,
        jitter=random.random,
        shared=shared,
        find_proxy=read_proxy,
    )


def open_poster(settings: Settings) -> Poster:
    """Return what posts to webhooks and robots."""
    return Poster(user_agent=name_ourselves(settings), find_proxy=read_proxy)


def read_proxy(scheme: str, host: str) -> str | None:
    """Return the proxy that the environment (`http_proxy`, `https_proxy`, `no_proxy`) names for a request, if any."""
    return None if proxy_bypass(host) else getproxies().get(scheme)


def name_ourselves(settings: Settings) -> str:
    """Return the User-Agent that portals see: honest, with an address to complain to."""
    contact = settings.site.contact or settings.site.base_url
    return settings.poll.user_agent or f"noticefeeds/{__version__} (+{contact})"
