"""One mail for many people: written once, with places for what is each one's own; then as bytes, filled for each.

draft     what the mail says, with places for why it came and for the links below it
  | letter    its bytes up to the first place, encoded, and the rest as it stands; the headers with places likewise
  | reason    the same up to the first link, for all who are told for the same reason
  | fill      one recipient's values in their places: the same bytes as `build_message` makes, in microseconds
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
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

KEPT = 64
"""Mails of a hundred kilobytes that are kept ready: a few megabytes."""
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

Own = tuple[bytes | None, ...]
"""Values in the order of their places. None: there is no such place."""


@dataclass(frozen=True)
class Blank:
    """A blank is a text with places, each of which takes one of a recipient's own values."""

    pieces: tuple[str, ...]
    """What stands before, between and behind the places."""
    order: tuple[int, ...]
    """Which value goes into each place."""

    def fill(self, number: int, value: str) -> Blank:
        """Return the blank with one value in all its places."""
        pieces, order = [self.pieces[0]], []
        for place, piece in zip(self.order, self.pieces[1:], strict=True):
            if place == number:
                pieces[-1] += value + piece
            else:
                pieces.append(piece)
                order.append(place)
        return Blank(tuple(pieces), tuple(order))

    def end_lines(self) -> Blank:
        """Return the blank with the line ends of mail; values have none."""
        ended = [end_lines(piece + "|").removesuffix(f"|{CRLF}") for piece in self.pieces]
        return Blank((*ended[:-1], end_lines(self.pieces[-1])), self.order)

    def encode(self) -> Form:
        """Return the blank as bytes."""
        words = b"%b".join(piece.encode("utf-8", "replace").replace(b"%", b"%%") for piece in self.pieces)
        return Form(words, itemgetter(*self.order) if self.order else lambda _: ())

    def encode_start(self) -> tuple[bytes, Blank]:
        """Return the whole lines of base64 before the first place, and the blank of the rest."""
        start = self.pieces[0].encode("utf-8", "replace")
        whole = len(start) - len(start) % _LINE_BYTES
        while whole and start[whole : whole + 1] and start[whole] & 0xC0 == 0x80:
            whole -= _LINE_BYTES  # a character begins before the line's end, and ends behind it
        return encode_lines(start[:whole]), Blank((start[whole:].decode(), *self.pieces[1:]), self.order)


@dataclass(frozen=True)
class Form:
    """A form is a blank as bytes, whose places take values as bytes: several times faster than text is put together."""

    words: bytes
    """With `%b` in each place."""
    pick: Callable[[Own], object]
    """Puts values into the order of the places."""

    def fill(self, own: Own) -> bytes:
        """Return the bytes with their places filled."""
        return self.words % self.pick(own)


@dataclass(frozen=True)
class Draft:
    """A draft is a mail for many: what it says, with places for what is each recipient's own."""

    subject: str
    text: Blank
    html: Blank
    headers: tuple[tuple[str, str], ...] = ()

    def fill(self, links: MailLinks) -> MailContent:
        """Return what one recipient reads."""
        text, html = self.text, self.html
        for number, line in enumerate((_cut_why(links.why), to_line(links.manage_url), to_line(links.unsubscribe_url))):
            text, html = text.fill(number, line), html.fill(number, escape(line))
        return MailContent(self.subject, text.pieces[0], html.pieces[0], self.headers)


def make_draft(content: MailContent) -> Draft:
    """Return the draft of a mail that was rendered with PLACES."""
    return Draft(content.subject, _make_blank(content.text), _make_blank(content.html), content.headers)


@dataclass(frozen=True, eq=False)
class Letter:
    """A letter is a draft as bytes, under everything of an envelope that its recipients share."""

    head: Form
    text: tuple[bytes, Blank]
    """Encoded up to the last whole line before the first place, and the rest."""
    html: tuple[bytes, Blank]
    """The same."""
    end: bytes

    def fill(self, envelope: Envelope, links: MailLinks) -> bytes:
        """Return one recipient's mail."""
        manage, unsubscribe = _read_url(links.manage_url), _read_url(links.unsubscribe_url)
        mailto, references = links.unsubscribe_mailto, envelope.references
        head = (
            spell_line(envelope.recipient).encode(),
            spell_date(envelope.date).encode(),
            spell_line(envelope.message_id).encode(),
            spell_line(references).encode() if references else None,
            unsubscribe[2],
            spell_address_line(mailto).encode() if mailto else None,
        )
        text, html = _tell_why(self, links.why)
        return b"".join(
            (
                self.head.fill(head),
                self.text[0],
                text[0],
                encode_lines(text[1].fill((None, manage[0], unsubscribe[0]))),
                self.html[0],
                html[0],
                encode_lines(html[1].fill((None, manage[1], unsubscribe[1]))),
                self.end,
            )
        )


@lru_cache(maxsize=KEPT)
def _tell_why(letter: Letter, why: str) -> tuple[tuple[bytes, Form], tuple[bytes, Form]]:
    """Return what follows the start of a letter's two parts, likewise: many recipients have the same reason."""
    line = _cut_why(why)
    (text, text_rest), (html, html_rest) = (
        blank.fill(0, told).encode_start() for blank, told in ((letter.text[1], line), (letter.html[1], escape(line)))
    )
    return (text, text_rest.encode()), (html, html_rest.encode())


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
    return Letter(_make_blank(head).encode(), text, html, close_parts(draft.subject).encode())


def share_envelope(envelope: Envelope) -> Envelope:
    """Return an envelope without what is its recipient's own."""
    known = envelope.references and "<>"
    return replace(envelope, sender="", recipient="", message_id="", references=known, date=_NO_DATE)


def _cut_why(why: str) -> str:
    """Return a reason as one line of no absurd length."""
    line = to_line(why)
    return line if len(line) <= _WHY_LENGTH else f"{line[:_WHY_LENGTH]}……"


def _read_url(url: str) -> tuple[bytes, bytes, bytes]:
    """Return an address as it may stand in text, in HTML, and in a header."""
    if PLAIN_URL.fullmatch(url):
        plain = url.encode()
        return plain, plain, plain
    line = to_line(url)
    return line.encode(), escape(line).encode(), spell_address_line(url).encode()


def _make_blank(text: str) -> Blank:
    pieces = _MARK.split(text)
    return Blank(tuple(pieces[::2]), tuple(int(number) for number in pieces[1::2]))
