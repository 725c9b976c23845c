"""From bytes to text: BOM, valid UTF-8, declared label, content, in this order (WHATWG Encoding for the labels)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from feeds.read.mojibake import COMMON, drop_ascii, find_mojibake

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_UNSEEN = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_META = re.compile(rb"<meta[\s/]([^>]{0,500})", re.IGNORECASE)
_META_CHARSET = re.compile(rb"(?:^|[\s\"';/])charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_META_TYPE = re.compile(rb"http-equiv\s*=\s*[\"']?\s*content-type", re.IGNORECASE)
_META_CONTENT = re.compile(rb"content\s*=\s*(?:\"[^\"]*\"?|'[^']*'?)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_HEAD = 65_536
"""Bytes in which a label may stand. Browsers look at 1,024; behind long scripts real pages have it later."""

_LABELS = {
    **dict.fromkeys("gb2312 gbk gb18030 gb_2312-80 x-gbk chinese csgb2312 euc-cn cp936 ms936".split(), "gb18030"),
    **dict.fromkeys("big5 big5-hkscs cn-big5 csbig5 x-x-big5".split(), "big5hkscs"),
    **dict.fromkeys("shift_jis shift-jis sjis x-sjis ms_kanji windows-31j".split(), "cp932"),
    **dict.fromkeys("euc-kr ks_c_5601-1987 ksc5601 korean windows-949".split(), "cp949"),
    **dict.fromkeys("iso-8859-1 iso8859-1 latin1 l1 ascii us-ascii windows-1252 cp1252".split(), "cp1252"),
}
"""What browsers take labels for where that is more than they say: old labels stand on pages of larger charsets."""

_CHARSETS = re.compile(r"(?:utf-8|big5|cp\d|iso8859|iso2022|shift_jis|euc_|koi8|hz|mac-roman|tis-620)")
"""Python also knows codecs that are no charsets (hex, idna); a UTF-16 label on text that came as bytes is wrong."""

_WESTERN = "cp1252"
"""What servers name when nobody told them the charset: worth less than Chinese content."""

_NEARLY = 0.02
"""Share of bad bytes among the non-ASCII ones up to which a page is in a charset with a flaw, not in another one: GBK
text read as UTF-8 is bad in nearly every character, a cut UTF-8 page in one."""

_SHARE_LOST = 0.1
"""Of a whole page: a footer that another program wrote in another charset is lost alone. A text is judged by itself."""
_FOREIGN_BYTE = re.compile(rb"[\x80-\xff]")
_SAMPLE = 4096
_SAMPLE_OF_TEXT = 20_000
_CHINESE = 0.2
"""Share of common Chinese characters that a page has in its charset; in another one it is a tenth of that."""
_LEAST_ZEROS = 8
_ZEROS = 0.05
"""Share of zeros in every other byte from which text is UTF-16: each sign of its markup has one."""


@dataclass(frozen=True)
class Decoded:
    """A decoded page is its text, the charset it was read with, why that one, and why it makes no sense, if so."""

    text: str
    charset: str
    evidence: str
    garbled: str | None


def decode_page(body: bytes, content_type: str) -> Decoded:
    """Decode a page. Never raises: what cannot be decoded becomes U+FFFD, and much of it makes the page garbled."""
    for bom, charset in _BOMS:
        if body.startswith(bom):
            return _decoded(body[len(bom) :].decode(charset, "replace"), charset, "byte order mark")
    if utf16 := _find_utf16(body):
        return _decoded(body.decode(utf16, "replace"), utf16, "content: every other byte of its markup is zero")
    try:
        return _decoded(body.decode("utf-8"), "utf-8", "valid UTF-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
    flaws = text.count("\ufffd") - body.count("\ufffd".encode())
    labels = list(dict.fromkeys(_find_labels(body, content_type)))
    says_utf8 = any(charset == "utf-8" for charset, _ in labels)
    if flaws <= max(says_utf8, (_count_foreign(text) - flaws) * _NEARLY):
        return _decoded(text, "utf-8", f"UTF-8 but for {flaws} bad bytes")
    return _decode_by_content(body, [label for label in labels if label[0] != "utf-8"])


def _decode_by_content(body: bytes, labels: list[tuple[str, str]]) -> Decoded:
    """Decode by the first label that fits; with no such label, by the charset in which the page is most Chinese."""
    first = _FOREIGN_BYTE.search(body)
    start = first.start() if first else 0
    sample = body[start : start + _SAMPLE_OF_TEXT]
    rates = {charset: _rate_chinese(sample.decode(charset, "replace")) for charset in ("gb18030", "big5hkscs", "utf-8")}
    best = max(rates, key=lambda charset: rates[charset])
    candidates = [label for label in labels if label[0] != _WESTERN]
    for charset, origin in candidates:
        text = body.decode(charset, "replace")
        flaws = text.count("\ufffd")
        flawed = flaws > 0 and flaws > _count_foreign(text) * _NEARLY
        rate = rates[charset] if charset in rates else _rate_chinese(sample.decode(charset, "replace"))
        if not flawed and (rates[best] < _CHINESE or rate * 3 > rates[best]):
            return _decoded(text, charset, origin)
    chinese = body.decode(best, "replace")
    if _looks_chinese(chinese) or not labels:
        return _decoded(chinese, best, f"content: not UTF-8, read as {best}")
    charset, origin = (candidates or labels)[0]
    return _decoded(body.decode(charset, "replace"), charset, origin)


def _decoded(text: str, charset: str, evidence: str) -> Decoded:
    plain = (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text).lstrip("\ufeff")
    return Decoded(plain, charset, evidence, find_mojibake(plain, _SHARE_LOST))


def _find_utf16(body: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark: signs of markup have a zero byte, on one side always."""
    even, odd = body[:_SAMPLE:2], body[1:_SAMPLE:2]
    low, high = even.count(0), odd.count(0)
    if high > max(_LEAST_ZEROS, len(odd) * _ZEROS) and low < high * _ZEROS:
        return "utf-16-le"
    if low > max(_LEAST_ZEROS, len(even) * _ZEROS) and high < low * _ZEROS:
        return "utf-16-be"
    return None


