"""The wire: connections to portals, and one request on them.

aiohttp is asked without httpx's client or transport around it: those take most of the time of a small page, and httpx
reads a Location before we do, and raises for many that are wrong.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from aiohttp.connector import Connection

_LONGEST_HEADER = 32_768


class _Answer(aiohttp.ClientResponse):
    """An answer without its reason phrase: 正常 in GBK after a 200 breaks the transport, and nobody needs it."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        await super().start(connection)
        self.reason = None
        return self


class Wire:
    """A wire is the connections of one kind: with one TLS context, one resolver and perhaps a proxy.

    It has no limits, neither of connections nor of time: waiting for a place would count against a deadline. With
    `force_close` no connection is used twice.
    """

    def __init__(
        self, context: ssl.SSLContext, resolver: AbstractResolver, proxy: str | None, *, force_close: bool = False
    ) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context, resolver=resolver, limit=0, force_close=force_close),
            response_class=_Answer,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_field_size=_LONGEST_HEADER,
            timeout=aiohttp.ClientTimeout(),
        )
        self._proxy = httpx.Proxy(proxy) if proxy else None

    def get(self, url: str, headers: Mapping[str, str]) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask for `url`: no redirect is followed, the body comes as it was sent. aiohttp.ClientError, OSError."""
        return self._request("GET", url, headers)

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Post `body` to `url` in the same way."""
        return self._request("POST", url, headers, body)

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        ask = self._session.request
        if self._proxy is None:
            return ask(method, url, headers=headers, data=body, allow_redirects=False)
        auth = aiohttp.BasicAuth(*self._proxy.auth) if self._proxy.auth else None
        proxy = str(self._proxy.url)
        return ask(method, url, headers=headers, data=body, allow_redirects=False, proxy=proxy, proxy_auth=auth)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


def read_headers(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return an answer's headers by names in lower case; what comes twice is joined by commas (RFC 9110, 5.3)."""
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), _decode(value)
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


def _decode(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
