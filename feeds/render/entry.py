"""What a feed and its entries say, as plain facts, and the bytes they become. Frozen; every renderer reads these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Category:
    """A category is a channel that lists the notice, or a state of it, as readers filter by."""

    term: str
    label: str
    scheme: str | None = None
    """IRI of the vocabulary; None: none is named."""


@dataclass(frozen=True)
class Enclosure:
    """An enclosure is a file of the notice, at the portal. We link to it and never copy it."""

    url: str
    name: str
    type: str
    """MIME type."""
    length: int | None = None
    """Bytes; None: not known, and never asked for."""


@dataclass(frozen=True)
class EntryFacts:
    """Entry facts are all that an entry says. Text is plain unless it is called html; any character may be in it."""

    urn: str
    """`urn:uuid:...`, the same for ever."""
    url: str
    """The portal's own address of the article; of an edit, our page."""
    page_url: str
    """Our page of the notice, with revisions."""
    title: str
    original_title: str
    summary: str
    content_html: str
    """Clean HTML (`feeds.read.clean`): absolute links, no script, no style."""
    published: datetime | None
    """Aware, in the portal's zone. None: the portal never said."""
    updated: datetime
    """Aware; moves only on a significant change."""
    editor: str | None = None
    source: str | None = None
    categories: tuple[Category, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    images: tuple[str, ...] = ()
    withdrawn: datetime | None = None
    """Aware; when the portal withdrew it. The entry stays, and Atom says beside it that it is gone. None: it stands."""
    extension: Mapping[str, object] = field(default_factory=dict)
    """JSON values for `_noticefeeds` of JSON Feed."""


@dataclass(frozen=True)
class FeedFacts:
    """Feed facts are all that the head of a feed says."""

    title: str
    subtitle: str
    author: str
    language: str
    """`zh-CN` (BCP 47)."""
    self_urls: Mapping[str, str] = field(hash=False)
    """Format (`atom`, `rss`, `json`) -> the document's own address."""
    page_url: str
    urn: str
    updated: datetime
    """Aware; of the newest significant change in the feed, never the time of rendering."""
    hubs: tuple[str, ...] = ()
    css_url: str | None = None
    previous: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Format -> the next older document of the archive; a format without one has none older, or no archive."""
    current: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Of a document of the archive: format -> the feed that it belongs to. Empty: this is the feed itself."""


@dataclass(frozen=True)
class EntryBytes:
    """Entry bytes are one entry rendered once, ready to be spliced into any feed that shows it."""

    atom: bytes
    rss: bytes
    json: bytes
