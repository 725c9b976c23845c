"""The shapes of what programs are answered, as JSON Schema (2020-12) by name: what `components` of OpenAPI holds.

Keys are only added. Whoever reads them should pass over keys that are not known.
"""

from __future__ import annotations

from typing import Any

from feeds.facts import Act, Kind, Means, Role
from feeds.model import Health, Precision

Shape = dict[str, Any]

_TEXT: Shape = {"type": "string"}
_TEXT_OR_NOT: Shape = {"type": ["string", "null"]}
_COUNT: Shape = {"type": "integer", "minimum": 0}
_COUNT_OR_NOT: Shape = {"type": ["integer", "null"]}
_YES_OR_NO: Shape = {"type": "boolean"}
_ADDRESS: Shape = {"type": "string", "format": "uri"}
_DAY: Shape = {"type": "string", "format": "date"}
_TIME: Shape = {"type": "string", "format": "date-time"}
_TIME_OR_NOT: Shape = {"type": ["string", "null"], "format": "date-time"}
_DAY_OR_TIME_OR_NOT: Shape = {
    "anyOf": [_DAY, _TIME, {"type": "null"}],
    "description": "原网站写明的发布时间，只有日期就只是日期；没写就是 null。"
    " As exactly as the portal says it: a time, a day, or null.",
}
_SAID: dict[str, Shape] = {
    "sentence": _TEXT | {"description": "原句 the sentence that says it"},
    "in": {"enum": ["title", "text"]},
    "span": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
}


def _object(properties: dict[str, Shape], description: str = "", at_times: dict[str, Shape] | None = None) -> Shape:
    """Return an object that has all of these properties, and some more at times."""
    shape: Shape = {"type": "object", "properties": properties | (at_times or {}), "required": list(properties)}
    return shape | ({"description": description} if description else {})


def _list(items: Shape) -> Shape:
    return {"type": "array", "items": items}


def _ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_not(name: str) -> Shape:
    return {"anyOf": [_ref(name), {"type": "null"}]}


def _one_of(values: type[Kind | Role | Act | Means | Precision | Health]) -> Shape:
    return {"type": "string", "enum": [one.value for one in values]}


def _one_of_or_not(values: type[Kind | Precision | Health]) -> Shape:
    return {"enum": [*(one.value for one in values), None]}


_NOTICE: dict[str, Shape] = {
    "id": _TEXT,
    "portal": _TEXT,
    "channels": _list(_TEXT) | {"description": "栏目 slugs, in order of first sight"},
    "url": _TEXT | {"description": "原网站的地址 its address at the portal"},
    "page": _ADDRESS | {"description": "本站的页面 our page of it"},
    "title": _TEXT | {"description": "原标题 the portal's own title"},
    "shown_title": _TEXT
    | {"description": "显示的标题，同名的公告以文号和第一句话区分 told apart from others of the name"},
    "published": _DAY_OR_TIME_OR_NOT,
    "precision": _one_of_or_not(Precision),
    "first_seen": _TIME,
    "updated": _TIME,
    "withdrawn": _TIME_OR_NOT,
    "revision": {"type": "integer", "minimum": 1},
}
_TOLD: dict[str, Shape] = {
    "kind": _one_of_or_not(Kind) | {"description": "还没有读过正文就是 null。 null until its text was read"},
    "reprint": _YES_OR_NO,
    "number": _TEXT_OR_NOT,
    "summary": _TEXT | {"description": "要点一行，可能为空 what it says in a line, perhaps empty"},
}
_FEEDS: Shape = {"type": "object", "additionalProperties": _ADDRESS, "description": "订阅源，按格式 by format"}
_NUMBER = _object({"term": _COUNT_OR_NOT, "number": _COUNT, "year": _COUNT_OR_NOT, "text": _TEXT, **_SAID})

