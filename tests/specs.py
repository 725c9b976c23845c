"""What the specifications of the feed formats demand, as rules that read bytes.

    check_atom(document)        RFC 4287, and RFC 6721 where entries were withdrawn
    check_rss(document)         RSS 2.0 (rssboard.org/rss-specification, 2.0.11) and the RSS Best Practices Profile
    check_json_feed(document)   JSON Feed 1.1 (jsonfeed.org/version/1.1)
    check_opml(document)        OPML 2.0 (opml.org/spec2.opml)

Each returns the breaches found, each beginning with the rule's name: the section, then the demand. Rules that begin
with "W3C" are what the W3C feed validator warns of although the specification allows it. A document that cannot be
parsed breaks one rule, the first.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]

Rule = Callable[[Any], Iterable[str]]
Rules = dict[str, Rule]

ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
_RFC822 = re.compile(
    r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d "
    r"([+-]\d{4}|GMT)$"
)
_URI = re.compile(r"^[a-zA-Z][0-9a-zA-Z+.-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#\[\]]+$")
_UUID = re.compile(r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_MIME = re.compile(r"^[\w.+-]+/[\w.+-]+( *; *[\w.+-]+=[\w.+-]+)*$")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")
_BAD_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
_SAFE_TAGS = set(
    "a abbr acronym address area b big blockquote br caption center cite code col colgroup dd del dfn dir div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li map mark menu ol p pre q rp rt ruby s samp small "
    "span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
"""What the W3C validator takes for no risk, without forms."""
_PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/atompub/tombstones/1.0": "at",
}
"""The usual prefixes of namespaces."""
_MARKUP = re.compile(r"</(p|a|b|br|div|span|font|strong|em|i|h\d)>|<br ?/?>")

ATOM_RULES: Rules = {}
RSS_RULES: Rules = {}
JSON_RULES: Rules = {}
OPML_RULES: Rules = {}


def check_atom(document: bytes) -> list[str]:
    """Return what an Atom document breaks."""
    return _check_xml(document, "RFC 4287 section 2: the document is well-formed XML", ATOM_RULES)


def check_rss(document: bytes) -> list[str]:
    """Return what an RSS document breaks."""
    return _check_xml(document, "RSS 2.0: the file is well-formed XML 1.0", RSS_RULES)


def check_opml(document: bytes) -> list[str]:
    """Return what an OPML document breaks."""
    return _check_xml(document, "OPML 2.0: the file is well-formed XML", OPML_RULES)


def check_json_feed(document: bytes) -> list[str]:
    """Return what a JSON Feed breaks."""
    try:
        feed = json.loads(document.decode("utf-8"))
    except ValueError as fault:
        return [f"JSON Feed 1.1: the file is JSON in UTF-8: {fault}"]
    if not isinstance(feed, dict):
        return ["JSON Feed 1.1: the file is JSON in UTF-8: not an object"]
    return _run(feed, JSON_RULES)


def _check_xml(document: bytes, first: str, rules: Rules) -> list[str]:
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as fault:
        return [f"{first}: {fault}"]
    return _run(root, rules)


def _run(parsed: Any, rules: Rules) -> list[str]:
    return [f"{name}: {breach}" for name, rule in rules.items() for breach in rule(parsed)]


def _rule(rules: Rules, name: str) -> Callable[[Rule], Rule]:
    def keep(function: Rule) -> Rule:
        rules[name] = function
        return function

    return keep


# ---- what several formats share -------------------------------------------------------------------------------------


def _exactly_one(parent: Any, *names: str) -> Iterator[str]:
    for name in names:
        if (found := len(parent.findall(name))) != 1:
            yield f"{found} {name} in {parent.tag}"


def _at_most_one(parent: Any, *names: str) -> Iterator[str]:
    for name in names:
        if (found := len(parent.findall(name))) > 1:
            yield f"{found} {name} in {parent.tag}"


def _is_uri(value: object) -> bool:
    if not isinstance(value, str) or not _URI.match(value):
        return False
    return bool(urlsplit(value).netloc) or not value.lower().startswith(("http:", "https:"))


def _is_web(value: object) -> bool:
    return _is_uri(value) and str(value).lower().startswith(("http://", "https://"))


def _is_rfc3339(value: object) -> bool:
    if not isinstance(value, str) or not _RFC3339.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_rfc822(value: str | None) -> bool:
    if not value or not _RFC822.match(value):
        return False
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return False
    return f"{at:%a}" == value[:3]


def _repeated(values: Iterable[Any]) -> Iterator[str]:
    return (f"{value!r} stands {count} times" for value, count in Counter(values).items() if count > 1)


def _odd_prefixes(root: Any) -> Iterator[str]:
    spaces = (space for element in root.iter(etree.Element) for space in element.nsmap.items())
    return (f"{prefix}={uri}" for prefix, uri in sorted(set(spaces), key=str) if _PREFIXES.get(uri, prefix) != prefix)


def _odd_encoding(root: Any) -> Iterator[str]:
    said = root.getroottree().docinfo.encoding
    if said != "UTF-8":
        yield repr(said)


def _all_text(root: Any) -> Iterator[str]:
    for element in root.iter():
        yield from filter(None, (element.text, element.tail, *element.attrib.values()))


class _Unsafe(HTMLParser):
    """Collects what the W3C validator calls a security risk or a relative reference."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _SAFE_TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}=")
            if name in {"href", "src"} and not re.match(r"(https?|mailto):", value or ""):
                self.found.append(f"{tag} {name}={value!r}")


