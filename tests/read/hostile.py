"""Pages made to hurt a reader: one way each, to any size. Nothing here is somebody's page."""

from __future__ import annotations

import codecs

_HEAD = "<html><head><title>某市公告</title></head><body>"
_WORDS = "这里写着一些没有人说过的话，"

REPEATED: dict[str, str] = {
    "div, unclosed": "<div>",
    "div, closed": "<div>字</div>",
    "div with text": f"<div>{_WORDS}</div>",
    "p, unclosed": "<p>",
    "b i, unclosed": "<b><i>",
    "b i in paragraphs": "<p><b><i>字",
    "a, unclosed": "<a>",
    "a with addresses, unclosed": "<a href=t1.html>某某公告的标题",
    "links in rows": "<li><a href=t1.html>某某公告的标题</a>2022-09-15",
    "links in rows with words": f"<li><a href=t1.html>{_WORDS}</a><span>2022-09-15</span></li>",
    "font, unclosed in paragraphs": "<p><font color=red>字",
    "font of one colour each": "<font color=c{0}>",
    "font of one colour each in paragraphs": "<p><font color=c{0}>字",
    "nobr": "<nobr>字",
    "b with classes, a block each": "<b class=c{0}><div>字</div>",
    "b opened, p closed": "<b></p>",
    "wrongly nested": "<b><p></b></p>",
    "wrongly nested links": "<a><div></a>",
    "formatting closed by a block": "<b><i><u><s><p></b></i></u></s>",
    "table, unclosed": "<table>",
    "text in tables": "<table>字",
    "text in rows": "<table><tr>字",
    "formatting in tables": "<table><b>字",
    "cells": "<tr><td>字",
    "tables of one cell": "<table><tr><td>字</table>",
    "tables in cells": "<table><tr><td>",
    "paragraphs in buttons": "<button><p>",
    "select and option": "<select><option>",
    "options": "<option>字",
    "templates": "<template>",
    "templates with cells": "<template><tr><td>",
    "forms": "<form>",
    "lists": "<ul><li>",
    "items": "<li>",
    "definitions": "<dd><dl>",
    "headings": "<h1>",
    "ruby": "<ruby><rt>",
    "svg": "<svg>",
    "g in svg": "<svg><g>",
    "math": "<math><mi>",
    "foreign content": "<svg><desc><math><annotation-xml>",
    "applets": "<applet><b>",
    "objects": "<object>",
    "marquees": "<marquee><b>",
    "frames": "<frameset>",
    "unknown": "<x{0}>",
    "custom": "<a-b>",
    "end tags": "</div>",
    "end tags of paragraphs": "</p>",
    "br by end tag": "</br>",
    "scripts": "<script></script>",
    "script": "<script>",
    "plaintext": "<plaintext>",
    "textareas": "<textarea></textarea>",
    "comments": "<!---->",
    "comments that say little": "<!-- -- ->",
    "comment, unclosed": "<!--",
    "bogus comments": "<!x>",
    "questions": "<?x>",
    "cdata": "<![CDATA[x]]>",
    "cdata, unclosed": "<![CDATA[",
    "doctypes": "<!doctype html>",
    "entities": "&amp;",
    "entities without end": "&notit",
    "numeric entities": "&#20013;",
    "ampersands": "&",
    "angles": "<",
    "angles and spaces": "< ",
    "angles the other way": ">",
    "tags, unclosed": "<a ",
    "attributes, unclosed": "<a b='",
    "many attributes": "<p a1 a2 a3 a4 a5 a6 a7 a8 a9 b1 b2 b3 b4 b5 b6 b7 b8 b9>",
    "classes": "<div class='c{0} d{0}'>字</div>",
    "hidden": "<div style='display:none'>字</div>",
    "meta tags": "<meta name=a{0} content=b>",
    "meta charset": "<meta charset=",
    "links to files": "<a href=a{0}.doc>附件</a>",
    "pictures": "<img src=a{0}.jpg>",
    "bold lines": "<p><b>字</b></p>",
    "line breaks": "字<br>",
    "dates": "2022-09-15 10:12 ",
    "dates in lines": "<p>时间：2022-09-15 10:12",
    "labels": "来源：作者：编辑：",
    "labels in lines": "<p>来源：某报 作者：某人 责任编辑：某人",
    "digits": "1",
    "Chinese digits": "二〇",
    "numbers of documents": "<p>第一二三四五六七八九号",
    "brackets": "（〔【",
    "spaces": " ",
    "no-break spaces": "&nbsp;",
    "ideographic spaces": "\u3000",
    "line ends": "\n",
    "tabs": "\t",
    "letters": "x",
    "Chinese text": _WORDS,
    "lines of Chinese text": f"<p>{_WORDS}</p>\n",
    "replacement characters": "\ufffd",
    "mojibake": "锟斤拷",
    "question marks": "?",
    "zeros": "\0",
    "combining marks": "a\u0301",
    "emoji": "\U0001f600",
    "commas and spaces": "， ",
    "dots": ".",
    "ellipses": "…",
    "dashes": "-",
    "underscores": "_",
    "slashes": "/",
    "javascript calls": "<a onclick=\"open('a{0}.html')\">某某公告的标题</a>",
    "next page": "<a href=p{0}.html>下一页</a>",
    "pager": "共 1 条 每页 1 条 第 1/1 页 ",
    "enpproperty": "<!--enpproperty <date>",
    "title elements": "<title>字</title>",
    "jpage records": "<record><![CDATA[<li><a href=a{0}.html>某某公告的标题</a></li>]]></record>",
    "location": "location=",
}
"""Pieces that are repeated to a page; `{0}` is a running number. Sizes are bounds of the reader: bytes, tags."""


