"""How fast each mail provider is sent to: pauses, a rate that halves when it says `slower` and rises again. Pure.

A provider that never refused has no pace and is sent to as fast as the relay takes it: what providers allow is
published nowhere, so their own words are the only measure (additive increase, multiplicative decrease). The rate rises
with time alone, so nothing is written while all is well.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from feeds.decide.providers import RELAY, count_connections
from feeds.mailboxes import Pace, ReplyClass

_MINUTE = timedelta(minutes=1)
_FIRST_PAUSE = _MINUTE
_FIRST_PAUSE_OF_RELAY = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(hours=1)
_LONGEST_PAUSE_OF_RELAY = timedelta(minutes=10)
_RISE = 6.0
"""Mails a minute that are added each minute."""
_UNLIMITED = 600.0
"""A rate above this is no limit any more."""
_BURST = timedelta(seconds=10)
"""A second's share may be used up to this much later."""

FORGOTTEN = timedelta(days=1)
"""A pace that was slowed longer ago has no effect left."""
WINDOW = timedelta(minutes=10)
"""What a breaker looks at, and for how long it opens."""
NEWEST = 200
"""Attempts of the window that a breaker looks at, at most."""
_ENOUGH = 20
_TOO_MANY = 0.2


def find_culprit(means: ReplyClass, phase: str, provider: str, carrier: str | None) -> str | None:
    """Return whom a reply slows down: the relay with everything, one provider, or nobody.

    From the recipient on, others may have written the reply: whatever they say slows down nobody but themselves.
    """
    if means is ReplyClass.LOCAL:
        return RELAY
    if means is not ReplyClass.RATE:
        return None
    return carrier or (provider if phase in {"rcpt", "data"} else RELAY)


def slow_down(before: Pace | None, provider: str, said: str, now: datetime, accepted: tuple[int, bool]) -> Pace:
    """Return a provider's pace after it said `slower`: paused, twice as long as the last time, and at half the rate.

    `accepted` is how many mails it took in the last minute, and whether it took any since its last pause: if so, this
    pause is a first one again. The relay as a whole is only paused.
    """
    lately, any_since = accepted
    of_relay = provider == RELAY
    pause = _FIRST_PAUSE_OF_RELAY if of_relay else _FIRST_PAUSE
    if before is not None and not any_since:
        last = before.paused_until - before.slowed_at
        if now < before.paused_until + last:
            pause = max(pause, min(2 * last, _LONGEST_PAUSE_OF_RELAY if of_relay else _LONGEST_PAUSE))
    rate = None
    if not of_relay:
        known = find_rate(before, now) if before else None
        rate = max(1.0, (lately if known is None else known) / 2)
    broken = before.broken_until if before else None
    return Pace(provider, now, now + pause, said, rate, None, broken)


def break_off(before: Pace | None, provider: str, said: str, now: datetime) -> Pace:
    """Return the pace of a provider that refuses so much that its refusals prove nothing: it waits out the window."""
    until = now + WINDOW
    if before is None:
        return Pace(provider, now, until, said, broken_until=until)
    paused = max(until, before.paused_until)
    return replace(before, slowed_at=now, paused_until=paused, problem=said, broken_until=until)


def refuses_too_much(attempts: int, refused: int) -> bool:
    """Tell whether a provider's newest attempts within the window show that something is wrong with us or with it."""
    return attempts >= _ENOUGH and refused > _TOO_MANY * attempts


def is_believed(pace: Pace | None, now: datetime) -> bool:
    """Tell whether a provider's refusals say something about mailboxes."""
    return pace is None or pace.broken_until is None or now >= pace.broken_until


def find_rate(pace: Pace, now: datetime) -> float | None:
    """Return how many mails a minute a provider may be sent by now. None: as many as it takes."""
    if pace.per_minute is None:
        return None
    rate = pace.per_minute + _RISE * max(timedelta(0), now - pace.paused_until) / _MINUTE
    return rate if rate < _UNLIMITED else None


def find_pause(pace: Pace | None, now: datetime) -> datetime | None:
    """Return until when nothing goes to a provider. None: it may."""
    # a pause that began in the future was made by a clock that was wrong
    return pace.paused_until if pace and pace.slowed_at <= now < pace.paused_until else None


def count_room(pace: Pace | None, provider: str, under_way: int, now: datetime) -> int | None:
    """Return how many more mails may be begun to a provider now. None: any number.

    While its rate is limited, one goes after the other.
    """
    rate = find_rate(pace, now) if pace else None
    most = count_connections(provider) if rate is None else 1
    free = None if most is None else max(0, most - under_way)
    if pace is None:
        return free
    if find_pause(pace, now):
        return 0
    if rate is None:
        return free
    return min(1 - min(under_way, 1), _count_shares(pace, rate, now))


def take_shares(pace: Pace, count: int, now: datetime) -> Pace:
    """Return a pace after some mails were begun: the next has to wait for its share of the minute."""
    rate = find_rate(pace, now)
    if rate is None or not count:
        return pace
    return replace(pace, next_free_at=_first_free(pace, now) + count * _MINUTE / rate)


def find_next_share(pace: Pace | None, now: datetime) -> datetime:
    """Return when the next mail may be begun to a provider."""
    if pace is None:
        return now
    free = _first_free(pace, now) if find_rate(pace, now) is not None else now
    return max(now, free, find_pause(pace, now) or now)


def _first_free(pace: Pace, now: datetime) -> datetime:
    """Return when the next share begins; shares that nobody used are lost but for the burst."""
    free = pace.next_free_at
    if free is None or free > now + _LONGEST_PAUSE:  # the second: a clock that was wrong
        return now
    return max(free, now - _BURST)


def _count_shares(pace: Pace, rate: float, now: datetime) -> int:
    free = _first_free(pace, now)
    return 0 if free > now else 1 + int((now - free) * rate / _MINUTE)