SHAPES: dict[str, Shape] = {
    "Item": _object(_NOTICE | _TOLD, "列表里的一条公告 A notice in a list."),
    "Notices": _object(
        {
            "items": _list(_ref("Item")),
            "next": {
                "type": ["string", "null"],
                "format": "uri",
                "description": "下一页的地址；null 是没有了。不满一页也可能还有。"
                " Address of what follows; null: nothing. There may be more behind a short page.",
            },
        }
    ),
    "Notice": _object(
        _NOTICE
        | _TOLD
        | {"article": _or_not("Article"), "facts": _or_not("Facts"), "revisions": _list(_ref("Revision"))},
        "一条公告的全部，与 feeds export 相同 Everything of a notice, as `feeds export` writes it.",
    ),
    "Article": _object(
        {
            **dict.fromkeys(("number", "editor", "source", "author", "column"), _TEXT_OR_NOT),
            "body": _TEXT | {"description": "一行一段 a paragraph a line"},
            "body_html": _TEXT | {"description": "清理过的 HTML clean HTML, links absolute"},
            "attachments": _list(_object({"url": _TEXT, "name": _TEXT, "type": _TEXT, "kept": _or_not("Kept")})),
            "images": _list(_TEXT),
            "evidence": {"type": "object", "additionalProperties": _TEXT},
        }
    ),
    "Kept": _object(
        {"sha256": _TEXT | {"pattern": "^[0-9a-f]{64}$"}, "bytes": _COUNT, "type": _TEXT},
        "本站存的一份，在 /n/ID/files/SHA256 A copy kept here, at /n/ID/files/SHA256.",
    ),
    "Facts": _object(
        {
            "kind": _one_of(Kind),
            "reprint": _YES_OR_NO,
            "origin": _TEXT_OR_NOT,
            "number": {"anyOf": [_NUMBER, {"type": "null"}]},
            "numbers": _list(_NUMBER),
            "dates": _list(_object({"role": _one_of(Role), "date": _DAY, "by": _TEXT_OR_NOT, **_SAID})),
            "people": _list(_object({"name": _TEXT, "act": _one_of(Act), "post": _TEXT_OR_NOT, **_SAID})),
            "laws": _list(_object({"name": _TEXT, "stage": _TEXT_OR_NOT, **_SAID})),
            "contacts": _list(_object({"means": _one_of(Means), "text": _TEXT, **_SAID})),
        },
        "正文里说了什么，各附原句 What the text says, each with its sentence.",
    ),
    "Revision": _object(
        {
            "number": {"type": "integer", "minimum": 1},
            "seen": _TIME,
            "title": _TEXT,
            "body": _TEXT,
            "changed": _list(_TEXT),
        }
    ),
    "Channels": _object({"portals": _list(_ref("Portal"))}),
    "Portal": _object(
        {
            "name": _TEXT,
            "title": _TEXT,
            "url": _TEXT,
            "page": _ADDRESS,
            "feeds": _FEEDS,
            "calendar": _ADDRESS,
            "channels": _list(_ref("Channel")),
        }
    ),
    "Channel": _object(
        {
            "name": _TEXT | {"description": "PORTAL/CHANNEL"},
            "slug": _TEXT,
            "title": _TEXT,
            "url": _TEXT,
            "page": _ADDRESS,
            "feeds": _FEEDS,
            "calendar": _ADDRESS,
            "notices": _COUNT,
            "newest": _TIME_OR_NOT | {"description": "最新一条首次出现的时间 when its newest was first seen"},
            "health": _one_of_or_not(Health) | {"description": "null：尚未判断 not judged yet"},
            "health_shown": _TEXT,
            "visited": _TIME_OR_NOT | {"description": "上次读取 when it was last polled"},
        }
    ),
    "Problem": _object(
        {
            "type": _ADDRESS,
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _TEXT,
        },
        "出了什么问题 What went wrong (RFC 9457).",
        {"parameter": _TEXT, "nearest": _TEXT},
    ),
    "Description": {"type": "object", "description": "OpenAPI 3.1", "required": ["openapi", "paths"]},
}
