"""Which subscriptions an event is for, and how soon each subscriber is told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from feeds.model import Event, EventKind, Frequency, Notice, Subscription

Told: TypeAlias = Mapping[int, frozenset[int]]
"""Subscribers who were told that a notice was published, each with the subscriptions that asked for it."""

_SOONNESS = list(Frequency)


@dataclass(frozen=True)
class Match:
    """One subscriber to tell, by the soonest of the frequencies asked for, and the subscriptions that say so."""

    subscriber_id: int
    frequency: Frequency
    subscriptions: tuple[int, ...]


def match_event(
    event: Event, notice: Notice, subscriptions: Iterable[Subscription], told: Told | None = None
) -> tuple[Match, ...]:
    """Return one match for each subscriber, in order of first appearance: a person is told once, whatever matches.

    What became of a notice is told to whoever was `told` that it was published, and to nobody else: a correction of
    what one never saw is a riddle. None is for the publication itself.
    """
    found: dict[int, list[Subscription]] = {}
    text = f"{notice.title}\n{notice.article.body if notice.article else ''}".casefold()
    carried = feeds_of(notice)
    for subscription in subscriptions:
        if told is not None and subscription.subscriber_id not in told:
            continue
        mine = told[subscription.subscriber_id] if told else frozenset()
        if _wants(subscription, event, carried, text, mine):
            found.setdefault(subscription.subscriber_id, []).append(subscription)
    return tuple(
        Match(
            subscriber_id,
            min((s.frequency for s in matched), key=_SOONNESS.index),
            tuple(sorted(s.id for s in matched)),
        )
        for subscriber_id, matched in found.items()
    )


def _wants(subscription: Subscription, event: Event, carried: set[str], text: str, told: Collection[int]) -> bool:
    """Tell whether a subscription asks for this: its feeds, its words, and whether changes count.

    What happened before a subscription was confirmed is old to it, also when a notice joins another channel later. Its
    words may have gone from the text of what it `told` of: that is a change as well.
    """
    if subscription.confirmed_at is None or subscription.confirmed_at > event.created_at:
        return False
    if event.kind is not EventKind.PUBLISHED and not subscription.changes:
        return False
    if carried.isdisjoint(subscription.feeds):
        return False
    if not subscription.keywords or subscription.id in told:
        return True
    return any(word.casefold() in text for word in subscription.keywords)


def feeds_of(notice: Notice) -> set[str]:
    """Return the names of the feeds that carry a notice: `all`, its portal's, its channels'."""
    return {"all", notice.portal, *(f"{notice.portal}/{slug}" for slug in notice.channels)}
