"""Addresses as they stand on a page, made absolute and safe; and what a file's name says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_SESSION_QUERY = re.compile(r"(?<=[?&])(?:jsessionid|phpsessid|aspsessionid\w*)=[^&#]*&?", re.IGNORECASE)
_LONGEST = 8_000
"""Characters of an address, at most: no server takes more, and joining one costs time."""
_SPACES = re.compile("[\t\n\r]")
_LEGAL = "%/:=&?~#+!$,;'@()*[]-._|"
_HOST = "//[a-z0-9][a-z0-9.-]*+(?::[0-9]{1,4})?+"
_PART = "[A-Za-z0-9_~%-][A-Za-z0-9_.~%-]*+"
_PATH = rf"{_PART}(?:/{_PART})*+/?+"
_PLAIN = re.compile(
    rf"((?:(https?:)?+(?P<host>{_HOST})(?:/(?:{_PATH})?+)?+|/(?:{_PATH})?+|(?:\./|(?:\.\./)++)?+{_PATH})"
    r"(?:\?[A-Za-z0-9_=&%.,~/-]*[A-Za-z0-9_=%.,~/-])?+)(?:\#.*)?+",
    re.DOTALL,
)
_PLAIN_BASE = re.compile(rf"(https?:)({_HOST})(?:(/(?:{_PART}/)*+)[^/?#;]*+)?+(?:[?#]|\Z)")
_CATEGORY = re.compile(r"#(\d{1,9})$", re.ASCII)
_CATALOGUE = re.compile(r"/gkmlpt(?:/(?!api/|content/)[\w.-]{0,40})?/?$")
_CALL = re.compile(
    r"""(?:\(|location(?:\.href)?\s{0,5}=)\s*['"]
    ([^'"()]{0,500}\.(?:s?html?|jspx?|aspx?|php|do)[^'"()]*|(?:\.{0,2}/|https?://)[^'"()]+)['"]""",
    re.VERBOSE,
)
CLICKABLE = "a, area, [onclick], [data-href], [data-url], [data-link]"
"""Selector of links, and of elements that act as such."""
_ADDRESSES = ("data-href", "data-url", "data-link")
_DEAD = re.compile(r"(?:javascript|mailto|tel|data|about|sms|weixin):|#|$", re.IGNORECASE)

TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "wps": "application/vnd.ms-works",
    "rtf": "application/rtf",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "et": "application/octet-stream",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "csv": "text/csv",
    "txt": "text/plain",
    "ofd": "application/ofd",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}
"""MIME types by ending, of the files that public portals attach."""


def resolve_link(href: str | None, base: str) -> str | None:
    """Return the absolute http(s) address of a link, without session id and fragment; nothing if it is none.

    `javascript:`, `data:`, `mailto:` and bare fragments are none. Percent-encoding is kept byte for byte (GBK file
    names); raw characters are encoded as UTF-8, as browsers do in paths.
    """
    if not href or href.startswith(("#", "javascript:")):
        return None
    if (url := _join_plain(href, base)) is not None:
        return url
    href = _SPACES.sub("", href).strip().strip("\x00")
    if not href or href.startswith("#") or len(href) > _LONGEST:
        return None
    try:
        url = urljoin(base, href)
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    url = _SESSION_QUERY.sub("", _SESSION.sub("", url.partition("#")[0]))
    return quote(url.rstrip("?&"), safe=_LEGAL, errors="replace")


def _join_plain(href: str, base: str) -> str | None:
    """Return what `resolve_link` returns for an address written as nearly all are, eight times as fast; else nothing.

    Nothing but dots at its beginning stands in such an address that joining would change: no parameters, no session.
    """
    found = _PLAIN.fullmatch(href)
    around = _PLAIN_BASE.match(base) if found else None
    if found is None or around is None or len(href) > _LONGEST or "sess" in href.lower():
        return None
    address = found[1]
    if found["host"]:
        return address if found[2] else around[1] + address
    if address[0] == "/":
        return around[1] + around[2] + address
    folder = around[3] or "/"
    while address.startswith("../"):
        address, folder = address[3:], folder[: folder.rfind("/", 0, -1) + 1] or "/"
    return around[1] + around[2] + folder + address.removeprefix("./")


def keep_category(url: str, asked: str) -> str:
    """Return the address of a page with the category that was asked for, digits behind #; other fragments say nothing.

    Only a page of gkmlpt's catalogue is several lists at one address, and its data address is found by that number.
    """
    category = _CATEGORY.search(asked.strip())
    return f"{url}#{category[1]}" if category and _CATALOGUE.search(url) else url


def resolve_call(script: str | None, base: str) -> str | None:
    """Return the address inside a handler such as `jumpToDetail('./202605/t1.html')`, absolute; nothing without one."""
    return resolve_link(find_call(script), base)


def find_call(script: str | None) -> str | None:
    """Return the address inside a handler as it stands there: a page's name, or a path; nothing without one."""
    found = _CALL.search(script or "")
    return found[1] if found else None


def read_address(attributes: Mapping[str, str | None]) -> str | None:
    """Return the address of a link as it stands, by its attributes: its own, one beside it, or one that a script names.

    Nothing for a dead link: a fragment, a script or a mail address.
    """
    for name in ("href", *_ADDRESSES):
        value = (attributes.get(name) or "").strip()
        if not _DEAD.match(value) and len(value) <= _LONGEST:
            return value
    return find_call(attributes.get("onclick")) or find_call(attributes.get("href"))


def file_ending(url: str) -> str:
    """Return the ending of the file an address names, in lower case without the dot; empty if there is none."""
    parts = urlsplit(url)
    for text in (parts.path, *reversed(parts.query.split("&"))):
        found = re.search(r"\.([A-Za-z0-9]{1,5})$", text)
        if found and found[1].lower() in TYPES:
            return found[1].lower()
    return ""


def file_name(url: str) -> str:
    """Return the human name of the file an address names: percent-decoded as UTF-8, else as gb18030."""
    parts = urlsplit(url)
    last = parts.path.rsplit("/", 1)[-1]
    if not file_ending(last) and parts.query:
        last = next((part.partition("=")[2] for part in parts.query.split("&") if file_ending(part)), last)
    data = unquote_to_bytes(last)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def file_type(url: str, name: str = "") -> str:
    """Return the MIME type by the ending of the address, else of the name; `application/octet-stream` if unknown."""
    return TYPES.get(file_ending(url) or file_ending(f"/{name}"), "application/octet-stream")
