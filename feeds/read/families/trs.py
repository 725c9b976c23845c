"""TRS WCM (拓尔思): static lists `index.html`, `index_1.html` …, articles `t<day>_<id>.html`.

A script writes the pager: `createPageHTML(count, index, "index", "html")` counts from zero, and page 2 is `index_1`.
Some portals redefine it so that page 2 is `index_2`; what the page links to and its own number tell which. Files behind
the last page still answer, with old lists, so the count is the end. The day in an article's address is when that
address was made, which may be a migration: it is never taken as the date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from feeds.read.dom import short_text
from feeds.read.families.shape import Family, Hints, Sight, Turn
from feeds.read.links import resolve_link

ARTICLE = re.compile(r"/t(?:19|20)\d{6}_(\d+)\.(?:s?html?)")
_CALL = re.compile(
    r"createPageHTML\(\s*(?:['\"][^'\"]{0,60}['\"]\s*,\s*)?(?P<count>\d{1,6})\s*,\s*(?P<index>\d{1,6})\s*,"
    r"\s*['\"](?P<name>[\w-]{1,60})['\"]\s*,\s*['\"]\.?(?P<ending>\w{1,6})['\"]"
)
_OBJECT = re.compile(
    r"\{\s*size\s*:\s*(?P<count>\d{1,6})\s*,\s*current\s*:\s*(?P<index>\d{1,6})\s*,"
    r"\s*prefix\s*:\s*['\"](?P<name>[\w-]{1,60})['\"]\s*,\s*suffix\s*:\s*['\"](?P<ending>\w{1,6})['\"]"
)
_COUNT = re.compile(r"\bcountPage\s*=\s*(\d{1,6})")
_INDEX = re.compile(r"\bcurrentPage\s*=\s*(\d{1,6})")
_WRITTEN = re.compile(
    r"""['"]([\w-]{1,60}?)(?:_|['"]\s*\+\s*['"]_)['"]\s*\+\s*\(?[\w+ ]{1,40}\)?\s*\+\s*['"]\.(?:['"]\s*\+\s*['"])?"""
    r"(s?html?)\b"
)
_OWN = re.compile(r"(?:^|/)([\w-]{1,60}?)(?:_(\d{1,6}))?\.(s?html?)$")
_SCRIPTED_DATE = re.compile(r"\bfbrq\s*=\s*['\"]([^'\"]{8,30})['\"]")
_CONTAINERS = ".TRS_Editor, .TRS_UEDITOR, .trs_editor_view, .trs_web, .TRS_PreAppend"
_FILES = 'a[href*="/P0"], a[href*="./P0"], a[href*="/W0"], a[href*="./W0"]'


@dataclass(frozen=True)
class _Pages:
    """How many pages there are and which one this is, as the script of the pager says; the index may count from one."""

    count: int
    index: int
    name: str
    ending: str


def _recognise(sight: Sight) -> str | None:
    if _read_script(sight) is not None:
        return "script of the pager"
    if ARTICLE.search(sight.url):
        return "address of the page"
    if sight.tree.css_first(_CONTAINERS) is not None:
        return "container of the editor"
    return "addresses of articles" if FAMILY.count_articles(sight) > 2 else None


def _read_script(sight: Sight) -> _Pages | None:
    """Return what the page's script tells its pager; nothing where there is none, or its template was left unfilled."""
    own = _OWN.search(sight.url.partition("?")[0])
    name, ending = (own[1], own[3]) if own else ("index", "html")
    script = sight.script
    call = _CALL.search(script) if "createPageHTML(" in script else None
    if call := call or (_OBJECT.search(script) if "prefix" in script else None):
        return _Pages(int(call["count"]), int(call["index"]), call["name"], call["ending"])
    if "countPage" not in script or not (count := _COUNT.search(script)) or not (index := _INDEX.search(script)):
        return None
    if written := _WRITTEN.search(script):
        name, ending = written[1], written[2]
    return _Pages(int(count[1]), int(index[1]), name, ending)


def _find_next_page(sight: Sight, link: str | None) -> Turn:
    """Return the page's own link, else the next file by the script's count."""
    if link:
        return Turn(link, "link to the older page")
    pages = _read_script(sight)
    if pages is None:
        return Turn(None, "no link to an older page")
    number = _read_own_number(sight.url, pages.name)
    from_one = _counts_from_one(sight, pages, number)
    following = (number or (1 if from_one else 0)) + 1
    last = pages.count if from_one else pages.count - 1
    rule = f"script of the pager: {pages.count} pages, page 2 is {pages.name}_{2 if from_one else 1}"
    if following > last:
        return Turn(None, f"{rule}; this is the last")
    return Turn(resolve_link(f"{pages.name}_{following}.{pages.ending}", sight.url), rule)


def _read_own_number(url: str, name: str) -> int | None:
    """Return the number in the name of the page's own file; nothing for the first page."""
    found = re.search(rf"/{re.escape(name)}_(\d{{1,6}})\.\w{{1,6}}$", url.partition("?")[0])
    return int(found[1]) if found else None


def _counts_from_one(sight: Sight, pages: _Pages, number: int | None) -> bool:
    """Tell whether page 2 is `index_2`: by the page's own number, else by the links labelled with numbers."""
    if number is None:
        if pages.index == 1:
            return True
    elif number != pages.index:
        return number == pages.index + 1
    named = re.compile(rf"/{re.escape(pages.name)}_(\d{{1,6}})\.\w{{1,6}}$")
    for target, node in sight.links:
        found, label = named.search(target), short_text(node).strip("[] ")
        if found and label.isascii() and label.isdigit() and len(label) < 7:
            return int(found[1]) == int(label)
    return False


def find_hints(sight: Sight) -> Hints:
    """Return the time that only a script knows (`fbrq`), and where files stand: beside the page, `./P020….pdf`."""
    scripted = _SCRIPTED_DATE.search(sight.text)
    return Hints(published=scripted[1] if scripted else "", attachments=sight.find_files(_FILES))


FAMILY = Family(
    name="trs",
    article=ARTICLE,
    words=("t19", "t20"),
    recognise=_recognise,
    find_next_page=_find_next_page,
    find_hints=find_hints,
)
