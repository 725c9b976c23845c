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
