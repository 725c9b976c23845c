"""Hanweb (大汉) jpage: the rows stand as an XML datastore in the page, older groups come from a data proxy.

The XML is often not well-formed, so its CDATA is taken as it stands and read as HTML. `pageNum=2` behind the address
of the list page changes nothing on the server and is never followed.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from feeds.model import Item
from feeds.read.dom import attribute
from feeds.read.families.markers import gather_between, read_between
from feeds.read.families.numbered import read_number
from feeds.read.families.rows import open_fragment, read_record
from feeds.read.families.shape import MOST_ROWS, Answer, Family, Hints, Rows, Sight, Turn
from feeds.read.links import resolve_link

ARTICLE = re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_(\d+)\.html?")
_DATA = re.compile(r"/(?:more\w{0,20})?dataproxy\.jsp\?")
_PROXY = re.compile(r"[\"'(=]\s{0,9}((?:https?:/)?/[^\"'()<>\s]{0,200}/(?:more\w{0,20})?dataproxy\.jsp)")
_USUAL_PROXY = "/module/web/jpage/dataproxy.jsp"
_COLUMN = re.compile(r"/col/col(\d+)/")
_FILES = 'a[href*="/module/download/down"], a[href*="/attach/"]'
_MOST_CHARACTERS = 2_000_000
"""Of a datastore: 5,000 rows with addresses and titles have 1.5 million."""
_PARAMETERS = ("appid", "webid", "path", "columnid", "unitid", "webname", "permissiontype")
_FIELDS = {
    "title": "信息标题|标题名称|标题",
    "published": "(?:信息)?(?:发布|生成)(?:时间|日期)",
    "source": "(?:信息)?来源",
}
_BODY = "(?:信息|文章)内容"


def _mark(label: str, side: str) -> str:
    """Return the pattern of what a comment of the template says at one side of a field."""
    return rf"<\$\[(?:{label})(?:\([a-z]{{1,9}}\))?\]>\s?{side}"


_MARKS = {
    name: (re.compile(rf"<!--\s?{_mark(label, 'begin')}\s?-->"), re.compile(rf"<!--\s?{_mark(label, 'end')}\s?-->"))
    for name, label in _FIELDS.items()
}
_BODY_BEGIN, _BODY_END = re.compile(_mark(_BODY, "begin")), re.compile(_mark(_BODY, "end"))


def _recognise(sight: Sight) -> str | None:
    mark = _find_mark(sight)
    return None if mark and "jpaas-publish-server" in sight.text else mark


def _find_mark(sight: Sight) -> str | None:
    if "<datastore" in sight.text:
        return "datastore in the page"
    if "dataproxy.jsp" in sight.marks:
        return "dataproxy.jsp"
    if ARTICLE.search(sight.url) or _COLUMN.search(sight.url):
        return "address of the page"
    return "addresses of articles" if FAMILY.count_articles(sight) > 2 else None


def _read_answer(answer: Answer, zone: str) -> Rows | None:
    return _read_datastores(answer.text, answer.url, answer.url, zone)


def _read_rows(sight: Sight, zone: str) -> Rows | None:
    if "<record>" not in sight.text:
        return None
    rows = _read_datastores(sight.text, sight.url, _find_proxy(sight), zone)
    return rows if rows and rows.items else None


def _read_datastores(text: str, url: str, proxy: str, zone: str) -> Rows | None:
    """Return the rows of the datastore with the most of them; nothing where there is no datastore."""
    stores = text.split("<datastore")[1:]
    if not stores:
        return None
    store = max(stores, key=lambda store: store.count("<record>"))[:_MOST_CHARACTERS]
    records = [_unwrap(part) for part in store.split("<record>")[1 : MOST_ROWS + 1]]
    items: dict[str, Item] = {}
    for record in records:
        if (item := read_record(record, url, zone)) and item.url not in items:
            items[item.url] = item
    turn = _read_next_group(store, url, proxy)
    return Rows(tuple(items.values()), f"{len(records)} records of a datastore", turn.address, turn.rule)


def _read_next_group(store: str, url: str, proxy: str) -> Turn:
    """Return the address of the next group of pages, which stands relative to the proxy."""
    last = re.search(r"<totalpage>\s{0,9}(\d{1,6})", store)
    _, found, behind = store.partition("<nextgroup>")
    link = open_fragment(_unwrap(behind)).css_first("a[href]") if found else None
    target = resolve_link(attribute(link, "href"), proxy) if link is not None else None
    if target is None:
        return Turn(None, "no next group: older pages need a POST, or there are none")
    number, own = read_number(target), read_number(url) if _DATA.search(url) else None
    if target == url or (number is not None and own is not None and number <= own):
        return Turn(None, "the next group leads back: this is the last")
    if number is not None and last and number > int(last[1]):
        return Turn(None, f"the next group is behind the last page, {last[1]}")
    return Turn(target, "next group of the datastore")


def _unwrap(text: str) -> str:
    """Return what stands in the first CDATA, or up to the next end tag of the datastore where there is none."""
    head, cdata, behind = text.partition("<![CDATA[")
    if cdata and not head.strip():
        return behind.partition("]]>")[0]
    return re.split(r"</(?:record|nextgroup)>", text, maxsplit=1)[0]


def _find_proxy(sight: Sight) -> str:
    found = _PROXY.search(sight.text)
    return resolve_link(found[1] if found else _USUAL_PROXY, sight.url) or sight.url


def _find_data_url(sight: Sight) -> str | None:
    """Return the proxy's address with the parameters of the page's script, where the page holds no rows itself."""
    if "<record>" in sight.text or "dataproxy.jsp" not in sight.text:
        return None
    values = {name: _find_parameter(sight.text, name) for name in _PARAMETERS}
    if not (values["webid"] and values["columnid"] and values["unitid"]):
        return None
    query = "&".join(f"{name}={quote(value, safe='/%')}" for name, value in values.items() if value)
    return f"{_find_proxy(sight)}?page=1&{query}"


def _find_parameter(text: str, name: str) -> str:
    found = re.search(rf"\b{name}\b['\"]?\s{{0,3}}[:=]\s{{0,3}}['\"]?([^'\"&,;}}<>\s]{{1,100}})", text)
    return found[1] if found else ""


def _find_next_page(sight: Sight, link: str | None) -> Turn:
    """Return nothing for a link to this same page: its parameters are for the script, the server ignores them."""
    if link and link.partition("?")[0] == sight.url.partition("#")[0].partition("?")[0]:
        return Turn(None, "the link to the older page is for a script: the server would send this page again")
    return Turn(link, "link to the older page" if link else "no link to an older page")


def find_hints(sight: Sight) -> Hints:
    """Return what stands between the template's comments (`<!--<$[信息内容]>begin-->` … `<!--<$[信息内容]>end-->`)."""
    return Hints(
        title=_read_field(sight, "title"),
        published=_read_field(sight, "published"),
        source=_read_field(sight, "source"),
        body=gather_between(sight.tree, _BODY_BEGIN, _BODY_END),
        body_rule="comments around the body",
        attachments=sight.find_files(_FILES),
    )


def _read_field(sight: Sight, name: str) -> str:
    return read_between(sight.text, *_MARKS[name])


FAMILY = Family(
    name="jpage",
    article=ARTICLE,
    words=("art_",),
    recognise=_recognise,
    data=_DATA,
    read_answer=_read_answer,
    find_data_url=_find_data_url,
    read_rows=_read_rows,
    find_next_page=_find_next_page,
    find_hints=find_hints,
)
