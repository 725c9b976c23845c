"""One plain request to a place that is our own: no redirect, no cookie, no turn to wait for. A value comes back."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from feeds.fetch.tls import make_context
from feeds.model import Fetched, FetchFailure

_SECONDS = 15.0
_MOST_BYTES = 65_536
_AT_HOME = {"localhost", "127.0.0.1", "::1"}


async def ask_plainly(
    method: str, url: str, *, body: bytes = b"", kind: str | None = None, agent: str = "noticefeeds"
) -> Fetched | FetchFailure:
    """Return the answer of any status, its body cut at 64 kB, or why there is none. `kind`: the body's media type."""
    headers = {"User-Agent": agent, **({"Content-Type": kind} if kind else {})}
    outside = urlsplit(url).hostname not in _AT_HOME  # what is on this machine is never asked through a proxy
    try:
        async with (
            httpx.AsyncClient(timeout=_SECONDS, trust_env=outside, verify=make_context("strict")) as client,
            client.stream(method, url, content=body, headers=headers) as answer,
        ):
            read = b""
            async for piece in answer.aiter_bytes():
                read += piece
                if len(read) >= _MOST_BYTES:
                    break
            return Fetched(url, answer.status_code, read[:_MOST_BYTES], dict(answer.headers))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return FetchFailure(url, "connect", f"{url}: {str(error) or type(error).__name__}")
