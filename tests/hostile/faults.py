"""What a portal can do wrong with a list page: each fault with the verdict on it and what a person would want."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import NamedTuple

import brotli
import zstandard

from feeds.model import Verdict
from tests.fetch.servers import Answer, Request, page, raw, redirect
from tests.fetch.test_misbehaviour import drip, drip_headers, hang, pour, pour_empty_members, reset


class Fault(NamedTuple):
    """A fault is how the list answers, of the good page's bytes, and what should come of it."""

    behave: Callable[[bytes], Answer]
    verdict: Verdict
    wanted: str


def _always(answer: Answer) -> Callable[[bytes], Answer]:
    return lambda _: answer


def _words(text: str, status: str = "200 OK", **headers: str) -> Callable[[bytes], Answer]:
    return _always(page(f"<html><body>{text}</body></html>".encode(), status, **headers))


def _changed(change: Callable[[bytes], bytes], **headers: str) -> Callable[[bytes], Answer]:
    return lambda good: page(change(good), Content_Type="text/html", **headers)


def _before_rows(extra: bytes) -> Callable[[bytes], Answer]:
    return _changed(lambda good: good.replace(b"</body>", extra + b"</body>").replace(b"</BODY>", extra + b"</BODY>"))


def _text(change: Callable[[str], bytes]) -> Callable[[bytes], Answer]:
    return _changed(lambda good: change(good.decode("gbk")))


def _wire(head: bytes, *, close: bool = True) -> Callable[[bytes], Answer]:
    return lambda good: raw(head + good, close=close)


async def flood_of_1xx(_: Request, writer: asyncio.StreamWriter) -> None:
    """Interim answers for ever, and never the last one."""
    while True:
        writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 20)
        await writer.drain()
        await asyncio.sleep(0.005)


_bomb = gzip.compress(b"\0" * 20_000_000)
_OK = b"HTTP/1.1 200 OK\r\n"
_LEFT = "the channel fails with a sentence, and nothing is published"
_READ = "the page is read as any other, and the new notice is told once"
_counter = iter(range(1, 1_000_000))

