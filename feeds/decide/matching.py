"""Which subscriptions an event is for, and how soon each subscriber is told. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from feeds.decide.reminders import Daytime, is_nearest
from feeds.decide.terms import fold
from feeds.facts import Facts, Reminder
from feeds.model import Event, EventKind, Frequency, Notice, Subscription, Wish

Told: TypeAlias = Mapping[int, frozenset[int]]
"""Subscribers who were told of a notice, each with the subscriptions that asked for it."""

Choose: TypeAlias = Callable[[Collection[Wish]], tuple[Frequency, str]]
"""How soon somebody is told who wishes all this, and by the digest of which slot: `decide.digests.choose_slot`."""


@dataclass(frozen=True)
class Match:
    """One subscriber to tell, by the soonest of the frequencies asked for, and the subscriptions that say so."""

    subscriber_id: int
    frequency: Frequency
    subscriptions: tuple[int, ...]
    slot: str = ""
    """Of the digest that tells it; see `decide.digests.name_slot`."""


class Sought:
    """What a notice is sought by: its feeds, its words, and what it says."""

    def __init__(self, notice: Notice, facts: Facts) -> None:
        self.feeds = feeds_of(notice)
        """Only who is subscribed to one of these can match."""
        self._text = fold(f"{notice.title}\n{notice.article.body if notice.article else ''}")
        self._facts = facts
        self._people = {_fold_name(person.name) for person in facts.people}
        self._laws = [_fold_name(law.name) for law in facts.laws]

    def is_in(self, feeds: Iterable[str]) -> bool:
        """Tell whether one of these feeds carries the notice."""
        return not self.feeds.isdisjoint(feeds)

    def _has(self, word: str) -> bool:
        folded = fold(word)
        return folded != "" and folded in self._text

    def answers(self, wish: Wish) -> bool:
        """Tell whether every condition of a wish holds but that on feeds."""
        return (
            (not wish.keywords or any(self._has(word) for word in wish.keywords))
            and (not wish.kinds or self._facts.kind in wish.kinds)
            and (not wish.people or any(_fold_name(name) in self._people for name in wish.people))
            and (not wish.laws or any(_fold_name(part) in law for part in wish.laws for law in self._laws))
            and (wish.reprints or not self._facts.reprint)
        )


def match_event(
    event: Event, sought: Sought, subscriptions: Iterable[Subscription], choose: Choose, told: Told | None = None
) -> tuple[Match, ...]:
    """Return one match for each subscriber, in order of first appearance: a person is told once, whatever matches.

    What became of a notice is told to whoever was `told` of it before, and to nobody else: a correction of what one
    never saw is a riddle. None is for the publication itself.
    """
    found: dict[int, list[Subscription]] = {}
    for subscription in subscriptions:
        if told is not None and subscription.subscriber_id not in told:
            continue
        mine = told[subscription.subscriber_id] if told else frozenset()
        if _wants(subscription, event, sought, mine):
            found.setdefault(subscription.subscriber_id, []).append(subscription)
    return tuple(
        _make_match(subscriber_id, choose([one.wish for one in matched]), matched)
        for subscriber_id, matched in found.items()
    )


def match_reminder(
    reminder: Reminder, sought: Sought, subscriptions: Iterable[Subscription], now: datetime, daytime: Daytime
) -> tuple[Match, ...]:
    """Return one match for each subscriber who is reminded: always at once, since a digest may come too late.

    Whoever subscribed after it was due is not, nor is who asked for a nearer one that is due as well by now.
    """
    found: dict[int, list[Subscription]] = {}
    due = daytime.due_at(reminder.day, reminder.lead)
    for subscription in subscriptions:
        wish, since = subscription.wish, subscription.confirmed_at
        if since is not None and since <= due and wish.remind and sought.is_in(wish.feeds) and sought.answers(wish):
            found.setdefault(subscription.subscriber_id, []).append(subscription)
    return tuple(
        _make_match(subscriber_id, (Frequency.IMMEDIATE, ""), [s for s in matched if reminder.lead in s.wish.remind])
        for subscriber_id, matched in found.items()
        if is_nearest(reminder, {lead for s in matched for lead in s.wish.remind}, now, daytime)
    )


def _make_match(subscriber_id: int, soonest: tuple[Frequency, str], matched: Iterable[Subscription]) -> Match:
    frequency, slot = soonest
    return Match(subscriber_id, frequency, tuple(sorted(one.id for one in matched)), slot)


def _wants(subscription: Subscription, event: Event, sought: Sought, told: Collection[int]) -> bool:
    """Tell whether a subscription asks for this: its feeds, its conditions, and whether changes count.

    What happened before a subscription was confirmed is old to it, also when a notice joins another channel later. What
    it looks for may have gone from the text of what it `told` of: that is a change as well.
    """
    wish = subscription.wish
    if subscription.confirmed_at is None or subscription.confirmed_at > event.created_at:
        return False
    if event.kind is not EventKind.PUBLISHED and not wish.changes:
        return False
    return sought.is_in(wish.feeds) and (subscription.id in told or sought.answers(wish))


def _fold_name(name: str) -> str:
    """Return a name as it is compared: in one spelling, without dots, white space and 《》."""
    return "".join(fold(name).split()).strip("《》").replace("·", "")


def feeds_of(notice: Notice) -> set[str]:
    """Return the names of the feeds that carry a notice: `all`, its portal's, its channels'."""
    return {"all", notice.portal, *(f"{notice.portal}/{slug}" for slug in notice.channels)}
