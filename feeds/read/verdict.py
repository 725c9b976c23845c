"""What a page turned out to be, before anything is read from it.

A blacklist of bad signs always leaks, so what counts in the end is positive: the portal's own name on the page, and
rows or a body where the recipe says they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from feeds.model import Fetched, Portal, Verdict
from feeds.read.bounds import measure_page, measure_tags
from feeds.read.characters import fold_width
from feeds.read.charset import Decoded, decode_page
from feeds.read.dom import inline_text, parse_page

_CHALLENGES = (
    ("加速乐 (jsl)", re.compile(r"__jsl_clearance|__jsluid")),
    ("瑞数 (ruishu)", re.compile(r"\$_ts\s*[=\[.]")),
    ("an edge bot check", re.compile(r"EO_Bot_Ssid")),
    ("Aliyun WAF", re.compile(r"acw_sc__v2|var\s+arg1\s*=\s*'[0-9A-F]{20,}'")),
    ("a browser check", re.compile(r"cf-chl-|challenge-platform|_guard/(?:auto|slide|click)\.js")),
)
_BLOCKS = re.compile(
    r"电信云防护|云防护|网站防火墙|访问被拦截|请求被拦截|您的访问.{0,10}(?:拒绝|拦截|禁止)|Web Application Firewall"
)
_GONE = re.compile(
    r"页面不存在|页面没有找到|找不到(?:该|您|你|所|页)|(?:文章|信息|内容|网页|文件|记录)(?:不存在|已(?:被)?删除|已(?:被)?撤)"
    r"|未找到(?:该|您|页)|已被删除|404\s*(?:Not Found|错误|页面)|Not Found"
)
_ERROR = re.compile(
    r"HTTP Status 5\d\d|Internal Server Error|Service (?:Temporarily )?Unavailable|Bad Gateway"
    r"|系统(?:错误|繁忙|维护|升级)"
    r"|服务器(?:错误|繁忙|内部)|数据库.{0,6}(?:错误|失败)|网站(?:维护|升级|建设)中|程序异常"
    r"|Server Error in|It works!|Welcome to nginx"
)
_REFRESH = re.compile(r"<meta[^>]{0,200}http-equiv\s*=\s*[\"']?refresh[^>]{0,200}url\s*=", re.IGNORECASE)
_SCRIPT_MOVE = re.compile(r"(?:window\.|document\.|self\.|top\.)?location(?:\.href)?\s*=\s*[\"']|location\.replace\(")
_END = re.compile(r"</\s*(?:html|body)\s*>", re.IGNORECASE)

_SHORT = 500
"""Characters of visible text up to which a page may be nothing but a message."""
_MESSAGE = 80
"""Characters of a body up to which it may be nothing but a message."""


@dataclass(frozen=True)
class Opened:
    """An opened page is what could be made of its bytes: text, tree, and what it turned out to be, if it is no good."""

    decoded: Decoded
    tree: LexborHTMLParser
    visible: str
    """All visible text on one line, both widths folded."""
    verdict: Verdict | None = None
    problem: str | None = None


def judge_page(page: Fetched, portal: Portal | None = None, content: str | None = None) -> Opened:
    """Open a page and judge it by status, size, signs and identity; `verdict` None means: read on.

    A page with an element by the selector `content` is not judged by its words: a notice may speak of errors. Without
    a portal (saved pages) nobody's identity is asked for.
    """
    too_large = measure_page(page.body)
    decoded = decode_page(b"" if too_large else page.body, page.content_type)
    # Measured as it is parsed: in the page's own bytes (UTF-16, EBCDIC) tags may not look like tags.
    if not too_large and (too_large := measure_tags(decoded.text)):
        decoded = decode_page(b"", page.content_type)
    tree = parse_page(decoded.text)
    visible = fold_width(inline_text(tree.body)) if tree.body else ""
    found = (
        _judge_signs(page.status, decoded.text, visible)
        or _judge_status(page.status)
        or ((Verdict.FAILED, too_large) if too_large else None)
        or _judge_text(decoded)
    )
    if found is None and len(visible) <= _SHORT and (content is None or tree.css_first(content) is None):
        found = _judge_message(decoded.text, visible)
    if found is None and portal is not None and portal.identity and not is_unfinished(decoded.text):
        found = _judge_identity(decoded.text, visible, portal)
    return Opened(decoded, tree, visible, *(found or (None, None)))


def is_unfinished(text: str) -> bool:
    """Tell whether a page has neither `</html>` nor `</body>`: cut on its way, or written by somebody careless."""
    return _END.search(text) is None


def lacks_owner(text: str, portal: Portal | None) -> bool:
    """Tell whether an unfinished page's last part is missing too: the owner's line, which stands at a page's end."""
    if portal is None or not portal.identity:
        return re.search(r"<[^<>]{0,2000}$", text) is not None
    tail = _squash(text[-6000:])
    return not any(_squash(name) in tail for name in portal.identity)


