"""What changed between what a portal shows and what we know. Pure: facts in, verdicts with reasons out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from feeds.decide.folding import fold_text
from feeds.model import Article, Item

_LOST = "\N{REPLACEMENT CHARACTER}"
_MOST_LOSSES = 4
"""Places of a title where characters were lost; one with more is another title."""
_CUT_TAIL = re.compile(r"\s*(?:\.{3}|…+)$")


class Known(Protocol):
    """What comparing needs to know of a notice that we have."""

    @property
    def item_titles(self) -> Mapping[str, str]: ...  # noqa: D102 -- by slug, the row's title as the channel listed it last
    @property
    def has_title(self) -> bool: ...  # noqa: D102 -- whether its whole title is known
    @property
    def channels(self) -> AbstractSet[str]: ...  # noqa: D102 -- slugs of the channels that list it
    @property
    def vanished_from(self) -> AbstractSet[str]: ...  # noqa: D102 -- slugs of the lists it disappeared from


@dataclass(frozen=True)
class Keyed:
    """A keyed item is an item with its identity and its place on the list, from 0 at the top."""

    key: str
    item: Item
    rank: int


@dataclass(frozen=True)
class ListingChanges:
    """What a listing says beside what is known of the channel, each in page order."""

    new: tuple[Keyed, ...] = ()
    """Never seen on this portal."""
    joined: tuple[Keyed, ...] = ()
    """Known from another channel, or back on a list it had vanished from."""
    retitled: tuple[Keyed, ...] = ()
    """The list shows another title than before, or a whole one for the first time."""
    vanished: tuple[str, ...] = ()
    """Keys that are gone while older rows stayed."""
    unchanged: int = 0


def key_items(items: Sequence[Item], keys: Sequence[str], first_rank: int = 0) -> tuple[Keyed, ...]:
    """Pair items with their keys, keeping page order; an item repeated on the page (pinned and in place) counts once.

    The unpinned row wins: it stands where the notice belongs.
    """
    unpinned = {key for item, key in zip(items, keys, strict=True) if not item.pinned}
    keyed: dict[str, Keyed] = {}
    for rank, (item, key) in enumerate(zip(items, keys, strict=True), start=first_rank):
        if key not in keyed and not (item.pinned and key in unpinned):
            keyed[key] = Keyed(key, item, rank)
    return tuple(keyed.values())


def compare_listing(
    slug: str, seen: Sequence[Keyed], known: Mapping[str, Known], order: Sequence[str]
) -> ListingChanges:
    """Hold a channel's list against what is known.

    `known` holds the notices of the portal among the seen keys; `order` the channel's own unpinned keys, newest first.
    """
    new, joined, retitled = [], [], []
    for keyed in seen:
        notice = known.get(keyed.key)
        if notice is None:
            new.append(keyed)
        elif slug not in notice.channels or slug in notice.vanished_from:
            joined.append(keyed)
        elif keyed.item.title_complete > notice.has_title or not _is_same_title(
            notice.item_titles[slug], keyed.item.title
        ):
            retitled.append(keyed)
    told = len(new) + len(joined) + len(retitled)
    return ListingChanges(tuple(new), tuple(joined), tuple(retitled), _find_vanished(seen, order), len(seen) - told)


def _is_same_title(before: str, now: str) -> bool:
    """Tell whether two rows show one title: two lists may cut it at different places."""
    if before == now:
        return True
    shorter, longer = sorted((before, now), key=lambda title: len(_CUT_TAIL.sub("", title)))
    return _CUT_TAIL.search(shorter) is not None and longer.startswith(_CUT_TAIL.sub("", shorter))


def _find_vanished(seen: Sequence[Keyed], order: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of `order` that stand above the last one still listed, but are not listed themselves.

    What stands below has only slid to the next page.
    """
    listed = {keyed.key for keyed in seen}
    last = max((place for place, key in enumerate(order) if key in listed), default=0)
    return tuple(key for key in order[:last] if key not in listed)


def reaches_known(seen: Sequence[Keyed], known: AbstractSet[str], wanted: int = 2) -> bool:
    """Tell whether a walk down the list has come to known ground: enough known rows that are not pinned."""
    return sum(1 for keyed in seen if keyed.key in known and not keyed.item.pinned) >= wanted


def fingerprint(article: Article) -> str:
    """Return a hash over what a reader would call the content: title, text and attachments.

    Blind to what `fold_text` drops; version 2 of the rule is part of the hash.
    """
    text = "\n".join(
        ("2", fold_text(article.title or ""), fold_text(article.body), *(a.url for a in article.attachments))
    )
    return hashlib.sha256(text.encode()).hexdigest()


def changed_fields(before: Article, after: Article) -> tuple[str, ...]:
    """Name the significant fields that differ: `title`, `body`, `attachments`. Empty: a reader sees no difference."""
    pairs = {
        "title": (fold_text(before.title or ""), fold_text(after.title or "")),
        "body": (fold_text(before.body), fold_text(after.body)),
        "attachments": ([a.url for a in before.attachments], [a.url for a in after.attachments]),
    }
    return tuple(name for name, (old, new) in pairs.items() if old != new)


def keep_whole(before: str | None, after: str | None) -> str | None:
    """Return the title to keep: the one before, where the one after is the same with characters lost (U+FFFD)."""
    if before is None or after is None or _LOST not in after or _LOST in before:
        return after
    parts = re.split(f"{_LOST}+", after, maxsplit=_MOST_LOSSES)
    return before if re.fullmatch(".{1,8}".join(map(re.escape, parts)), before) else after
