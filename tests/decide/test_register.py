"""What of a notice belongs into the register, read from whole texts as notices are."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.decide.register import judge_effect, list_people, list_rules
from feeds.facts import Act, Effect, Facts, Kind, LawFact, PersonFact, Said
from feeds.read.facts.reading import read_facts

DAY = date(2026, 3, 2)
HEAD = "（2026年2月25日临江市第九届人民代表大会常务委员会第六次会议通过）\n"


def effects(title: str, text: str) -> dict[str, Effect]:
    return {line.name: line.effect for line in list_rules(read_facts(title, text, DAY), title, DAY)}


def test_an_act_is_of_the_day_and_the_meeting_that_decided() -> None:
    facts = read_facts("临江市人大常委会任免名单", f"{HEAD}任命尹　明为临江市财政局局长。", DAY)
    (line,) = list_people(facts, DAY)
    assert (line.place, line.name, line.act, line.post) == (0, "尹明", Act.APPOINTED, "临江市财政局局长")
    assert (line.day, line.meeting) == (date(2026, 2, 25), "第九届人民代表大会常务委员会第六次会议")
    assert line.sentence == "任命尹　明为临江市财政局局长。"


def test_each_list_of_a_page_is_of_its_own_meeting() -> None:
    text = (
        f"{HEAD}任命尹明为临江市财政局局长。\n"
        "2026年2月27日，临江市第九届人民代表大会常务委员会第七次会议决定：\n免去田小禾的临江市财政局局长职务。"
    )
    facts = read_facts("临江市人大常委会任免名单", text, DAY)
    dates = list_people(facts, DAY)
    assert [line.day for line in dates if line.name == "尹明"] == [date(2026, 2, 25)]


def test_without_a_meeting_the_signature_tells_the_day_else_the_publication() -> None:
    signed = "决定任命尹明为临江市副市长。\n临江市人民代表大会常务委员会\n2026年2月26日"
    for text, day in ((signed, date(2026, 2, 26)), ("决定任命尹明为临江市副市长。", DAY)):
        (line,) = list_people(read_facts("临江市人大常委会任免名单", text, DAY), DAY)
        assert (line.day, line.meeting) == (day, None)
    (line,) = list_people(read_facts("临江市人大常委会任免名单", "决定任命尹明为临江市副市长。", None), None)
    assert line.day is None


@pytest.mark.parametrize("kind", [Kind.NEWS, Kind.REPORT, Kind.OTHER])
def test_what_tells_of_the_acts_of_others_is_left_out(kind: Kind) -> None:
    person = PersonFact("尹明", Act.APPOINTED, None, Said("任命尹明。", 0, 5, 0.9))
    assert list_people(Facts(kind, people=(person,)), DAY) == ()
    assert list_people(Facts(Kind.APPOINTMENTS, reprint=True, people=(person,)), DAY) == ()
    law = LawFact("临江市养犬条例", None, Said("通过《临江市养犬条例》", 0, 5, 0.9))
    assert list_rules(Facts(Kind.NEWS, laws=(law,)), "", DAY) == ()
    assert list_rules(Facts(Kind.PROMULGATION, reprint=True, laws=(law,)), "", DAY) == ()


def test_an_act_that_a_title_tells_is_of_the_first_meeting() -> None:
    said = Said("任命尹明", 5, 9, 0.9, in_title=True)
    facts = read_facts("临江市人大常委会任免名单", HEAD, DAY)
    (line,) = list_people(
        Facts(Kind.APPOINTMENTS, dates=facts.dates, people=(PersonFact("尹明", Act.APPOINTED, None, said),)), DAY
    )
    assert line.day == date(2026, 2, 25)


PASSED = "已由临江市第九届人民代表大会常务委员会第六次会议于2026年2月25日通过，现予公布，自2026年5月1日起施行。"


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("临江市人大常委会公告", f"《临江市养犬条例》{PASSED}", {"临江市养犬条例": Effect.ADOPTED}),
        (
            "临江市人大常委会公告",
            f"根据《中华人民共和国立法法》的规定，《临江市养犬条例》{PASSED}《临江市犬类规定》同时废止。",
            {"临江市养犬条例": Effect.ADOPTED, "临江市犬类规定": Effect.REPEALED},
        ),
        (
            "临江市人大常委会公告",
            f"《临江市人民代表大会常务委员会关于修改〈临江市养犬条例〉的决定》{PASSED}",
            {"临江市养犬条例": Effect.AMENDED},
        ),
        (
            "临江市人大常委会公告",
            "《临江市养犬条例》已由临江市人大常委会第六次会议于2026年2月25日修订通过，现予公布。",
            {"临江市养犬条例": Effect.AMENDED},
        ),
        (
            "临江市人大常委会关于废止《临江市甲规定》和《临江市乙规定》的决定",
            HEAD,
            {"临江市甲规定": Effect.REPEALED, "临江市乙规定": Effect.REPEALED},
        ),
        ("江省人大常委会关于批准《临江市养犬条例》的决定", HEAD, {"临江市养犬条例": Effect.APPROVED}),
        (
            "临江市人大常委会关于修改部分地方性法规的决定",
            f"{HEAD}一、《临江市甲条例》\n将第三条删去。\n二、《临江市乙条例》\n将第五条删去。\n",
            {"临江市甲条例": Effect.AMENDED, "临江市乙条例": Effect.AMENDED},
        ),
        (
            "临江市人大常委会关于修改和废止部分地方性法规的决定",
            f"{HEAD}一、废止《临江市甲条例》。\n二、对《临江市乙条例》作出修改。\n三、《临江市丙条例》",
            {"临江市甲条例": Effect.REPEALED, "临江市乙条例": Effect.AMENDED, "临江市丙条例": Effect.AMENDED},
        ),
        ("关于公开征求《临江市养犬条例（草案）》意见的公告", "公开征求意见。", {"临江市养犬条例": Effect.DRAFTED}),
        (
            "关于公开征求意见的公告",
            "现将《临江市养犬条例（草案）》公布，公开征求意见。根据《中华人民共和国立法法》制定。《条例（草案）》",
            {"临江市养犬条例": Effect.DRAFTED},
        ),
        ("关于《临江市养犬条例（草案）》的说明", "主任：现作说明。", {"临江市养犬条例": Effect.DRAFTED}),
        ("关于检查《临江市养犬条例》实施情况的报告", "主任：现报告如下。", {"临江市养犬条例": Effect.CHECKED}),
        (
            "关于征集《临江市养犬条例》执法检查问题线索的公告",
            "请提供线索，征求意见。",
            {"临江市养犬条例": Effect.CHECKED},
        ),
        ("临江市人大常委会会议的通知", "审议《临江市养犬条例（草案）》。会议定于3月5日召开。", {}),
        ("工作报告", "检查《临江市养犬条例》实施情况。各位代表：现在报告工作。", {}),
    ],
)
def test_a_notice_does_something_to_a_rule(title: str, text: str, expected: dict[str, Effect]) -> None:
    assert effects(title, text) == expected


def test_a_page_that_is_a_rule_adopts_it() -> None:
    law = LawFact("临江市养犬条例", None, Said("临江市养犬条例", 0, 7, 0.9, in_title=True))
    assert judge_effect(Kind.PROMULGATION, law, None) is Effect.ADOPTED
    assert judge_effect(Kind.DECISION, law, None) is None
    assert judge_effect(Kind.SESSION, law, None) is None


def test_days_are_of_the_rule_that_is_in_force_and_not_of_a_draft() -> None:
    text = (
        "《临江市养犬条例》已由临江市人大常委会第六次会议于2026年2月25日通过，"
        "已经江省人大常委会第十次会议于2026年2月28日批准，现予公布，自2026年5月1日起施行。\n"
        "《临江市供热条例》自2026年6月1日起施行。"
    )
    title = "临江市人大常委会公告"
    lines = {line.name: line for line in list_rules(read_facts(title, text, DAY), title, DAY)}
    dog, heat = lines["临江市养犬条例"], lines["临江市供热条例"]
    assert (dog.adopted, dog.approved, dog.in_force) == (date(2026, 2, 25), date(2026, 2, 28), date(2026, 5, 1))
    assert (dog.day, heat.in_force) == (date(2026, 2, 25), date(2026, 6, 1))
    title = "关于公开征求《临江市养犬条例（草案）》意见的公告"
    (draft,) = list_rules(read_facts(title, "公开征求意见，截至2026年3月20日。", DAY), title, DAY)
    assert (draft.day, draft.adopted, draft.in_force, draft.stage) == (DAY, None, None, "草案")
