"""The nouns of what notices say, frozen; beside those of `model`, and in the glossary with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """A kind is what a notice's text is, not where it stands; a reprint is a mark, not a kind."""

    PROMULGATION = "promulgation"
    MEETING = "meeting"
    DEPUTIES = "deputies"
    APPOINTMENTS = "appointments"
    RESOLUTION = "resolution"
    DECISION = "decision"
    CONSULTATION = "consultation"
    REPORT = "report"
    SESSION = "session"
    NEWS = "news"
    OTHER = "other"


class Role(StrEnum):
    """A role is what happens, or ends, on a day that a notice names."""

    ADOPTED = "adopted"
    APPROVED = "approved"
    SIGNED = "signed"
    IN_FORCE = "in_force"
    CONSULTATION_START = "consultation_start"
    DEADLINE = "deadline"
    MEETING = "meeting"
    SIGNUP_START = "signup_start"
    SIGNUP_END = "signup_end"


class Act(StrEnum):
    """An act is what a notice does to somebody in an office."""

    APPOINTED = "appointed"
    REMOVED = "removed"
    RESIGNED = "resigned"
    ELECTED = "elected"
    ACTING = "acting"
    RECALLED = "recalled"
    TERMINATED = "terminated"
    DECEASED = "deceased"


class Means(StrEnum):
    """A means is a way in which people take part: where to write, call or go, and how many may come."""

    ADDRESS = "address"
    POSTCODE = "postcode"
    PHONE = "phone"
    FAX = "fax"
    MAILBOX = "mailbox"
    PLACE = "place"
    """Of a sitting, a hearing or an event."""
    SEATS = "seats"
    """For visitors."""


class Effect(StrEnum):
    """An effect is what a notice does to a rule; one that it only refers to has none."""

    DRAFTED = "drafted"
    ADOPTED = "adopted"
    APPROVED = "approved"
    AMENDED = "amended"
    REPEALED = "repealed"
    CHECKED = "checked"


@dataclass(frozen=True)
class Said:
    """What is said is where a fact was read: its sentence, the span of its words in the text, and how sure that is."""

    sentence: str
    """As the notice has it, without white space at its ends."""
    start: int
    """Of the fact's own words, in characters of the text; of the title where `in_title`."""
    end: int
    confidence: float
    """From 0 to 1: the share of such readings that are right, by the labelled notices of the suite."""
    in_title: bool = False


@dataclass(frozen=True)
class Number:
    """A number is that of a 公告 or 令, with the term of the body that gave it. Not the number of a letter."""

    number: int
    term: int | None
    """Of the congress: 16 for 第十六届."""
    year: int | None
    """Only where the number itself has one: 〔2026〕3号."""
    text: str
    said: Said


@dataclass(frozen=True)
class DatedFact:
    """A dated fact is a day that a notice names, and what happens on it."""

    role: Role
    day: date
    by: str | None
    """The body that adopts or approves."""
    said: Said


@dataclass(frozen=True)
class Reminder:
    """A reminder is about a deadline that a notice names, and how many days before it people are told."""

    role: Role
    day: date
    lead: int


@dataclass(frozen=True)
class PersonFact:
    """A person fact is an act upon somebody, with the office as it is written. Speakers and signers are none."""

    name: str
    """Without padding and marks: `尹　明(女)` is 尹明."""
    act: Act
    post: str | None
    said: Said


@dataclass(frozen=True)
class LawFact:
    """A law fact is a rule that a notice names, and the stage of its draft."""

    name: str
    """Without 《》 and stage."""
    stage: str | None
    said: Said


@dataclass(frozen=True)
class ContactFact:
    """A contact fact is a means of taking part that a notice gives to those whom it asks for opinions or invites."""

    means: Means
    text: str
    """As it is written; of a telephone number without spaces around its dash."""
    said: Said


@dataclass(frozen=True)
class Facts:
    """Facts are what a notice says, each with its sentence. What is not said is absent, never guessed."""

    kind: Kind
    reprint: bool = False
    origin: str | None = None
    """The outlet that a reprint names as its source."""
    number: Number | None = None
    dates: tuple[DatedFact, ...] = ()
    """In the order of the text, each pair of role and day once."""
    people: tuple[PersonFact, ...] = ()
    laws: tuple[LawFact, ...] = ()
    contacts: tuple[ContactFact, ...] = ()
    numbers: tuple[Number, ...] = ()
    """Those of the further notices on the same page, after `number`."""


@dataclass(frozen=True)
class PersonLine:
    """A person line is what the register of people has of one act: whom it is done to, when and by which meeting."""

    place: int
    """Of the fact among the people of its notice."""
    name: str
    act: Act
    post: str | None
    """None: the notice names none."""
    day: date | None
    """When it was decided, else signed, else published. None: nothing tells."""
    meeting: str | None
    """第十六届人大常委会第三十次会议, as far as the notice says it; None: it names none."""
    sentence: str


@dataclass(frozen=True)
class RuleLine:
    """A rule line is what the register of rules has of one rule in one notice: the effect, and the days it names."""

    place: int
    """Of the fact among the rules of its notice."""
    name: str
    stage: str | None
    """Of its draft, or 修订; None: the rule itself."""
    effect: Effect
    day: date | None
    """When the notice was decided, else signed, else published. None: nothing tells."""
    adopted: date | None
    """None, as the next two: not said, or of something else than this rule."""
    approved: date | None
    in_force: date | None
    """Of a rule that is repealed: when that takes effect."""
    sentence: str


@dataclass(frozen=True)
class Search:
    """A search is what somebody looks for in notices: phrases that all stand in them, and facts that they must have."""

    phrases: tuple[str, ...] = ()
    """Folded, each once. A phrase stands in the text as it is, and cuts neither a number nor a Latin word."""
    portal: str | None = None
    """Name of the portal. None: any. Likewise the next four."""
    channel: str | None = None
    """Slug; of the portal."""
    kind: Kind | None = None
    person: str | None = None
    """Who is appointed, removed, elected … in it, by the whole name."""
    law: str | None = None
    """A rule that it names, by the whole name without 《》."""
    reprints: bool = True
    """Whether copies of other people's texts are found as well."""
