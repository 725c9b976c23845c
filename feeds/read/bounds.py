"""How large and how deep a page may be, told by one linear scan before any parser sees it.

50 MB of HTML cost the parser 856 MB, 100,000 nested tags 18 s, in C code that no deadline interrupts.
"""

from __future__ import annotations

import re
from itertools import islice

MOST_BYTES = 5_000_000
MOST_DEPTH = 1_000
MOST_TAGS = 100_000
"""5 MB can hold 1.6 million, each costs a reader up to 0.1 ms; long real pages have 7,000, start and end."""
MOST_ATTRIBUTES = 1_000
"""In one tag: the parser compares each with all before it, 100,000 took 22 s."""

_RAW = "script|style|textarea|title|xmp|iframe|noframes|noembed"
_ATTRIBUTE = r"""
    (?:=[^ \t\n\r\f/>=]*+|[^ \t\n\r\f/>=]++)
    (?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+)?+)?+
"""
_TAG_END = rf"(?:[ \t\n\r\f/]++|{_ATTRIBUTE})*+(?:>|\Z)"
_TOKEN = re.compile(
    rf"""
    <!--(?:-?>|.*?(?:--!?>|\Z))                                                 # a comment
    | <(?:(?P<raw>{_RAW})(?=[ \t\n\r\f/>])|(?P<end>/?)(?P<name>[a-z][^ \t\n\r\f/>]*+))(?P<inside>{_TAG_END})
      (?(raw).*?(?:(?=</(?P=raw)[ \t\n\r\f/>])|\Z))                            # text up to its own end tag
    | <[!?/][^>]*+                                                              # what parsers take for a comment
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)
"""Tags end where the parser ends them (HTML standard, section 13.2.5): a quote inside a value opens nothing."""
_NEXT_ATTRIBUTE = re.compile(_ATTRIBUTE, re.VERBOSE)
_FLAT = frozenset(
    "area base br col embed hr img input link meta param source track wbr "  # never have content
    "p li td tr th dd dt option optgroup tbody thead tfoot caption colgroup a rp rt "  # closed by the next one
    "html head body path rect circle line polyline polygon ellipse use stop".split()  # once a page; leaves of SVG
) | frozenset(_RAW.split("|"))
_WEIGHT = {"table": 4, "ul": 2, "ol": 2, "dl": 2}
"""A table opens tbody, tr and td too, a list its items: not counted, since their end tags are often left out."""


def measure_page(body: bytes) -> str | None:
    """Return a sentence if a page is too large (over 5 MB) to be decoded and parsed, else nothing."""
    if len(body) > MOST_BYTES:
        return f"the page is too large: {len(body)} bytes, at most {MOST_BYTES} are read"
    return None


def measure_tags(text: str) -> str | None:
    """Return a sentence if the decoded page has too many or too long tags, or nests them too deep, to be parsed."""
    if text.count("<") > MOST_TAGS:
        return f"the page is too large: it has more than {MOST_TAGS} tags"
    depth = 0
    # The parser never sees U+0000 (dom.parse_page): a tag must not hide behind one.
    for token in _TOKEN.finditer(text.replace("\x00", "")):
        if _is_long(token):
            return f"the page is too large: a tag has more than {MOST_ATTRIBUTES} attributes"
        name = (token["name"] or "").lower()
        if not name or name in _FLAT:
            continue
        weight = _WEIGHT.get(name, 1)
        depth = max(0, depth - weight) if token["end"] else depth + weight
        if depth > MOST_DEPTH:
            return f"the page is too large: its tags are nested deeper than {MOST_DEPTH}"
    return None


def _is_long(token: re.Match[str]) -> bool:
    """Tell whether a tag has too many attributes. Bytes say nothing: pictures inside a page are 100 kB of one."""
    start, end = token.span("inside")
    if end - start <= MOST_ATTRIBUTES:
        return False
    attributes = _NEXT_ATTRIBUTE.finditer(token.string, start, end)
    return next(islice(attributes, MOST_ATTRIBUTES, None), None) is not None
