"""What stands before the API: whether it is on, how fast a network may ask, and that pages of others may read it."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from feeds.decide.buckets import Draw
from feeds.serve.context import ServeContext
from feeds.serve.guards import add_headers
from feeds.serve.problems import METHODS, answer_problem

_READABLE = {
    b"access-control-allow-origin": b"*",
    b"access-control-expose-headers": b"ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
}
_PREFLIGHT = {
    "allow": METHODS,
    "access-control-allow-methods": "GET, HEAD",
    "access-control-allow-headers": "*",
    "access-control-max-age": "86400",
}


def guard_api(app: ASGIApp, context: ServeContext) -> ASGIApp:
    """Put the API behind its limits. A preflight of a browser costs nothing and is not counted."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        request, headers, answer = Request(scope), dict(_READABLE), app
        per_minute = context.settings.web.api_per_minute
        if not per_minute:
            answer = answer_problem(request, "not-found")
        elif request.method == "OPTIONS":
            answer = Response(None, 204, _PREFLIGHT)
        elif drawn := context.meter.count(request.client.host if request.client else "", per_minute, context.clock()):
            headers |= _say_limit(drawn, per_minute)
            if drawn.wait is not None:
                wait = str(math.ceil(drawn.wait.total_seconds()))
                answer = answer_problem(request, "too-many-requests", headers={"retry-after": wait})
        await add_headers(answer, headers)(scope, receive, send)

    return guarded


def _say_limit(drawn: Draw, per_minute: int) -> dict[bytes, bytes]:
    """The fields of draft-ietf-httpapi-ratelimit-headers."""
    left, full_in = math.floor(drawn.bucket.left), math.ceil(drawn.full_in.total_seconds())
    return {
        b"ratelimit-policy": f'"network";q={per_minute};w=60'.encode(),
        b"ratelimit": f'"network";r={left};t={full_in}'.encode(),
    }
