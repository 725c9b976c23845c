"""A year of publication times that a congress portal could have: for measuring when to poll.

Sixteen channels between one post in twenty days and six a day. Posts come in the two halves of the office day, a few
in the evening, one in twenty at weekends and on holidays; they come in batches, as editors upload them; and eight
days of the year are sessions, on which the busier channels publish four times as much.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from feeds.decide.workdays import WORKDAYS, find_habit_day

ZONE = ZoneInfo("Asia/Shanghai")
CHANNELS, SLOWEST, BUSIEST = 16, 0.05, 6.0
_OFF_DUTY = 0.05
_BATCH = 2.0
_SESSIONS, _SESSION_FACTOR = 8, 4.0


def make_trace(seed: int, start: date = date(2025, 1, 6), weeks: int = 52) -> dict[str, list[datetime]]:
    """Return the times at which each channel published, in order."""
    random = Random(seed)
    days = [start + timedelta(days=day) for day in range(7 * weeks)]
    sessions = set(random.sample(days, _SESSIONS))
    working = sum(find_habit_day(day) < WORKDAYS for day in days) / len(days)
    trace = {}
    for place in range(CHANNELS):
        rate = SLOWEST * (BUSIEST / SLOWEST) ** (place / (CHANNELS - 1))
        posts: list[datetime] = []
        for day in days:
            at_work = find_habit_day(day) < WORKDAYS
            expected = rate * (1 - _OFF_DUTY) / working if at_work else rate * _OFF_DUTY / (1 - working)
            if day in sessions and place >= CHANNELS // 2:
                expected *= _SESSION_FACTOR
            for _ in range(_draw_count(random, expected / _BATCH)):
                posts += _draw_batch(random, day)
        trace[f"c{place + 1:02}"] = sorted(posts)
    return trace


def find_busiest(trace: dict[str, list[datetime]], many: int = 10) -> list[str]:
    """Return the channels that published most."""
    return sorted(trace, key=lambda name: -len(trace[name]))[:many]


def _draw_count(random: Random, mean: float) -> int:
    """Draw from a Poisson distribution."""
    count, chance = 0, random.random()
    while chance > math.exp(-mean):
        chance *= random.random()
        count += 1
    return count


def _draw_batch(random: Random, day: date) -> list[datetime]:
    """Draw when a batch begins, and posts until the editor is done, three minutes apart on average."""
    half = random.random()
    hour = random.gauss(10.2, 1.0) if half < 0.5 else random.gauss(15.8, 1.1) if half < 0.93 else random.uniform(7, 22)
    at = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(hours=min(max(hour, 0), 23.9))
    batch = [at]
    while random.random() < 1 - 1 / _BATCH:
        at += timedelta(minutes=random.expovariate(1 / 3))
        batch.append(at)
    return batch
