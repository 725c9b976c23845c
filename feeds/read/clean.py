"""Clean HTML for feeds, pages and mails: what a notice says, without what a page does."""

from __future__ import annotations

import re
from html import escape

import nh3

from feeds.read.characters import drop_illegal
from feeds.read.dom import lines_of, parse_page
from feeds.read.links import resolve_link

_TAGS = frozenset(
    [
        "a",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "dd",
        "del",
        "div",
        "dl",
        "dt",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "li",
        "ol",
        "p",
        "pre",
        "s",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "u",
        "ul",
    ]
)
_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "title",
        "textarea",
        "select",
        "button",
        "iframe",
        "object",
        "embed",
        "form",
        "svg",
        "math",
    ]
)
_ATTRIBUTES = {
    "*": set[str](),
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_LAYOUT = re.compile(
    r"<(/?)(?:article|aside|center|dir|figure|figcaption|footer|header|main|menu|nav|section)(?=[\s/>])", re.IGNORECASE
)
_FORM = re.compile(r"</?form(?=[\s/>])[^>]*+(?:>|\Z)", re.IGNORECASE)
_PIECE = re.compile(r'<(?P<end>/?)(?P<name>[a-z][a-z0-9]*+)(?:[^">]|"[^"]*")*+>|[^<]++|<')
_MAY_BE_EMPTY = "p|div|h[1-6]|b|strong|i|em|u|li|blockquote"
_EMPTY = re.compile(rf"<(?:{_MAY_BE_EMPTY})>")
_HOLLOW = re.compile(rf"<({_MAY_BE_EMPTY})>(?:\s|&nbsp;|<br>)*+</\1>")
"""The innermost of empty elements: where there is none, there is no empty element."""
_VOID = frozenset({"br", "hr", "img"})
_SOURCELESS = re.compile(r"<img(?![^>]*\ssrc=)[^>]*>")
_ENTITY = re.compile("[&\x80-\xbf]")
_MOST_ENTITIES = 100_000
"""The cleaner's time grows with the square of the entities in one text, and of what has the first byte of a no-break
space: above, only the plain paragraphs are kept."""


def clean_html(fragment: str, page_url: str) -> str:
    """Return safe HTML: absolute http(s) links, no script, no style, no event, no character that XML forbids.

    Headings, tables, lists, emphasis and pictures stay; layout elements become `div`, empty paragraphs go.
    """

    def keep(_tag: str, name: str, value: str) -> str | None:
        value = drop_illegal(value)
        if name in {"href", "src"}:
            return resolve_link(value, page_url)
        return (value if value.isdigit() else None) if name in {"colspan", "rowspan", "start"} else value

    if len(fragment) > _MOST_ENTITIES and len(_ENTITY.findall(fragment)) > _MOST_ENTITIES:
        return "".join(f"<p>{escape(line)}</p>" for line in to_text(fragment).split("\n"))
    html = nh3.clean(
        _LAYOUT.sub(r"<\1div", _FORM.sub("", drop_illegal(fragment))),
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED - {"form"}),
        attributes=_ATTRIBUTES,
        attribute_filter=keep,
        url_schemes={"http", "https"},
        link_rel=None,
    )
    html = _SOURCELESS.sub("", drop_illegal(html))
    return _drop_empty(html).strip()


def _drop_empty(html: str) -> str:
    """Leave out elements that hold nothing but blanks, line breaks and such elements, in one pass over whole HTML."""
    if not _HOLLOW.search(html):
        return html
    kept: list[str] = []
    starts: list[int] = []
    filled = 0  # pieces kept up to the last one that is something: an element that starts behind it is empty so far
    for found in _PIECE.finditer(html):
        piece, name = found[0], found["name"]
        if found["end"]:
            start = starts.pop()
            if start >= filled:
                del kept[start:]
                continue
        elif name and name not in _VOID:
            starts.append(len(kept))
        kept.append(piece)
        if piece != "<br>" and not _EMPTY.fullmatch(piece) and piece.replace("&nbsp;", " ").strip():
            filled = len(kept)
    return "".join(kept)


def to_text(html: str) -> str:
    """Return the plain text of HTML, one paragraph a line, no empty lines; a table row is one line, tabs between."""
    root = parse_page(html).body
    return "\n".join(lines_of(root)) if root else ""