def _find_labels(body: bytes, content_type: str) -> Iterator[tuple[str, str]]:
    """Yield the charsets that the header, the XML declaration and the meta tags name, and who named each."""
    if found := _HEADER.search(content_type):
        yield from _find_codec(found[1], "Content-Type header")
    if xml := _XML.search(body[:_SAMPLE]):
        yield from _find_codec(xml[1].decode("ascii"), "XML declaration")
    metas = [tag.end() for tag in _META.finditer(body, 0, _HEAD)]
    for tag in _META.finditer(_UNSEEN.sub(b"", body[: metas[-1] if metas else 0])):
        # The words of a description are no label: only a meta tag of the type has it in its content.
        if label := _META_CHARSET.search(tag[1] if _META_TYPE.search(tag[1]) else _META_CONTENT.sub(b"", tag[1])):
            yield from _find_codec(label[1].decode("ascii"), "meta tag")


def _find_codec(label: str, origin: str) -> Iterator[tuple[str, str]]:
    """Yield Python's codec for a label as browsers read it, with its origin; nothing if it is unknown."""
    charset = _LABELS.get(label.lower())
    if charset is None:
        try:
            charset = codecs.lookup(label).name
        except LookupError:
            return
        if not _CHARSETS.match(charset):
            return
    yield charset, f"{origin}: {label}"


def _rate_chinese(text: str) -> float:
    """Return the share of what is not ASCII that is common in Chinese, less for a text that is too short to tell."""
    foreign = drop_ascii(text)
    return sum(map(COMMON.__contains__, foreign)) / (20 + len(foreign))


def _looks_chinese(text: str) -> bool:
    """Tell whether what is not ASCII is mostly common Chinese characters, in runs."""
    runs = sum(map(len, re.findall(r"[\u4e00-\u9fa5，。、：；（）《》“”]{2,}", text)))
    return runs > 0.8 * _count_foreign(text)


def _count_foreign(text: str) -> int:
    """Count the characters that are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))
