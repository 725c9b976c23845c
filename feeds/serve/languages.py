"""The language of a page: what its visitor chose, else what the browser prefers; Chinese with English beside it, else.

A choice is made by `?lang=` at the foot of a page and kept in a cookie that holds its two letters and nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from feeds.serve.addresses import Addresses
from feeds.serve.negotiate import read_weights

CHINESE, ENGLISH = "zh", "en"
"""Both languages side by side, and English alone."""
LANGUAGES = (CHINESE, ENGLISH)
KEY = "lang"
"""Of the cookie, and of the query that sets it."""
VARY = "Accept-Language, Cookie"
_SECONDS = 365 * 24 * 3600


@lru_cache(maxsize=512)
def prefer_language(header: str) -> str:
    """The language that an Accept-Language header prefers (RFC 9110 section 12.5.4); Chinese where it does not say.

    A range counts for a language whatever its region (`en-GB`), and `*` for what no other range names.
    """
    weights = read_weights(header)
    rest = weights.get("*", 0.0)
    chinese, english = (
        max((weight for name, weight in weights.items() if name.partition("-")[0] == language), default=rest)
        for language in LANGUAGES
    )
    return ENGLISH if english > chinese else CHINESE


def choose_language(asked: str | None, kept: str | None, header: str) -> str:
    """The language to answer in: what the address asks, what the cookie keeps, what the browser prefers.

    Values that are no language of ours are passed over.
    """
    return next((one for one in (asked, kept) if one in LANGUAGES and one), prefer_language(header))


def find_language(request: Request) -> str:
    """The language to answer a request in."""
    headers = ",".join(request.headers.getlist("accept-language"))
    return choose_language(request.query_params.get(KEY), request.cookies.get(KEY), headers)


def link_language(request: Request, language: str) -> str:
    """The same page in a language, as a reference that is relative to it. An operator's token is left out."""
    asked = [(key, value) for key, value in request.query_params.multi_items() if key not in {KEY, "token"}]
    return f"?{urlencode([*asked, (KEY, language)])}"


def keep_language(request: Request, answer: Response, at: Addresses) -> None:
    """Have the browser keep the language that the address asks for; without one, nothing is set."""
    language = request.query_params.get(KEY)
    if language in LANGUAGES:
        answer.set_cookie(
            KEY,
            language,
            max_age=_SECONDS,
            path=at.prefix or "/",
            secure=at.is_secure,
            httponly=True,
            samesite="lax",
        )
