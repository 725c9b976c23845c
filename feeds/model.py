"""The nouns of the house, frozen. The glossary in docs/glossary.md is made from these docstrings.

Times are aware UTC everywhere inside; a portal's zone is put on when something is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum

from feeds.mailboxes import Suppression


class Precision(StrEnum):
    """A precision is how exactly a portal says when something was published. It is never guessed."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class Verdict(StrEnum):
    """A verdict is what a fetched page turned out to be; only `listing` and `article` are read further."""

    LISTING = "listing"
    ARTICLE = "article"
    UNCHANGED = "unchanged"
    EMPTY_CONTAINER = "empty container"
    CONTAINER_MISSING = "container missing"
    CHALLENGE = "challenge"
    BLOCKED = "blocked"
    LOGIN = "login"
    MAINTENANCE = "maintenance"
    SOFT_ERROR = "soft error"
    SHELL = "shell"
    GONE = "gone"
    MOVED = "moved"
    TAKEN_OVER = "taken over"
    GARBLED = "garbled"
    TRUNCATED = "truncated"
    TOO_LARGE = "too large"
    NOT_A_PAGE = "not a page"
    FAILED = "failed"


class Health(StrEnum):
    """A health is how a channel fares, judged over several polls; a verdict is about one page."""

    HEALTHY = "healthy"
    SILENT = "silent"
    FAILING = "failing"
    BLOCKED = "blocked"
    HELD = "held"
    BROKEN_RECIPE = "broken recipe"


class EventKind(StrEnum):
    """The kind of an event: what happened to a notice that people may be told."""

    PUBLISHED = "published"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    REMINDER = "reminder"


class Frequency(StrEnum):
    """A frequency is how often a subscription is told: at once, or gathered into a digest. In order of soonness."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class DeliveryKind(StrEnum):
    """The kind of a delivery: one alert, a digest of many, the confirmation of a sign-up, or what an address must see.

    A relocation tells the old address that its subscriptions go to another one from now on; an erasure asks whether
    everything about the address is to be erased.
    """

    ALERT = "alert"
    DIGEST = "digest"
    CONFIRMATION = "confirmation"
    RELOCATION = "relocation"
    ERASURE = "erasure"


class DeliveryState(StrEnum):
    """The state of a delivery. `accepted` means the relay said 250, or a target took it; nothing more can be known."""

    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    IN_DOUBT = "in_doubt"


# ---- configuration side -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListingRecipe:
    """A listing recipe is the declarative how-to-read of a portal's list pages (CSS selectors, regular expressions)."""

    row: str
    """CSS selector of one row; its first matching link is the item."""
    link: str = "a[href]"
    """CSS selector of the item's link inside the row."""
    container: str | None = None
    """CSS selector of the list itself: tells an empty list from a page without one. None: only rows tell."""
    date: str | None = None
    """CSS selector of the date inside the row. None: the row's whole text is searched."""
    pinned: str | None = None
    """Regular expression on the row's text that marks a pinned row."""
    next_page: str | None = None
    """CSS selector of the link to the next (older) page. None: a link whose text is 下一页 or 下页."""


@dataclass(frozen=True)
class ArticleRecipe:
    """An article recipe is the declarative how-to-read of a portal's article pages."""

    title: str
    """CSS selector of the title."""
    body: str
    """CSS selector of the body."""
    meta: str | None = None
    """CSS selector of the line with editor, source and time. None: the whole page outside the body is searched."""
    attachments: str | None = None
    """CSS selector of attachment links outside the body. None: only links inside the body count."""
    strip: tuple[str, ...] = ()
    """CSS selectors removed from the body before reading (counters, share boxes)."""


@dataclass(frozen=True)
class Recipe:
    """A recipe is the declarative how-to-read of a portal or of one of its channels. Not code."""

    listing: ListingRecipe | None = None
    """None: list pages are read without a recipe, by content family or by what they look like."""
    article: ArticleRecipe | None = None
    """None: article pages are read without a recipe."""
    key: tuple[str, ...] = ()
    """Regular expressions on an article's address; group 1 of the first that matches is the article's own id."""


