"""The description of the API (OpenAPI 3.1), made from the operations that answer it: it cannot say anything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from feeds.decide.parameters import Parameter
from feeds.render.shapes import SHAPES
from feeds.serve.context import ServeContext
from feeds.serve.problems import KINDS
from feeds.serve.wording import Words

_HEADERS = {
    "ETag": "强校验，随编码不同 strong, another for each coding",
    "Cache-Control": "public, max-age=60",
    "Vary": "Accept-Encoding",
    "Access-Control-Allow-Origin": "*",
}
_AT_TIMES = {
    "Link": 'rel="next"：下一页 what follows',
    "RateLimit": "还剩几次，几秒后补满 how many requests are left, and in how many seconds all are",
    "RateLimit-Policy": "一分钟几次 how many in a minute",
}
_PROBLEMS = tuple(sorted({str(kind.status) for kind in KINDS.values()} - {"405"}))
"""What a GET may meet."""


@dataclass(frozen=True)
class Asking:
    """An asking is a request that could be read: its values by name, those of its path included."""

    request: Request
    context: ServeContext
    values: Mapping[str, str]


@dataclass(frozen=True)
class Operation:
    """An operation is what one address answers."""

    name: str
    path: str
    """Below `/api`."""
    summary: Words
    shape: str
    """Name of what it answers, among the shapes."""
    answer: Callable[[Asking], Awaitable[Response]]
    parameters: tuple[Parameter, ...] = ()


def write_description(context: ServeContext, operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the whole document."""
    site = context.settings.site
    return {
        "openapi": "3.1.0",
        "info": {
            "title": site.title,
            "version": "1",
            "summary": "公告、栏目，给程序用的 JSON。 Notices and channels as JSON for programs.",
            "description": (
                "只读，任何人可用。以后只增加，不改变：请跳过不认识的键。时间是门户所在时区的，带时差。\n\n"
                "For reading, by anybody. It only grows: pass over keys that you do not know. Times are in the "
                "portal's zone, with the offset."
            ),
        },
        "servers": [{"url": site.base_url.rstrip("/")}],
        "paths": {f"/api{one.path}": {"get": _describe(one)} for one in operations},
        "components": {
            "schemas": SHAPES,
            "parameters": {
                each.name: _describe_parameter(each, context) for one in operations for each in one.parameters
            },
            "headers": {
                name: {"schema": {"type": "string"}, "description": text, "required": name in _HEADERS}
                for name, text in (_HEADERS | _AT_TIMES).items()
            },
            "responses": {status: _describe_problem(status) for status in _PROBLEMS},
        },
    }


def _describe(one: Operation) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": f"{one.summary.zh} {one.summary.en}",
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in (*_HEADERS, *_AT_TIMES)},
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{one.shape}"}}},
    }
    return {
        "operationId": one.name,
        "summary": f"{one.summary.zh} {one.summary.en}",
        "parameters": [{"$ref": f"#/components/parameters/{each.name}"} for each in one.parameters],
        "responses": {
            "200": answer,
            "304": {"description": "没有变化 Nothing has changed since that ETag."},
            **{status: {"$ref": f"#/components/responses/{status}"} for status in _PROBLEMS},
        },
    }


def _describe_parameter(one: Parameter, context: ServeContext) -> dict[str, Any]:
    channel = next(context.list_channels(), None)
    here = {"portal": channel and channel.portal, "channel": channel and channel.name}
    example = here.get(one.name, one.example)
    described: dict[str, Any] = {
        "name": one.name,
        "in": "path" if one.in_path else "query",
        "required": one.in_path,
        "description": f"{one.zh}。 {one.en[:1].upper()}{one.en[1:]}.",
        "schema": dict(one.schema),
    }
    return described | ({} if example is None else {"example": example})


def _describe_problem(status: str) -> dict[str, Any]:
    said = [f"{kind.title.zh} {kind.title.en} ({kind.name})" for kind in KINDS.values() if str(kind.status) == status]
    described: dict[str, Any] = {
        "description": "；".join(said),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {"429", "503"}:
        described["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "秒 seconds"}}
    return described
