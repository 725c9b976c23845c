"""Numbers of pages: in addresses, on links, in the text of a pager."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from feeds.read.characters import fold_width
from feeds.read.dom import inline_text, short_text
from feeds.read.families.shape import Sight, Turn

_NAME = r"page|pageindex|page_?no|page_?num|page_?number|curr?_?page|current_?page|cpage|pn|p"
_PARAMETER = re.compile(rf"([?&](?:{_NAME})=)(\d{{0,6}})(?=&|$)", re.IGNORECASE)
_SUFFIX = re.compile(r"([_-])(\d{1,5})(\.(?:s?html?|jspx?|aspx?|php))$")
_CALL = re.compile(r"^\s*javascript:\s*[\w.$]{1,40}\(\s*['\"]?(\d{1,6})['\"]?\s*\)", re.IGNORECASE)
_NEXT = re.compile(r"^[\s\[<(]*(?:下\s*一?\s*页|后一?页)[\s\])>»›]*$")
_COUNT = re.compile(
    r"共 ?(\d{1,5}) ?页|(?<![\d/])\d{1,5} ?/ ?(\d{1,5}) ?页|共 ?\d{1,7} ?条 ?\d{1,5} ?/ ?(\d{1,5})(?!\d)"
)
_MOST_CHARACTERS = 200_000


def read_number(url: str) -> int | None:
    """Return the number of the page that a parameter of an address says (page, pageNo, currPage …)."""
    found = _PARAMETER.search(url)
    return int(found[2]) if found and found[2] else None


def turn_parameter(url: str, number: int, name: str = "page") -> str:
    """Return an address with the number of its page changed, or added as the parameter `name`."""
    if _PARAMETER.search(url):
        return _PARAMETER.sub(rf"\g<1>{number}", url, count=1)
    return f"{url}{'&' if '?' in url else '?'}{name}={number}"


def read_page_count(sight: Sight) -> int | None:
    """Return how many pages the text of the pager says there are (第 1/9 页, 共 9 页); nothing if it does not say."""
    text = fold_width(inline_text(sight.tree.body))[-_MOST_CHARACTERS:] if sight.tree.body else ""
    counts = [int(found[1] or found[2] or found[3]) for found in _COUNT.finditer(text)]
    return counts[-1] if counts else None


def find_numbered_page(sight: Sight, link: str | None) -> Turn:
    """Return the next page of a list whose addresses carry their number.

    The page's own link counts, unless it leads to this page or back; else the link labelled with the next number;
    else what a script does with it, where a number in the address shows that it can be asked for by address.
    """
    shape, own = _split(sight.url)
    if link:
        other, number = _split(link)
        if other == shape and number is not None and own is not None and number <= own:
            return Turn(None, f"the link to the older page leads to page {number}: this is the last")
        return Turn(link, "link to the older page")
    wanted = (1 if own is None else own) + 1
    for target, node in sight.links:
        if _split(target) == (shape, wanted) and short_text(node).strip("[] ") in {str(wanted), str(wanted + 1)}:
            return Turn(target, f"link to page {wanted}")
    if read_number(sight.url) is not None and _calls(sight, wanted):
        return Turn(turn_parameter(sight.url, wanted), f"script of the older page, number {wanted}")
    return Turn(None, "no link to an older page")


def _calls(sight: Sight, wanted: int) -> bool:
    """Tell whether the link to the older page calls a script with the next page's number."""
    for node in sight.tree.css('a[href^="javascript:" i]'):
        found = _CALL.match(node.attributes.get("href") or "")
        if found and int(found[1]) == wanted and _NEXT.match(fold_width(short_text(node))):
            return True
    return False


def _split(url: str) -> tuple[object, int | None]:
    """Return what is the same on all pages of a list, and the number of this one; nothing where it carries none."""
    parts = urlsplit(url)
    place = parts.netloc.lower(), _SUFFIX.sub(r"\3", parts.path)
    query = _PARAMETER.sub("", f"?{parts.query}").lstrip("?&")
    shape = place, tuple(sorted(parse_qsl(query, keep_blank_values=True)))
    in_query = read_number(f"?{parts.query}")
    in_path = _SUFFIX.search(parts.path)
    return shape, in_query if in_query is not None else (int(in_path[2]) if in_path else None)