def _judge_status(status: int) -> tuple[Verdict, str] | None:
    if status == 200:
        return None
    if status in {404, 410}:
        return Verdict.GONE, f"the server says {status}: the page does not exist"
    if status == 304:
        return Verdict.UNCHANGED, "the server says 304: not modified"
    if 300 <= status < 400:
        return Verdict.MOVED, f"the server says {status} and points elsewhere"
    if status in {401, 403, 405, 407, 429, 451}:
        return Verdict.BLOCKED, f"the server says {status}: we are not let in"
    return Verdict.FAILED, f"the server says {status}"


def _judge_signs(status: int, text: str, visible: str) -> tuple[Verdict, str] | None:
    """Recognise challenge and block pages; a page that has its content behind the script is neither."""
    if len(visible) > _SHORT:
        return None
    for name, sign in _CHALLENGES:
        if sign.search(text):
            return Verdict.CHALLENGE, f"blocked by {name}: the page is a challenge for browsers"
    if status in {412, 521}:
        return Verdict.CHALLENGE, f"blocked: the server says {status}, a challenge for browsers"
    if _BLOCKS.search(visible):
        return Verdict.BLOCKED, f"blocked by a firewall: {visible[:80]}"
    return None


def says_gone(text: str) -> bool:
    """Tell whether the words where an article should be are only that there is none (页面不存在)."""
    return len(text) <= _MESSAGE and _GONE.search(text) is not None


def _judge_text(decoded: Decoded) -> tuple[Verdict, str] | None:
    if not decoded.text.strip(" \t\n\0"):
        return Verdict.SOFT_ERROR, "the page is empty"
    if decoded.garbled:
        return Verdict.GARBLED, f"the text makes no sense as {decoded.charset} ({decoded.evidence})"
    return None


def _judge_message(text: str, visible: str) -> tuple[Verdict, str] | None:
    """Recognise a short page that only says what is wrong, with status 200."""
    if found := _ERROR.search(visible):
        return Verdict.SOFT_ERROR, f"an error page with status 200: {found[0]}"
    if found := _GONE.search(visible):
        return Verdict.GONE, f"a page with status 200 that says: {found[0]}"
    if len(visible) < 100 and (_REFRESH.search(text) or _SCRIPT_MOVE.search(text)):
        return Verdict.MOVED, "the page only sends browsers elsewhere"
    return None


def _judge_identity(text: str, visible: str, portal: Portal) -> tuple[Verdict, str] | None:
    squashed = _squash(text)
    if any(_squash(name) in squashed for name in portal.identity):
        return None
    wanted = "、".join(portal.identity)
    if len(visible) < 20:
        return Verdict.SOFT_ERROR, f"the page shows next to nothing, not even {wanted}"
    return Verdict.TAKEN_OVER, f"none of {wanted} stands on the page: somebody else may live there"


def _squash(text: str) -> str:
    return "".join(fold_width(text).split())
