"""The press: what was rendered of late, kept for the next recipient of the same. What it lost is made anew.

A mail is written once for all who are told the same (`render/letter.py`); what a notice says is read once as well.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from feeds.render.letter import KEPT, Draft, Letter, make_letter, share_envelope
from feeds.render.mail import MailNotice
from feeds.render.message import Envelope, MailLinks

Made = TypeVar("Made")


class Shelf(Generic[Made]):
    """A shelf keeps the last things made, by what they were made of. Threads may share it."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._things: OrderedDict[Hashable, Made] = OrderedDict()
        self._lock = Lock()

    def fetch(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made of `key`; make it, outside the lock, if it is not there any more."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        made = make()
        with self._lock:
            self._things[key] = made
            while len(self._things) > self._kept:
                self._things.popitem(last=False)
        return made


class Press:
    """A press keeps notices as mails tell them, drafts, and letters, for one composition of site, portals and texts."""

    def __init__(self) -> None:
        self.told: Shelf[MailNotice] = Shelf(1_000)
        self.drafts: Shelf[Draft] = Shelf()
        self._letters: Shelf[Letter] = Shelf()

    def print_mail(self, draft: Draft, envelope: Envelope, links: MailLinks) -> bytes:
        """Return one recipient's mail."""
        shared, mailto = share_envelope(envelope), links.unsubscribe_mailto is not None
        made_of = (draft, shared, mailto)
        letter = self._letters.fetch(made_of, lambda: make_letter(draft, shared, mailto=mailto))
        return letter.fill(envelope, links)
