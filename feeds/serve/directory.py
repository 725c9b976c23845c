"""`/opml`: every feed in one file, for readers that import; `/robots.txt` for those that walk."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from feeds.config import Site
from feeds.model import Portal
from feeds.render.opml import OpmlGroup, OpmlOutline, render_opml
from feeds.serve.addresses import Addresses
from feeds.serve.answers import confirm_unchanged
from feeds.serve.context import context_of
from feeds.serve.wording import FORMATS

_CLOSED = ("/confirm/", "/manage/", "/unsubscribe/", "/metrics", "/search", "/feeds/search", "/api/")


async def send_opml(request: Request) -> Response:
    """Every feed, in one format: `?FMT` or `?format=FMT`; Atom where it is published, else the first that is.

    Keys that are no format are somebody else's (`?utm_source=...`) and mean nothing.
    """
    context = context_of(request)
    formats = context.settings.publish.formats
    asked = request.query_params.get("format") or next((key for key in request.query_params if key in FORMATS), "")
    if asked and asked not in formats:
        raise HTTPException(404)
    fmt = asked or ("atom" if "atom" in formats else formats[0])
    site = context.settings.site
    body = render_opml(site.title, list_groups(site, context.portals, fmt))
    name = {"content-disposition": f'inline; filename="noticefeeds-{fmt}.opml"', "cache-control": "no-cache"}
    return confirm_unchanged(request, Response(body, media_type="text/x-opml; charset=utf-8", headers=name))


def list_groups(site: Site, portals: Iterable[Portal], fmt: str) -> list[OpmlGroup]:
    """Return the feeds of some portals in one format, those of each in a folder; that of everything first."""
    at = Addresses(site.base_url)

    def outline(feed: str, title: str, language: str) -> OpmlOutline:
        page = site.base_url.rstrip("/") + at.list_page(feed).removeprefix(at.prefix)
        return OpmlOutline(
            title=title, xml_url=at.feed(feed, fmt), html_url=page, language=language, category=f"/{feed}"
        )

    groups = [OpmlGroup(title=site.title, outlines=(outline("all", "全部公告", site.language),))]
    for portal in portals:
        own = outline(portal.name, f"{portal.title}（全部栏目）", portal.language)
        channels = (outline(channel.name, channel.title, portal.language) for channel in portal.channels)
        groups.append(OpmlGroup(title=portal.title, outlines=(own, *channels)))
    return groups


async def send_robots(request: Request) -> Response:
    """Walkers may read the pages; links from mails are nobody else's business, and searches have no end."""
    at = context_of(request).at
    closed = "".join(f"Disallow: {at.page(path)}\n" for path in _CLOSED)
    return PlainTextResponse(f"User-agent: *\n{closed}", headers={"cache-control": "max-age=86400"})
