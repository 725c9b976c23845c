"""ASP.NET: WebForms, whose older pages want a form sent back, and MVC, which numbers them in the address."""

from __future__ import annotations

import re

from feeds.read.families.numbered import find_numbered_page
from feeds.read.families.shape import Family, Sight, Turn

ARTICLE = re.compile(
    r"/Content/(\d+)(?:[/?#]|$)|\.aspx?\?(?:[^#]*&)?(?:id|aid|newsid|articleid|infoid)=(\w+)", re.IGNORECASE
)
_STATE = re.compile(r"\bname=[\"']?__VIEWSTATE\b")
_CONTROLLER = re.compile(r"/\w{1,40}/(?:List|Content)/(?:\d+)?\?(?:[^#]*&)?(?:Id|ClassId)=\d", re.IGNORECASE)


def _recognise(sight: Sight) -> str | None:
    if "__VIEWSTATE" in sight.text and _STATE.search(sight.text):
        return "__VIEWSTATE"
    return "address of the page" if _CONTROLLER.search(sight.url) else None


def _find_next_page(sight: Sight, link: str | None) -> Turn:
    """Return the older page where it can be had by address; a form that is sent back is not asked for."""
    turn = find_numbered_page(sight, link)
    if turn.address is None and "__doPostBack(" in sight.text:
        return Turn(None, "older pages need a POST (__doPostBack)")
    return turn


FAMILY = Family(
    name="webforms", article=ARTICLE, words=("Content/", "="), recognise=_recognise, find_next_page=_find_next_page
)
