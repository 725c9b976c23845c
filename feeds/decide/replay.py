"""What a plan would have done: publication times are played to the real cadence, every request is counted.

A post is seen by the first request to its channel's list, or to a page that shows it, after it was published. What is
seen on a page also sends for the channel's own list.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from heapq import heapify, heappop, heappush
from statistics import fmean, median

from feeds.decide.cadence import Share, share_budget
from feeds.decide.patterns import MEMORY, Post, learn_patterns

_DAY, _WEEK, _MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(minutes=1)
_FETCH = timedelta(seconds=5)
"""From a hit on a page to the request for the channel's own list."""
_JITTER = 0.1
_TAIL = 0.95


@dataclass(frozen=True)
class Trace:
    """A trace is when channels published, each in order, of which the time before `begin` is for learning."""

    posts: Mapping[str, Sequence[datetime]]
    start: datetime
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Replay:
    """A replay is what polling would have given: minutes of waiting for each post, by channel, and requests a day."""

    waits: Mapping[str, Sequence[float]]
    requests_a_day: float

    @property
    def mean(self) -> float:
        """Mean of all posts, in minutes."""
        return fmean(self._all)

    @property
    def median(self) -> float:
        """Median of all posts, in minutes."""
        return median(self._all)

    @property
    def tail(self) -> float:
        """95th percentile of all posts, in minutes."""
        return self._all[min(int(_TAIL * len(self._all)), len(self._all) - 1)]

    @property
    def _all(self) -> list[float]:
        return sorted(wait for each in self.waits.values() for wait in each)


def read_trace(posts: Mapping[str, Sequence[datetime]], train_weeks: float, zone: tzinfo) -> Trace | None:
    """Return the trace of publication times in any order; None where nothing was published after the training."""
    ordered = {name: sorted(each) for name, each in posts.items() if each}
    if not ordered:
        return None
    start = (
        min(each[0] for each in ordered.values()).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    begin = start + train_weeks * _WEEK
    last = max(each[-1] for each in ordered.values())
    end = last.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
    return Trace(ordered, start, begin, end) if last >= begin else None


def replay_uniform(trace: Trace, budget: float) -> Replay:
    """Return what polling every channel at equal intervals gives, the channels one after the other."""
    interval = _DAY * len(trace.posts) / budget
    waits = {}
    for place, (name, posts) in enumerate(trace.posts.items()):
        first = trace.begin + interval * place / len(trace.posts)
        waits[name] = [-((at - first) / interval) % 1.0 * (interval / _MINUTE) for at in posts if at >= trace.begin]
    return Replay(waits, budget)


def replay_plan(
    trace: Trace, budget: float, zone: tzinfo, reveals: Mapping[str, Collection[str]], random: Callable[[], float]
) -> Replay:
    """Return what the cadence gives, learning anew each week from what was published before."""
    return _Player(trace, budget, zone, reveals, random).play()


class _Player:
    """A player goes from poll to poll in order of time."""

    def __init__(
        self,
        trace: Trace,
        budget: float,
        zone: tzinfo,
        reveals: Mapping[str, Collection[str]],
        random: Callable[[], float],
    ) -> None:
        self._trace, self._budget, self._zone = trace, budget, zone
        self._reveals, self._random = reveals, random
        self._seen = {name: bisect_left(posts, trace.begin) for name, posts in trace.posts.items()}
        self._waits: dict[str, list[float]] = {name: [] for name in trace.posts}
        self._hits: dict[str, datetime] = {}
        self._due: dict[str, datetime] = {}
        self._queue: list[tuple[datetime, str]] = []
        self._requests = 0

    def play(self) -> Replay:
        begin, end = self._trace.begin, self._trace.end
        shares, learned = self._learn(begin), begin
        self._due = {name: begin + self._random() * timedelta(hours=1) for name in shares}
        self._queue = [(due, name) for name, due in self._due.items()]
        heapify(self._queue)
        while any(self._seen[name] < len(posts) for name, posts in self._trace.posts.items()):
            now, name = heappop(self._queue)
            if self._due[name] != now:
                continue
            if now - learned >= _WEEK:
                shares, learned = self._learn(now), now
            self._requests += now < end
            self._poll(shares[name], name, now)
        return Replay(self._waits, self._requests / ((end - begin) / _DAY))

    def _learn(self, now: datetime) -> Mapping[str, Share]:
        posts = {name: [Post(at) for at in each] for name, each in self._trace.posts.items()}
        known = dict.fromkeys(posts, self._trace.start)
        patterns = learn_patterns(posts, now - MEMORY, now, self._zone, known)
        return share_budget(patterns, self._budget, self._reveals)

    def _poll(self, share: Share, name: str, now: datetime) -> None:
        shown = self._reveals.get(name, (name,))
        hits = [channel for channel in shown if self._see(channel, now)]
        if hits:
            self._hits[name] = now
        if name in self._reveals:
            for channel in hits:
                self._schedule(channel, min(self._due[channel], now + _FETCH))
        saved_days = (now - self._trace.begin) / _DAY - self._requests / self._budget
        wait = share.plan_poll(now, self._zone, saved_days, self._hits.get(name)) - now
        self._schedule(name, now + wait * (1 + _JITTER * (self._random() - 0.5)))

    def _see(self, channel: str, now: datetime) -> bool:
        """Note how long what is new had to wait; tell whether anything was."""
        posts, seen = self._trace.posts[channel], self._seen[channel]
        self._seen[channel] = bisect_right(posts, now, seen)
        self._waits[channel] += [(now - at) / _MINUTE for at in posts[seen : self._seen[channel]]]
        return self._seen[channel] > seen

    def _schedule(self, name: str, due: datetime) -> None:
        self._due[name] = due
        heappush(self._queue, (due, name))
