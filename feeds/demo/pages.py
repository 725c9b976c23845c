"""The portal's pages: home, list and article, HTML 4 in tables, in the layout of the one page that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from importlib import resources
from string import Template

from feeds.demo.addresses import Addresses
from feeds.demo.bodies import type_body
from feeds.demo.cut import BOX_BYTES, LIST_BYTES, SMALL_BYTES, cut_title
from feeds.demo.paper import CHANNELS, CIDS, Paper

PER_PAGE = 15
BOX_ROWS = 6
HOME_ROWS = 8
SMALL_ROWS = 5
_SITE = "哈尔滨市人大常委会"
_NOTICES = CIDS["tzgg"]
_GAP = "&nbsp;&nbsp; &nbsp;&nbsp;&nbsp;&nbsp;&nbsp;"
"""Between editor and time, as on the known page."""


@dataclass(frozen=True)
class Boxes:
    """What stands beside and on the first page, newest first."""

    own: Sequence[Paper]
    """通知公告: six."""
    central: Sequence[Paper]
    """要闻, reprinted: six."""
    news: Sequence[Paper] = ()
    """工作动态: eight, on the home page only."""
    others: Sequence[tuple[int, Sequence[Paper]]] = ()
    """Further channels of the home page by cid, five papers each."""


@dataclass(frozen=True)
class Shelf:
    """One page of a channel's list."""

    cid: int
    page: int
    pages: int
    total: int
    papers: Sequence[Paper]


def render_home(links: Addresses, boxes: Boxes, *, full_titles: bool) -> str:
    """Return the home page."""
    news = "\n".join(
        f'<tr><td class="xh">·{_link(links, paper, LIST_BYTES, CIDS["gzdt"], full_titles=full_titles)}</td>'
        f'<td width="70" align="center" class="xh">[{paper.published:%m-%d}]</td></tr>'
        for paper in boxes.news
    )
    main = (
        f'<TABLE width="100%" border="0" cellspacing="0" cellpadding="0"><tr><td width="290" valign="top">'
        f'<a href="{links.listing(CIDS["gzdt"])}"><IMG src="{links.base}/images/photo.jpg" width="280" height="210" '
        'border="0"></a><br><center><font color="#A01008">图片新闻</font></center>'
        f'<TD valign="top"><TABLE width="100%" border="0" cellspacing="0" cellpadding="0">'
        f'<tr><td colspan="2" class="lm">工作动态&nbsp;&nbsp;<a href="{links.listing(CIDS["gzdt"])}">'
        f"<font color=#CC0000>更多&gt;&gt;</font></a></td></tr>\n{news}\n</TABLE></TABLE>\n"
        + _render_others(links, boxes, full_titles=full_titles)
    )
    left = _render_left(links, boxes, full_titles=full_titles)
    return _frame(links, "哈尔滨市人民代表大会常务委员会", left, main)


def _render_others(links: Addresses, boxes: Boxes, *, full_titles: bool) -> str:
    """Return the small boxes of the home page, two a row."""

    def row(paper: Paper, cid: int) -> str:
        return f'<tr><td class="xh">·{_link(links, paper, SMALL_BYTES, cid, full_titles=full_titles)}'

    def head(cid: int) -> str:
        label = f'<font color="#A01008">{CHANNELS[cid - 1][1]}</font>'
        return f'<tr><td class="lm"><a href="{escape(links.listing(cid))}">{label}</a></td></tr>\n'

    cells = [
        '<TD width="50%" valign="top"><TABLE width="98%" border="0" cellspacing="0" cellpadding="0">'
        + head(cid)
        + "\n".join(row(paper, cid) for paper in papers)
        + "\n</TABLE>"
        for cid, papers in boxes.others
    ]
    rows = "\n".join("<TR>" + "\n".join(cells[place : place + 2]) for place in range(0, len(cells), 2))
    return f'<br><TABLE width="100%" border="0" cellspacing="0" cellpadding="0">\n{rows}\n</TABLE>'


def render_list(links: Addresses, shelf: Shelf, *, full_titles: bool) -> str:
    """Return a page of a channel's list: 15 rows, pinned ones first, a pager and a jump box."""
    label = CHANNELS[shelf.cid - 1][1]
    rows = "\n".join(
        f'<tr><td class="xh">·{_pin(paper, shelf.cid)}'
        f"{_link(links, paper, LIST_BYTES, shelf.cid, full_titles=full_titles)}</td>"
        f'<td width="90" class="xh">{paper.published:%Y-%m-%d}</td>'
        for paper in shelf.papers
    )
    main = (
        '<TABLE width="100%" border="0" cellspacing="0" cellpadding="0">\n'
        f'<tr><td colspan="2" class="lm">&nbsp;<a href="{links.home()}">{_SITE}</a>&nbsp;/&nbsp;<font color="#A01008">'
        f"{label}</font></td></tr>\n{rows}\n"
        f'<tr><td colspan="2" align="center" height="46">{_render_pager(links, shelf)}\n</TABLE>'
    )
    jump = links.listing(shelf.cid, "{n}")
    return _frame(links, f"{_SITE} - {label}", _render_nav(links), main, jump)


