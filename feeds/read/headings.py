"""Headings that a page only looks like having: centred bold paragraphs, mostly in pairs, made into real ones."""

from __future__ import annotations

import re
from itertools import takewhile

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.read.dom import ancestors, inline_text, lines_of

_LONGEST = 40
"""Characters of a line that may be a heading; longer bold lines are emphasis."""
_SENTENCE = re.compile(r"[。；;，,]$")
_NUMBER = re.compile(
    r"^[\s〔（(\[【]*(?:[^。；，,]{0,30}?)(第\s*[0-9０-９一二三四五六七八九十百零〇○]{1,6}\s*号)[\s〕）)\]】]*$"
)
_DOCUMENT = re.compile(
    r"^[\s(（]*([\u4e00-\u9fff]{1,14}\s?[〔\[［(（【]\s?(?:19|20)\d\d\s?[〕\]］)）】]\s?第?\s?\d{1,5}\s?号)[\s)）]*$"
)
"""某发〔2023〕7号: the issuer's sign, the year, the number."""
_LABELLED = re.compile(r"(?:发文字号|文件编号|文\s{0,8}号)\s{0,3}[:：]\s{0,4}(\S.{0,38}?号)(?=\s|$)")
_INLINE = frozenset({"br", "font", "span", "strong", "b", "u", "em", "i", "a", "o:p", "big"})
_PARAGRAPHS = frozenset({"p", "div", "center"})
_FIRST_LINES = 4
_MOST = 100
"""Headings of a page, at most: a text of nothing but bold lines has none."""


def find_number(lines: list[str], title: str | None = None) -> str | None:
    """Return 第7号 or 某发〔2023〕7号 on a line of its own under the title, as written but for inner spaces."""
    for line in [line for line in lines[: _FIRST_LINES + 1] if line != title][:_FIRST_LINES]:
        if found := _NUMBER.match(line) or _DOCUMENT.match(line):
            return re.sub(r"\s", "", found[1])
    return None


def find_labelled_number(lines: list[str]) -> str | None:
    """Return the document's number from the lines around a body, with its label (文号：) or on its own, or nothing."""
    found = _LABELLED.search("\n".join(lines)) or next((own for line in lines if (own := _DOCUMENT.match(line))), None)
    return re.sub(r"\s", "", found[1]) if found else None


def promote_headings(tree: LexborHTMLParser, body: LexborNode) -> int:
    """Turn bold short paragraphs of a body into `h3`, in place; return how many. Lines inside stay apart by `br`."""
    count = 0
    for paragraph in _find_bold(body):
        if count == _MOST:
            break
        if _is_heading(paragraph) and not any(around.tag in {"td", "th", "li"} for around in _inside(paragraph, body)):
            heading = tree.create_node("h3")
            for number, line in enumerate(lines_of(paragraph)):
                if number:
                    heading.insert_child(tree.create_node("br"))
                heading.insert_child(line)
            paragraph.replace_with(heading)
            count += 1
    return count


def _find_bold(body: LexborNode) -> list[LexborNode]:
    """Return the paragraphs that hold something bold with nothing but inline elements around it, in order."""
    found: dict[int, LexborNode] = {}
    for bold in body.css("strong, b"):
        around = [] if bold.mem_id == body.mem_id else [*_inside(bold, body), body]
        paragraph = next((element for element in around if element.tag not in _INLINE), body)
        if paragraph.tag in _PARAGRAPHS:
            found.setdefault(paragraph.mem_id, paragraph)
    return list(found.values())


def _is_heading(paragraph: LexborNode) -> bool:
    """Tell whether a paragraph that holds something bold holds nothing else, in short lines that are no sentences."""
    if any(child.tag not in _INLINE for child in paragraph.iter()):
        return False
    inner: list[LexborNode] = []
    # The first element that is not inline ends the walk: paragraphs may hold each other, a thousand deep.
    for node in paragraph.traverse():
        if node.mem_id != paragraph.mem_id:
            if node.tag not in _INLINE:
                return False
            inner.append(node)
    lines = lines_of(paragraph)
    if not lines or any(len(line) > _LONGEST or _SENTENCE.search(line) or _NUMBER.match(line) for line in lines):
        return False
    bold = "".join(
        inline_text(node) for node in inner if node.tag in {"strong", "b"} and not _is_bold_inside(node, paragraph)
    )
    return _bare(bold) == _bare("".join(lines))


def _is_bold_inside(node: LexborNode, paragraph: LexborNode) -> bool:
    return any(around.tag in {"strong", "b"} for around in _inside(node, paragraph))


def _inside(node: LexborNode, outer: LexborNode) -> list[LexborNode]:
    """Return the elements around a node up to, without, `outer`."""
    return list(takewhile(lambda around: around.mem_id != outer.mem_id, ancestors(node)))


def _bare(text: str) -> str:
    return "".join(text.split())
