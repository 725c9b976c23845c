"""Cookies, kept per portal: a session of one is nobody else's business."""

from __future__ import annotations

import httpx

_MOST = 50
"""More than this of one portal and all are forgotten: some servers give a new name to each visit, for years."""


class CookieShelf:
    """A cookie shelf has a jar for each portal."""

    def __init__(self) -> None:
        self._jars: dict[str, httpx.Cookies] = {}

    def put_into(self, request: httpx.Request, portal: str) -> None:
        """Add the Cookie header that a portal's request should have, if any."""
        if jar := self._jars.get(portal):
            jar.set_cookie_header(request)

    def take_from(self, response: httpx.Response, portal: str) -> None:
        """Keep what an answer sets; what could not be sent back (bytes that are not printable ASCII) is left out."""
        if "set-cookie" not in response.headers:
            return
        cookies = self._jars.setdefault(portal, httpx.Cookies())
        cookies.extract_cookies(response)
        for cookie in list(cookies.jar):
            words = f"{cookie.name}{cookie.value or ''}"
            if not (words.isascii() and words.isprintable()):
                cookies.jar.clear(cookie.domain, cookie.path, cookie.name)
        if len(cookies.jar) > _MOST:
            cookies.jar.clear()
