"""What somebody wants to be told, as the columns of a CSV: read with every fault, and written back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from feeds.facts import Kind
from feeds.model import LEADS, USUAL_LEADS, Frequency, Wish

FURTHER = ("kinds", "people", "laws", "reprints", "remind")
"""Columns that narrow a wish, or ask for reminders; empty is what most people want."""
COLUMNS = ("feeds", "keywords", "frequency", "changes", *FURTHER)
"""Words in a column are separated by blanks; `remind` may be `none`."""
NEVER = "none"


def read_wish(row: Mapping[str, Any]) -> Wish:
    """Read a row without faults; an empty column is the usual wish."""

    def words(name: str) -> tuple[str, ...]:
        return tuple((row.get(name) or "").split())

    leads = {int(lead) for lead in words("remind") if lead != NEVER}
    return Wish(
        feeds=words("feeds") or ("all",),
        keywords=words("keywords"),
        frequency=Frequency(row.get("frequency") or "immediate"),
        changes=(row.get("changes") or "yes") == "yes",
        kinds=words("kinds"),
        people=words("people"),
        laws=tuple(stripped for law in words("laws") if (stripped := law.strip("《》"))),
        reprints=(row.get("reprints") or "yes") == "yes",
        remind=tuple(lead for lead in LEADS if lead in leads) if words("remind") else USUAL_LEADS,
    )


def write_wish(wish: Wish) -> list[str]:
    """Return the columns that `read_wish` reads as this wish."""
    return [
        " ".join(wish.feeds),
        " ".join(wish.keywords),
        wish.frequency.value,
        "yes" if wish.changes else "no",
        " ".join(wish.kinds),
        " ".join(wish.people),
        " ".join(wish.laws),
        "yes" if wish.reprints else "no",
        " ".join(str(lead) for lead in wish.remind) or NEVER,
    ]


def find_faults(row: Mapping[str, Any], feeds: Collection[str]) -> Iterator[str]:
    """Say what is wrong with a row, each in a sentence; `feeds` are those that there are."""
    yes_or_no = ("yes", "no")
    leads = [*map(str, LEADS), NEVER]
    one: dict[str, Sequence[str]] = {"frequency": list(Frequency), "changes": yes_or_no, "reprints": yes_or_no}
    some: dict[str, Sequence[str]] = {"feeds": sorted(feeds), "kinds": list(Kind), "remind": leads}
    for name, allowed in {**one, **some}.items():
        cell = row.get(name) or ""
        words = cell.split() if name in some else [cell] * bool(cell)
        for word in words:
            if word not in allowed or (word == NEVER and len(words) > 1):
                yield f"{name} {word!r}; allowed: {', '.join(allowed)}"
