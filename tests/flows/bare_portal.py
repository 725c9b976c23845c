"""A small made-up portal that nobody has configured: home, lists, static pages, a directory, pictures, articles."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

NAVIGATION = {
    "/": "网站首页",
    "/jggk/jgjj.html": "海事机构简介",
    "/xwdt/": "新闻动态",
    "/tzgg/": "通知公告",
    "/zcfg/": "政策法规",
    "/ldfc/": "港区风采",
    "/lxwm.html": "联系我们",
}
FOOT = "<div class=foot>版权所有：某市港务事务中心　测ICP备00000001号</div>"
FOLLOWED = {"/xwdt/": "新闻动态", "/tzgg/": "通知公告", "/zcfg/": "政策法规", "/tzgg/zbgg/": "招标公告"}


_READS = frozenset(
    "decode_page parse_page judge_page find_candidates find_home find_orphans find_title read_listing read_article"
    " propose_listing share_article".split()
)


def make_pages() -> dict[str, str]:
    """Return every page by its path."""
    pages = {
        "/": _frame("某市港务事务中心", f"<div class=box><h2>通知公告</h2>{_rows('tzgg', 5)}</div>"),
        "/jggk/jgjj.html": _frame("海事机构简介", f"<p>{'某市港务事务中心负责港口、航道和锚地的日常管理。' * 8}</p>"),
        "/lxwm.html": _frame("联系我们", "<p>电话：0000-0000000，地址：某市某路一号，邮编：000000，欢迎来电来函。</p>"),
        "/ldfc/": _frame("港区风采", _pictures()),
    }
    for path, name in FOLLOWED.items():
        slug = path.strip("/")
        menu = '<ul class=menu><li><a href="/tzgg/zbgg/">招标公告</a></ul>' if path == "/tzgg/" else ""
        older = f'<a href="{path}index_2.html">下一页</a>'
        pages[path] = _frame(name, f"{menu}{_rows(slug, 12)}{older}")
        pages[f"{path}index_2.html"] = _frame(name, f"{menu}{_rows(slug, 12, 12)}")
        pages |= {f"{path}2026{number:02}.html": _article(name, slug, number) for number in range(24)}
    return pages


def add_boxes(pages: dict[str, str], *slugs: str) -> None:
    """Have the home page show the newest rows of further lists."""
    boxes = "".join(f"<div class=box>{_rows(slug, 5)}</div>" for slug in slugs)
    pages["/"] = pages["/"].replace("<div class=main>", f"<div class=main>{boxes}")


@contextmanager
def seeing_reads_here() -> Iterator[set[str]]:
    """Collect what works through whole pages on the calling thread: on that of an event loop nothing should."""
    reads: set[str] = set()

    def see(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_name in _READS and "/feeds/read/" in frame.f_code.co_filename:
            reads.add(frame.f_code.co_name)

    sys.setprofile(see)
    try:
        yield reads
    finally:
        sys.setprofile(None)


def add_catalogue(pages: dict[str, str], categories: Mapping[int, str]) -> None:
    """Add a page that shows several lists by the number behind #, whose rows come from elsewhere."""
    links = "".join(f'<li><a href="/gkmlpt/index#{number}">{name}</a>' for number, name in categories.items())
    pages["/"] = pages["/"].replace("<ul class=nav>", f"<ul class=nav>{links}")
    script = "<script>window._CONFIG = {SID: '7001'}</script><script src=/gkmlpt/app.js></script>"
    pages["/gkmlpt/index"] = _frame("信息公开目录", f"<div id=app></div>{script}")
    for number in (0, *categories):
        rows = [
            {
                "title": title_of(f"c{number}-", row),
                "url": f"/gkmlpt/content/0/{number}/post_{number}{row:02}.html",
                "created_at": f"2026-08-{28 - row:02} 09:30:00",
            }
            for row in range(12)
        ]
        pages[f"/gkmlpt/api/all/{number}"] = json.dumps({"total": 12, "articles": rows}, ensure_ascii=False)


def serve_pages(server: HTTPServer, pages: Mapping[str, str]) -> str:
    """Serve pages by path, the rest as 404; return the address of the home page. Later changes are served too."""

    def answer(request: Request) -> Response:
        page = pages.get(request.path)
        return Response(page or "<h1>404 Not Found</h1>", 200 if page else 404, content_type="text/html")

    server.expect_request(re.compile(".*")).respond_with_handler(answer)
    return server.url_for("/")


def title_of(slug: str, number: int) -> str:
    """Return the title of an article, the same on its list and on its own page."""
    return f"关于{slug}第{number + 1}号泊位检修和航道测量有关安排的说明"


def _frame(name: str, content: str, head: str = "") -> str:
    links = "".join(f'<li><a href="{path}">{label}</a>' for path, label in NAVIGATION.items())
    crumbs = f'<div class=crumbs>当前位置：<a href="/">首页</a> &gt; {name}</div>'
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{head or name}</title></head><body>'
        f"<ul class=nav>{links}</ul>{crumbs}<div class=main>{content}</div>{FOOT}</body></html>"
    )


def _rows(slug: str, count: int, first: int = 0) -> str:
    rows = (
        f'<li><a href="/{slug}/2026{number:02}.html">{title_of(slug, number)}</a>'
        f"<span>2026-08-{28 - number:02}</span></li>"
        for number in range(first, first + count)
    )
    return f"<ul class=list>{''.join(rows)}</ul>"


def _pictures() -> str:
    cells = (
        f'<div><a href="/ldfc/{n}.html"><img src="/{n}.jpg"></a><a href="/ldfc/{n}.html">港区晨景之{n}</a></div>'
        for n in range(9)
    )
    return f"<div class=grid>{''.join(cells)}</div>"


def _article(name: str, slug: str, number: int) -> str:
    text = "".join(
        f"<p>　　第{part}条，{title_of(slug, number)}，自公布之日起施行，由某市港务事务中心负责解释。</p>"
        for part in range(1, 6)
    )
    heading = (
        f"<h1>{title_of(slug, number)}</h1><p class=meta>发布时间：2026-08-{28 - number:02} 09:30　来源：某市港务</p>"
    )
    return _frame(f"{name} &gt; 正文", f'{heading}<div class="text">{text}</div>', title_of(slug, number))
