"""What stands before the API: whether it is on, how fast a network may ask, and that pages of others may read it."""

from __future__ import annotations

import math

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feeds.decide.buckets import Draw
from feeds.serve.context import ServeContext
from feeds.serve.problems import METHODS, answer_problem

_READABLE = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
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
        await answer(scope, receive, _adding(send, headers))

    return guarded


def _adding(send: Send, headers: dict[str, str]) -> Send:
    more = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return send_more


def _say_limit(drawn: Draw, per_minute: int) -> dict[str, str]:
    """The fields of draft-ietf-httpapi-ratelimit-headers."""
    left, full_in = math.floor(drawn.bucket.left), math.ceil(drawn.full_in.total_seconds())
    return {
        "ratelimit-policy": f'"network";q={per_minute};w=60',
        "ratelimit": f'"network";r={left};t={full_in}',
    }
