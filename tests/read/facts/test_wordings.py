"""Wordings that portals have in common, and what looks like them."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.facts import Facts, Kind
from feeds.read.facts.reading import read_facts

DAY = date(2026, 6, 18)


def read(text: str, title: str = "某市人大常委会公告") -> Facts:
    return read_facts(title, text, DAY)


def people(text: str, title: str = "某市人大常委会任免名单") -> list[tuple[str, str, str | None]]:
    return [(person.name, person.act.value, person.post) for person in read(text, title).people]


@pytest.mark.parametrize("gap", ["\t", "    "])
def test_cells_say_themselves_who_comes_and_who_goes(gap: str) -> None:
    rows = [
        ["序号", "姓　名", "任免情况"],
        ["1", "张　三", "任命为某区人民法院审判员"],
        ["2", "李　四（女）", "免去某区人民法院副院长职务"],
        ["3", "王小五", "决定任命为某区水务局局长"],
    ]
    assert people("\n".join(gap.join(row) for row in rows)) == [
        ("张三", "appointed", "某区人民法院审判员"),
        ("李四", "removed", "某区人民法院副院长"),
        ("王小五", "appointed", "某区水务局局长"),
    ]


def test_the_column_of_the_day_of_an_appointment_is_no_office() -> None:
    table = "姓名\t任命职务\t任命时间\n张三\t某局局长\t2026年6月"
    assert people(table) == [("张三", "appointed", "某局局长")]


@pytest.mark.parametrize(
    "text",
    [
        "任命下列2名同志为某县人民法院人民陪审员（按姓氏笔画为序）：\n张　三　　李小四（女）",
        "任命以下二名公民担任某县人民法院人民陪审员（名单附后）\n张三 李小四",
        "任命下列人员为某县人民法院人民陪审员：张三、李小四。",
    ],
)
def test_an_office_may_stand_before_all_who_come_to_it(text: str) -> None:
    assert people(text) == [
        ("张三", "appointed", "某县人民法院人民陪审员"),
        ("李小四", "appointed", "某县人民法院人民陪审员"),
    ]


def test_a_list_is_read_on_where_its_line_ends_in_a_name_or_an_office() -> None:
    text = (
        "任命张大山、李小川、王\n文海（女）、赵六为某区人民法院审判员。\n"
        "任命钱七为某区市场监督管\n理局局长。\n免去孙八、周\n九的某区人民检察院检察员职务。"
    )
    assert people(text) == [
        ("张大山", "appointed", "某区人民法院审判员"),
        ("李小川", "appointed", "某区人民法院审判员"),
        ("王文海", "appointed", "某区人民法院审判员"),
        ("赵六", "appointed", "某区人民法院审判员"),
        ("钱七", "appointed", "某区市场监督管理局局长"),
        ("孙八", "removed", "某区人民检察院检察员"),
        ("周九", "removed", "某区人民检察院检察员"),
    ]


def test_whole_items_of_a_list_stay_apart() -> None:
    text = "任命张三为某局局长\n李四为某厅厅长。\n免去王五的某局副局长职务\n赵六的某厅副厅长职务。"
    assert people(text) == [
        ("张三", "appointed", "某局局长"),
        ("李四", "appointed", "某厅厅长"),
        ("王五", "removed", "某局副局长"),
        ("赵六", "removed", "某厅副厅长"),
    ]


def test_an_office_before_a_name_is_no_part_of_it() -> None:
    text = "某县第十届人大常委会第三次会议决定：某县人民政府副县长张三代理某县人民政府县长职务。"
    assert people(text, "关于张三代理县长职务的决定") == [("张三", "acting", "某县人民政府县长")]


def test_who_comes_to_an_office_may_leave_another_in_the_same_clause() -> None:
    text = "决定任命张三为某市水务局局长、免去其某市林业局局长职务；任命李四为某市司法局局长、某委员会主任。"
    assert people(text) == [
        ("张三", "appointed", "某市水务局局长"),
        ("张三", "removed", "某市林业局局长"),
        ("李四", "appointed", "某市司法局局长、某委员会主任"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "会议鉴于张三同志工作变动，决定接受其辞去某县人民政府副县长职务的请求。",
        "会议根据张三本人的申请，同意其辞去某县人民政府副县长职务。",
    ],
)
def test_who_resigns_may_be_named_with_the_reason_only(text: str) -> None:
    assert people(text, "关于接受辞职的决议") == [("张三", "resigned", "某县人民政府副县长")]


def test_a_deputy_stops_being_one_by_law_and_not_by_being_suspended() -> None:
    text = (
        "某市第五届人大代表张三被某县人民法院判处有期徒刑，依照代表法的规定，代表资格终止。"
        "某市第五届人大代表李四涉嫌受贿，暂时停止执行代表职务。"
    )
    facts = read(text, "某市人大常委会公告（〔2021〕3号）")
    assert facts.kind is Kind.DEPUTIES
    assert [(one.name, one.act.value) for one in facts.people] == [("张三", "terminated")]


def test_a_name_may_end_in_a_word() -> None:
    text = "会议决定：接受常可为辞去某区人大常委会委员职务的请求；任命易为为某局局长；免去尚可为的某厅厅长职务。"
    assert people(text) == [
        ("常可为", "resigned", "某区人大常委会委员"),
        ("易为", "appointed", "某局局长"),
        ("尚可为", "removed", "某厅厅长"),
    ]


def test_a_remark_behind_a_name_and_a_rare_surname_leave_the_list_whole() -> None:
    text = (
        "某市第一届人民代表大会第一次会议选出：\n市人民法院院长：念　文\n"
        "市人民检察院检察长：张三（须报经上一级人民检察院检察长提请批准）"
    )
    assert people(text, "某市第一届人民代表大会第一次会议公告") == [
        ("念文", "elected", "市人民法院院长"),
        ("张三", "elected", "市人民检察院检察长"),
    ]


def days(text: str, title: str = "某市人大常委会公告") -> list[tuple[str, str]]:
    return [(fact.role.value, fact.day.isoformat()) for fact in read(text, title).dates]


def test_a_period_of_public_notice_is_a_window_where_opinions_are_asked() -> None:
    title = "关于张三等同志任前公示的公告"
    text = "现将拟任命的人选予以公示。\n公示期限：2026年6月18日至2026年6月24日。"
    assert days(f"{text}如有不同意见，请向某科反映。", title) == [
        ("consultation_start", "2026-06-18"),
        ("deadline", "2026-06-24"),
    ]
    assert read(text, title).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请于6月22日、23日（9:00—11:30，14:00—17:00）到某路1号报名。", ["2026-06-22", "2026-06-23"]),
        ("报名时间：6月20日、21日和22日。", ["2026-06-20", "2026-06-22"]),
        ("会议将于6月27日、28日召开，请持身份证报名。", []),
        ("欢迎参加6月27日、28日的会议，报名电话另告。", []),
    ],
)
def test_days_named_one_by_one_are_a_window_where_people_sign_up_on_them(text: str, expected: list[str]) -> None:
    found = [day for role, day in days(f"旁听须知如下。\n{text}") if role.startswith("signup")]
    assert found == expected


def test_days_named_one_by_one_without_end_are_no_window() -> None:
    text = "某日" + "、".join(f"6月{day}日" for day in range(1, 31)) + "报名。"
    assert len([role for role, _ in days(f"旁听须知如下。\n{text}") if role.startswith("signup")]) <= 2


def test_a_sitting_before_its_day_is_the_one_that_decided() -> None:
    text = (
        "东江市第三届人大常委会第五次会议于2026年6月10日补选张三为北山省第十三届人民代表大会代表。\n\n"
        "东江市人大常委会\n2026年6月11日"
    )
    assert days(text, "关于补选省人大代表的公告") == [("adopted", "2026-06-10"), ("signed", "2026-06-11")]


def test_a_day_and_a_sitting_may_open_a_list_of_what_was_done() -> None:
    opening = "2026年6月10日，某市第四届人大常委会第9次会议：\n"
    assert days(f"{opening}1、任命张三为某局局长。", "某市人大常委会任免名单") == [("adopted", "2026-06-10")]
    assert days(f"{opening}会场响起掌声。", "某市人大常委会任免名单") == []


def test_the_day_of_a_decision_that_amends_is_not_adopted_twice() -> None:
    note = (
        "（2001年5月8日某市第一届人大常委会第二次会议通过　根据2010年3月2日某市第三届人大常委会第三次会议通过、"
        "2010年5月1日省第十一届人大常委会第四次会议批准的《关于修改〈某市养犬管理条例〉的决定》修正）"
    )
    assert days(f"{note}\n第一条　为了管理，制定本条例。", "某市养犬管理条例") == [
        ("adopted", "2001-05-08"),
        ("adopted", "2010-03-02"),
        ("approved", "2010-05-01"),
    ]


def test_a_rule_that_was_published_by_order_was_not_adopted_on_that_day() -> None:
    text = (
        "国务院决定修改《某条例》。本决定自2026年7月1日起施行。\n某条例\n"
        "（2006年7月7日国务院令第471号公布　根据2026年6月1日《国务院关于修改〈某条例〉的决定》修订）\n第一条　为管理。"
    )
    assert days(text, "国务院关于修改《某条例》的决定") == [("in_force", "2026-07-01"), ("adopted", "2026-06-01")]


def test_the_term_may_stand_in_the_line_of_the_sitting_above_the_number() -> None:
    text = "某市第三届人民代表大会第二次会议\n\n公告\n\n第五号\n\n大会选出张三为某市市长。"
    number = read(text, "公告").number
    assert number is not None
    assert (number.term, number.number) == (3, 5)


def test_the_first_day_of_a_schedule_may_stand_with_its_weekday() -> None:
    text = "（2026年6月17日主席团会议通过）\n\n6月18日　星期四\n上午　开幕\n6月19日　星期五\n闭幕"
    assert ("meeting", "2026-06-18") in days(text, "某省第三届人民代表大会第一次会议日程")


def test_a_report_tells_of_an_earlier_sitting() -> None:
    text = "——2026年6月18日在某市人大常委会第九次会议上\n\n5月25日，常委会第八次会议对草案进行了初次审议。"
    assert days(text, "关于《某市水条例（草案）》审议结果的报告") == [("meeting", "2026-06-18")]


def test_to_hear_a_report_is_no_report() -> None:
    assert read("6月17日，会议听取了汇报。", "市人大常委会听取专项工作汇报").kind is Kind.NEWS
    assert read("现报告如下。", "关于听取和审议就业情况的报告").kind is Kind.REPORT


def test_guidance_is_a_rule_and_a_handbook_is_none() -> None:
    text = "《某市行政处罚裁量指引》《某镇村规民约指导意见》现予公布，见《办事手册》。"
    assert [law.name for law in read(text).laws] == ["某市行政处罚裁量指引", "某镇村规民约指导意见"]