def repeat_piece(piece: str, size: int) -> bytes:
    """A page of one piece over and over, up to `size` bytes, in UTF-8, that never ends its elements."""
    return _fill(_HEAD, piece, size)


def nest_pieces(opening: str, inside: str, depth: int, size: int) -> bytes:
    """A page of `depth` openings, each unclosed, and then one piece over and over inside, up to `size` bytes."""
    return _fill(_HEAD + _run(opening, depth), inside, size)


def _fill(before: str, piece: str, size: int) -> bytes:
    head = before.encode()
    length = len(piece.format(0).encode())
    count = max(1, (size - len(head)) // length)
    return (head + _run(piece, count).encode())[:size]


def _run(piece: str, count: int) -> str:
    return "".join(map(piece.format, range(count))) if "{0}" in piece else piece * count


NESTED: dict[str, tuple[str, str, int]] = {
    "500 divs around words": ("<div>", "<i>字</i>", 500),
    "900 divs around links": ("<div>", "<a href=t{0}.html>某某公告的标题</a>", 900),
    "900 spans around paragraphs": ("<span>", "<p>字", 900),
    "900 b around paragraphs": ("<b class=c{0}>", "<p>字", 900),
    "60 b around paragraphs": ("<b class=c{0}>", "<p>字", 60),
    "20 b around paragraphs": ("<b class=c{0}>", "<p>字", 20),
    "5 b around paragraphs": ("<b class=c{0}>", "<p>字", 5),
    "900 a-b around paragraphs": ("<a-b>", "<p>字", 900),
    "200 tables around text": ("<table><tr><td>", "字<br>", 200),
    "900 formatting, then blocks end": ("<font color=c{0}>", "<div>字</div>", 900),
    "100 wrongly nested": ("<b><div>", "</b><b>", 100),
    "900 b in a paragraph that ends": ("<p>" + "".join(f"<b class=c{n}>" for n in range(900)) + "</p>", "<p>字", 1),
    "300 b in a paragraph that ends": ("<p>" + "".join(f"<b class=c{n}>" for n in range(300)) + "</p>", "<p>字", 1),
    "10 b in a paragraph that ends": ("<p>" + "".join(f"<b class=c{n}>" for n in range(10)) + "</p>", "<p>字", 1),
    "900 b in a table": ("<table>" + "".join(f"<b class=c{n}>" for n in range(900)), "<tr>字", 1),
    "stray end tags": ("", "<div></i>", 1),
    "end tags of b, blocks inside": ("<b class=c{0}><div>", "</b>", 450),
    "ruby text without ruby": ("", "<rt>", 1),
    "groups of options without a select": ("", "<optgroup>", 1),
    "a title in a drawing": ("<svg><title>", "<div>", 1),
    "a title in a select": ("<select><title></select>", "<div>", 1),
    "forms that hide": ("", "<form><div></form>", 1),
    "p in buttons": ("<button>", "<p>字</p>", 400),
}
"""An opening, what stands inside, how deep."""


def make_odd_pages(size: int) -> dict[str, bytes]:
    """Pages that are no HTML, or not in the charset they seem to be."""
    words = f"<html><body><p>{_WORDS}".encode()
    utf16 = ("<html><body>" + f"<p>{_WORDS}</p>" * (size // 60)).encode("utf-16-le")
    return {
        "zero bytes": b"\0" * size,
        "bytes of every value": bytes(range(256)) * (size // 256),
        "high bytes": b"\xff\xfe\xfd" * (size // 3),
        "half characters": b"\xe5\x93" * (size // 2),
        "lone surrogates": b"\xed\xa0\x80" * (size // 3),
        "GBK lead bytes": b"\x81" * size,
        "four-byte GB 18030": b"\x81\x30\x81\x30" * (size // 4),
        "a PDF": b"%PDF-1.7\n" + b"1 0 obj <</Length 5>> stream\nabcde\nendstream\n" * (size // 50),
        "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * (size // 256),
        "UTF-16 without a mark": utf16[:size],
        "UTF-16 with a mark": codecs.BOM_UTF16_LE + utf16[: size - 2],
        "EBCDIC": b'<?xml version="1.0" encoding="cp037"?>' + ("<div>" * (size // 5)).encode("cp037"),
        "UTF-7": b'<?xml version="1.0" encoding="utf-7"?>' + b"+ADw-div+AD4-" * (size // 13),
        "ISO-2022": b'<?xml version="1.0" encoding="iso-2022-jp"?>' + b"\x1b$B\x1b(B" * (size // 6),
        "one attribute": b"<p a='" + b"x" * size + b"'>" + words,
        "one tag name": b"<" + b"x" * size + b">" + words,
        "one style": b"<style>" + b"a{}" * (size // 3) + b"</style>" + words,
        "one address": b"<a href='" + b"../" * (size // 3) + b"'>" + words,
        "one title": b"<title>" + "字".encode() * (size // 3) + b"</title>" + words,
        "one comment": b"<!--" + b"-" * size + b"-->" + words,
        "one entity": b"&" + b"a" * size + words,
        "one number": b"&#" + b"1" * size + words,
    }