# ---- Atom -----------------------------------------------------------------------------------------------------------

_ATOM_CHILDREN = {
    "feed": set("author category contributor generator icon id link logo rights subtitle title updated entry".split()),
    "entry": set("author category content contributor id link published rights source summary title updated".split()),
}


def _entries(feed: Any) -> list[Any]:
    found: list[Any] = feed.findall(f"{ATOM}entry")
    return found


def _atom_texts(feed: Any) -> Iterator[Any]:
    return feed.iter(*(f"{ATOM}{name}" for name in ("title", "subtitle", "summary", "rights", "content")))  # type: ignore[no-any-return]


@_rule(ATOM_RULES, "RFC 4287 section 4.1.1: the root is atom:feed")
def _(feed: Any) -> Iterator[str]:
    if feed.tag != f"{ATOM}feed":
        yield feed.tag


@_rule(ATOM_RULES, "RFC 4287 section 4.1.1: a feed has exactly one id, title and updated")
def _(feed: Any) -> Iterator[str]:
    return _exactly_one(feed, f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated")


@_rule(ATOM_RULES, "RFC 4287 section 4.1.1: a feed has at most one generator, icon, logo, rights and subtitle")
def _(feed: Any) -> Iterator[str]:
    return _at_most_one(feed, *(f"{ATOM}{name}" for name in ("generator", "icon", "logo", "rights", "subtitle")))


@_rule(ATOM_RULES, "RFC 4287 section 4.1.1: a feed has an author, or each entry has one")
def _(feed: Any) -> Iterator[str]:
    if feed.find(f"{ATOM}author") is None and any(one.find(f"{ATOM}author") is None for one in _entries(feed)):
        yield "an entry without any author"


@_rule(ATOM_RULES, "RFC 4287 section 4.1.1: no two alternate links of a feed have the same type and hreflang")
def _(feed: Any) -> Iterator[str]:
    return _repeated_alternates(feed)


@_rule(ATOM_RULES, "RFC 4287 section 4.1.1: feed and entry contain no text of their own and no unknown Atom element")
def _(feed: Any) -> Iterator[str]:
    for parent, name in [(feed, "feed"), *((entry, "entry") for entry in _entries(feed))]:
        for child in parent:
            if (child.tail or "").strip():
                yield f"text in {name}: {child.tail!r}"
            if str(child.tag).startswith(ATOM) and child.tag.removeprefix(ATOM) not in _ATOM_CHILDREN[name]:
                yield f"{child.tag} in {name}"


@_rule(ATOM_RULES, "RFC 4287 section 4.1.2: an entry has exactly one id, title and updated")
def _(feed: Any) -> Iterator[str]:
    return chain(*(_exactly_one(one, f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated") for one in _entries(feed)))


@_rule(ATOM_RULES, "RFC 4287 section 4.1.2: an entry has at most one content, published, rights, source and summary")
def _(feed: Any) -> Iterator[str]:
    names = [f"{ATOM}{name}" for name in ("content", "published", "rights", "source", "summary")]
    return chain(*(_at_most_one(one, *names) for one in _entries(feed)))


@_rule(ATOM_RULES, "RFC 4287 section 4.1.2: an entry without content has an alternate link")
def _(feed: Any) -> Iterator[str]:
    for entry in _entries(feed):
        if entry.find(f"{ATOM}content") is None and not _links(entry, "alternate"):
            yield str(entry.findtext(f"{ATOM}id"))


@_rule(ATOM_RULES, "RFC 4287 section 4.1.2: no two alternate links of an entry have the same type and hreflang")
def _(feed: Any) -> Iterator[str]:
    return chain(*map(_repeated_alternates, _entries(feed)))


@_rule(ATOM_RULES, "RFC 4287 section 3.1.1: a text construct is text, html or xhtml, the first two without elements")
def _(feed: Any) -> Iterator[str]:
    for element in _atom_texts(feed):
        kind = element.get("type", "text")
        if kind not in {"text", "html", "xhtml"} or (kind != "xhtml" and len(element)):
            yield f"{element.tag} type={kind!r}"


@_rule(ATOM_RULES, "RFC 4287 section 3.2: a person has exactly one name, at most one uri and email, with an @")
def _(feed: Any) -> Iterator[str]:
    for person in feed.iter(f"{ATOM}author", f"{ATOM}contributor"):
        yield from _exactly_one(person, f"{ATOM}name")
        yield from _at_most_one(person, f"{ATOM}uri", f"{ATOM}email")
        if person.find(f"{ATOM}name") is not None and not (person.findtext(f"{ATOM}name") or "").strip():
            yield "a blank name"
        if "@" not in person.findtext(f"{ATOM}email", "@"):
            yield "an email without @"


@_rule(ATOM_RULES, "RFC 4287 section 3.3: dates are RFC 3339 with capital T and Z or an offset")
def _(feed: Any) -> Iterator[str]:
    for date in feed.iter(f"{ATOM}updated", f"{ATOM}published"):
        if not _is_rfc3339(date.text):
            yield repr(date.text)


@_rule(ATOM_RULES, "RFC 4287 section 4.1.3: content is inline text or html without src")
def _(feed: Any) -> Iterator[str]:
    for content in feed.iter(f"{ATOM}content"):
        if content.get("src") is not None or content.get("type") not in {"text", "html", "xhtml", None}:
            yield f"type={content.get('type')!r} src={content.get('src')!r}"


@_rule(ATOM_RULES, "RFC 4287 section 4.2.2: a category has a term, and its scheme is an IRI")
def _(feed: Any) -> Iterator[str]:
    for category in feed.iter(f"{ATOM}category"):
        if not category.get("term"):
            yield "no term"
        if category.get("scheme") is not None and not _is_uri(category.get("scheme")):
            yield f"scheme={category.get('scheme')!r}"


@_rule(ATOM_RULES, "RFC 4287 section 4.2.4: a generator says its name")
def _(feed: Any) -> Iterator[str]:
    return ("blank" for generator in feed.iter(f"{ATOM}generator") if not (generator.text or "").strip())


@_rule(ATOM_RULES, "RFC 4287 section 4.2.6: an id is an absolute, normalised IRI")
def _(feed: Any) -> Iterator[str]:
    for identity in feed.iter(f"{ATOM}id"):
        text = identity.text or ""
        if not _is_uri(text) or (text.lower().startswith("urn:uuid:") and not _UUID.match(text)):
            yield repr(text)


@_rule(ATOM_RULES, "RFC 4287 section 4.1.1: no two entries have the same id")
def _(feed: Any) -> Iterator[str]:
    return _repeated(entry.findtext(f"{ATOM}id") for entry in _entries(feed))


@_rule(ATOM_RULES, "RFC 4287 section 4.2.7.1: a link has an href that is an IRI, and nothing inside")
def _(feed: Any) -> Iterator[str]:
    for link in feed.iter(f"{ATOM}link"):
        if not _is_uri(link.get("href")) or len(link) or (link.text or "").strip():
            yield f"href={link.get('href')!r}"


@_rule(ATOM_RULES, "RFC 4287 section 4.2.7.2: a rel is a registered relation")
def _(feed: Any) -> Iterator[str]:
    known = {"alternate", "related", "self", "enclosure", "via", "hub", "next-archive", "prev-archive", "current", None}
    return (f"rel={link.get('rel')!r}" for link in feed.iter(f"{ATOM}link") if link.get("rel") not in known)


@_rule(ATOM_RULES, "RFC 4287 section 4.2.7.3: a link's type is a media type")
def _(feed: Any) -> Iterator[str]:
    types = (link.get("type") for link in feed.iter(f"{ATOM}link"))
    return (repr(kind) for kind in types if kind is not None and not _MIME.match(kind))


@_rule(ATOM_RULES, "RFC 4287 section 4.2.7.6: a link's length is a number of bytes")
def _(feed: Any) -> Iterator[str]:
    lengths = (link.get("length") for link in feed.iter(f"{ATOM}link"))
    return (repr(length) for length in lengths if length is not None and not re.fullmatch(r"\d+", length))


@_rule(ATOM_RULES, "RFC 4287 section 4.2.7.2: a feed has one self link with type application/atom+xml")
def _(feed: Any) -> Iterator[str]:
    found = _links(feed, "self")
    if [link.get("type") for link in found] != ["application/atom+xml"]:
        yield f"{len(found)} self links"


@_rule(ATOM_RULES, "W3C MissingDCLanguage: the feed says its language")
def _(feed: Any) -> Iterator[str]:
    if not _LANGUAGE.match(feed.get(XML_LANG, "")):
        yield f"xml:lang={feed.get(XML_LANG)!r}"


@_rule(ATOM_RULES, "W3C DuplicateUpdated: no two entries have the same updated")
def _(feed: Any) -> Iterator[str]:
    return _repeated(entry.findtext(f"{ATOM}updated") for entry in _entries(feed))


@_rule(ATOM_RULES, "W3C NotBlank: no text construct is blank")
def _(feed: Any) -> Iterator[str]:
    return (f"blank {text.tag}" for text in _atom_texts(feed) if not "".join(text.itertext()).strip())


@_rule(ATOM_RULES, "W3C SecurityRisk, ContainsRelRef: html is safe and its references are absolute")
def _(feed: Any) -> Iterator[str]:
    htmls = (text for text in _atom_texts(feed) if text.get("type") == "html")
    return chain(*(_Unsafe(text.text or "").found for text in htmls))


@_rule(ATOM_RULES, "W3C BadCharacters: no control or replacement character")
def _(feed: Any) -> Iterator[str]:
    return (repr(text[:40]) for text in _all_text(feed) if _BAD_CHARACTER.search(text))


@_rule(ATOM_RULES, "W3C NotUTF8, MissingEncoding: the document says that it is UTF-8")
def _(feed: Any) -> Iterator[str]:
    return _odd_encoding(feed)


@_rule(ATOM_RULES, "W3C NonstdPrefix: known namespaces have their usual prefixes, Atom none")
def _(feed: Any) -> Iterator[str]:
    yield from _odd_prefixes(feed)
    if None not in feed.nsmap:
        yield "Atom has a prefix"


@_rule(ATOM_RULES, "W3C ContainsUndeclaredHTML: a text construct of plain text has no tags of HTML")
def _(feed: Any) -> Iterator[str]:
    plain = (text for text in _atom_texts(feed) if text.get("type", "text") == "text")
    return (repr(text.text[:60]) for text in plain if _MARKUP.search(text.text or ""))


@_rule(ATOM_RULES, "W3C DuplicateEnclosure: an entry names no file twice")
def _(feed: Any) -> Iterator[str]:
    return chain(*(_repeated(link.get("href") for link in _links(entry, "enclosure")) for entry in _entries(feed)))


@_rule(ATOM_RULES, "W3C FeedHistoryRelInEntry: links to archives are the feed's, not an entry's")
def _(feed: Any) -> Iterator[str]:
    rels = ("prev-archive", "next-archive", "current")
    return (rel for entry in _entries(feed) for rel in rels if _links(entry, rel))


@_rule(ATOM_RULES, "W3C MissingCurrentInArchive: an archive names its feed, and no complete feed has archives")
def _(feed: Any) -> Iterator[str]:
    if feed.find(f"{HISTORY}archive") is not None and len(_links(feed, "current")) != 1:
        yield "an archive without its current feed"
    if feed.find(f"{HISTORY}complete") is not None and _links(feed, "prev-archive"):
        yield "a complete feed with an archive"


def _tombstones(feed: Any) -> Iterator[Any]:
    return feed.iter(f"{TOMBSTONE}deleted-entry")  # type: ignore[no-any-return]


@_rule(ATOM_RULES, "RFC 6721 section 3: a deleted entry is a child of the feed and refers to the IRI of an entry")
def _(feed: Any) -> Iterator[str]:
    for stone in _tombstones(feed):
        if stone.getparent() is not feed or not _is_uri(stone.get("ref")):
            yield f"ref={stone.get('ref')!r} in {stone.getparent().tag}"


@_rule(ATOM_RULES, "RFC 6721 section 3: a deleted entry says when, in RFC 3339 with capital T and Z or an offset")
def _(feed: Any) -> Iterator[str]:
    return (repr(stone.get("when")) for stone in _tombstones(feed) if not _is_rfc3339(stone.get("when")))


@_rule(ATOM_RULES, "RFC 6721 section 3: no two deleted entries have the same ref and when")
def _(feed: Any) -> Iterator[str]:
    return _repeated((stone.get("ref"), stone.get("when")) for stone in _tombstones(feed))


@_rule(ATOM_RULES, "RFC 6721 section 3: a deleted entry has at most one by, comment and source; a comment is text")
def _(feed: Any) -> Iterator[str]:
    for stone in _tombstones(feed):
        yield from _at_most_one(stone, f"{TOMBSTONE}by", f"{TOMBSTONE}comment", f"{ATOM}source")
        for comment in stone.findall(f"{TOMBSTONE}comment"):
            kind = comment.get("type", "text")
            if kind not in {"text", "html", "xhtml"} or (kind != "xhtml" and len(comment)):
                yield f"type={kind!r}"


@_rule(ATOM_RULES, "RFC 6721 section 3: a deleted entry is not older than the entry of the same id, or it is void")
def _(feed: Any) -> Iterator[str]:
    updated = {entry.findtext(f"{ATOM}id"): entry.findtext(f"{ATOM}updated") or "" for entry in _entries(feed)}
    for stone in _tombstones(feed):
        entry, when = updated.get(stone.get("ref"), ""), stone.get("when")
        if _is_rfc3339(entry) and _is_rfc3339(when) and datetime.fromisoformat(when) < datetime.fromisoformat(entry):
            yield f"{when} before {entry}"


def _links(parent: Any, rel: str) -> list[Any]:
    return [link for link in parent.findall(f"{ATOM}link") if link.get("rel", "alternate") == rel]


def _repeated_alternates(parent: Any) -> Iterator[str]:
    return _repeated((link.get("type"), link.get("hreflang")) for link in _links(parent, "alternate"))


# ---- RSS ------------------------------------------------------------------------------------------------------------

_RSS_CHILDREN = {
    "channel": set(
        "title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator "
        "docs cloud ttl image rating textInput skipHours skipDays item".split()
    ),
    "item": set("title link description author category comments enclosure guid pubDate source".split()),
}


def _items(rss: Any) -> list[Any]:
    found: list[Any] = rss.findall("channel/item")
    return found


def _channel(rss: Any) -> Any:
    found = rss.find("channel")
    return etree.Element("channel") if found is None else found


@_rule(RSS_RULES, "RSS 2.0 <rss>: the root is rss with version 2.0 and one channel")
def _(rss: Any) -> Iterator[str]:
    if rss.tag != "rss" or rss.get("version") != "2.0" or [child.tag for child in rss] != ["channel"]:
        yield f"<{rss.tag} version={rss.get('version')!r}>"


@_rule(RSS_RULES, "RSS 2.0 required channel elements: exactly one title, link and description, none blank")
def _(rss: Any) -> Iterator[str]:
    yield from _exactly_one(_channel(rss), "title", "link", "description")
    for name in ("title", "link", "description"):
        element = rss.find(f"channel/{name}")
        if element is not None and not "".join(element.itertext()).strip():
            yield f"blank {name}"


@_rule(RSS_RULES, "RSS 2.0 optional channel elements: each at most once")
def _(rss: Any) -> Iterator[str]:
    return _at_most_one(_channel(rss), *(_RSS_CHILDREN["channel"] - {"item", "category"}))


@_rule(RSS_RULES, "RSS 2.0 <language>: a code of the list of languages, in lower case")
def _(rss: Any) -> Iterator[str]:
    language = rss.findtext("channel/language", "")
    if not _LANGUAGE.match(language) or language != language.lower():
        yield repr(language)


@_rule(RSS_RULES, "RSS 2.0 <pubDate>, <lastBuildDate>: RFC 822 with a four-digit year and the right day of the week")
def _(rss: Any) -> Iterator[str]:
    return (repr(date.text) for date in rss.iter("pubDate", "lastBuildDate") if not _is_rfc822(date.text))


@_rule(RSS_RULES, "RSS 2.0 <docs>: an address of this specification")
def _(rss: Any) -> Iterator[str]:
    if not _is_web(rss.findtext("channel/docs", "")):
        yield repr(rss.findtext("channel/docs"))


@_rule(RSS_RULES, "RSS 2.0 <ttl>: a number of minutes")
def _(rss: Any) -> Iterator[str]:
    return (repr(ttl.text) for ttl in rss.iter("ttl") if not re.fullmatch(r"[1-9]\d*", ttl.text or ""))


@_rule(RSS_RULES, "RSS 2.0 comments on elements: a link begins with a registered scheme")
def _(rss: Any) -> Iterator[str]:
    return (repr(link.text) for link in rss.iter("link") if not _is_web(link.text))


@_rule(RSS_RULES, "RSS 2.0 elements of <item>: a title or a description")
def _(rss: Any) -> Iterator[str]:
    return ("neither" for item in _items(rss) if item.find("title") is None and item.find("description") is None)


@_rule(RSS_RULES, "RSS 2.0 elements of <item>: each at most once, but categories")
def _(rss: Any) -> Iterator[str]:
    names = [*(_RSS_CHILDREN["item"] - {"category"}), f"{CONTENT}encoded"]
    return chain(*(_at_most_one(item, *names) for item in _items(rss)))


@_rule(RSS_RULES, "RSS 2.0 <enclosure>: url, length and type, the url http, the length a number")
def _(rss: Any) -> Iterator[str]:
    for one in rss.iter("enclosure"):
        sized = re.fullmatch(r"\d+", one.get("length", ""))
        if not sized or not _is_web(one.get("url")) or not _MIME.match(one.get("type", "")):
            yield str(dict(one.attrib))


@_rule(RSS_RULES, "RSS 2.0 <category>: not blank, its domain an address")
def _(rss: Any) -> Iterator[str]:
    for category in rss.iter("category"):
        if not "".join(category.itertext()).strip() or not _is_uri(category.get("domain", "urn:none:given")):
            yield f"domain={category.get('domain')!r}"


@_rule(RSS_RULES, "RSS 2.0 <guid>: every item has one, and no two the same")
def _(rss: Any) -> Iterator[str]:
    guids = [item.findtext("guid") for item in _items(rss)]
    if not all(guids):
        yield "an item without guid"
    yield from _repeated(guids)


@_rule(RSS_RULES, "RSS 2.0 <guid>: a guid that is no address says isPermaLink=false")
def _(rss: Any) -> Iterator[str]:
    for guid in rss.iter("guid"):
        permanent = guid.get("isPermaLink", "true")
        if permanent not in {"true", "false"} or (permanent == "true" and not _is_web(guid.text)):
            yield f"{guid.text!r} isPermaLink={permanent!r}"


@_rule(RSS_RULES, "RSS 2.0 <author>: an e-mail address; a name is dc:creator, and never both")
def _(rss: Any) -> Iterator[str]:
    for item in _items(rss):
        author = item.findtext("author")
        if author is not None and ("@" not in author or item.find(f"{DC}creator") is not None):
            yield repr(author)


@_rule(RSS_RULES, "RSS 2.0 extending RSS: what the specification does not name is in a namespace")
def _(rss: Any) -> Iterator[str]:
    for parent in [_channel(rss), *_items(rss)]:
        for child in parent:
            if not str(child.tag).startswith("{") and child.tag not in _RSS_CHILDREN[parent.tag]:
                yield f"{child.tag} in {parent.tag}"


@_rule(RSS_RULES, "RSS Best Practices Profile atom:link: one self link with type application/rss+xml")
def _(rss: Any) -> Iterator[str]:
    found = _links(_channel(rss), "self")
    if [(_is_web(link.get("href")), link.get("type")) for link in found] != [(True, "application/rss+xml")]:
        yield f"{len(found)} self links"


@_rule(RSS_RULES, "RSS Best Practices Profile content:encoded: an item with content has a description before it")
def _(rss: Any) -> Iterator[str]:
    for item in _items(rss):
        tags = [child.tag for child in item]
        if f"{CONTENT}encoded" in tags and "description" not in tags[: tags.index(f"{CONTENT}encoded")]:
            yield str(item.findtext("guid"))


@_rule(RSS_RULES, "W3C MisplacedItem: items come after all else in the channel")
def _(rss: Any) -> Iterator[str]:
    tags = [child.tag == "item" for child in _channel(rss)]
    if tags != sorted(tags):
        yield "an item before an element of the channel"


@_rule(RSS_RULES, "W3C ContainsHTML: titles are not blank and have no end tags of HTML")
def _(rss: Any) -> Iterator[str]:
    for title in chain(rss.iterfind("channel/title"), rss.iterfind("channel/item/title")):
        text = "".join(title.itertext())
        if not text.strip() or re.search(r"</(p|a|b|br|div|span|font|strong|em|i|h\d)>", text):
            yield repr(text)


@_rule(RSS_RULES, "W3C SecurityRisk, ContainsRelRef: html is safe and its references are absolute")
def _(rss: Any) -> Iterator[str]:
    htmls = chain(rss.iterfind("channel/item/description"), rss.iter(f"{CONTENT}encoded"))
    return chain(*(_Unsafe(html.text or "").found for html in htmls))


@_rule(RSS_RULES, "W3C BadCharacters: no control or replacement character")
def _(rss: Any) -> Iterator[str]:
    return (repr(text[:40]) for text in _all_text(rss) if _BAD_CHARACTER.search(text))


@_rule(RSS_RULES, "W3C NotUTF8, MissingEncoding: the document says that it is UTF-8")
def _(rss: Any) -> Iterator[str]:
    return _odd_encoding(rss)


@_rule(RSS_RULES, "W3C NonstdPrefix: known namespaces have their usual prefixes, and Atom is atom")
def _(rss: Any) -> Iterator[str]:
    yield from _odd_prefixes(rss)
    if rss.nsmap.get("atom") != ATOM[1:-1]:
        yield "Atom has another prefix"


@_rule(RSS_RULES, "W3C DuplicateSemantics: nothing is said twice, by RSS and by Dublin Core")
def _(rss: Any) -> Iterator[str]:
    pairs = {"title": "title", "pubDate": "date", "language": "language", "description": "description"}
    for parent in (_channel(rss), *_items(rss)):
        for own, core in pairs.items():
            if parent.find(own) is not None and parent.find(f"{DC}{core}") is not None:
                yield f"{own} and dc:{core}"


@_rule(RSS_RULES, "W3C ImageLinkDoesntMatch, ImageTitleDoesntMatch: an image has the title and the link of its channel")
def _(rss: Any) -> Iterator[str]:
    channel = _channel(rss)
    for image in channel.iterfind("image"):
        for name in ("title", "link"):
            if image.findtext(name) != channel.findtext(name):
                yield f"{name}={image.findtext(name)!r}"


# ---- JSON Feed ------------------------------------------------------------------------------------------------------

_JSON_KEYS = {
    "feed": set(
        "version title home_page_url feed_url description user_comment next_url icon favicon author authors language "
        "expired hubs items".split()
    ),
    "item": set(
        "id url external_url title content_html content_text summary image banner_image date_published date_modified "
        "author authors tags language attachments".split()
    ),
}


def _json_items(feed: dict[str, Any]) -> list[dict[str, Any]]:
    items = feed.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


@_rule(JSON_RULES, "JSON Feed 1.1 top-level: version is the address of version 1.1")
def _(feed: dict[str, Any]) -> Iterator[str]:
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield repr(feed.get("version"))


@_rule(JSON_RULES, "JSON Feed 1.1 top-level: title is a string")
def _(feed: dict[str, Any]) -> Iterator[str]:
    if not isinstance(feed.get("title"), str) or not feed["title"].strip():
        yield repr(feed.get("title"))


@_rule(JSON_RULES, "JSON Feed 1.1 top-level: items is an array of objects")
def _(feed: dict[str, Any]) -> Iterator[str]:
    items = feed.get("items")
    if not isinstance(items, list) or len(_json_items(feed)) != len(items):
        yield repr(items)[:40]


@_rule(JSON_RULES, "JSON Feed 1.1 top-level: home_page_url and feed_url are addresses")
def _(feed: dict[str, Any]) -> Iterator[str]:
    return (f"{key}: {feed.get(key)!r}" for key in ("home_page_url", "feed_url") if not _is_web(feed.get(key)))


@_rule(JSON_RULES, "JSON Feed 1.1 top-level: language is a code of RFC 5646")
def _(feed: dict[str, Any]) -> Iterator[str]:
    if not _LANGUAGE.match(str(feed.get("language"))):
        yield repr(feed.get("language"))


@_rule(JSON_RULES, "JSON Feed 1.1 hubs: each has a type and an address")
def _(feed: dict[str, Any]) -> Iterator[str]:
    return (repr(hub) for hub in feed.get("hubs", []) if not hub.get("type") or not _is_web(hub.get("url")))


@_rule(JSON_RULES, "JSON Feed 1.1 authors: an array of objects, each with a name, url or avatar")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for one in [feed, *_json_items(feed)]:
        authors = one.get("authors", [{"name": "-"}])
        if not authors or not all(
            set(author) & {"name", "url", "avatar"} and all(author.values()) for author in authors
        ):
            yield repr(authors)


@_rule(JSON_RULES, "JSON Feed 1.1 items: id is a string, and no two are the same")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for item in _json_items(feed):
        if not isinstance(item.get("id"), str) or not item["id"]:
            yield repr(item.get("id"))
    yield from _repeated(repr(item.get("id")) for item in _json_items(feed))


@_rule(JSON_RULES, "JSON Feed 1.1 items: content_html or content_text is there, and a string")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for item in _json_items(feed):
        given = [item[key] for key in ("content_html", "content_text") if key in item]
        if not given or not all(isinstance(one, str) for one in given):
            yield repr(item.get("id"))


@_rule(JSON_RULES, "JSON Feed 1.1 items: title and summary are plain strings")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for item in _json_items(feed):
        yield from (f"{key}: {item[key]!r}" for key in ("title", "summary") if not isinstance(item.get(key, ""), str))


@_rule(JSON_RULES, "JSON Feed 1.1 items: url, external_url, image and banner_image are addresses")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for item in _json_items(feed):
        keys = [key for key in ("url", "external_url", "image", "banner_image") if key in item]
        yield from (f"{key}: {item[key]!r}" for key in keys if not _is_web(item[key]))


@_rule(JSON_RULES, "JSON Feed 1.1 items: date_published and date_modified are RFC 3339")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for item in _json_items(feed):
        keys = [key for key in ("date_published", "date_modified") if key in item]
        yield from (f"{key}: {item[key]!r}" for key in keys if not _is_rfc3339(item[key]))


@_rule(JSON_RULES, "JSON Feed 1.1 items: tags is an array of strings")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for item in _json_items(feed):
        tags = item.get("tags", [])
        if not isinstance(tags, list) or not all(isinstance(tag, str) and tag for tag in tags):
            yield repr(tags)


@_rule(JSON_RULES, "JSON Feed 1.1 attachments: each has a url and a mime_type, and its size is a number")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for file in chain(*(item.get("attachments", []) for item in _json_items(feed))):
        size = file.get("size_in_bytes", 0)
        if not _is_web(file.get("url")) or not _MIME.match(file.get("mime_type", "")) or not isinstance(size, int):
            yield repr(file)


@_rule(JSON_RULES, "JSON Feed 1.1 extensions: a key of our own begins with an underscore and holds an object")
def _(feed: dict[str, Any]) -> Iterator[str]:
    for one, kind in [(feed, "feed"), *((item, "item") for item in _json_items(feed))]:
        for key, value in one.items():
            if key not in _JSON_KEYS[kind] and not (re.match(r"_[A-Za-z]", key) and isinstance(value, dict)):
                yield f"{key} in {kind}"


@_rule(JSON_RULES, "W3C SecurityRisk, ContainsRelRef: html is safe and its references are absolute")
def _(feed: dict[str, Any]) -> Iterator[str]:
    return chain(*(_Unsafe(str(item.get("content_html", ""))).found for item in _json_items(feed)))


# ---- OPML -----------------------------------------------------------------------------------------------------------


@_rule(OPML_RULES, "OPML 2.0 <opml>: the root is opml with version 2.0")
def _(opml: Any) -> Iterator[str]:
    if opml.tag != "opml" or opml.get("version") != "2.0":
        yield f"<{opml.tag} version={opml.get('version')!r}>"


@_rule(OPML_RULES, "OPML 2.0 <opml>: one head and one body, in this order, and nothing else")
def _(opml: Any) -> Iterator[str]:
    if [child.tag for child in opml] != ["head", "body"]:
        yield str([child.tag for child in opml])


@_rule(OPML_RULES, "OPML 2.0 <body>: at least one outline, and only outlines")
def _(opml: Any) -> Iterator[str]:
    tags = {element.tag for body in opml.iter("body") for element in body.iterdescendants()}
    if tags != {"outline"}:
        yield str(tags)


@_rule(OPML_RULES, "OPML 2.0 <outline>: every outline has a text")
def _(opml: Any) -> Iterator[str]:
    return (str(dict(one.attrib)) for one in opml.iter("outline") if not (one.get("text") or "").strip())


@_rule(OPML_RULES, "OPML 2.0 subscription lists: an outline of a feed has type rss, a title and the feed's address")
def _(opml: Any) -> Iterator[str]:
    for one in opml.iter("outline"):
        if not len(one) and (one.get("type") != "rss" or not one.get("title") or not _is_web(one.get("xmlUrl"))):
            yield str(dict(one.attrib))


@_rule(OPML_RULES, "OPML 2.0 subscription lists: htmlUrl is an address and language a code")
def _(opml: Any) -> Iterator[str]:
    for one in opml.iter("outline"):
        if not _is_web(one.get("htmlUrl", "http://none.given/")) or not _LANGUAGE.match(one.get("language", "zh")):
            yield str(dict(one.attrib))
