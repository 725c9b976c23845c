"""What somebody wants to be told, as the columns of a CSV: read with every fault, and written back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from feeds.decide.digests import is_zone
from feeds.facts import Kind
from feeds.model import LEADS, Frequency, Wish

FURTHER = ("kinds", "people", "laws", "reprints", "remind", "hour", "time_zone")
"""Columns that narrow a wish, ask for reminders, or say when digests come; empty is what most people want."""
COLUMNS = ("feeds", "keywords", "frequency", "changes", *FURTHER)
"""Words in a column are separated by blanks; `remind` may be `none`."""
NEVER = "none"
_HOURS = [str(hour) for hour in range(24)]


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
        remind=tuple(lead for lead in LEADS if lead in leads) if words("remind") else Wish.remind,
        hour=int(row["hour"]) if row.get("hour") else None,
        time_zone=row.get("time_zone") or None,
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
        "" if wish.hour is None else str(wish.hour),
        wish.time_zone or "",
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
    yield from _find_wrong_times(row)


def _find_wrong_times(row: Mapping[str, Any]) -> Iterator[str]:
    hour, zone = row.get("hour") or "", row.get("time_zone") or ""
    if hour and hour not in _HOURS:
        yield f"hour {hour!r}; allowed: 0 to 23, or nothing for the site's"
    if zone and not is_zone(zone):
        yield f"time_zone {zone!r}; allowed: an IANA time zone such as Asia/Shanghai, or nothing for the site's"
    if (hour or zone) and (row.get("frequency") or Frequency.IMMEDIATE) == Frequency.IMMEDIATE:
        yield f"{'hour' if hour else 'time_zone'}: only digests have one; frequency: daily or weekly"
