"""The two address schemes of the portal: where its pages are, and which page an address asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from feeds.demo.paper import Paper

SCHEMES = ("jsp", "founder")
_NODE = re.compile(r"/node_(\d+)(?:_(\d+))?\.html?")
_CONTENT = re.compile(r"/(?:content/)?\d{4}-\d\d/\d\d/content_(\d{7})\.html?")


@dataclass(frozen=True)
class Wanted:
    """Which page an address asks for: `home`, `list`, `article`, `file`, `image` or `nothing`."""

    kind: str
    cid: int = 0
    page: int = 1
    id: int = 0
    """Of the paper: its id under `jsp`, its content id under `founder`."""
    path: str = ""
    asked: str = ""
    """Path and query as they came."""


@dataclass(frozen=True)
class Addresses:
    """Links of one page: its scheme, the path of the portal's root, and how the page reaches that root."""

    scheme: str
    base: str = ""
    up: str = ""
    """`../../../` on a founder article, nothing elsewhere: links are relative."""

    def home(self) -> str:
        """Return the link to the first page."""
        return f"{self.base}/"

    def listing(self, cid: int, page: int | str = 1) -> str:
        """Return the link to a page of a list."""
        if self.scheme == "jsp":
            return f"list.jsp?cid={cid}&page={page}"
        return f"{self.up}node_{cid}.html" if page == 1 else f"{self.up}node_{cid}_{page}.html"

    def article(self, paper: Paper, cid: int | None = None) -> str:
        """Return the link to an article; in a channel where it was not filed the address names the channel."""
        if paper.draft.external:
            return paper.draft.external
        if self.scheme == "founder":
            return f"{self.up}content/{paper.published:%Y-%m/%d}/content_{paper.content_id}.html"
        if cid is None or cid == paper.cids[0]:
            return f"info.jsp?id={paper.id}"
        return f"info.jsp?cid={cid}&id={paper.id}"


def read_address(scheme: str, path: str, query: str) -> Wanted:
    """Return what the address (below the portal's root) asks for under the scheme."""
    path = path.partition(";jsessionid=")[0]
    if path.startswith("/upload/"):
        return Wanted("file", path=path)
    if path.startswith("/images/"):
        return Wanted("image", path=path.removeprefix("/images/"))
    return _read_jsp(path, query) if scheme == "jsp" else _read_founder(path)


def _read_jsp(path: str, query: str) -> Wanted:
    fields = {name: values[-1] for name, values in parse_qs(query).items()}

    def number(name: str, default: int) -> int:
        value = fields.get(name, "")
        return int(value) if value.isascii() and value.isdigit() else default

    if path in {"", "/", "/index.jsp"}:
        return Wanted("home")
    if path == "/list.jsp":
        return Wanted("list", cid=number("cid", 0), page=number("page", 1))
    if path == "/info.jsp":
        return Wanted("article", cid=number("cid", 0), id=number("id", 0))
    return Wanted("nothing")


def _read_founder(path: str) -> Wanted:
    if path in {"", "/", "/index.html", "/index.htm"}:
        return Wanted("home")
    if found := _NODE.fullmatch(path):
        return Wanted("list", cid=int(found[1]), page=int(found[2] or 1))
    if found := _CONTENT.fullmatch(path):
        return Wanted("article", id=int(found[1]))
    return Wanted("nothing")
