"""Which subscriptions an event is for, and how soon each subscriber is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from feeds.model import Event, EventKind, Frequency, Notice, Subscription

_SOONNESS = list(Frequency)


@dataclass(frozen=True)
class Match:
    """One subscriber to tell, by the soonest of the frequencies asked for, and the subscriptions that say so."""

    subscriber_id: int
    frequency: Frequency
    subscriptions: tuple[int, ...]


def match_event(event: Event, notice: Notice, subscriptions: Iterable[Subscription]) -> tuple[Match, ...]:
    """Return one match for each subscriber, in order of first appearance: a person is told once, whatever matches."""
    found: dict[int, list[Subscription]] = {}
    text = f"{notice.title}\n{notice.article.body if notice.article else ''}".casefold()
    carried = feeds_of(notice)
    for subscription in subscriptions:
        if _wants(subscription, event, carried, text):
            found.setdefault(subscription.subscriber_id, []).append(subscription)
    return tuple(
        Match(
            subscriber_id,
            min((s.frequency for s in matched), key=_SOONNESS.index),
            tuple(sorted(s.id for s in matched)),
        )
        for subscriber_id, matched in found.items()
    )


def _wants(subscription: Subscription, event: Event, carried: set[str], text: str) -> bool:
    """Tell whether a subscription asks for this: its feeds, its words, and whether changes count.

    What happened before a subscription was confirmed is old to it, also when a notice joins another channel later.
    """
    if subscription.confirmed_at is None or subscription.confirmed_at > event.created_at:
        return False
    if event.kind is not EventKind.PUBLISHED and not subscription.changes:
        return False
    if carried.isdisjoint(subscription.feeds):
        return False
    return not subscription.keywords or any(word.casefold() in text for word in subscription.keywords)


def feeds_of(notice: Notice) -> set[str]:
    """Return the names of the feeds that carry a notice: `all`, its portal's, its channels'."""
    return {"all", notice.portal, *(f"{notice.portal}/{slug}" for slug in notice.channels)}
