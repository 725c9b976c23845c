"""Cookies, kept per portal: a session of one is nobody else's business."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

_MOST = 50
"""More than this of one portal and all are forgotten: some servers give a new name to each visit, for years."""


class CookieShelf:
    """A cookie shelf has a jar for each portal."""

    def __init__(self) -> None:
        self._jars: dict[str, httpx.Cookies] = {}

    def write_header(self, url: httpx.URL, portal: str) -> str:
        """Return the Cookie header that a portal's request should have; empty if none."""
        jar = self._jars.get(portal)
        if not jar:
            return ""
        request = httpx.Request("GET", url)
        jar.set_cookie_header(request)
        return str(request.headers.get("cookie", ""))

    def take_from(self, url: httpx.URL, headers: Sequence[tuple[bytes, bytes]], portal: str) -> None:
        """Keep what an answer sets; what could not be sent back (bytes that are not printable ASCII) is left out."""
        cookies = self._jars.setdefault(portal, httpx.Cookies())
        cookies.extract_cookies(httpx.Response(200, headers=list(headers), request=httpx.Request("GET", url)))
        for cookie in list(cookies.jar):
            words = f"{cookie.name}{cookie.value or ''}"
            if not (words.isascii() and words.isprintable()):
                cookies.jar.clear(cookie.domain, cookie.path, cookie.name)
        if len(cookies.jar) > _MOST:
            cookies.jar.clear()
