"""From bytes to text: BOM, valid UTF-8, declared label, content, in this order (WHATWG Encoding for the labels)."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)

_GB = frozenset({"gb2312", "gbk", "gb18030", "gb_2312-80", "x-gbk", "chinese", "csgb2312", "euc-cn", "cp936", "ms936"})
_WESTERN = frozenset({"iso8859-1", "cp1252", "ascii"})
"""Labels that servers send when nobody told them the charset: worth less than Chinese content."""

_CHARSETS = re.compile(r"(?:utf-8|ascii|big5|cp\d|iso8859|iso2022|shift_jis|euc_|koi8|hz|mac-roman|tis-620)")
"""Python also knows codecs that are no charsets (hex, idna); a UTF-16 label on text that came as bytes is wrong."""

_NEARLY = 0.02
"""Share of bad bytes among the non-ASCII ones up to which a page is UTF-8 with a flaw, not another charset: GBK text
read as UTF-8 is bad in nearly every character, a cut UTF-8 page in one."""

_MOJIBAKE = (
    re.compile("锟斤拷|烫烫烫|屯屯屯"),
    re.compile("[à-ï][\x80-¿Œ-žƒˆ˜–-™]{2}"),
    re.compile("锛|銆|鐨|鈥|浜哄ぇ|鍏憡"),
)
"""Text that was decoded wrongly and saved: U+FFFD as GBK, UTF-8 as Latin-1, UTF-8 as GBK."""


@dataclass(frozen=True)
class Decoded:
    """A decoded page is its text, the charset it was read with, why that one, and whether the text makes no sense."""

    text: str
    charset: str
    evidence: str
    garbled: bool


def decode_page(body: bytes, content_type: str) -> Decoded:
    """Decode a page. Never raises: what cannot be decoded becomes U+FFFD, and much of it makes the page garbled."""
    for bom, charset in _BOMS:
        if body.startswith(bom):
            return _decoded(body[len(bom) :].decode(charset, "replace"), charset, "byte order mark")
    text = body.decode("utf-8", "replace")
    label, origin = _declared(body, content_type)
    flaws = max(0, text.count("�") - body.count("�".encode()))
    if flaws <= max(label == "utf-8", (_count_foreign(text) - flaws) * _NEARLY):
        return _decoded(text, "utf-8", f"UTF-8 but for {flaws} bad bytes" if flaws else "valid UTF-8")
    if label and label not in {"utf-8", *_WESTERN}:
        return _decoded(body.decode(label, "replace"), label, origin)
    chinese = body.decode("gb18030", "replace")
    if label in _WESTERN and not _looks_chinese(chinese):
        return _decoded(body.decode("cp1252", "replace"), "cp1252", origin)
    return _decoded(chinese, "gb18030", "content: not UTF-8, read as gb18030")


def _decoded(text: str, charset: str, evidence: str) -> Decoded:
    """Judge the text: garbled where more than 2 % of what is not ASCII is a replacement or typical mojibake."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    bad = plain.count("�") + sum(len(found.findall(plain)) for found in _MOJIBAKE)
    return Decoded(plain, charset, evidence, bad > max(3, _count_foreign(plain) * _NEARLY))


def _declared(body: bytes, content_type: str) -> tuple[str | None, str]:
    """Return the codec that the header, the XML declaration or the first meta tag names, and who named it."""
    head = body[:4096]
    sources = (
        ("Content-Type header", _HEADER.search(content_type)),
        ("XML declaration", _XML.search(head)),
        ("meta tag", _META.search(head)),
    )
    western: tuple[str | None, str] = (None, "")
    for origin, found in sources:
        if found is None:
            continue
        label = found[1] if isinstance(found[1], str) else found[1].decode("ascii")
        codec = _find_codec(label)
        if codec in _WESTERN:
            western = (codec, f"{origin}: {label}")
        elif codec:
            return codec, f"{origin}: {label}"
    return western


def _find_codec(label: str) -> str | None:
    """Return Python's codec for a label, the GB family as gb18030 (as browsers do); nothing if it is unknown."""
    label = label.lower()
    if label in _GB:
        return "gb18030"
    try:
        info = codecs.lookup(label)
    except LookupError:
        return None
    return info.name if _CHARSETS.match(info.name) else None


def _looks_chinese(text: str) -> bool:
    """Tell whether what is not ASCII is mostly common Chinese characters, in runs."""
    runs = sum(map(len, re.findall(r"[\u4e00-\u9fa5，。、：；（）《》“”]{2,}", text)))
    return runs > 0.8 * _count_foreign(text)


def _count_foreign(text: str) -> int:
    """Count the characters that are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))
