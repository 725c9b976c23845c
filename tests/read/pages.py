"""A made-up portal, and pages of it in the shape of the old template: HTML 4 tables, GBK under a gb2312 label."""

from __future__ import annotations

from feeds.model import ArticleRecipe, Channel, Fetched, ListingRecipe, Portal, Recipe

ZONE = "Asia/Shanghai"
BASE = "http://portal.test/"
LISTING = ListingRecipe(row='tr:has(> td > a[target="_blank"])', link='a[target="_blank"]', pinned=r"\[置顶\]")
ARTICLE = ArticleRecipe(title="td.bt", body="td#zoom")
RECIPE = Recipe(LISTING, ARTICLE, key=(r"[?&]id=(\d+)",))
PORTAL = Portal(
    name="town",
    title="某市人大",
    base_url=BASE,
    channels=(Channel("town", "tzgg", "通知公告", BASE + "list.jsp?cid=1", RECIPE),),
    identity=("某市人民代表大会常务委员会", "备案（测）1号"),
)

HEAD = (
    '<HTML><HEAD><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
    "<TITLE>某市人大</TITLE></HEAD><BODY>"
)
FOOT = "<P>版权所有：某市人民代表大会常务委员会<br>备案(测)1号</BODY></HTML>"


def make_page(content: str, url: str = BASE + "info.jsp?id=1", status: int = 200, charset: str = "gbk") -> Fetched:
    """A fetched page with the portal's head and foot around `content`."""
    body = f"{HEAD}{content}{FOOT}".encode(charset)
    return Fetched(url, status, body, {"content-type": "text/html"})


def make_raw(body: bytes | str, status: int = 200, content_type: str = "text/html; charset=utf-8") -> Fetched:
    """A fetched page of exactly these bytes."""
    data = body.encode() if isinstance(body, str) else body
    return Fetched(BASE + "list.jsp?cid=1", status, data, {"content-type": content_type})


def make_row(title: str, href: str = "info.jsp?id=1", day: str = "2022-09-15") -> str:
    """One row of a list page, cells unclosed as the template leaves them."""
    return f'<TR><TD>·<A HREF="{href}" TARGET="_blank">{title}</A><TD>{day}'