@dataclass(frozen=True)
class Politeness:
    """Politeness is what we allow ourselves at one portal, whatever number of its channels we watch."""

    connections: int = 2
    spacing_seconds: float = 1.5
    """Least time between the starts of two requests."""
    deadline_seconds: float = 30.0
    """A whole fetch, redirects and body included, ends here."""
    max_bytes: int = 5_000_000


@dataclass(frozen=True)
class Channel:
    """A channel is one watched list of a portal; it has exactly one feed. Not a feed itself."""

    portal: str
    slug: str
    title: str
    url: str
    recipe: Recipe
    data_url: str | None = None
    """Address that answers with the list's rows as JSON or XML, where the list page itself is only a shell around
    them. None: the rows stand in the page."""
    weight: float = 1.0
    """How much a minute of delay counts here, beside the portal's other channels."""

    @property
    def name(self) -> str:
        """`PORTAL/SLUG`: how commands, subscriptions and feeds call it."""
        return f"{self.portal}/{self.slug}"


@dataclass(frozen=True)
class Portal:
    """A portal is a site that we watch: the unit of politeness, TLS quirks and identity. Not a host."""

    name: str
    title: str
    base_url: str
    channels: tuple[Channel, ...]
    time_zone: str = "Asia/Shanghai"
    language: str = "zh-CN"
    hosts: tuple[str, ...] = ()
    """Further `host` or `host:port` of the same portal; requests leave for these and the base address only."""
    identity: tuple[str, ...] = ()
    """Strings of which at least one must be on every page; none left means that somebody else lives there."""
    tls: str = "strict"
    """`strict`, `legacy` (old renegotiation and ciphers) or `http`; never switched silently."""
    allow_private: bool = False
    overviews: tuple[str, ...] = ()
    """Addresses of pages that show what is new in several channels: what is new there makes the channel due."""
    budget: float | None = None
    """List pages asked for in a day, on average. None: what the installation allows each portal."""
    politeness: Politeness = Politeness()
    robots: str = "obey"
    """`obey` or `ignore`: whether the portal's robots.txt counts; the second is the operator's own decision."""
    proxy: str | None = None
    """Address of the HTTP proxy that its requests go through. None: the environment's, if it names one."""
    quiet: tuple[time, time] | None = None
    """From when to when, in the portal's zone, it is not asked; may pass midnight. None: at all hours."""
    files: bool = True
    """Whether copies of what its notices link to are kept; false: none is, and those that were are deleted."""


# ---- what was fetched and read ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Validators:
    """Validators are what a server gave us to ask again conditionally (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Fetched:
    """A fetched page is bytes and headers as they came, after redirects inside the portal. Status may be any."""

    url: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    """Names in lower case."""
    validators: Validators = Validators()

    @property
    def content_type(self) -> str:
        """The Content-Type header as sent, or nothing."""
        return self.headers.get("content-type", "")


@dataclass(frozen=True)
class FetchFailure:
    """A fetch failure is why no page came back, in a sentence for the operator. It is a value, not an exception."""

    url: str
    reason: str
    """`timeout`, `dns`, `connect`, `tls`, `too large`, `redirect`, `foreign host`, `private address`, `protocol`,
    `truncated`, `robots`, `left alone` (it asked for that), `no turn` (nobody says that it is ours)."""
    problem: str
    retry_after: float | None = None
    """Seconds that the server asked us to wait."""
    target: str | None = None
    """The address that was not asked because its host is not the portal's; a redirect may have led there."""


@dataclass(frozen=True)
class Moment:
    """A moment is a time as a portal says it, with its precision and where it was read. A day is its local midnight."""

    at: datetime
    precision: Precision
    origin: str = "article"
    """`article`, `listing`, `address` or `feed`."""


