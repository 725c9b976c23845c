"""What a receiver might hold against a mail, found in its bytes; each problem a sentence, Chinese first. Pure.

It reads a mail as others would, with the standard library's parser, and knows nothing of how ours are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

MOST_BYTES = 102_000
"""Gmail shows no more of a mail, and hides what stands below: the link to unsubscribe."""
_LONGEST_LINE, _USUAL_LINE, _LONGEST_WORD = 998, 78, 75
_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type")
_NEVER = ("Cc", "Bcc", "Disposition-Notification-To", "Return-Receipt-To", "Return-Path")
_LIST_ONLY = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence")
_ONE_CLICK = "List-Unsubscribe=One-Click"
_ACTIVE = (
    "script, iframe, frame, object, embed, applet, form, input, button, select, textarea, link, base,"
    " img, picture, source, video, audio, svg, math, canvas, meta[http-equiv=refresh]"
)
_SCHEMES = {"http", "https", "mailto"}
_FETCHES = re.compile(r"url\s*\(|@import|expression\s*\(|behaviou?r\s*:|-moz-binding", re.IGNORECASE)
_ENCODED_WORD = re.compile(rb"=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=")


def lint_mail(message: bytes, *, to_list: bool, signed: bool = False) -> tuple[str, ...]:
    """Return what is wrong with a mail as it goes to the relay; nothing: what we know to look for is right.

    `to_list`: it is sent because of a subscription, and must have a way out (RFC 2919, 2369, 8058). `signed`: it must
    have a DKIM signature that covers what those ask for.
    """
    found = message_from_bytes(message, policy=policy.default)
    problems = [
        *_lint_bytes(message),
        *_lint_structure(found),
        *_lint_headers(found),
        *_lint_html(_read(found, "html")),
    ]
    problems += _lint_way_out(found) if to_list else _lint_account(found)
    problems += _lint_signature(found, to_list=to_list) if signed else ()
    return tuple(dict.fromkeys(problems))


def _lint_bytes(message: bytes) -> Iterator[str]:
    """RFC 5322, section 2.1.1; RFC 2047, section 2."""
    if len(message) > MOST_BYTES:
        yield f"邮件有 {len(message):,} 字节，Gmail 会截断 longer than {MOST_BYTES:,} bytes, which Gmail cuts"
    if not message.isascii() or message.count(b"\r\n") != max(message.count(b"\r"), message.count(b"\n")):
        yield "含非 ASCII 字节或单独的 CR、LF not ASCII in lines that end with CRLF"
    if max(map(len, message.split(b"\r\n"))) > _LONGEST_LINE:
        yield f"有超过 {_LONGEST_LINE} 字节的行 a line of more than {_LONGEST_LINE} bytes (RFC 5322)"
    head = message.partition(b"\r\n\r\n")[0]
    if any(len(word) > _LONGEST_WORD for word in _ENCODED_WORD.findall(head)):
        yield f"编码字超过 {_LONGEST_WORD} 字节 an encoded word of more than {_LONGEST_WORD} bytes (RFC 2047)"
    if any(len(line) > _USUAL_LINE and b" " in line.strip().partition(b": ")[2] for line in head.split(b"\r\n")):
        yield f"标头有超过 {_USUAL_LINE} 字节却可折行 a header line of more than {_USUAL_LINE} bytes could be folded"


def _lint_structure(found: EmailMessage) -> Iterator[str]:
    """RFC 2045 and 2046: whole parts, the text first and the best last."""
    defects = [defect for part in found.walk() for defect in part.defects]
    defects += [defect for value in found.values() for defect in getattr(value, "defects", ())]
    for defect in defects:
        yield f"解析有缺陷 the parser finds a defect: {type(defect).__name__}"
    kinds = [part.get_content_type() for part in found.iter_parts()] if found.is_multipart() else []
    if found.get_content_type() != "multipart/alternative" or kinds != ["text/plain", "text/html"]:
        yield "不是纯文本在前、HTML 在后的两部分 not a text part followed by an HTML part (RFC 2046)"
    if not _read(found, "plain").strip():
        yield "没有纯文本正文 no text to read without HTML"


def _lint_headers(found: EmailMessage) -> Iterator[str]:
    """RFC 5322, section 3.6; RFC 3834, section 5; one mail for one person."""
    for name in _ONCE:
        if len(found.get_all(name, [])) != 1:
            yield f"标头 {name} 不是恰好一个 not exactly one header {name} (RFC 5322)"
    for name in _NEVER:
        if name in found:
            yield f"不该有标头 {name} a header {name}, which must not be there"
    if len(getattr(found["To"], "addresses", ())) != 1:
        yield "收件人不是恰好一个 not exactly one recipient"
    if getattr(found["Date"], "datetime", None) is None:
        yield "日期无法读取 a Date that cannot be read"
    if found["Auto-Submitted"] != "auto-generated":
        yield "缺少 Auto-Submitted: auto-generated，会引来自动回复 auto-replies are not asked to stay away (RFC 3834)"


def _lint_html(html: str) -> Iterator[str]:
    """Nothing acts, and nothing is fetched when the mail is opened."""
    tree = LexborHTMLParser(html)
    for node in tree.css(_ACTIVE):
        yield f"HTML 含 <{node.tag}> HTML with <{node.tag}>, which acts or fetches"
    for node in tree.css("*"):
        yield from _lint_element(node)


def _lint_element(node: LexborNode) -> Iterator[str]:
    for name, value in node.attributes.items():
        if name.lower().startswith("on"):
            yield f"HTML 含事件属性 {name} HTML with an event handler {name}"
        if name in {"href", "src", "background", "action"} and not _is_link(node, name, value or ""):
            yield f"HTML 的 {name} 不是普通链接 HTML with {name}={value!r:.60}, which is no plain link"
    style = node.text() if node.tag == "style" else node.attributes.get("style") or ""
    if _FETCHES.search(style):
        yield "样式会引用外部内容 a style that fetches"


def _is_link(node: LexborNode, name: str, value: str) -> bool:
    return node.tag == "a" and name == "href" and urlsplit(value).scheme.lower() in _SCHEMES


def _lint_way_out(found: EmailMessage) -> Iterator[str]:
    """RFC 2919, 2369, and 8058: one click in the mail program, and a link in both parts."""
    ways = re.findall(r"<\s*([^<>\s]+)\s*>", re.sub(r"\s+", "", str(found["List-Unsubscribe"] or "")))
    links = [way for way in ways if way.partition(":")[0].lower() in {"http", "https"}]
    if "List-Id" not in found:
        yield "缺少 List-Id no List-Id (RFC 2919)"
    if len(links) != 1:
        yield "List-Unsubscribe 里不是恰好一个网址 not exactly one web address in List-Unsubscribe (RFC 8058)"
    elif not links[0].lower().startswith("https:"):
        yield "退订网址不是 https，一键退订不起作用：请改 site.base_url the way out is not https: change site.base_url"
    if found["List-Unsubscribe-Post"] != _ONE_CLICK:
        yield f"缺少 List-Unsubscribe-Post: {_ONE_CLICK} no one-click unsubscribing (RFC 8058)"
    html = LexborHTMLParser(_read(found, "html"))
    shown = {node.attributes.get("href") for node in html.css("a[href]")}
    if any(link not in shown or link not in _read(found, "plain") for link in links):
        yield "正文没有退订链接 no link to unsubscribe in both parts"


def _lint_account(found: EmailMessage) -> Iterator[str]:
    for name in _LIST_ONLY:
        if name in found:
            yield f"确认邮件不是群发，不该有 {name} mail that is no list's, with {name}"


def _lint_signature(found: EmailMessage, *, to_list: bool) -> Iterator[str]:
    """RFC 6376, section 5.4; RFC 8058, section 4."""
    wanted = {"from", "to", "subject", "date", "message-id"}
    wanted |= {"list-unsubscribe", "list-unsubscribe-post"} if to_list else set()
    signatures = [re.sub(r"\s+", "", str(value)) for value in found.get_all("DKIM-Signature", [])]
    if not signatures:
        yield "没有 DKIM 签名 no DKIM signature"
    for signature in signatures:
        names = "".join(re.findall(r"(?:^|;)h=([^;]*)", signature)).lower().split(":")
        if missing := sorted(wanted.difference(names)):
            yield f"DKIM 签名未覆盖 a DKIM signature without {', '.join(missing)}"
        if any(names.count(name) < 2 for name in ("from", "subject")):
            yield "DKIM 签名没有防止添加 From、Subject nothing keeps others from adding a From or Subject"


def _read(found: EmailMessage, kind: str) -> str:
    """Return a part's text; empty if there is none, or none that can be read."""
    part = found.get_body(preferencelist=(kind,))
    try:
        return str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError):
        return ""
