"""What a notice says in a few words: the line of summaries, the rows of tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from feeds.facts import Act, DatedFact, Facts, Kind, LawFact, Number, PersonFact, Role, Said
from feeds.render.facts import ACT_WORDS, KIND_WORDS, ROLE_WORDS, list_facts, sum_up_in_english, summarise_facts


def say(sentence: str = "") -> Said:
    """Make the place of a fact."""
    return Said(sentence, 0, len(sentence), 0.9)


def on(role: Role, month: int, day: int, by: str | None = None, year: int = 2026) -> DatedFact:
    """Make a day that a notice names."""
    return DatedFact(role, date(year, month, day), by, say(f"{month}月{day}日的那一句。"))


def act(deed: Act, names: str, post: str | None = None) -> tuple[PersonFact, ...]:
    """Make the same act upon several people."""
    return tuple(PersonFact(name, deed, post, say(f"关于{name}的那一句。")) for name in names.split())


SEVENTH = Number(7, 16, None, "第7号", say("第7号"))


def test_every_kind_role_and_act_has_words() -> None:
    assert set(KIND_WORDS) == set(Kind)
    assert set(ROLE_WORDS) == set(Role)
    assert set(ACT_WORDS) == set(Act)


def test_the_line_of_a_law_has_its_number_and_the_day_it_enters_into_force() -> None:
    facts = Facts(Kind.PROMULGATION, number=SEVENTH, dates=(on(Role.ADOPTED, 6, 1), on(Role.IN_FORCE, 9, 1)))
    assert summarise_facts(facts) == "法规公布 · 第7号 · 9月1日施行"


def test_a_day_of_another_year_than_the_publication_is_said_with_its_year() -> None:
    facts = Facts(Kind.PROMULGATION, dates=(on(Role.IN_FORCE, 1, 1, year=2027),))
    assert summarise_facts(facts, date(2026, 11, 3)) == "法规公布 · 2027年1月1日施行"
    assert summarise_facts(facts, date(2027, 1, 5)) == summarise_facts(facts) == "法规公布 · 1月1日施行"


def test_the_line_of_a_consultation_has_its_end() -> None:
    facts = Facts(Kind.CONSULTATION, dates=(on(Role.CONSULTATION_START, 7, 1), on(Role.DEADLINE, 7, 31)))
    assert summarise_facts(facts) == "征求意见 · 7月31日截止"


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ((on(Role.SIGNUP_START, 6, 19), on(Role.SIGNUP_END, 6, 20)), "报名6月19日—6月20日"),
        ((on(Role.SIGNUP_START, 6, 19), on(Role.SIGNUP_END, 6, 19)), "报名6月19日"),
        ((on(Role.SIGNUP_START, 6, 19),), "报名6月19日起"),
        ((on(Role.SIGNUP_END, 6, 20),), "报名6月20日截止"),
    ],
)
def test_the_line_of_a_meeting_has_its_day_and_the_window_of_its_sign_up(
    window: tuple[DatedFact, ...], said: str
) -> None:
    facts = Facts(Kind.MEETING, dates=(*window, on(Role.MEETING, 6, 28), on(Role.MEETING, 6, 30)))
    assert summarise_facts(facts) == f"会议 · 6月28日召开 · {said}"


def test_the_line_says_of_people_what_happened_to_them_as_headlines_do() -> None:
    people = [*act(Act.APPOINTED, "张三 李四", "副局长"), *act(Act.REMOVED, "王五", "局长")]
    assert summarise_facts(Facts(Kind.APPOINTMENTS, people=tuple(people))) == "人事任免 · 任命张三、李四 · 免去王五职务"


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (Act.RESIGNED, "张三辞职"),
        (Act.ELECTED, "张三当选"),
        (Act.ACTING, "张三代理"),
        (Act.RECALLED, "罢免张三"),
        (Act.TERMINATED, "张三代表资格终止"),
        (Act.DECEASED, "张三去世"),
    ],
)
def test_each_act_stands_where_it_stands_in_a_sentence(deed: Act, said: str) -> None:
    assert summarise_facts(Facts(Kind.DEPUTIES, people=act(deed, "张三"))) == f"代表变动 · {said}"


def test_many_people_are_three_and_a_count() -> None:
    many = act(Act.ELECTED, "张三 李四 王五 赵六 钱七")
    assert summarise_facts(Facts(Kind.DEPUTIES, people=many)) == "代表变动 · 张三、李四、王五等5人当选"


def test_a_reprint_names_its_origin_behind_the_rest() -> None:
    facts = Facts(Kind.NEWS, reprint=True, origin="新华社", dates=(on(Role.IN_FORCE, 9, 1),))
    assert summarise_facts(facts) == "9月1日施行 · 转自新华社"


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_alone_is_no_line(kind: Kind) -> None:
    assert summarise_facts(Facts(kind)) == ""
    assert summarise_facts(Facts(kind, reprint=True, origin="新华社")) == ""


def labels(facts: Facts) -> Sequence[str]:
    """Return the labels of a table's rows, in order."""
    return [row.label for row in list_facts(facts)]