@dataclass(frozen=True)
class Item:
    """An item is one row of a list page, as seen. Not yet a notice."""

    url: str
    """Absolute, session ids removed."""
    title: str
    title_complete: bool
    """False when the list shows only the beginning."""
    published: Moment | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Listing:
    """A listing is a parsed list page: its verdict and its items in page order."""

    url: str
    verdict: Verdict
    items: tuple[Item, ...] = ()
    next_page: str | None = None
    family: str = "recipe"
    confidence: float = 1.0
    evidence: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None
    """The sentence an operator needs, where the verdict is not `listing`."""
    data_url: str | None = None
    """Address from which the page's script fetches its rows, absolute. None: the rows stand in the page."""
    strays: tuple[Item, ...] = ()
    """Rows that broken markup put outside the list, which people see on top of it; not among `items`."""


@dataclass(frozen=True)
class Attachment:
    """An attachment is a file that a notice links to. We link to it; what we have of it ourselves is a kept file."""

    url: str
    name: str
    type: str
    """MIME type by the name's ending; `application/octet-stream` if unknown."""


@dataclass(frozen=True)
class Article:
    """An article is what an item's own page says, each field with the evidence for it."""

    url: str
    verdict: Verdict
    title: str | None = None
    published: Moment | None = None
    editor: str | None = None
    source: str | None = None
    author: str | None = None
    column: str | None = None
    number: str | None = None
    """第7号, as written, for documents that carry a number under their title."""
    body: str = ""
    """Plain text, one paragraph a line."""
    body_html: str = ""
    """Clean HTML: absolute links, no script, no style, XML-legal characters only."""
    attachments: tuple[Attachment, ...] = ()
    images: tuple[str, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None


# ---- what we keep -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    """A notice is our stored record of one article: identity, what was read, first seen. Its id never changes."""

    id: int
    public_id: str
    portal: str
    key: str
    url: str
    title: str
    """The whole title as the portal has it; the shown title may add a number, see `decide.titles`."""
    published: Moment | None
    """Frozen once it is known to the minute. None: the portal never said."""
    first_seen_at: datetime
    updated_at: datetime
    """Moves only on a significant change."""
    revision: int
    """Of the newest significant revision, from 1."""
    channels: tuple[str, ...]
    """Slugs of the channels that list it, in order of first sight."""
    article: Article | None
    """None: not read yet, or on somebody else's host."""
    withdrawn_at: datetime | None = None
    version: int = 1
    """Rises with every stored difference, significant or not: what was rendered of an older version is stale."""


@dataclass(frozen=True)
class Revision:
    """A revision is one stored state of a notice."""

    number: int
    seen_at: datetime
    title: str
    body: str
    changed: tuple[str, ...]
    """Names of the fields that differ from the revision before; empty for the first."""


@dataclass(frozen=True)
class Event:
    """An event is something about a notice that people may be told."""

    id: int
    kind: EventKind
    notice_id: int
    revision: int
    """0 for a reminder, which is about a day, whatever else was revised."""
    created_at: datetime
    about: str = ""
    """Which day a reminder is about, and how long before, as `decide.reminders` spells it; empty for other kinds."""


LEADS = (14, 7, 3, 1, 0)
"""Days before a deadline on which people can be reminded of it."""


@dataclass(frozen=True)
class Wish:
    """A wish is what somebody asks to be told: of which notices, how often, and when to be reminded of them.

    Every condition must hold; a condition that lists nothing always does.
    """

    feeds: tuple[str, ...]
    """`all`, `PORTAL` or `PORTAL/CHANNEL`."""
    keywords: tuple[str, ...] = ()
    """One of them must be in the title or the text."""
    frequency: Frequency = Frequency.IMMEDIATE
    changes: bool = True
    """Whether corrections and withdrawals are told as well."""
    kinds: tuple[str, ...] = ()
    """Values of `facts.Kind`; the notice must be of one of them."""
    people: tuple[str, ...] = ()
    """Names; the notice must appoint, remove or elect one of them, or the like."""
    laws: tuple[str, ...] = ()
    """Parts of names; the notice must be about a rule that has one of them in its name."""
    reprints: bool = True
    """False: nothing that a portal took over from elsewhere."""
    remind: tuple[int, ...] = (7, 1)
    """Of LEADS, falling: on which days before a deadline to be reminded of it; empty: never."""
    hour: int | None = None
    """Of the day, 0 to 23, at which its digests come. None: at the site's hour, or it is told at once."""
    time_zone: str | None = None
    """IANA zone of that hour. None: the site's, or it is told at once."""


@dataclass(frozen=True)
class Schedule:
    """A schedule is when digests come: at an hour of a zone, the weekly ones on a day. The usual one is the site's."""

    hour: int
    """0 to 23."""
    weekday: int
    """1 is Monday."""
    time_zone: str


@dataclass(frozen=True)
class Subscription:
    """A subscription is a subscriber's wish, from its sign-up to its end."""

    id: int
    subscriber_id: int
    wish: Wish
    created_at: datetime
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: str | None = None
    asked_at: datetime | None = None
    """When the mail was queued that asks to confirm it. None: none ever was."""
    taken_from: int | None = None
    """The subscriber whose address this one's takes the place of. None: nobody's."""


@dataclass(frozen=True)
class Subscriber:
    """A subscriber is an address that asked to be told. Not a user: that is the operator."""

    id: int
    address: str
    """Empty once it was blanked."""
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None = None
    ended_reason: str | None = None


@dataclass(frozen=True)
class AlertItem:
    """An alert item is one event for one subscriber over one medium, with the subscriptions that matched."""

    id: int
    event_id: int
    subscriber_id: int
    medium: str
    frequency: Frequency
    """The soonest of the matching subscriptions'."""
    subscriptions: tuple[int, ...]
    slot: str = ""
    """Hour and zone of the digest that it waits for, as `decide.digests.name_slot` spells them. Empty: the site's."""


@dataclass(frozen=True)
class Delivery:
    """A delivery is one message to one address: one alert item, or a digest's many."""

    id: int
    kind: DeliveryKind
    subscriber_id: int
    address: str
    state: DeliveryState
    attempts: int
    fence: int
    """Number of the claim; an outcome of an older claim changes nothing."""
    first_rendered_at: datetime | None
    """The message's Date, the same on every attempt. None: never rendered."""
    subscription_id: int | None = None
    """Only for confirmations and relocations: the sign-up to confirm, or the subscription that goes on elsewhere."""
    digest_run_id: int | None = None
    tries: int = 0
    """Attempts that count: a relay or provider that only said `slower` costs none."""
    suppression: Suppression | None = None
    """What speaks against its address. None: nothing."""
    may_have_arrived: bool = False
    """An earlier attempt ended with nobody knowing whether it was accepted."""
    retried_at: datetime | None = None
    """When the operator had it tried once more. None: never."""

    @property
    def tried_since(self) -> datetime | None:
        """Since when it is being tried. None: it was not yet."""
        return self.retried_at or self.first_rendered_at


@dataclass(frozen=True)
class Epoch:
    """An epoch is the life of one database: its name, and when it was last seen alive, in it and beside the key."""

    name: str
    beat_at: datetime
    """The last sign of life; a database whose last one is older than the one beside the key was restored."""
    told_until: datetime | None = None
    """What was published by then may have been told before it was restored. None: it was not, or that is settled."""
    held_until: datetime | None = None
    """Until when mails about that wait for the operator's word. None with `told_until`."""
    discards: bool = False
    """The operator said that they are not sent."""

    def holds(self, now: datetime) -> bool:
        """Tell whether mails about what may have been told before do not go out."""
        return self.held_until is not None and now < self.held_until


@dataclass(frozen=True)
class DigestRun:
    """A digest run is one window of a frequency and a slot, being or having been worked."""

    id: int
    frequency: Frequency
    time_zone: str
    window_start: datetime
    window_end: datetime
    slot: str = ""
    """Hour and zone that its readers chose, as `decide.digests.name_slot` spells them. Empty: the site's."""
