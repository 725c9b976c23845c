"""A person is told once, however many subscriptions match."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from feeds.decide.digests import choose_slot
from feeds.decide.matching import Match, Sought, Told, match_event, match_reminder
from feeds.decide.reminders import Daytime
from feeds.facts import Act, Facts, Kind, LawFact, PersonFact, Reminder, Role, Said
from feeds.model import Article, Event, EventKind, Frequency, Notice, Schedule, Subscription, Verdict, Wish

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
NOTICE = Notice(
    1, "n1", "city", "id:1", "http://c.example/1", "关于公园条例的公告", None, NOW, NOW, 1, ("tzgg", "lfgz"),
    Article("http://c.example/1", Verdict.ARTICLE, body="征求意见至四月。"),
)  # fmt: skip


PUBLISHED = Event(1, EventKind.PUBLISHED, 1, 1, NOW)


SAID = Said("免去王川的职务。", 0, 1, 0.99)
SAYS = Facts(
    Kind.APPOINTMENTS,
    people=(PersonFact("王川", Act.REMOVED, "局长", SAID),),
    laws=(LawFact("哈尔滨市供水条例", None, SAID),),
)


def _subscription(number: int, who: int = 1, confirmed_at: datetime | None = NOW, **wish: Any) -> Subscription:
    return Subscription(number, who, Wish(**{"feeds": ("all",), **wish}), NOW, confirmed_at)


def match(
    event: Event, notice: Notice, people: list[Subscription], told: Told | None = None, facts: Facts = SAYS
) -> tuple[Match, ...]:
    choose = partial(choose_slot, usual=Schedule(8, 1, "Asia/Shanghai"), now=NOW)
    return match_event(event, Sought(notice, facts), people, choose, told)


@pytest.mark.parametrize("feed", ["all", "city", "city/tzgg", "city/lfgz"])
def test_a_subscription_to_any_feed_that_carries_it_matches(feed: str) -> None:
    assert match(PUBLISHED, NOTICE, [_subscription(1, feeds=(feed,))])


def test_other_feeds_do_not_match() -> None:
    assert not match(PUBLISHED, NOTICE, [_subscription(1, feeds=("city/rdh", "town"))])


def test_two_subscriptions_of_one_person_are_one_match_at_the_soonest_frequency() -> None:
    matches = match(
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
    assert bool(match(PUBLISHED, NOTICE, [_subscription(1, keywords=(word, "没有的词"))])) is told


def test_a_notice_without_a_text_is_matched_by_its_title() -> None:
    bare = replace(NOTICE, article=None)
    assert match(PUBLISHED, bare, [_subscription(1, keywords=("公园",))])
    assert not match(PUBLISHED, bare, [_subscription(1, keywords=("征求意见",))])


def test_corrections_are_told_only_to_those_who_asked_for_them() -> None:
    told = match(
        replace(PUBLISHED, kind=EventKind.REVISED), NOTICE, [_subscription(1), _subscription(2, who=2, changes=False)]
    )
    assert [match.subscriber_id for match in told] == [1]


def test_what_happened_before_a_subscription_is_not_told_to_it() -> None:
    later = _subscription(1, confirmed_at=NOW + timedelta(seconds=1))
    assert not match(PUBLISHED, NOTICE, [later, _subscription(2, who=2, confirmed_at=None)])


REVISED = Event(2, EventKind.REVISED, 1, 2, NOW)


def test_what_became_of_a_notice_is_for_those_who_were_told_of_it() -> None:
    people = [_subscription(1, who=1), _subscription(2, who=2)]
    assert [match.subscriber_id for match in match(REVISED, NOTICE, people, {2: frozenset({2})})] == [2]
    assert match(REVISED, NOTICE, people, {}) == ()


def test_a_word_that_a_correction_took_out_still_has_it_told() -> None:
    """The reader looked for 任免, was told, and now the word is gone."""
    asked = _subscription(1, keywords=("任免",))
    assert match(REVISED, NOTICE, [asked], {1: frozenset({1})})
    assert not match(REVISED, NOTICE, [asked], {1: frozenset({7})})
    assert match(REVISED, NOTICE, [_subscription(1, keywords=("公园",))], {1: frozenset({7})})


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"kinds": ("report", "appointments")}, True),
        ({"kinds": ("report",)}, False),
        ({"people": ("李四", "王川")}, True),
        ({"people": ("王　川",)}, True),
        ({"people": ("王",)}, False),
        ({"laws": ("供水",)}, True),
        ({"laws": ("《哈尔滨市供水条例》",)}, True),
        ({"laws": ("供热",)}, False),
        ({"kinds": ("appointments",), "people": ("李四",)}, False),
        ({"kinds": ("appointments",), "keywords": ("公园",), "laws": ("供水",)}, True),
        ({"reprints": False}, True),
    ],
)
def test_every_condition_on_what_a_notice_says_must_hold(wish: dict[str, Any], told: bool) -> None:
    assert bool(match(PUBLISHED, NOTICE, [_subscription(1, **wish)])) is told


def test_who_wants_no_reprints_is_told_of_none() -> None:
    people = [_subscription(1, reprints=False), _subscription(2, who=2)]
    reprint = replace(SAYS, reprint=True, origin="新华社")
    assert [one.subscriber_id for one in match(PUBLISHED, NOTICE, people, facts=reprint)] == [2]


def test_a_correction_of_what_was_told_is_told_whatever_it_says_now() -> None:
    """A name that was struck out is what its reader wants to know of."""
    asked = _subscription(1, people=("王川",))
    gone = replace(SAYS, people=())
    assert match(REVISED, NOTICE, [asked], {1: frozenset({1})}, gone)
    assert not match(REVISED, NOTICE, [asked], {1: frozenset({7})}, gone)


DAY = Reminder(Role.DEADLINE, date(2026, 3, 9), 7)
SHANGHAI = Daytime(ZoneInfo("Asia/Shanghai"), 9, 21)
"""09:00 there is NOW, seven days before."""


def remind(people: list[Subscription], now: datetime = NOW, reminder: Reminder = DAY) -> list[tuple[int, list[int]]]:
    found = match_reminder(reminder, Sought(NOTICE, SAYS), people, now, SHANGHAI)
    assert {one.frequency for one in found} <= {Frequency.IMMEDIATE}, "a digest may come too late"
    return [(one.subscriber_id, list(one.subscriptions)) for one in found]


def test_a_reminder_is_for_who_asked_for_that_many_days() -> None:
    people = [
        _subscription(1, who=1, frequency=Frequency.WEEKLY, changes=False),
        _subscription(2, who=2, remind=(3, 1)),
        _subscription(3, who=3, remind=()),
        _subscription(4, who=4, feeds=("town",)),
        _subscription(5, who=5, kinds=("report",)),
        _subscription(6, who=6, confirmed_at=None),
        _subscription(7, who=7, confirmed_at=NOW + timedelta(seconds=1)),
    ]
    assert remind(people) == [(1, [1])]


def test_a_late_reminder_is_the_nearest_that_a_person_asked_for_in_all_subscriptions() -> None:
    people = [_subscription(1, remind=(7, 1)), _subscription(2, remind=(3,)), _subscription(3, who=2, remind=(7, 1))]
    late = NOW + timedelta(days=5)
    assert remind(people, late) == [(2, [3])]
    assert remind(people, late, replace(DAY, lead=3)) == [(1, [2])]
    assert remind(people, late, replace(DAY, lead=1)) == []


def test_words_and_names_match_in_every_spelling_of_them() -> None:
    notice = replace(NOTICE, title="某市人大常委会公告（第７号）")
    people = (PersonFact("艾力·买买提", Act.APPOINTED, "局长", SAID),)
    facts = replace(SAYS, people=people)
    for keyword in ("第7号", "第 7 号", "公告(第7号)"):
        assert match(PUBLISHED, notice, [_subscription(1, keywords=(keyword,))], facts=facts)
    for name in ("艾力•买买提", "艾力・买买提", "艾力买买提", "艾力 买买提"):
        assert match(PUBLISHED, notice, [_subscription(1, people=(name,))], facts=facts)
    assert not match(PUBLISHED, notice, [_subscription(1, keywords=("“”",))], facts=facts)
