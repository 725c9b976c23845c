"""One mail for many people: written once, with places for what is each one's own; then as bytes, filled for each.

draft     what the mail says, with places for why it came and for the links below it
  | letter    its bytes up to the first place, encoded, and the rest as it stands; the headers with places likewise
  | fill      one recipient's values in their places: the same bytes as `build_message` makes, in microseconds
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from html import escape
from operator import itemgetter

from feeds.render.legal import to_line
from feeds.render.message import (
    CRLF,
    PLAIN_URL,
    Envelope,
    MailContent,
    MailLinks,
    close_parts,
    encode_lines,
    end_lines,
    open_part,
    spell_address_line,
    spell_date,
    spell_line,
    write_head,
)

_WHY_LENGTH = 1_000
OWN_BYTES = 10_000
"""More than a recipient's own values take in a mail, both parts encoded."""
_LINE_BYTES = 57
"""Bytes that make one line of base64 (RFC 2045, section 6.8)."""
_MARK = re.compile("\ufdd0([0-9])\ufdd1")
_MARKS = tuple(f"\ufdd0{number}\ufdd1" for number in range(6))
PLACES = MailLinks(manage_url=_MARKS[1], unsubscribe_url=_MARKS[2], unsubscribe_mailto=None, why=_MARKS[0])
"""Links to write a draft with: marks of noncharacters, which `to_legal` lets no other text have."""

NO_LINKS = MailLinks(manage_url="", unsubscribe_url="", unsubscribe_mailto=None, why="")
"""For a draft without places."""
_NO_DATE = datetime(1, 1, 1, tzinfo=UTC)

Own = tuple[str | None, ...]
"""Values in the order of their places."""


@dataclass(frozen=True)
class Blank:
    """A blank is a text with places, each of which takes one of a recipient's own values."""

    pieces: tuple[str, ...]
    """What stands before, between and behind the places."""
    order: tuple[int, ...]
    """Which value goes into each place."""

    def fill(self, own: Own) -> str:
        """Return the text with its places filled."""
        return self._form % self._pick(own)

    @cached_property
    def _form(self) -> str:
        return "%s".join(piece.replace("%", "%%") for piece in self.pieces)

    @cached_property
    def _pick(self) -> Callable[[Own], object]:
        return itemgetter(*self.order) if self.order else lambda _: ()

    def end_lines(self) -> Blank:
        """Return the blank with the line ends of mail; values have none."""
        ended = [end_lines(piece + "|").removesuffix(f"|{CRLF}") for piece in self.pieces]
        return Blank((*ended[:-1], end_lines(self.pieces[-1])), self.order)

    def encode_start(self) -> tuple[bytes, Blank]:
        """Return the whole lines of base64 before the first place, and the blank of the rest."""
        start = self.pieces[0].encode("utf-8", "replace")
        whole = len(start) - len(start) % _LINE_BYTES
        while whole and start[whole : whole + 1] and start[whole] & 0xC0 == 0x80:
            whole -= _LINE_BYTES  # a character begins before the line's end, and ends behind it
        rest = start[whole:].decode()
        return encode_lines(self.pieces[0][: len(self.pieces[0]) - len(rest)]), Blank(
            (rest, *self.pieces[1:]), self.order
        )


@dataclass(frozen=True)
class Draft:
    """A draft is a mail for many: what it says, with places for what is each recipient's own."""

    subject: str
    text: Blank
    html: Blank
    headers: tuple[tuple[str, str], ...] = ()

    def fill(self, links: MailLinks) -> MailContent:
        """Return what one recipient reads."""
        own, escaped = _read_own(links)
        return MailContent(self.subject, self.text.fill(own), self.html.fill(escaped), self.headers)


def make_draft(content: MailContent) -> Draft:
    """Return the draft of a mail that was rendered with PLACES."""
    return Draft(content.subject, _make_blank(content.text), _make_blank(content.html), content.headers)


@dataclass(frozen=True)
class Letter:
    """A letter is a draft as bytes, under everything of an envelope that its recipients share."""

    head: Blank
    text: tuple[bytes, Blank]
    """Encoded up to the last whole line before the first place, and the rest."""
    html: tuple[bytes, Blank]
    """The same."""
    end: bytes

    def fill(self, envelope: Envelope, links: MailLinks) -> bytes:
        """Return one recipient's mail."""
        head = self.head.fill(
            (
                spell_line(envelope.recipient),
                spell_date(envelope.date),
                spell_line(envelope.message_id),
                envelope.references and spell_line(envelope.references),
                spell_address_line(links.unsubscribe_url),
                links.unsubscribe_mailto and spell_address_line(links.unsubscribe_mailto),
            )
        )
        own, escaped = _read_own(links)
        (text, text_rest), (html, html_rest) = self.text, self.html
        rests = encode_lines(text_rest.fill(own)), encode_lines(html_rest.fill(escaped))
        return b"".join((head.encode(), text, rests[0], html, rests[1], self.end))


def make_letter(draft: Draft, shared: Envelope, *, mailto: bool) -> Letter:
    """Return the letter of a draft under what `share_envelope` leaves of an envelope.

    `mailto`: whether its recipients' links name a mailbox to unsubscribe by.
    """
    marked = replace(shared, recipient=_MARKS[0], message_id=_MARKS[2], references=shared.references and _MARKS[3])
    content = MailContent(draft.subject, "", "", draft.headers)
    links = replace(PLACES, unsubscribe_url=_MARKS[4], unsubscribe_mailto=_MARKS[5] if mailto else None)
    head = write_head(content, marked, links, date=_MARKS[1])
    text, html = (
        (open_part(kind, draft.subject).encode() + start, rest)
        for kind, (start, rest) in (
            ("plain", draft.text.end_lines().encode_start()),
            ("html", draft.html.end_lines().encode_start()),
        )
    )
    return Letter(_make_blank(head), text, html, close_parts(draft.subject).encode())


def share_envelope(envelope: Envelope) -> Envelope:
    """Return an envelope without what is its recipient's own."""
    known = envelope.references and "<>"
    return replace(envelope, sender="", recipient="", message_id="", references=known, date=_NO_DATE)


def _read_own(links: MailLinks) -> tuple[Own, Own]:
    """Return a recipient's values as they may stand in text and in HTML: one line each, none of absurd length."""
    why, manage, unsubscribe = _read_why(links.why), _read_url(links.manage_url), _read_url(links.unsubscribe_url)
    return (why[0], manage[0], unsubscribe[0]), (why[1], manage[1], unsubscribe[1])


@lru_cache(maxsize=1024)
def _read_why(why: str) -> tuple[str, str]:
    """Many recipients have the same reason."""
    line = to_line(why)
    line = line if len(line) <= _WHY_LENGTH else f"{line[:_WHY_LENGTH]}……"
    return line, escape(line)


def _read_url(url: str) -> tuple[str, str]:
    if PLAIN_URL.fullmatch(url):
        return url, url
    line = to_line(url)
    return line, escape(line)


def _make_blank(text: str) -> Blank:
    pieces = _MARK.split(text)
    return Blank(tuple(pieces[::2]), tuple(int(number) for number in pieces[1::2]))
