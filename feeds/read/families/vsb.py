"""VSB (博达): lists `<column>.htm`, whose older pages are numbered downwards, so that old ones keep their address."""

from __future__ import annotations

import re

from feeds.read.families.numbered import read_page_count
from feeds.read.families.shape import Family, Hints, Sight, Turn
from feeds.read.links import resolve_link

ARTICLE = re.compile(r"/info/\d+/(\d+)\.html?|[?&]wbnewsid=(\d+)")
_WORD = re.compile(r"\bwbnews\b")
_CONTAINERS = "#vsb_content, [id^=vsb_content_], .v_news_content, [id^=vsb_newscontent]"
_OWN = re.compile(r"/(?:([\w.-]{1,80})/)?([\w.-]{1,80})\.(html?)$")
_FILES = 'a[href*="DownloadAttachUrl"], a[href*="/system/_content/download.jsp"]'


def _recognise(sight: Sight) -> str | None:
    if sight.tree.css_first(_CONTAINERS) is not None:
        return "container of the editor"
    if FAMILY.count_articles(sight) > 2:
        return "addresses of articles"
    if any(mark in sight.marks for mark in ("_showDynClicks(", "DownloadAttachUrl", "/system/resource/")):
        return "script of the page"
    return "script of the page" if "wbnews" in sight.marks and _WORD.search(sight.marks) else None


def _find_next_page(sight: Sight, link: str | None) -> Turn:
    """Return the page's own link, else the file with the number below; on the first page that of the count less one."""
    own = _OWN.search(sight.url.partition("?")[0])
    if link or own is None:
        return Turn(link, "link to the older page" if link else "no link to an older page")
    count, name = read_page_count(sight), own[2]
    if count is None:
        return Turn(None, "neither a link nor a count says that there is an older page")
    if own[1] and re.fullmatch(r"\d{1,5}", name) and int(name) < count:
        following, address = int(name) - 1, f"{int(name) - 1}.{own[3]}"
    else:
        following, address = count - 1, f"{name}/{count - 1}.{own[3]}"
    if following < 1:
        return Turn(None, "pages are numbered downwards, and this is the last")
    return Turn(resolve_link(address, sight.url), f"pages are numbered downwards, the next is {following}")


def find_hints(sight: Sight) -> Hints:
    """Return where files stand: behind the body, with a counter that another request fills in."""
    return Hints(attachments=sight.find_files(_FILES))


FAMILY = Family(
    name="vsb",
    article=ARTICLE,
    words=("info/", "wbnewsid="),
    recognise=_recognise,
    find_next_page=_find_next_page,
    find_hints=find_hints,
)
