"""What is wrong with the head of a request (RFC 9112), before anything of it is believed; and what is said then."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from feeds.serve.guards import LARGEST_BODY

LARGEST_TARGET = 8_192
"""Bytes of a request's target; RFC 9110 section 4.1 asks for 8000 at least. The longest of ours is a search."""
MOST_HEADERS = 100
"""Fields of a request, as Apache counts them; browsers send about twenty, proxies put some on top."""
MOST_PARAMETERS = 1_000
"""Of a query, as Django counts them; a search that names every channel of a large installation stays below."""

REFUSALS = {
    400: ("请求格式不对，无法读懂。", "This request is malformed and could not be read."),
    408: ("请求迟迟没有发完，连接已关闭。", "The request did not arrive in time; the connection is closed."),
    413: ("提交的内容太大。", "What was sent is too large."),
    414: ("网址太长。", "The address is too long."),
    417: ("不支持这样的 Expect。", "This expectation cannot be met."),
    431: ("请求头太大。", "The header of the request is too large."),
    503: ("现在访问的人太多，请稍后再试。", "Too many connections at the moment; please try again soon."),
}
"""What is said to who cannot be given a page, Chinese and English."""

_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?", re.ASCII)
_ABSOLUTE = re.compile(rb"https?://([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(rb"(?:/[\w~!$&'()*+,;=:@-]+(?:\.[\w~!$&'()*+,;=:@-]+)*)*/?", re.ASCII)
"""A path that nothing can be wrong with, as nearly all are: no percent sign, no segment that begins with a dot."""
_ODD = re.compile(rb"[\x00-\x1f\x7f\\]|/\.{1,2}(?:/|$)")
"""What no path of ours has: control characters, backslashes, steps to other folders."""

Headers = Iterable[tuple[bytes, bytes]]


def find_fault(version: str, method: bytes, target: bytes, headers: Headers) -> int | None:
    """The status by which a request is refused; None: nothing is wrong. Names of headers are in lower case.

    The parser has refused what it cannot read: bare line ends, NUL, folded fields, two lengths, a length beside chunks.
    """
    if version not in {"1.1", "1.0"}:
        return 400
    hosts = []
    for name, value in headers:
        if name == b"host":
            hosts.append(value)
        elif name == b"content-length":
            if int(value) > LARGEST_BODY:
                return 413
        elif name == b"transfer-encoding":
            if value.lower() != b"chunked" or version != "1.1":
                return 400
        elif name == b"expect" and value.lower() != b"100-continue":
            return 417
    if len(hosts) > 1 or not all(_HOST.fullmatch(host) for host in hosts) or (not hosts and version == "1.1"):
        return 400
    return _judge_target(method, target, hosts)


def _judge_target(method: bytes, target: bytes, hosts: list[bytes]) -> int | None:
    if not target.startswith(b"/") and not (target == b"*" and method == b"OPTIONS"):
        absolute = _ABSOLUTE.fullmatch(target)
        # RFC 9112 section 3.2.2: both name the same host. Another one makes us a proxy, which we are not.
        if absolute is None or [absolute[1].lower()] != [host.lower() for host in hosts]:
            return 400
        target = cut_origin(target)
    path, _, query = target.partition(b"?")
    if not _PLAIN.fullmatch(path) and not _is_sound(path):
        return 400
    return 400 if query.count(b"&") >= MOST_PARAMETERS else None


def _is_sound(path: bytes) -> bool:
    """Whether a path, decoded, is UTF-8 without control characters, backslashes and `..`."""
    decoded = unquote_to_bytes(path)
    try:
        decoded.decode()
    except UnicodeDecodeError:
        return False
    return not _ODD.search(decoded)


def cut_origin(target: bytes) -> bytes:
    """A target without scheme and host: `http://a/b` is `/b`, and so is `/b`."""
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        return target
    return absolute[2] if absolute[2].startswith(b"/") else b"/" + absolute[2]


def write_refusal(status: int, headers: Headers, *, body: bool) -> bytes:
    """An answer that ends the connection, as bytes; without its sentence where `body` is not wanted (HEAD)."""
    zh, en = REFUSALS[status]
    said = f"{zh}\n{en}\n".encode()
    fields = [
        *headers,
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(said)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
        *([(b"retry-after", b"30")] if status == 503 else []),
    ]
    return STATUS_LINE[status] + write_lines(fields) + b"\r\n" + (said if body else b"")


def write_lines(fields: Headers) -> bytes:
    """Return fields as they stand in a head, each with its line end."""
    return b"".join(name + b": " + value + b"\r\n" for name, value in fields)