V = Verdict
FAULTS: dict[str, Fault] = {
    "hangs": Fault(_always(hang), V.FAILED, "the fetch ends at its deadline"),
    "drips its headers": Fault(_always(drip_headers), V.FAILED, "the fetch ends at its deadline"),
    "drips its body": Fault(_always(drip), V.FAILED, "the fetch ends at its deadline"),
    "sends 1xx for ever": Fault(_always(flood_of_1xx), V.FAILED, "the fetch ends at its deadline"),
    "never stops": Fault(_always(pour), V.TOO_LARGE, "reading stops at the cap"),
    "never stops sending empty gzip members": Fault(_always(pour_empty_members), V.TOO_LARGE, "the cap is for both"),
    "sends a gzip bomb": Fault(_always(page(_bomb, Content_Encoding="gzip")), V.TOO_LARGE, "unpacking stops"),
    "sends a gzip bomb in a gzip bomb": Fault(
        _always(page(gzip.compress(_bomb), Content_Encoding="gzip, gzip")), V.FAILED, "nested packing is not unpacked"
    ),
    "sends a brotli bomb": Fault(
        _always(page(brotli.compress(b"\0" * 5_000_000), Content_Encoding="br")), V.FAILED, "nobody asked for brotli"
    ),
    "sends a zstd bomb": Fault(
        _always(page(zstandard.compress(b"\0" * 5_000_000), Content_Encoding="zstd")), V.FAILED, "nor for zstd"
    ),
    "redirects in a circle": Fault(_always(redirect("/list.jsp?cid=13&page=1")), V.FAILED, _LEFT),
    "redirects to a file": Fault(_always(redirect("file:///etc/passwd")), V.FAILED, "no file is read"),
    "redirects to another port of this machine": Fault(_always(redirect("http://127.0.0.1:9/")), V.FAILED, _LEFT),
    "redirects to the cloud's metadata": Fault(
        _always(redirect("http://169.254.169.254/latest/meta-data/")), V.FAILED, "no link-local address is asked"
    ),
    "redirects to another host": Fault(_always(redirect("http://casino.example/")), V.FAILED, _LEFT),
    "redirects to https": Fault(_always(redirect("https://127.0.0.1/")), V.FAILED, "TLS is never switched silently"),
    "redirects nowhere": Fault(_always(page(b"", "302 Found")), V.FAILED, _LEFT),
    "redirects to its home page": Fault(_always(redirect("/")), V.SOFT_ERROR, "a home page is no empty list"),
    "resets before an answer": Fault(_always(reset()), V.FAILED, _LEFT),
    "resets amid the headers": Fault(_always(reset(_OK + b"Content-Le")), V.FAILED, _LEFT),
    "resets after the headers": Fault(_always(reset(_OK + b"Content-Length: 500\r\n\r\n")), V.TRUNCATED, _LEFT),
    "resets amid the body": Fault(
        lambda good: reset(_OK + b"Content-Length: %d\r\n\r\n" % len(good) + good[: len(good) // 2]), V.TRUNCATED, _LEFT
    ),
    "hangs up without an answer": Fault(_always(raw(b"", close=True)), V.FAILED, _LEFT),
    "is cut by its length": Fault(_wire(_OK + b"Content-Length: 99999\r\n\r\n"), V.TRUNCATED, _LEFT),
    "is cut amid its chunks": Fault(
        _always(raw(_OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<html\r\n", close=True)), V.TRUNCATED, _LEFT
    ),
    "is cut amid its gzip": Fault(
        lambda good: page(gzip.compress(good)[:-20], Content_Encoding="gzip"), V.TRUNCATED, _LEFT
    ),
    "gives a length that is too short": Fault(_wire(_OK + b"Content-Length: 900\r\n\r\n"), V.FAILED, _LEFT),
    "gives a length that is no number": Fault(_wire(_OK + b"Content-Length: many\r\n\r\n"), V.FAILED, _LEFT),
    "gives a negative length": Fault(_wire(_OK + b"Content-Length: -1\r\n\r\n"), V.FAILED, _LEFT),
    "sends bad chunks": Fault(
        _always(raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n", close=True)), V.FAILED, _LEFT
    ),
    "sends a status that is none": Fault(_wire(b"HTTP/1.1 OK yes\r\n\r\n"), V.FAILED, _LEFT),
    "speaks HTTP/0.9": Fault(_wire(b""), V.FAILED, _LEFT),
    "speaks FTP": Fault(_always(raw(b"220 ftp ready\r\n", close=True)), V.FAILED, _LEFT),
    "sends rubbish": Fault(_always(raw(b"\x00\xff\x16\x03\r\n\r\n", close=True)), V.FAILED, _LEFT),
    "sends a header without end": Fault(_always(raw(_OK + b"X: " + b"y" * 200_000 + b"\r\n\r\n")), V.FAILED, _LEFT),
    "sends a header without a colon": Fault(_wire(_OK + b"no colon here\r\n\r\n"), V.FAILED, _LEFT),
    "says 429 and seconds": Fault(_words("slow", "429 Too Many Requests", Retry_After="7200"), V.BLOCKED, _LEFT),
    "says 429 and a date": Fault(
        _words(
            "slow",
            "429 Too Many Requests",
            Retry_After="Wed, 16 Sep 2026 04:00:00 GMT",
            Date="Wed, 16 Sep 2026 02:00:00 GMT",
        ),
        V.BLOCKED,
        "it is left alone for two hours",
    ),
    "says 500": Fault(_words("error", "500 Internal Server Error"), V.FAILED, _LEFT),
    "says 502": Fault(_words("error", "502 Bad Gateway"), V.FAILED, _LEFT),
    "says 503": Fault(_words("error", "503 Service Unavailable"), V.FAILED, _LEFT),
    "says 504": Fault(_words("error", "504 Gateway Timeout"), V.FAILED, _LEFT),
    "says 404": Fault(_words("error", "404 Not Found"), V.GONE, "no notice is withdrawn for it"),
    "says 403": Fault(_words("error", "403 Forbidden"), V.BLOCKED, _LEFT),
    "says 404 with 200": Fault(_words("<h1>页面不存在</h1>"), V.SOFT_ERROR, "a soft 404 is no empty list"),
    "wants a login": Fault(
        _words('<form>请登录 <input name="user"><input type="password" name="p"></form>'), V.LOGIN, _LEFT
    ),
    "wants a CAPTCHA": Fault(_words('<form>请输入验证码<input name="captcha"></form>'), V.LOGIN, _LEFT),
    "challenges with 521": Fault(
        _words("<script>document.cookie='__jsl_clearance_s=1'</script>", "521 X"), V.CHALLENGE, _LEFT
    ),
    "challenges with 412": Fault(_words("<script>$_ts=window['$_ts']</script>", "412 X"), V.CHALLENGE, _LEFT),
    "challenges with acw_sc__v2": Fault(
        _words("<script>var arg1='E0';setCookie('acw_sc__v2', x);</script>"), V.CHALLENGE, _LEFT
    ),
    "is in maintenance": Fault(_words("<h1>系统维护中，请稍后访问</h1>"), V.MAINTENANCE, _LEFT),
    "is taken over": Fault(
        _words("<h1>澳门赌场</h1>" + "<p>真人娱乐 注册送彩金 最新网址</p>" * 30), V.TAKEN_OVER, "nothing of it is told"
    ),
    "sends nothing": Fault(_always(page(b"")), V.SOFT_ERROR, "an empty page is no empty list"),
    "sends a PDF as HTML": Fault(_always(page(b"%PDF-1.4\n" + b"\0\xff" * 99)), V.NOT_A_PAGE, _LEFT),
    "sends a picture": Fault(_always(page(b"\x89PNG\r\n\x1a\n" + b"\0" * 99)), V.NOT_A_PAGE, _LEFT),
    "says 304 to who did not ask": Fault(_always(raw(b"HTTP/1.1 304 X\r\n\r\n")), V.FAILED, "nothing is unchanged"),
    "loses its rows": Fault(
        _text(lambda t: t.replace('target="_blank"', "").encode("gbk")), V.LISTING, "it is read without its recipe"
    ),
    "sends half of its page": Fault(_changed(lambda good: good[: len(good) // 2]), V.TRUNCATED, _LEFT),
    "is garbled": Fault(
        _text(lambda t: t.encode("utf-8").decode("gbk", "replace").encode("utf-8")), V.GARBLED, "no mojibake is told"
    ),
    "calls itself plain text": Fault(lambda good: page(good, Content_Type="text/plain"), V.LISTING, _READ),
    "calls itself a picture": Fault(lambda good: page(good, Content_Type="image/png"), V.LISTING, _READ),
    "calls itself UTF-8": Fault(lambda good: page(good, Content_Type="text/html; charset=utf-8"), V.LISTING, _READ),
    "turns to UTF-8": Fault(_text(lambda t: t.encode("utf-8")), V.LISTING, _READ),
    "turns to UTF-16 without a mark": Fault(_text(lambda t: t.encode("utf-16-le")), V.LISTING, _READ),
    "has NULs in it": Fault(_changed(lambda good: good.replace(b"<tr", b"\0<tr")), V.LISTING, _READ),
    "has control characters in it": Fault(
        _changed(lambda good: good.replace(b"</a>", b"\x0b\x0c</a>")), V.LISTING, _READ
    ),
    "nests tags deeply": Fault(_before_rows(b"<div>" * 900), V.LISTING, _READ),
    "has thousands of attributes": Fault(
        _before_rows(b"<p " + b" ".join(b"a%d=1" % n for n in range(5000)) + b">x</p>"), V.TOO_LARGE, _LEFT
    ),
    "injects scripts": Fault(
        _before_rows(b"<script>alert(1)</script><a href='javascript:alert(1)'>x</a>"), V.LISTING, _READ
    ),
    "counts its visitors": Fault(
        lambda good: page(good.replace(b"</body>", b"<i>%d</i></body>" % next(_counter))), V.LISTING, _READ
    ),
    "sends hundreds of headers": Fault(
        _wire(_OK + b"".join(b"X-%d: y\r\n" % n for n in range(300)) + b"\r\n"), V.FAILED, _LEFT
    ),
    "has no length and hangs up": Fault(_wire(b"HTTP/1.0 200 OK\r\n\r\n"), V.LISTING, _READ),
    "sends a second answer behind its first": Fault(
        lambda good: raw(
            _OK + b"Content-Length: %d\r\n\r\n" % len(good) + good + b"HTTP/1.1 200 OK\r\n\r\nrubbish", close=True
        ),
        V.LISTING,
        _READ,
    ),
}
