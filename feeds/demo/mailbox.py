"""The demo's mailbox: the mails that the sink kept, on a page of the site."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from feeds.send.sink import SinkMail, list_mails

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:16px/1.7 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}}
li{{margin:.4rem 0}}small{{color:#666}}iframe{{width:100%;height:70vh;border:1px solid #ccc}}</style>
<body><h1>{title}</h1>{body}</body></html>"""


def show_mailbox(app: ASGIApp, folder: Path) -> ASGIApp:
    """Return the app with `/mails` and `/mails/N` before it, N counting from the oldest."""

    def list_page(_: Request) -> Response:
        mails = list_mails(folder)
        rows = "".join(
            f'<li><a href="/mails/{len(mails) - place}">{escape(mail.subject)}</a>'
            f"<br><small>{escape(mail.to)} · {escape(str(mail.date))}</small></li>"
            for place, mail in enumerate(mails)
        )
        body = f"<ol reversed>{rows}</ol>" if rows else "<p>还没有邮件。No mail yet.</p>"
        return HTMLResponse(_PAGE.format(title="演示信箱 · demo mailbox", body=body))

    def find_mail(request: Request) -> SinkMail | None:
        mails = list_mails(folder)
        number = int(request.path_params["number"])
        return mails[len(mails) - number] if 0 < number <= len(mails) else None

    def mail_page(request: Request) -> Response:
        mail = find_mail(request)
        if mail is None:
            return PlainTextResponse("没有这封邮件 · no such mail\n", 404)
        number = request.path_params["number"]
        body = (
            f"<p><small>{escape(mail.to)} · {escape(str(mail.date))} · "
            f'<a href="/mails/{number}.txt">source</a> · <a href="/mails">←</a></small></p>'
            f'<iframe sandbox="allow-popups" srcdoc="{escape(mail.html)}"></iframe>'
        )
        return HTMLResponse(_PAGE.format(title=escape(mail.subject), body=body))

    def source_page(request: Request) -> Response:
        mail = find_mail(request)
        if mail is None:
            return PlainTextResponse("没有这封邮件 · no such mail\n", 404)
        return PlainTextResponse(mail.path.read_bytes())

    mailbox = Starlette(
        routes=[
            Route("/mails", list_page),
            Route("/mails/{number:int}.txt", source_page),
            Route("/mails/{number:int}", mail_page),
        ]
    )

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and scope["path"].startswith("/mails")
        await (mailbox if mine else app)(scope, receive, send)

    return choose
