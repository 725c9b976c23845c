"""What stands between the net and the pages: headers, sizes, prefixes, origins, the operator's token."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 65_536
"""Bytes; no form of ours comes near."""

_FILES = ("/feeds/", "/static/", "/api/")
"""Where addresses are written by programs, or are names of files: none of them has a slash at its end."""

SECURITY_HEADERS = {
    b"content-security-policy": (
        b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    b"x-content-type-options": b"nosniff",
    # Not `no-referrer`: under it browsers send `Origin: null` with our own forms.
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}


def add_headers(app: ASGIApp, headers: Mapping[bytes, bytes] = SECURITY_HEADERS) -> ASGIApp:
    """Put headers on every answer that does not carry them already."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                more = [(name, value) for name, value in headers.items() if name not in there]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    return guarded


def limit_body(app: ASGIApp, limit: int = LARGEST_BODY) -> ASGIApp:
    """Refuse a request body over `limit` bytes with 413, however it announces itself."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413)
            return message

        await app(scope, receive_counted, send)

    return guarded


def strip_prefix(app: ASGIApp, prefix: str) -> ASGIApp:
    """Take the path of `base_url` off requests, for proxies that pass it on; others pass unharmed."""
    if not prefix:
        return app

    async def stripped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{prefix}/"):
            scope = {**scope, "path": scope["path"][len(prefix) :]}
        await app(scope, receive, send)

    return stripped


def drop_slash(app: ASGIApp) -> ASGIApp:
    """Answer a page under its address with a slash behind it as well, without a redirect. `_FILES` have no slash."""

    async def dropped(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.endswith("/") and (path == "/api/" or not path.startswith(_FILES)):
            scope = {**scope, "path": path.rstrip("/") or "/"}
        await app(scope, receive, send)

    return dropped


def is_same_origin(request: Request, base_url: str) -> bool:
    """Whether a form was sent from a page of ours, by what browsers say and scripts of other sites cannot forge.

    Sec-Fetch-Site decides where it is sent, else Origin, else Referer; without any of them the answer is no.
    """
    return _find_origin(request, base_url) is True


def is_foreign(request: Request, base_url: str) -> bool:
    """Whether a form says that it was sent from a page of another site; what says nothing is not taken for that."""
    return _find_origin(request, base_url) is False


def _find_origin(request: Request, base_url: str) -> bool | None:
    """Whether a form is ours; None: it does not say."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    said = request.headers.get("origin") or request.headers.get("referer")
    if not said:
        return None
    host = urlsplit(said).netloc.lower()
    return bool(host) and host in {urlsplit(base_url).netloc.lower(), request.headers.get("host", "").lower()}


def is_operator(request: Request, token: str | None) -> bool:
    """Whether a request carries the operator's token (`Authorization: Bearer` or `?token=`). None opens nothing."""
    if not token:
        return False
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        given = request.query_params.get("token", "")
    return hmac.compare_digest(given.strip().encode(), token.encode())