def test_rows_begin_with_what_ends_and_go_on_with_days_people_number_and_rules() -> None:
    roles = (Role.SIGNED, Role.APPROVED, Role.ADOPTED, Role.CONSULTATION_START, Role.IN_FORCE, Role.MEETING)
    days = [on(role, 6, 1 + place) for place, role in enumerate((*roles, Role.SIGNUP_END, Role.SIGNUP_START))]
    law = LawFact("某市河湖保护条例", None, say())
    facts = Facts(
        Kind.OTHER,
        number=SEVENTH,
        dates=(*days, on(Role.DEADLINE, 7, 31)),
        people=act(Act.APPOINTED, "张三"),
        laws=(law,),
    )
    dated = ["截止日期", "报名开始", "报名截止", "会议日期", "施行", "征求意见开始", "通过", "批准", "签署"]
    assert labels(facts) == [*dated, "任命", "文号", "法规"]


def test_days_of_one_role_stand_in_their_order() -> None:
    facts = Facts(Kind.MEETING, dates=(on(Role.MEETING, 6, 30), on(Role.MEETING, 6, 28)))
    assert [row.text for row in list_facts(facts)] == ["2026-06-28", "2026-06-30"]


def test_a_row_has_words_in_both_languages_what_is_said_and_its_sentence() -> None:
    facts = Facts(
        Kind.PROMULGATION,
        number=SEVENTH,
        dates=(on(Role.ADOPTED, 6, 1, "市人大常委会"),),
        people=(*act(Act.APPOINTED, "张三", "市财政局局长"), *act(Act.DECEASED, "李四")),
        laws=(LawFact("河湖保护条例", "草案", say("《河湖保护条例（草案）》")), LawFact("供水条例", None, say())),
    )
    adopted, *rest = list_facts(facts)
    assert (adopted.label, adopted.english) == ("通过", "Adopted")
    assert adopted.text == "2026-06-01（市人大常委会）"
    assert adopted.sentence == "6月1日的那一句。"
    assert [row.text for row in rest] == [
        "张三 市财政局局长",
        "李四",
        "第7号",
        "《河湖保护条例》（草案）",
        "《供水条例》",
    ]
    assert rest[2].english == "Number"
    assert rest[3].sentence == "《河湖保护条例（草案）》"


def test_a_table_is_bounded_and_nothing_said_is_no_table() -> None:
    everybody = act(Act.ELECTED, " ".join(f"代表{n}" for n in range(200)))
    assert 0 < len(list_facts(Facts(Kind.DEPUTIES, people=everybody))) < 200
    assert list_facts(Facts(Kind.NEWS)) == ()


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (Facts(Kind.PROMULGATION, number=SEVENTH, dates=(on(Role.IN_FORCE, 9, 1),)), "第7号 · in force 1 September"),
        (Facts(Kind.CONSULTATION, dates=(on(Role.DEADLINE, 7, 31, year=2027),)), "closes 31 July 2027"),
        (
            Facts(
                Kind.MEETING, dates=(on(Role.MEETING, 6, 28), on(Role.SIGNUP_START, 6, 1), on(Role.SIGNUP_END, 6, 9))
            ),
            "meets 28 June · sign-up 1 June to 9 June",
        ),
        (Facts(Kind.MEETING, dates=(on(Role.SIGNUP_START, 6, 1), on(Role.SIGNUP_END, 6, 1))), "sign-up 1 June"),
        (Facts(Kind.MEETING, dates=(on(Role.SIGNUP_START, 6, 1),)), "sign-up from 1 June"),
        (Facts(Kind.MEETING, dates=(on(Role.SIGNUP_END, 6, 9),)), "sign-up until 9 June"),
        (
            Facts(Kind.APPOINTMENTS, people=act(Act.APPOINTED, "张三 李四") + act(Act.REMOVED, "王五")),
            "张三, 李四 appointed · 王五 removed",
        ),
        (
            Facts(Kind.DEPUTIES, people=act(Act.ELECTED, "张三 李四 王五 赵六 孙七")),
            "张三, 李四, 王五 and 2 more elected",
        ),
    ],
)
def test_the_line_in_english_keeps_what_the_notice_says_itself(facts: Facts, said: str) -> None:
    assert sum_up_in_english(facts, date(2026, 5, 1)) == f"{KIND_WORDS[facts.kind][1]} · {said}"


def test_the_line_in_english_says_whence_and_is_empty_where_the_chinese_one_is() -> None:
    facts = Facts(Kind.NEWS, dates=(on(Role.IN_FORCE, 9, 1),), reprint=True, origin="新华社")
    assert sum_up_in_english(facts) == "in force 1 September · from 新华社"
    assert sum_up_in_english(Facts(Kind.RESOLUTION)) == ""
