"""What the API says when it cannot answer: `application/problem+json` (RFC 9457), Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.parameters import Misput
from feeds.render.notices import dump_json
from feeds.serve.context import context_of
from feeds.serve.wording import Words

METHODS = "GET, HEAD, OPTIONS"


@dataclass(frozen=True)
class ProblemKind:
    """A kind of problem is what `type` names: a place on the page about the API, and its title."""

    name: str
    status: int
    title: Words
    detail: Words


KINDS = {
    one.name: one
    for one in (
        ProblemKind(
            "unknown-parameter",
            400,
            Words("没有这个参数", "Unknown parameter"),
            Words("参数名写错了，或者写到了别的地址上。", "It is spelt differently, or belongs to another address."),
        ),
        ProblemKind(
            "bad-parameter",
            400,
            Words("参数的值不对", "Bad parameter"),
            Words("值的写法见 /api/openapi.json。", "What it may be is in /api/openapi.json."),
        ),
        ProblemKind(
            "bad-cursor",
            400,
            Words("读取位置无效", "Bad cursor"),
            Words(
                "cursor 不是本站给出的，或者被截断了；请用前一次回答里的 next，或者去掉它从头读。",
                "The cursor is not one of ours, or was cut; use “next” of the answer before, or start without one.",
            ),
        ),
        ProblemKind(
            "bad-request",
            400,
            Words("请求无法读懂", "Bad request"),
            Words("这个请求无法读懂。", "This request could not be read."),
        ),
        ProblemKind(
            "not-found",
            404,
            Words("没有找到", "Not found"),
            Words("没有这个地址；全部地址见 /api/openapi.json。", "No such address; all are in /api/openapi.json."),
        ),
        ProblemKind(
            "method-not-allowed",
            405,
            Words("不能这样请求", "Method not allowed"),
            Words("这里只能读：GET 或 HEAD。", "This is for reading: GET or HEAD."),
        ),
        ProblemKind(
            "too-many-requests",
            429,
            Words("请求太快", "Too many requests"),
            Words(
                "从您所在的网络来的请求太快了，请等 Retry-After 写明的秒数。",
                "Requests come too fast from your network; please wait as many seconds as Retry-After says.",
            ),
        ),
        ProblemKind(
            "broken",
            500,
            Words("本站出了差错", "Internal error"),
            Words("已经记录下来。", "It has been logged."),
        ),
        ProblemKind(
            "unavailable",
            503,
            Words("暂时无法回答", "Unavailable"),
            Words("请稍后再试。", "Please try again later."),
        ),
    )
}
"""By name."""
_BY_STATUS = {400: "bad-request"} | {one.status: one.name for one in KINDS.values() if one.status != 400}


def answer_problem(
    request: Request, name: str, why: Words | None = None, headers: Mapping[str, str] | None = None, **more: str
) -> Response:
    """Answer that something is wrong. `why` None: what is always said of this kind."""
    kind = KINDS[name]
    said = why or kind.detail
    body = {
        "type": f"{context_of(request).settings.site.base_url.rstrip('/')}/api#{name}",
        "title": f"{kind.title.zh} {kind.title.en}",
        "status": kind.status,
        "detail": f"{said.zh} {said.en}",
        **more,
    }
    return Response(
        dump_json(body), kind.status, {"cache-control": "no-store", **(headers or {})}, "application/problem+json"
    )


def answer_misput(request: Request, fault: Misput) -> Response:
    """Answer that a parameter is wrong, and which."""
    name = "unknown-parameter" if fault.unknown else "bad-parameter"
    why = Words(fault.zh, fault.en)
    if fault.nearest:
        return answer_problem(request, name, why, parameter=fault.parameter, nearest=fault.nearest)
    return answer_problem(request, name, why, parameter=fault.parameter)


async def refuse_http(request: Request, error: Exception) -> Response:
    """Exception handler: what Starlette or a desk refuses."""
    if not isinstance(error, HTTPException):
        raise error
    name = _BY_STATUS.get(error.status_code, "unavailable" if error.status_code >= 500 else "bad-request")
    headers = dict(error.headers or {}) | ({"allow": METHODS} if error.status_code == 405 else {})
    return answer_problem(request, name, headers={key.lower(): value for key, value in headers.items()})


async def refuse_storage(request: Request, _error: Exception) -> Response:
    """Exception handler: the database cannot be used."""
    return answer_problem(request, "unavailable", headers={"retry-after": "60"})


async def refuse_bug(request: Request, _error: Exception) -> Response:
    """Exception handler: a bug; the server logs the traceback, nobody else sees it."""
    return answer_problem(request, "broken")
