"""How large and how deep a page may be, told by one linear scan before any parser sees it.

50 MB of HTML cost the parser 856 MB, 100,000 nested tags 18 s, in C code that no deadline interrupts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from feeds.read.balance import weigh_tags
from feeds.read.nesting import CELLS, CLONED, FOREIGN, FORMATS, MARKERS, PAST_ITEMS, ROWS, VOID, Nesting

MOST_BYTES = 5_000_000
MOST_DEPTH = 1_000
MOST_TAGS = 40_000
"""Starts and ends. 5 MB can hold 1.6 million, each costs a reader up to 0.05 ms; long real pages have 7,000."""
MOST_TEXT = 2_000_000
"""Characters between tags, a shelf of books: a reader walks over them ten times."""
MOST_ATTRIBUTES = 1_000
"""In one tag: the parser compares each with all before it, 100,000 took 22 s."""
MOST_ATTRIBUTES_OF_ALL = 400_000
MOST_COPIES = 50_000
"""Elements that the parser makes of no tag of their own, 360 bytes each; real pages have a few thousand."""

_COPIES_AT_ALL = 500_000
"""Elements, 180 MB of them, that a page may have whatever it closes before its tags are looked at one by one."""
_SHORT_TAG = 200
"""Characters of a tag whose attributes need not be counted one by one."""
_RAW = "script|style|textarea|title|xmp|iframe|noframes|noembed"
_ATTRIBUTE = r"""
    (?:=[^ \t\n\r\f/>=]*+|[^ \t\n\r\f/>=]++)
    (?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+)?+)?+
