"""How a channel fares, and when its operator is told. Pure: facts in, decisions out.

A single failed poll is no illness: a channel is ill when several in a row failed and the last good one is a while ago.
Silence is measured in workdays against the channel's own gaps: resolutions come quarterly, notices weekly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from math import ceil

from feeds.decide.workdays import WORKDAYS, find_habit_day
from feeds.model import Health, Verdict

_SURE_FAILURES = 3
_SURE_AFTER = timedelta(hours=1)
"""A restart of the portal is over by then."""
_FEWEST_GAPS = 3
_HIGH = 0.95
_MARGIN, _MARGIN_OF_FEW = 2.0, 6.0
"""Times the high gap that are waited, and what few gaps add to that: half as much for twice as many."""
_LEAST_SLACK = 3
"""Workdays beyond that: a short leave of the one who publishes."""
_LONGEST_GATHERING = timedelta(hours=6)
"""A portal's other channels are waited for so long, that one message tells of all."""

_BLOCKING = {Verdict.BLOCKED, Verdict.CHALLENGE, Verdict.LOGIN}
_BREAKING = {Verdict.CONTAINER_MISSING, Verdict.EMPTY_CONTAINER, Verdict.SHELL, Verdict.NOT_A_PAGE}


@dataclass(frozen=True)
class Condition:
    """A condition is what a channel's health is judged from."""

    id: int
    portal: str
    before: Health | None
    """None: never judged."""
    since: datetime | None
    """Since when it has been so. None with `before`."""
    told_at: datetime | None
    """When the operator was told that it is ill. None: as far as the operator knows, it is well."""
    verdict: Verdict | None
    """Of the last poll. None: never polled."""
    failures: int
    """Polls in a row without a listing."""
    polled_at: datetime | None
    listed_at: datetime | None
    """Last good poll. None: there was none."""
    newest_at: datetime | None
    """When a poll last showed something new, or it was first seen. None: it never was."""
    patience: int | None
    """Workdays without anything new that are still usual. None: too little is known."""
    held: bool = False
    """An open hold waits for the operator."""

    @property
    def ill(self) -> bool:
        """Whether the operator should be told."""
        return self.before not in {None, Health.HEALTHY}


def is_ill(health: Health | None, failures: int) -> bool:
    """Tell whether a channel counts as ill; where nobody judges (`feeds poll` alone), polls that failed in a row do."""
    return failures >= _SURE_FAILURES if health is None else health is not Health.HEALTHY


def judge_health(one: Condition, now: datetime, zone: tzinfo) -> Health | None:
    """Return how a channel fares; None: it was never polled."""
    if one.verdict is None:
        return None
    if one.held:
        return Health.HELD
    if one.failures:
        return _judge_failures(one, now)
    if one.newest_at is not None and one.patience is not None:
        quiet = count_workdays(one.newest_at.astimezone(zone).date(), now.astimezone(zone).date())
        if quiet > one.patience:
            return Health.SILENT
    return Health.HEALTHY


def _judge_failures(one: Condition, now: datetime) -> Health:
    """Name what fails, once that is sure; until then a channel is what it was."""
    recent = one.listed_at is not None and now - one.listed_at < _SURE_AFTER
    if one.failures < _SURE_FAILURES or recent:
        return Health.HEALTHY if one.before is None or one.before is Health.HELD else one.before
    if one.verdict in _BLOCKING:
        return Health.BLOCKED
    return Health.BROKEN_RECIPE if one.verdict in _BREAKING else Health.FAILING


def learn_patience(posts: Iterable[datetime], zone: tzinfo) -> int | None:
    """Return the workdays of silence that are usual for a channel, by the gaps between its posts; None: too few."""
    days = sorted({post.astimezone(zone).date() for post in posts})
    gaps = sorted(count_workdays(early, late) for early, late in pairwise(days))
    if len(gaps) < _FEWEST_GAPS:
        return None
    high = gaps[ceil(_HIGH * (len(gaps) - 1))]
    return ceil(high * (_MARGIN + _MARGIN_OF_FEW / len(gaps))) + _LEAST_SLACK


def count_workdays(since: date, until: date) -> int:
    """Count the workdays after one day up to and with another: holidays are no silence."""
    days = (since + timedelta(days=number + 1) for number in range((until - since).days))
    return sum(find_habit_day(day) < WORKDAYS for day in days)


def find_news(portal: Sequence[Condition], now: datetime) -> tuple[Condition, ...]:
    """Return the channels of one portal whose operator should be told now that they are ill, or well again.

    What happens to several is told at once: until each was polled since, and none is in doubt, the others wait. A hold
    waits for the operator, and is told alone.
    """
    news = tuple(one for one in portal if one.ill != (one.told_at is not None))
    begun = min((one.since for one in news if one.since is not None), default=now)
    if now - begun < _LONGEST_GATHERING and any(_is_in_doubt(one, begun) for one in portal):
        return tuple(one for one in news if one.before is Health.HELD)
    return news


def _is_in_doubt(one: Condition, begun: datetime) -> bool:
    """Tell whether a channel may follow those of its portal that changed: it was not polled since, or fails a while."""
    if one.polled_at is None:
        return True
    return one.polled_at < begun if one.ill else bool(one.failures) or one.polled_at < begun - _SURE_AFTER
