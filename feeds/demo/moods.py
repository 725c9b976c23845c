"""What the portal can be like for a while: a mood changes what it answers, until it is well again.

    papers ──▶ page ──▶ MOODS[name].change(stock, wanted, reply) for each mood it is in ──▶ answer

A new mood is a line in MOODS: what it tells, and the change. What happens once to papers is an event (script.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from feeds.demo.addresses import Wanted
from feeds.demo.reply import HTML, Reply

if TYPE_CHECKING:
    from feeds.demo.stock import Stock

Change = Callable[["Stock", Wanted, Reply], Reply]

_ROW = re.compile(r'<tr><td class="xh">·.*?<td width="90" class="xh">[\d-]+</td>\s*', re.DOTALL)
_TIME = re.compile(r"(时间： \d{4}-\d\d-\d\d )(\d\d)(:\d\d)")
_LINK = re.compile(r"((?:list|info)\.jsp)(?=\?)")
_HUGE = 5 * 1024 * 1024
_CASINO = (
    "<html><head><title>澳门赌场 真人娱乐</title></head><body><h1>澳门赌场官方网站</h1>"
    + "<p>真人娱乐 注册送彩金 最新网址 体育投注</p>" * 40
    + "</body></html>"
)
_CLEARANCE = (
    "<html><script>document.cookie='__jsl_clearance_s=1690000000.1|-1|x;path=/';location.reload()</script></html>"
)
_RIDDLE = "<html><head><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=51234</script></head><body></body></html>"
_MISSING = "<html><head><title>提示</title></head><body><h1>页面不存在</h1><p>您访问的页面不存在</p></body></html>"


@dataclass(frozen=True)
class Mood:
    """A mood is one way of answering otherwise."""

    tells: str
    """A line for whoever watches, Chinese and English."""
    change: Change


def _answer(html: str, status: int = 200) -> Change:
    """Answer the same for every address."""
    return lambda _stock, _wanted, _reply: Reply(status, html.encode())


def _edit(edit: Callable[[Stock, str], str], *kinds: str) -> Change:
    """Edit the text of pages of these kinds; those that exist."""

    def change(stock: Stock, wanted: Wanted, reply: Reply) -> Reply:
        if reply.type != HTML or reply.status != 200 or wanted.kind not in kinds:
            return reply
        return replace(reply, body=edit(stock, reply.body.decode("gbk")).encode("gbk"))

    return change


def _halve(_stock: Stock, wanted: Wanted, reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2]) if wanted.kind == "list" else reply


def _hang(_stock: Stock, _wanted: Wanted, reply: Reply) -> Reply:
    return replace(reply, hangs=True)


def _send_to_https(stock: Stock, wanted: Wanted, _reply: Reply) -> Reply:
    return Reply(302, b"", location=f"{stock.https}{wanted.asked}")


def _turn_to_utf8(_stock: Stock, _wanted: Wanted, reply: Reply) -> Reply:
    """Last of the moods, since the others read GBK."""
    if reply.type != HTML or reply.status != 200:
        return reply
    text = reply.body.decode("gbk").replace("charset=gb2312", "charset=utf-8")
    return replace(reply, body=text.encode())


def _slide(stock: Stock, wanted: Wanted, reply: Reply) -> Reply:
    """Publish a paper as soon as somebody has the first page of a list: the last row of it begins the second. Once."""
    if wanted.kind == "list" and wanted.page == 1:
        stock.end_mood("slide")
        stock.publish_beside(wanted.cid)
    return reply


def _count(stock: Stock, text: str) -> str:
    return text.replace("时间： ", f"浏览次数：{stock.requests} 时间： ").replace(
        "</p>", f"<!-- {stock.requests} --></p>"
    )


def _write_session(stock: Stock, text: str) -> str:
    session = hashlib.sha256(f"{stock.requests}".encode()).hexdigest()[:32].upper()
    return _LINK.sub(rf"\1;jsessionid={session}", text)


def _twelve(found: re.Match[str]) -> str:
    return f"{found[1]}{int(found[2]) % 12 or 12:02}{found[3]}"


MOODS: dict[str, Mood] = {
    "slide": Mood("翻页时列表下移 · the list slides while it is walked", _slide),
    "empty": Mood("列表暂时为空 · the lists are empty", _edit(lambda _, text: _ROW.sub("", text), "list")),
    "counter": Mood("浏览次数变化 · a view counter runs", _edit(_count, "article")),
    "sessions": Mood("链接带 jsessionid · session ids in every link", _edit(_write_session, "home", "list", "article")),
    "clock12": Mood("十二小时制 · a 12-hour clock", _edit(lambda _, text: _TIME.sub(_twelve, text), "article")),
    "huge": Mood(
        "页面 5 MB · pages of 5 MB", _edit(lambda _, text: text + " \n" * (_HUGE // 2), "home", "list", "article")
    ),
    "half": Mood("列表截断 · the lists are cut half-way", _halve),
    "utf8": Mood("改版：UTF-8 · a redesign: UTF-8 instead of GBK", _turn_to_utf8),
    "error": Mood("服务器错误 500 · everything answers 500", _answer("<html><h1>500</h1></html>", 500)),
    "hang": Mood("不应答 · nothing is ever answered", _hang),
    "soft404": Mood("假 404 · 200 and “page does not exist”", _answer(_MISSING)),
    "521": Mood("反爬 521 · a challenge, 521", _answer(_CLEARANCE, 521)),
    "412": Mood("反爬 412 · a challenge, 412", _answer(_RIDDLE, 412)),
    "https": Mood("跳转到证书不良的 https · sent to https with a bad certificate", _send_to_https),
    "takeover": Mood("域名被接管 · the host is taken over", _answer(_CASINO)),
}
"""By the event that begins them; those that edit pages stand before those that replace them, and are applied so."""
