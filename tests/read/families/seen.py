"""Pages and answers as a family sees them, of a town that does not exist."""

from __future__ import annotations

import json

from feeds.model import Article, Fetched, Listing, Portal
from feeds.read.bare import read_article_page, read_listing_page

HOST = "http://www.liuxi-rd.test"
PORTAL = Portal("liuxi", "柳溪市人大", HOST, (), identity=("柳溪市人民代表大会常务委员会",))
TEXT = "".join(f"<p>　　第{number}段，说明会议在何时何地举行，由谁主持，怎样报名旁听。</p>" for number in range(4))
FOOT = "<p>版权所有：柳溪市人民代表大会常务委员会</p></body></html>"


def page_of(inside: str, path: str, status: int = 200) -> Fetched:
    """A page of the portal, with its owner's name."""
    body = f"<html><head><title>通知公告</title></head><body>{inside}{FOOT}".encode()
    return Fetched(HOST + path, status, body, {"content-type": "text/html; charset=utf-8"})


def see_list(inside: str, path: str) -> Listing:
    """A list page, read without a recipe."""
    return read_listing_page(page_of(inside, path), PORTAL)


def see_article(inside: str, path: str) -> Article:
    """An article page, read without a recipe."""
    return read_article_page(page_of(inside, path), PORTAL)


def see_answer(content: object, path: str, status: int = 200) -> Listing:
    """The answer of a data address: a JSON value, or bytes as they came."""
    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    return read_listing_page(Fetched(HOST + path, status, body, {"content-type": "text/plain"}), PORTAL)


def make_rows(address: str, count: int = 4) -> str:
    """Rows of a list, with `{}` in the address for the number of the row."""
    row = "<li><a href='{}'>关于举行第{}次听证会的公告</a><span>2026-09-1{}</span></li>"
    numbers = range(1, count + 1)
    return f"<ul class=list>{''.join(row.format(address.format(n), n, n) for n in numbers)}</ul>"
