"""How long a server asks us to wait (RFC 9110, section 10.2.3; RFC 6585, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from feeds.model import Fetched, FetchFailure

_LONGEST = 366 * 86_400.0
"""A longer wait is a mistake, and no number of days that could be added to a date."""
_LONGEST_PAUSE = 86_400.0
"""Seconds for which a whole portal is left alone at most, whatever one of its pages says."""
_PAUSE = 60.0
"""Where it says `too many requests` and not for how long."""


def find_pause(outcome: Fetched | FetchFailure) -> float | None:
    """Return for how many seconds a portal wants to be left alone, None: it does not say so.

    429 is about whoever asks, and 503 with Retry-After about the server: both hold for all its pages.
    """
    if isinstance(outcome, FetchFailure):
        asked = outcome.retry_after
    elif outcome.status in (429, 503):
        asked = read_retry_after(outcome.headers)
        asked = _PAUSE if asked is None and outcome.status == 429 else asked
    else:
        asked = None
    return min(asked, _LONGEST_PAUSE) if asked else None


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Retry-After asks for, in either form; None if it does not ask or makes no sense.

    A date is measured from the answer's own Date: both are of the server's clock, however wrong it is.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), _LONGEST)
    until, since = _read_date(text), _read_date(headers.get("date", ""))
    if until is None or since is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), _LONGEST)


def _read_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
