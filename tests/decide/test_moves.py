"""Which days were moved between two revisions, in words."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.decide.moves import compare_facts
from feeds.facts import DatedFact, Facts, Kind, Role, Said


def tell(role: Role, *days: str) -> Facts:
    """Make facts that name days."""
    said = Said("", 0, 0, 0.9)
    return Facts(Kind.OTHER, dates=tuple(DatedFact(role, date.fromisoformat(day), None, said) for day in days))


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role.DEADLINE, "截止日期由7月15日改为7月31日 · deadline moved from 2026-07-15 to 2026-07-31"),
        (Role.SIGNUP_START, "报名开始日期由7月15日改为7月31日 · start of sign-up moved from 2026-07-15 to 2026-07-31"),
        (Role.SIGNUP_END, "报名截止日期由7月15日改为7月31日 · end of sign-up moved from 2026-07-15 to 2026-07-31"),
        (Role.MEETING, "会议日期由7月15日改为7月31日 · meeting day moved from 2026-07-15 to 2026-07-31"),
        (Role.IN_FORCE, "施行日期由7月15日改为7月31日 · entry into force moved from 2026-07-15 to 2026-07-31"),
    ],
)
def test_a_day_that_people_act_upon_is_said_to_have_moved(role: Role, said: str) -> None:
    assert compare_facts(tell(role, "2026-07-15"), tell(role, "2026-07-31")) == (said,)


def test_a_day_that_moved_into_another_year_is_said_with_both() -> None:
    (said,) = compare_facts(tell(Role.IN_FORCE, "2026-12-31"), tell(Role.IN_FORCE, "2027-01-01"))
    assert said.startswith("施行日期由2026年12月31日改为2027年1月1日 · ")


def test_what_stays_is_not_said() -> None:
    before = tell(Role.MEETING, "2026-06-28", "2026-06-29")
    (said,) = compare_facts(before, tell(Role.MEETING, "2026-06-30", "2026-06-28"))
    assert said.startswith("会议日期由6月29日改为6月30日 · ")
    assert compare_facts(before, before) == ()
    assert compare_facts(Facts(Kind.OTHER), Facts(Kind.NEWS)) == ()


def test_a_day_named_for_the_first_time_is_said() -> None:
    said = compare_facts(Facts(Kind.OTHER), tell(Role.DEADLINE, "2026-07-31"))
    assert said == ("截止日期现写明为7月31日 · deadline now given as 2026-07-31",)


def test_a_day_found_no_more_is_not_said_to_be_gone() -> None:
    assert compare_facts(tell(Role.DEADLINE, "2026-07-31"), Facts(Kind.OTHER)) == ()


def test_days_that_nobody_acts_upon_are_left_to_the_text() -> None:
    assert compare_facts(tell(Role.ADOPTED, "2026-05-01"), tell(Role.ADOPTED, "2026-05-02")) == ()


def test_several_moves_are_a_sentence_each_what_ends_first() -> None:
    before = Facts(Kind.MEETING, dates=tell(Role.MEETING, "2026-06-28").dates + tell(Role.DEADLINE, "2026-06-20").dates)
    after = Facts(Kind.MEETING, dates=tell(Role.MEETING, "2026-06-30").dates + tell(Role.DEADLINE, "2026-06-22").dates)
    assert [said[:2] for said in compare_facts(before, after)] == ["截止", "会议"]


def test_many_days_are_three_and_a_count() -> None:
    many = tell(Role.MEETING, *(f"2026-06-0{day}" for day in range(1, 6)))
    (said,) = compare_facts(tell(Role.MEETING, "2026-05-01"), many)
    assert said == (
        "会议日期由5月1日改为6月1日、6月2日、6月3日等5天 · "
        "meeting day moved from 2026-05-01 to 2026-06-01, 2026-06-02, 2026-06-03 and 2 more"
    )