def render_article(links: Addresses, paper: Paper, boxes: Boxes, *, full_titles: bool) -> str:
    """Return an article's page. Its text has 11 no-break spaces and no word of the channel, as the known page has."""
    draft = paper.draft
    at = f"{paper.published:%Y-%m-%d %H:%M}"
    body = type_body(draft, links.base)
    head = ""
    if links.scheme == "founder":
        head, body = _founder_block(paper), f"<!--enpcontent-->{body}<!--/enpcontent-->"
    main = f"""<TABLE width="100%" border="0" cellspacing="0" cellpadding="0">
<tr><td class="lm">&nbsp; {_SITE} / 信息页面 <a href="{links.home()}">返回首页</a></td></tr>
<tr><td class="bt" align="center">{escape(draft.title, quote=False)}</td></tr>
<tr><td class="xx" align="center" height="30">责任编辑： {escape(draft.editor)}{_GAP}时间： {at}</td></tr>
<tr><td class="nr" id="zoom">{body}</td></tr>
<tr><td>&nbsp;
<tr><td>&nbsp;
<tr><td>&nbsp;
</TABLE>"""
    left = _render_left(links, boxes, full_titles=full_titles)
    return _frame(links, _SITE, left, f"{head}{main}")


def _link(links: Addresses, paper: Paper, limit: int, cid: int, *, full_titles: bool) -> str:
    whole = f' title="{escape(paper.draft.title)}"' if full_titles else ""
    shown = escape(cut_title(paper.draft.title, limit), quote=False)
    return f'<a href="{escape(links.article(paper, cid))}"{whole} target="_blank">{shown}</a>'


def _pin(paper: Paper, cid: int) -> str:
    return '<font color="#FF0000">[置顶]</font>' if paper.draft.pinned and cid == paper.cids[0] else ""


def _render_nav(links: Addresses) -> str:
    """Return the sixteen channels, two a row."""
    cells = [
        f'<td width="50%" align="center" class="dh"><a href="{escape(links.listing(cid))}">{label}</a>'
        for cid, (_, label) in enumerate(CHANNELS, 1)
    ]
    rows = "\n".join(f"<TR>{cells[place]}{cells[place + 1]}" for place in range(0, len(cells), 2))
    return f'<TABLE width="100%" border="0" cellspacing="0" cellpadding="0">\n{rows}\n</TABLE>'


def _render_left(links: Addresses, boxes: Boxes, *, full_titles: bool) -> str:
    def box(picture: str, papers: Sequence[Paper], cid: int) -> str:
        rows = "\n".join(
            f'<tr><td class="xh"><img src="{links.base}/images/dot.gif" width="7" height="7" hspace="3">'
            f"{_link(links, paper, BOX_BYTES, cid, full_titles=full_titles)}"
            for paper in papers
        )
        return (
            f'<TABLE width="100%" border="0" cellspacing="0" cellpadding="0">'
            f'<tr><td class="lm"><a href="{escape(links.listing(cid))}"><img src="{links.base}/images/{picture}" '
            f'height="18" border="0"></a>\n{rows}\n</TABLE>'
        )

    parts = (_render_nav(links), box("tzgg.gif", boxes.own, _NOTICES), box("yw.gif", boxes.central, CIDS["gzdt"]))
    return "\n".join(parts)


def _render_pager(links: Addresses, shelf: Shelf) -> str:
    def step(label: str, page: int) -> str:
        if page == shelf.page or not 1 <= page <= shelf.pages:
            return f'<font color="#999999">{label}</font>'
        return f'<a href="{escape(links.listing(shelf.cid, page))}">{label}</a>'

    steps = " ".join(
        (
            step("首页", 1),
            step("上一页", shelf.page - 1),
            step("下一页", shelf.page + 1),
            step("尾页", shelf.pages),
        )
    )
    goal = min(shelf.page + 1, shelf.pages)
    return (
        f"共 {shelf.total} 条 每页 {PER_PAGE} 条 第 {shelf.page}/{shelf.pages} 页 {steps}&nbsp;&nbsp;"
        f'<input type="text" name="pn" size="2" value="{goal}">&nbsp;<a href="javascript:goPage({goal})">转到</a>'
    )


def _founder_block(paper: Paper) -> str:
    """Return the comment in which the Founder system tells what it knows of a page."""
    cid = paper.cids[0]
    at = paper.published.replace(second=paper.content_id % 60)
    return (
        f"<!--enpproperty <articleid>{paper.content_id}</articleid><date>{at:%Y-%m-%d %H:%M:%S}.0</date>"
        "<author></author>"
        f"<title>{escape(paper.draft.title, quote=False)}</title><keyword></keyword><subtitle></subtitle>"
        f"<introtitle></introtitle><siteid>2</siteid><nodeid>{cid}</nodeid><nodename>{CHANNELS[cid - 1][1]}</nodename>"
        "<nodesearchname></nodesearchname>/enpproperty-->\n"
    )


@cache
def _read_frame() -> Template:
    return Template((resources.files("feeds.demo") / "text" / "frame.html").read_text(encoding="utf-8"))


def _frame(links: Addresses, title: str, left: str, main: str, jump: str = "") -> str:
    return _read_frame().substitute(title=title, left=left, main=main, jump=jump, home=links.home(), base=links.base)


def links_of_article(links: Addresses) -> Addresses:
    """Return the links as an article's page writes them: founder articles lie three folders deep."""
    return replace(links, up="../../../") if links.scheme == "founder" else links
