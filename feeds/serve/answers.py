"""Answers: a template and its facts made into a page, and the pages that say no."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from feeds.serve import wording
from feeds.serve.context import ServeContext, context_of
from feeds.serve.languages import CHINESE, ENGLISH, VARY, find_language, keep_language, link_language
from feeds.serve.negotiate import matches_etag
from feeds.serve.wording import Words

REFUSALS = {
    400: Words("这个请求无法读懂。", "This request could not be read."),
    403: Words(
        "请求不是从本站页面发出的，因此没有执行。请回到页面上再试一次。",
        "The request did not come from a page of this site, so nothing was done. Please go back and try again.",
    ),
    404: Words("没有这个页面。", "There is no such page."),
    405: Words("这个地址不接受这种请求。", "This address does not take such a request."),
    413: Words("提交的内容太大。", "What was sent is too large."),
    429: Words(
        "从您所在的网络来的订阅请求太多了，请一小时后再试。",
        "Too many sign-ups came from your network; please try again in an hour.",
    ),
    500: Words("本站出了差错，已经记录下来。", "Something went wrong here; it has been logged."),
    503: Words("本站暂时无法处理，请稍后再试。", "The site cannot do this at the moment; please try again later."),
}

PRIVATE = {"cache-control": "no-store", "x-robots-tag": "noindex, nofollow"}
"""Headers of pages that belong to one person."""

_REPEATED = ("cache-control", "vary", "set-cookie")
"""Of a page that has not changed, what is said all the same (RFC 9110, section 15.4.5), and the choice of language."""


def answer_page(
    request: Request, template: str, /, status: int = 200, headers: dict[str, str] | None = None, **facts: object
) -> Response:
    """Render `pages/TEMPLATE.html.j2` with the facts of the site beside its own, in the language of its visitor.

    `feeds` (names) among the facts are announced for autodiscovery; without it, the feed of everything.
    """
    context, language = context_of(request), find_language(request)
    shared: dict[str, object] = {
        "lang": language,
        "other": link_language(request, CHINESE if language == ENGLISH else ENGLISH),
        "tongues": {portal.name: portal.language for portal in context.portals},
        "at": context.at,
        "site": context.settings.site,
        "usual": context.usual,
        "portals": context.portals,
        "titles": context.list_titles(language),
        "formats": context.settings.publish.formats,
        "words": wording,
        "has_api": context.settings.web.api_per_minute > 0,
        "feeds": ("all",),
        "robots": None,
        "now": context.clock(),
        "path": request.url.path,
    }
    page = context.templates.get_template(f"pages/{template}.html.j2")
    more = {"cache-control": "no-cache", "vary": VARY} | (headers or {})
    answer = HTMLResponse(page.render(shared | facts), status, more)
    keep_language(request, answer, context.at)
    return confirm_unchanged(request, answer)


def confirm_unchanged(request: Request, answer: Response) -> Response:
    """Give an answer that is asked for each time (`no-cache`) an entity tag; 304 where the client has the same."""
    if answer.status_code != 200 or answer.headers.get("cache-control") != "no-cache" or request.method == "POST":
        return answer
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:24]}"'
    if matches_etag(request.headers.get("if-none-match", ""), etag):
        repeated = {name: answer.headers[name] for name in _REPEATED if name in answer.headers}
        return Response(status_code=304, headers=repeated | {"etag": etag})
    answer.headers["etag"] = etag
    return answer


def answer_private(request: Request, template: str, /, status: int = 200, **facts: object) -> Response:
    """A page for one person: kept nowhere, indexed nowhere."""
    return answer_page(request, template, status, PRIVATE, robots="noindex,nofollow", **facts)


def answer_refusal(
    request: Request,
    status: int,
    /,
    why: Words | None = None,
    nearest: Iterable[str] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A page that says no, why, and where to go instead."""
    said = why or REFUSALS.get(status, REFUSALS[500 if status >= 500 else 400])
    return answer_page(
        request, "refusal", status, headers, code=status, why=said, nearest=tuple(nearest), robots="noindex"
    )


def find_nearest(context: ServeContext, wanted: str, count: int = 5) -> list[str]:
    """Feed names closest to what was asked for, by name or by Chinese title; portals where nothing is close."""
    titles = {channel.title: channel.name for channel in context.list_channels()}
    names = {name.rpartition("/")[2]: name for name in context.list_feeds()}
    known = {name: name for name in context.list_feeds()} | names | titles
    tail = wanted.strip("/").rpartition("/")[2]
    close = [
        *difflib.get_close_matches(wanted.strip("/"), known, count, 0.6),
        *difflib.get_close_matches(tail, known, count, 0.5),
        *(title for title in titles if tail and (tail in title or title in tail)),
    ]
    found = list(dict.fromkeys(known[name] for name in close))
    return found[:count] or ["all", *(portal.name for portal in context.portals)][:count]


async def refuse_http(request: Request, error: Exception) -> Response:
    """Exception handler: what Starlette or a page refuses, as a page."""
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    nearest: list[str] = []
    if error.status_code == 404:
        nearest = find_nearest(context_of(request), path.removeprefix("/p/").removeprefix("/feeds/"))
    headers = dict(error.headers or {})
    return answer_refusal(request, error.status_code, None, nearest, headers)


async def leave_gone(_request: Request, _error: Exception) -> Response:
    """Exception handler: who asked went away, or took too long, before the form was whole. Nobody reads this."""
    return Response(status_code=400)


async def refuse_storage(request: Request, _error: Exception) -> Response:
    """Exception handler: the database cannot be used; nothing was done."""
    return answer_refusal(request, 503, headers={"retry-after": "60"})


async def refuse_bug(request: Request, _error: Exception) -> Response:
    """Exception handler: a bug; the server logs the traceback, the visitor sees none of it."""
    return answer_refusal(request, 500)
