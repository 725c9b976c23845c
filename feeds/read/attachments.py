"""The files and pictures that a notice links to: addresses, human names, types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from selectolax.lexbor import LexborNode

from feeds.model import Attachment
from feeds.read.characters import squeeze
from feeds.read.dom import attribute, parse_page, short_text
from feeds.read.links import TYPES, file_ending, file_name, file_type, resolve_link

_PREFIX = re.compile(r"^[\s【\[(（]*附\s*件\s*[0-9０-９一二三四五六七八九十]*\s*[】\])）]*\s*[:：、.．]?\s*")
_NAMELESS = re.compile(
    r"^(?:点击|请点击|此处|这里|立即)*+(?:下载|查看|打开|浏览)*+(?:附件|文件|此处|这里|全文|原文)*+(?:下载|查看)*+[》>»]*+$"
)
_COUNTER = re.compile(r"\s*已下载.{0,20}次\s*$")
_DOWNLOAD = re.compile(r"download|downfile|fileid|attach", re.IGNORECASE)

_ADDRESSES = ("href", "src", "data")
_VIEWER = re.compile(r"\.html?\?(?:[^#]*&)?(?:file|url|src|pdf|path)=([^&#]+)", re.IGNORECASE)
_ENCODED = re.compile(r"%(25|26|2F|3A|3D|3F)", re.IGNORECASE)

_HINT = re.compile(rf"\.(?:{'|'.join(TYPES)})|download|downfile|fileid|attach")
_WRITTEN = re.compile(r"""document\.write(?:ln)?\(\s{0,9}(['"])((?:(?!\1).){1,4000}+)\1""")
_MOST_SCRIPTS, _LONGEST_SCRIPT = 20, 20_000
"""Scripts, and characters of them all, that are searched for what they write."""


def find_attachments(links: Iterable[LexborNode], page_url: str) -> tuple[Attachment, ...]:
    """Return the files among links and frames, in order, each address once.

    A file is told by the ending of its address; a download without one by the ending of its text, or by 附件.
    """
    found: dict[str, Attachment] = {}
    hinted = _may_be_file(page_url)
    for link in links:
        href = next((address for name in _ADDRESSES if (address := attribute(link, name))), "")
        if not (hinted or _may_be_file(href)):
            continue
        url = _leave_viewer(resolve_link(href, page_url))
        # What stands in a frame is for browsers that cannot show it.
        text = _COUNTER.sub("", short_text(link)) if link.tag == "a" else ""
        named = file_ending(f"/{text.rstrip('】])》')}")
        told = named or _PREFIX.match(text) is not None
        if url and url not in found and (file_ending(url) or (told and _DOWNLOAD.search(url))):
            name = read_name(text, attribute(link, "title") or attribute(link, "oldsrc"), url)
            found[url] = Attachment(url, name, file_type(url, text.rstrip("】])》")))
    return tuple(found.values())


def _leave_viewer(url: str | None) -> str | None:
    """Return the address of the file that a page for looking at files is given, else the address itself."""
    found = _VIEWER.search(url or "")
    if url is None or found is None:
        return url
    # Whatever else is encoded stays as it is: it may be GBK.
    shown = _ENCODED.sub(lambda sign: chr(int(sign[1], 16)), found[1])
    return resolve_link(shown, url) if file_ending(shown) else url


def _may_be_file(address: str) -> bool:
    """Tell whether an address, or one that is joined to it, may be a file's: most are not, and joining costs time."""
    return _HINT.search("".join(address.split()).lower()) is not None


def find_written(scripts: Iterable[LexborNode]) -> list[LexborNode]:
    """Return the links that scripts of a page write into it as they stand (`document.write('<a href=...>')`)."""
    texts = (script.text() or "" for script in scripts)
    text = "\n".join(islice((text for text in texts if "document.write" in text and "<a" in text), _MOST_SCRIPTS))
    written = "".join(found[2] for found in _WRITTEN.finditer(text[:_LONGEST_SCRIPT]))
    return parse_page(written).css("a[href]") if written else []


def read_name(text: str, title: str, url: str) -> str:
    """Return a file's name for people: link text without 附件：, else the link's title, else the decoded file name."""
    for candidate in (text, title):
        name = squeeze(_PREFIX.sub("", candidate)).strip("【】[] ")
        if name and not _NAMELESS.match(name):
            return name
    return squeeze(file_name(url)) or url


def find_images(nodes: Iterable[LexborNode], page_url: str) -> tuple[str, ...]:
    """Return the absolute addresses of pictures, in order, each once."""
    urls = (resolve_link(source, page_url) for source in dict.fromkeys(map(_read_source, nodes)))
    return tuple(dict.fromkeys(url for url in urls if url))


def _read_source(node: LexborNode) -> str:
    """Return a picture's address; one that is loaded late has it beside a placeholder."""
    told = node.attributes
    names = ("data-original", "data-src", "data-lazy-src", "original", "src")
    return next((address for name in names if (address := told.get(name))), "")