"""
_TAG_END = rf"(?:[ \t\n\r\f/]++|{_ATTRIBUTE})*+(?:>|\Z)"
_COMMENT = r"<!--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+(?:--!?>|\Z))"
_TOKEN = re.compile(
    rf"""
    {_COMMENT}
    | <(?:(?P<raw>{_RAW})(?=[ \t\n\r\f/>])|(?P<end>/?)(?P<name>[a-z][^ \t\n\r\f/>]*+))(?P<inside>{_TAG_END})
      (?(raw)[^<]*+(?:<(?!/(?P=raw)[ \t\n\r\f/>])[^<]*+)*+)                    # text up to its own end tag
    | <[!?/][^>]*+                                                              # what parsers take for a comment
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)
"""Tags end where the parser ends them (HTML standard, section 13.2.5): a quote inside a value opens nothing."""
_PLAIN_NAME = r"""/?[a-z][^ \t\n\r\f/<>"'=]*+(?=[ \t\n\r\f/>])"""
_PLAIN_ATTRIBUTE = r"""
    [ \t\n\r\f/]*+[^ \t\n\r\f/<>=]++
    (?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"[^"]*+"|'[^']*+'|[^ \t\n\r\f"'<>]++))?+
"""
_PLAIN_OTHER = "<(?:[!?]|/(?![a-z]))[^>]*+>"
_PLAIN = re.compile(
    rf"""
    {_COMMENT}
    | <(?:(?=[stxin])({_RAW})(?=[ \t\n\r\f/>])|({_PLAIN_NAME}))((?:{_PLAIN_ATTRIBUTE})*+[ \t\n\r\f/]*+)>
      (?(1)([^<]*+(?:<(?!/\1[ \t\n\r\f/>])[^<]*+)*+))
    | {_PLAIN_OTHER}
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""What `_TOKEN` finds, as nearly all tags are written: values quoted whole or not at all, `=` only behind a name."""
_PLAIN_END = rf"(?:{_PLAIN_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+[ \t\n\r\f/]*+>"
_PLAIN_SCRIPT = rf"script(?=[ \t\n\r\f/>]){_PLAIN_END}[^<]*+(?:<(?!/script[ \t\n\r\f/>])[^<]*+)*+"
_PLAIN_RAW = "|".join(
    rf"{name}(?=[ \t\n\r\f/>]){_PLAIN_END}[^<]*+(?:<!--[^<>]*+(?<=--)>[^<]*+)*+(?=</{name}[ \t\n\r\f/>])"
    for name in _RAW.split("|")[1:]
)
"""What reads the same as text and as tags: in a select the parser passes over all such elements but scripts."""
_PLAIN_PAGE = re.compile(
    rf"""
    [^<]*+
    (?:
      (?:<(?:(?=[stxin])(?:{_PLAIN_SCRIPT}|{_PLAIN_RAW})|(?!(?:{_RAW})[ \t\n\r\f/>]){_PLAIN_NAME}{_PLAIN_END})
        | {_COMMENT} | {_PLAIN_OTHER} | <(?![a-z/!?]))
      [^<]*+
    )*+
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""A page of such tags alone, none with too many attributes: told without a list of them."""
_BEFORE_ATTRIBUTE = " \t\n\r\f/\"'"
"""One of these stands before each attribute of such a tag, or begins it."""
_START = re.compile("<([a-zA-Z][^ \t\n\r\f/>]*+)")
"""What may be a start tag, wherever it stands."""
_ENDING_EACH_OTHER = VOID | CELLS | ROWS | {"a", "p", "li"}
_TAGS_IN_SCRIPTS = FOREIGN | {"template"}
"""Elements inside which a script may be no text, but tags."""
_NOT_PLAIN = re.compile("<[a-z/!?]", re.IGNORECASE)
_FRAMESET = re.compile(r"<frameset", re.IGNORECASE)
_NEXT_ATTRIBUTE = re.compile(_ATTRIBUTE, re.VERBOSE)


def measure_page(body: bytes) -> str | None:
    """Return a sentence if a page is too large (over 5 MB) to be decoded and parsed, else nothing."""
    if len(body) > MOST_BYTES:
        return f"the page is too large: more than {MOST_BYTES:,} bytes"
    return None


def measure_tags(text: str) -> str | None:
    """Return a sentence if the decoded page has too many or too long tags, or nests them too deep, to be parsed."""
    if text.count("<") > MOST_TAGS:
        return f"the page is too large: it has more than {MOST_TAGS} tags"
    if is_plain(text):
        return None
    if len(_FRAMESET.findall(text)) > MOST_DEPTH:  # whatever stands between them: a page of frames has nothing else
        return f"the page is too large: it has more than {MOST_DEPTH} sets of frames"
    nesting = Nesting()
    attributes = between = end = 0
    text = text.replace("\x00", "")  # as the parser sees it: nothing hides behind one
    for token in _find_tags(text, nesting):
        between, end = between + token.start() - end, token.end()
        count = _count_attributes(token["inside"])
        attributes += count
        if count > MOST_ATTRIBUTES:
            return f"the page is too large: a tag has more than {MOST_ATTRIBUTES} attributes"
        if attributes > MOST_ATTRIBUTES_OF_ALL:
            return f"the page is too large: its tags have more than {MOST_ATTRIBUTES_OF_ALL} attributes"
        if nesting.depth > MOST_DEPTH:
            return f"the page is too large: its tags are nested deeper than {MOST_DEPTH}"
        if nesting.copies > MOST_COPIES:
            return f"the page is too large: what is never closed makes more than {MOST_COPIES} elements of its tags"
    if between + len(text) - end > MOST_TEXT:
        return f"the page is too large: it has more than {MOST_TEXT:,} characters of text"
    return None


def is_plain(text: str) -> bool:
    """Tell by counting and by the order of the tags that nothing of a page can be too much, whatever it closes where.

    Nearly all pages are so plain, and are known to be in a fiftieth of the time that looking at each tag takes.
    """
    if len(text) > MOST_TEXT or "\x00" in text:
        return False
    starts: Counter[str] = Counter()
    for name, count in Counter(_START.findall(text)).items():
        starts[name.lower()] += count
    if starts["frameset"] or starts["math"]:
        return False
    formats = sum(starts[name] for name in FORMATS) - starts["a"]  # a link ends the one before
    return (
        starts.keys().isdisjoint(_TAGS_IN_SCRIPTS)
        and _is_small(bound_depth(starts), formats, text.count("<"))
        and (len(text) <= MOST_ATTRIBUTES_OF_ALL or sum(map(text.count, _BEFORE_ATTRIBUTE)) <= MOST_ATTRIBUTES_OF_ALL)
        and _PLAIN_PAGE.fullmatch(text) is not None
    ) or _is_balanced(text)


def _is_balanced(text: str) -> bool:
    """Tell by the order of the tags that nothing of a page can be too much; it has neither framesets nor formulas."""
    pieces = _PLAIN.split(text)
    if _NOT_PLAIN.search("\n".join(pieces[::5])):
        return False
    names, insides = pieces[2::5], pieces[3::5]
    long = (inside for inside in insides if inside and len(inside) > 2 * MOST_ATTRIBUTES)
    if any(_count_attributes(inside) > MOST_ATTRIBUTES for inside in long):
        return False
    if (
        len(text) > MOST_ATTRIBUTES_OF_ALL
        and sum(map(_count_attributes, filter(None, insides))) > MOST_ATTRIBUTES_OF_ALL
    ):
        return False
    weight = weigh_tags(zip(pieces[1::5], names, insides, pieces[4::5], strict=True))
    return weight is not None and _is_small(*weight, len(names))


def _is_small(depth: int, formats: int, tags: int) -> bool:
    return depth <= MOST_DEPTH and (formats + CLONED) * tags <= _COPIES_AT_ALL


def bound_depth(starts: Counter[str]) -> int:
    """Return how deep a page can be at most that has so many start tags of each name, or fewer.

    Links, paragraphs, items and cells end the one before them unless something stands between that is counted itself.
    """
    nested = sum(starts.values()) - sum(starts[name] for name in _ENDING_EACH_OTHER)
    between = sum(starts[name] for name in PAST_ITEMS) - starts["li"]
    scopes = sum(starts[name] for name in (*MARKERS, "button", "select"))
    return nested + between + 5 * starts["table"] + 4 * scopes


def _find_tags(text: str, nesting: Nesting) -> Iterator[re.Match[str]]:
    """Yield the tags of a page, each told to `nesting` before."""
    token = _TOKEN.search(text)
    while token is not None:
        text_inside = token["raw"] is not None and nesting.raw
        if name := (token["name"] or token["raw"] or "").lower():
            if token["end"]:
                nesting.close_tag(name)
            elif not text_inside:
                nesting.open_tag(name, token[0])
            yield token
        token = _TOKEN.search(text, token.end() if text_inside or token["raw"] is None else token.end("inside"))


def _count_attributes(inside: str) -> int:
    """Count the attributes inside a tag, up to one more than it may have; in short tags as many as there is room for.

    Bytes say nothing: a picture may be written into one attribute.
    """
    if len(inside) <= _SHORT_TAG:
        return len(inside) // 3
    return sum(1 for _ in islice(_NEXT_ATTRIBUTE.finditer(inside), MOST_ATTRIBUTES + 1))
