"""The web side put together: the feed server in front, the pages behind it, and what guards both."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from feeds.errors import StoreError
from feeds.serve.answers import answer_refusal, find_nearest, leave_gone, refuse_bug, refuse_http, refuse_storage
from feeds.serve.api import build_api, show_api
from feeds.serve.context import ServeContext, context_of
from feeds.serve.copies import send_copy
from feeds.serve.directory import send_opml, send_robots
from feeds.serve.erasing import ask_erase, show_erase, show_erasure, take_erasure
from feeds.serve.feeds import FeedServer
from feeds.serve.guards import add_headers, drop_slash, limit_body
from feeds.serve.lists import show_channel, show_portal
from feeds.serve.manage import show_manage, take_manage
from feeds.serve.pages import show_about, show_home, show_notice
from feeds.serve.personal import send_export, show_privacy
from feeds.serve.register import show_people, show_rules
from feeds.serve.search import send_search_feed, show_search
from feeds.serve.sent import show_sent
from feeds.serve.status import send_health, send_metrics, send_readiness, show_status
from feeds.serve.subscribe import show_code, show_confirm, show_sign_up, take_code, take_confirm, take_sign_up
from feeds.serve.unsubscribe import show_unsubscribe, take_unsubscribe
from feeds.serve.wording import Words

__all__ = ["ServeContext", "build_app"]

STATIC = StaticFiles(directory=Path(__file__).parent / "static")


def build_app(context: ServeContext) -> FeedServer:
    """The whole site as one ASGI application, feeds in front.

    Raises ValueError for templates that would not escape what they show.
    """
    escape = context.templates.autoescape
    if not (escape("pages/home.html.j2") if callable(escape) else escape):
        raise ValueError("the templates must autoescape pages/*.html.j2")
    pages = Starlette(
        routes=[*_list_routes(), Mount("/api", build_api(context))],
        exception_handlers={
            HTTPException: refuse_http,
            ClientDisconnect: leave_gone,
            StoreError: refuse_storage,
            Exception: refuse_bug,
        },
    )
    # Its redirects would go to whatever the Host header names.
    pages.router.redirect_slashes = False
    pages.state.context = context
    site = context.settings.site
    publish = context.settings.publish
    return FeedServer(publish.dir, site.base_url, publish.hub, add_headers(limit_body(drop_slash(pages))))


def _list_routes() -> list[Route | Mount]:
    return [
        Route("/", show_home),
        Route("/p/{portal}", show_portal),
        Route("/people", show_people),
        Route("/rules", show_rules),
        Route("/p/{portal}/people", show_people),
        Route("/p/{portal}/rules", show_rules),
        Route("/p/{portal}/{slug}", show_channel),
        Route("/n/{public_id}", show_notice),
        Route("/n/{public_id}/files/{sha256}", send_copy),
        Route("/search", show_search),
        Route("/about", show_about),
        Route("/subscribe", show_sign_up, methods=["GET"]),
        Route("/subscribe", take_sign_up, methods=["POST"]),
        Route("/confirm", show_code, methods=["GET"]),
        Route("/confirm", take_code, methods=["POST"]),
        Route("/confirm/{token}", show_confirm, methods=["GET"]),
        Route("/confirm/{token}", take_confirm, methods=["POST"]),
        Route("/manage/{token}", show_manage, methods=["GET"]),
        Route("/manage/{token}", take_manage, methods=["POST"]),
        Route("/manage/{token}/sent", show_sent, methods=["GET"]),
        Route("/manage/{token}/export.json", send_export),
        Route("/manage/{token}/erase", show_erase, methods=["GET"]),
        Route("/manage/{token}/erase", ask_erase, methods=["POST"]),
        Route("/erase/{token}", show_erasure, methods=["GET"]),
        Route("/erase/{token}", take_erasure, methods=["POST"]),
        Route("/privacy", show_privacy),
        Route("/unsubscribe/{token}", show_unsubscribe, methods=["GET"]),
        Route("/unsubscribe/{token}", take_unsubscribe, methods=["POST"]),
        Route("/api", show_api),
        Route("/opml", send_opml),
        Route("/robots.txt", send_robots),
        Route("/favicon.ico", send_icon),
        Route("/status", show_status),
        Route("/healthz", send_health),
        Route("/readyz", send_readiness),
        Route("/metrics", send_metrics),
        Route("/feeds/search.{fmt}", send_search_feed),
        Route("/feeds/{name:path}", refuse_feed),
        Mount("/static", add_headers(STATIC, {b"cache-control": b"max-age=3600"})),
    ]


async def send_icon(request: Request) -> Response:
    """`/favicon.ico`: browsers ask for it beside whatever is not a page."""
    icon = await STATIC.get_response("icon.svg", request.scope)
    icon.headers["cache-control"] = "max-age=86400"
    return icon


async def refuse_feed(request: Request) -> Response:
    """`/feeds/...` that the feed server does not have: not published yet (503), or none, and which are near (404)."""
    context = context_of(request)
    name, _, fmt = request.path_params["name"].rpartition(".")
    formats = context.settings.publish.formats
    if fmt in formats and name in context.list_titles():
        why = Words(
            "这个订阅源还没有发布，请稍后再试。", "This feed has not been published yet; please try again soon."
        )
        return answer_refusal(request, 503, why, [name], {"retry-after": "30"})
    wanted = name if fmt in {*formats, "atom", "rss", "json", "xml"} and name else request.path_params["name"]
    why = Words("没有这个订阅源。", "There is no such feed.")
    return answer_refusal(request, 404, why, find_nearest(context, wanted))
