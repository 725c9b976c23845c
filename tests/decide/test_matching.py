"""A person is told once, however many subscriptions match."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.decide.matching import Match, match_event
from feeds.model import Article, Event, EventKind, Frequency, Notice, Subscription, Verdict

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
NOTICE = Notice(
    1, "n1", "city", "id:1", "http://c.example/1", "关于公园条例的公告", None, NOW, NOW, 1, ("tzgg", "lfgz"),
    Article("http://c.example/1", Verdict.ARTICLE, body="征求意见至四月。"),
)  # fmt: skip


PUBLISHED = Event(1, EventKind.PUBLISHED, 1, 1, NOW)


def _subscription(number: int, who: int = 1, feeds: tuple[str, ...] = ("all",), **more: object) -> Subscription:
    subscription = Subscription(
        number, who, feeds, (), Frequency.IMMEDIATE, changes=True, created_at=NOW, confirmed_at=NOW
    )
    return replace(subscription, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("feed", ["all", "city", "city/tzgg", "city/lfgz"])
def test_a_subscription_to_any_feed_that_carries_it_matches(feed: str) -> None:
    assert match_event(PUBLISHED, NOTICE, [_subscription(1, feeds=(feed,))])


def test_other_feeds_do_not_match() -> None:
    assert not match_event(PUBLISHED, NOTICE, [_subscription(1, feeds=("city/rdh", "town"))])


def test_two_subscriptions_of_one_person_are_one_match_at_the_soonest_frequency() -> None:
    matches = match_event(
        PUBLISHED,
        NOTICE,
        [
            _subscription(2, frequency=Frequency.WEEKLY),
            _subscription(1, frequency=Frequency.DAILY),
            _subscription(3, who=2),
        ],
    )
    assert matches == (Match(1, Frequency.DAILY, (1, 2)), Match(2, Frequency.IMMEDIATE, (3,)))


@pytest.mark.parametrize(("word", "told"), [("公园", True), ("征求意见", True), ("任免", False)])
def test_a_word_may_be_in_the_title_or_in_the_text(word: str, told: bool) -> None:
    assert bool(match_event(PUBLISHED, NOTICE, [_subscription(1, keywords=(word, "没有的词"))])) is told


def test_a_notice_without_a_text_is_matched_by_its_title() -> None:
    bare = replace(NOTICE, article=None)
    assert match_event(PUBLISHED, bare, [_subscription(1, keywords=("公园",))])
    assert not match_event(PUBLISHED, bare, [_subscription(1, keywords=("征求意见",))])


def test_corrections_are_told_only_to_those_who_asked_for_them() -> None:
    told = match_event(
        replace(PUBLISHED, kind=EventKind.REVISED), NOTICE, [_subscription(1), _subscription(2, who=2, changes=False)]
    )
    assert [match.subscriber_id for match in told] == [1]


def test_what_happened_before_a_subscription_is_not_told_to_it() -> None:
    later = _subscription(1, confirmed_at=NOW + timedelta(seconds=1))
    assert not match_event(PUBLISHED, NOTICE, [later, _subscription(2, who=2, confirmed_at=None)])


REVISED = Event(2, EventKind.REVISED, 1, 2, NOW)


def test_what_became_of_a_notice_is_for_those_who_were_told_of_it() -> None:
    people = [_subscription(1, who=1), _subscription(2, who=2)]
    assert [match.subscriber_id for match in match_event(REVISED, NOTICE, people, {2: frozenset({2})})] == [2]
    assert match_event(REVISED, NOTICE, people, {}) == ()


def test_a_word_that_a_correction_took_out_still_has_it_told() -> None:
    """The reader looked for 任免, was told, and now the word is gone."""
    asked = _subscription(1, keywords=("任免",))
    assert match_event(REVISED, NOTICE, [asked], {1: frozenset({1})})
    assert not match_event(REVISED, NOTICE, [asked], {1: frozenset({7})})
    assert match_event(REVISED, NOTICE, [_subscription(1, keywords=("公园",))], {1: frozenset({7})})
