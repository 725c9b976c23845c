"""What several notices tell of one act or one rule, put together."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.merging import Source, ToldAct, ToldRule, group_sittings, merge_acts, merge_rules
from feeds.facts import Act, Effect, PersonLine, RuleLine

DAY = date(2026, 2, 25)


def act(
    name: str = "尹明", post: str | None = "副区长", day: date | None = DAY, notice: str = "a", **more: bool
) -> ToldAct:
    source = Source("linjiang", notice, "任免名单", more.get("withdrawn", False))
    return PersonLine(0, name, Act.APPOINTED, post, day, "第六次会议", "任命。"), source


def rule(name: str, effect: Effect, day: date | None = DAY, notice: str = "a", *, withdrawn: bool = False) -> ToldRule:
    return RuleLine(0, name, None, effect, day, None, None, None, "通过。"), Source(
        "linjiang", notice, "公告", withdrawn
    )


def test_the_same_act_in_two_notices_is_one_with_the_longer_office() -> None:
    (merged,) = merge_acts([act(), act(post="临江区人民政府副区长", notice="b"), act(post=None, notice="c")])
    assert merged.line.post == "临江区人民政府副区长"
    assert [source.public_id for _, source in merged.told] == ["a", "b", "c"]


def test_another_office_day_or_name_is_another_act() -> None:
    told = [act(), act(post="局长"), act(day=None), act(name="田小禾")]
    assert len(merge_acts(told)) == 4


def test_namesakes_of_different_portals_are_one_by_the_whole_office_only() -> None:
    def elsewhere(post: str | None) -> ToldAct:
        return act(post=post)[0], Source("shangpo", "b", "任免名单", withdrawn=False)

    full = "临江区人民政府副区长"
    assert len(merge_acts([act(post="副区长"), elsewhere(full)])) == 2
    assert len(merge_acts([act(post=full), elsewhere(None)])) == 2
    assert len(merge_acts([act(post=full), elsewhere(full), act(post="副区长")])) == 1


def test_an_act_is_struck_when_every_notice_of_it_was_withdrawn() -> None:
    (one,) = merge_acts([act(withdrawn=True), act(notice="b")])
    (gone,) = merge_acts([act(withdrawn=True), act(notice="b", withdrawn=True)])
    assert (one.struck, gone.struck) == (False, True)


def test_sittings_stand_newest_first_and_what_has_no_day_last() -> None:
    days = [None, date(2026, 1, 1), DAY, date(2026, 1, 1)]
    sittings = group_sittings(merge_acts([act(name=f"尹{number}", day=day) for number, day in enumerate(days)]))
    assert [sitting.day for sitting in sittings] == [DAY, date(2026, 1, 1), None]
    assert [one.line.name for one in sittings[1].acts] == ["尹1", "尹3"]
    assert (sittings[0].meeting, sittings[0].portal) == ("第六次会议", "linjiang")
    assert group_sittings([]) == []


def test_a_rule_has_its_stations_in_order_of_time() -> None:
    later = date(2026, 3, 1)
    told = [
        rule("甲条例", Effect.AMENDED, later),
        rule("乙条例", Effect.CHECKED, None),
        rule("甲条例", Effect.ADOPTED, withdrawn=True),
        rule("甲条例", Effect.ADOPTED, notice="b", withdrawn=True),
    ]
    first, second = merge_rules(told)
    assert [station.line.effect for station in first.stations] == [Effect.ADOPTED, Effect.AMENDED]
    assert [len(station.told) for station in first.stations] == [2, 1]
    assert [station.struck for station in first.stations] == [True, False]
    assert (first.name, second.name) == ("甲条例", "乙条例")


@given(
    st.lists(
        st.builds(
            act, st.sampled_from(["甲", "乙"]), st.sampled_from([None, "长", "副长"]), st.sampled_from([None, DAY])
        )
    )
)
def test_no_notice_is_lost_by_merging(told: list[ToldAct]) -> None:
    merged = merge_acts(told)
    assert sum(len(one.told) for one in merged) == len(told)
    assert sum(len(sitting.acts) for sitting in group_sittings(merged)) == len(merged)
