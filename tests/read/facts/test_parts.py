"""Several notices on one page are told apart, and what belongs to one notice is not cut."""

from __future__ import annotations

from datetime import date

from feeds.facts import Facts, Kind
from feeds.read.facts.parts import split_parts
from feeds.read.facts.reading import read_facts
from feeds.read.results import facts_result
from feeds.render.facts import list_facts, summarise_facts

DAY = date(2026, 5, 10)
TITLE = "某市人民代表大会常务委员会公告（第5号）"
FIRST = (
    "　　《某市河湖条例》已由某市第九届人大常委会第十二次会议于2026年4月28日通过，现予公布，自2026年9月1日起施行。\n"
    "　　　　　某市人民代表大会常务委员会\n　　　　　2026年5月6日\n"
)
SECOND = (
    "\n某市人民代表大会常务委员会\n公　　告\n第6号\n"
    "　　《某市渔业条例》已由某市第九届人大常委会第十二次会议于2026年4月29日通过，现予公布，自公布之日起施行。\n"
    "　　　　　某市人民代表大会常务委员会\n　　　　　2026年5月8日\n"
)
THIRD = (
    "某市第九届人民代表大会常务委员会公告（第7号）\n由某县选出的某市第九届人大代表张三因病去世。\n张三的代表资格自然终止。\n"
    "2026年5月9日"
)


def read(text: str, title: str = TITLE) -> Facts:
    return read_facts(title, text, DAY)


def days(facts: Facts) -> list[tuple[str, str]]:
    return [(fact.role.value, fact.day.isoformat()) for fact in facts.dates]


def test_two_notices_of_one_page_keep_their_own_days() -> None:
    assert days(read(FIRST + SECOND)) == [
        ("adopted", "2026-04-28"),
        ("in_force", "2026-09-01"),
        ("signed", "2026-05-06"),
        ("adopted", "2026-04-29"),
        ("in_force", "2026-05-08"),
        ("signed", "2026-05-08"),
    ]


def test_the_number_of_the_first_is_told_first_and_the_others_too() -> None:
    facts = read(FIRST + SECOND + THIRD)
    assert facts.kind is Kind.PROMULGATION
    assert facts.number is not None
    assert (facts.number.number, [(number.number, number.term) for number in facts.numbers]) == (5, [(6, None), (7, 9)])
    assert [person.name for person in facts.people] == ["张三"]
    assert [law.name for law in facts.laws] == ["某市河湖条例", "某市渔业条例"]


def test_words_are_found_where_they_stand_on_the_whole_page() -> None:
    text = FIRST + SECOND + THIRD
    facts = read(text)
    assert [text[number.said.start : number.said.end] for number in facts.numbers] == ["第6号", "第7号"]
    assert text[slice(facts.people[0].said.start, facts.people[0].said.end)] == "张三"
    assert [text[fact.said.start : fact.said.end] for fact in facts.dates][-1] == "2026年5月9日"


def test_further_numbers_are_told_in_lines_tables_and_to_programs() -> None:
    facts = read(FIRST + SECOND)
    assert summarise_facts(facts).startswith("法规公布 · 第5号、第6号 · ")
    assert [row.text for row in list_facts(facts) if row.label == "文号"] == ["第5号", "第6号"]
    assert [number["number"] for number in facts_result(facts)["numbers"]] == [6]


def test_a_number_that_stands_only_below_the_first_notice_is_enough() -> None:
    text = "废止《某市旧城办法》。\n2026年5月6日\n某市人大常委会公告（第六号）\n废止《某市新城办法》。\n2026年5月8日"
    assert [number.number for number in read(text).numbers] == [6]


def test_two_lists_below_their_notes_are_two_notices() -> None:
    text = (
        "（2026年4月28日某市第九届人大常委会第十二次会议通过）\n任命张三为某市教育局局长。\n"
        "某市人大常委会免职名单\n（2026年4月29日某市第九届人大常委会第十三次会议通过）\n李四的某市教育局局长职务。"
    )
    facts = read(text, "某市人大常委会任命名单")
    assert [(person.name, person.act.value) for person in facts.people] == [("张三", "appointed"), ("李四", "removed")]
    assert days(facts) == [("adopted", "2026-04-28"), ("adopted", "2026-04-29")]


def test_a_decision_that_a_notice_publishes_belongs_to_it() -> None:
    text = (
        "（2026年4月28日某市第九届人大常委会第十二次会议通过）\n现予公布。\n某市人大常委会关于修改《某市河湖条例》的决定\n"
        "（2026年4月28日某市第九届人大常委会第十二次会议通过）\n本决定自公布之日起施行。"
    )
    assert split_parts(text) == ()


def test_a_heading_that_is_said_again_begins_no_other_notice() -> None:
    assert (
        split_parts("某市人大常委会公告\n第5号\n某市人大常委会公告（第5号）\n正文。\n第6号文件和公告第7号见附件。")
        == ()
    )
    assert split_parts("某市人大常委会公告\n第5号\n正文。\n公告") == ()


def test_what_news_quotes_is_one_text() -> None:
    text = "本报讯 记者从市人大常委会获悉，两部条例公布。\n" + FIRST + SECOND + THIRD
    facts = read(text, "某市公布两部条例")
    assert (facts.kind, facts.numbers, facts.number) == (Kind.NEWS, (), None)
    assert {role for role, _ in days(facts)}.isdisjoint({"in_force", "deadline"})


def test_a_page_of_notices_without_end_is_cut_off() -> None:
    text = "".join(f"某市人大常委会公告（第{number}号）\n正文如下。\n" for number in range(1, 60))
    assert len(split_parts(text)) == 12
