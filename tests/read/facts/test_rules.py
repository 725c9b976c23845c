"""Single rules of reading facts, and what they leave alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from feeds.facts import Act, Facts, Kind, Number, PersonFact, Role, Said
from feeds.model import Article, Moment, Notice, Precision, Verdict
from feeds.read.facts.measure import Measure, Score, measure_facts
from feeds.read.facts.reading import read_facts, read_notice_facts

DAY = date(2026, 6, 18)


def read(text: str, title: str = "某市人大常委会公告", published: date | None = DAY) -> Facts:
    return read_facts(title, text, published)


def people(text: str, title: str = "某市人大常委会任免名单") -> list[tuple[str, str, str | None]]:
    return [(person.name, person.act.value, person.post) for person in read(text, title).people]


def days(text: str, title: str = "某市人大常委会公告", published: date | None = DAY) -> list[tuple[str, str]]:
    return [(fact.role.value, fact.day.isoformat()) for fact in read(text, title, published).dates]


def test_the_facts_of_nothing_are_its_kind() -> None:
    assert read("", "", None) == Facts(Kind.OTHER)


def test_an_acting_office_without_another_is_one_act() -> None:
    assert people("任命张三为某市代理市长。") == [("张三", "acting", "某市市长")]
    assert people("任命张三为某市副市长、代理市长。") == [
        ("张三", "appointed", "某市副市长"),
        ("张三", "acting", "市长"),
    ]


def test_an_elected_office_may_stand_before_a_list_on_the_same_line() -> None:
    text = "某市第十六届人民代表大会第五次会议选出:主任:张三"
    assert people(text, "某市第十六届人民代表大会第五次会议公告") == [("张三", "elected", "主任")]


def test_acts_without_end_are_not_read() -> None:
    assert len(people("任命张三为局长。\n" * 3_000)) == 1
    assert people("免去;" * 3_000 + "任命李四为局长。") == []


def test_clauses_longer_than_people_write_are_left_alone() -> None:
    assert people("任命张三为" + "某" * 4_000) == []
    assert read("代表" + "某" * 4_000 + "的代表资格终止。", "关于代表资格的公告").people == ()


def test_deputies_beyond_reach_and_in_the_note_are_not_looked_for() -> None:
    text = "某" * 2_000 + "。\n" + ("某某公告。\n" * 5_000) + "由某县选出的代表张三因病去世。"
    assert read(text, "关于代表资格的公告").people == ()


def test_a_deputy_who_was_recalled_is_no_other() -> None:
    text = "由某县选出的市人大代表张三,2026年6月1日被某县人大常委会罢免。"
    assert people(text, "关于个别代表的代表资格的公告") == [("张三", "recalled", "市人大代表")]


def test_two_offices_of_one_person_are_two_facts_and_the_same_office_is_one() -> None:
    text = "任命张三为某市公安局局长。\n任命张三为某市司法局局长。\n任命张三为公安局局长。"
    assert [post for _, _, post in people(text)] == ["某市公安局局长", "某市司法局局长"]


def test_of_two_that_say_the_same_the_one_with_an_office_is_told() -> None:
    text = "确认张三的代表资格有效。\n某县人大常委会补选张三为某市第九届人大代表。"
    assert people(text, "关于补选代表的公告") == [("张三", "elected", "某市第九届人大代表")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("张三\t某局局长", [("张三", "appointed", "某局局长")]),
        ("1\t张三\t某局局长", [("张三", "appointed", "某局局长")]),
        ("张三\t某局局长\t备注", []),
        ("合计\t一人", []),
        ("\t".join(["数据"] * 40), []),
    ],
)
def test_a_table_without_a_heading_has_a_name_and_an_office(row: str, expected: list[tuple[str, str, str]]) -> None:
    assert people(row, "某市人大常委会任命名单") == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("姓名\t终止原因\n张三\t被罢免\n李四", [("张三", "recalled", None)]),
        ("序号\t职务\t姓名\n1\t某局局长", []),
        ("姓名\t职务\n张三\t某局局长", []),
        ("姓名\t任命职务\n张三", []),
        ("姓名\t现任职务\n张三\t某局局长", []),
        ("姓名\t任命职务\n无人合适的职务名\t某局局长", []),
        ("姓名\t任免\t职务\n张三\t任命\t某局局长\n李四\t免去\t/", [("张三", "appointed", "某局局长")]),
    ],
)
def test_the_heading_of_a_table_says_what_its_columns_are(table: str, expected: list[tuple[str, str, None]]) -> None:
    assert people(f"代表变动如下。\n{table}", "关于代表变动与任免事项的名单") == expected


def test_a_notice_names_no_more_rules_than_anybody_reads() -> None:
    text = "".join(f"《某市第{number}号条例》" for number in range(200))
    assert len(read(text).laws) == 60


def test_books_are_no_rules_and_a_stage_may_stand_behind_the_name() -> None:
    text = "见《人民日报》和《某市河湖条例》(草案修改稿),以及《关于修改〈某市日报〉的通报》。"
    assert [(law.name, law.stage) for law in read(text).laws] == [("某市河湖条例", "草案修改稿")]
    assert read("公开征求《某市河湖条例草案》的意见。").laws[0].stage == "草案"


def test_a_number_beyond_all_numbers_is_none() -> None:
    assert read("第99999号\n现公告如下。").number is None


def test_a_year_that_nobody_says_is_not_made_up() -> None:
    assert days("请于6月30日前将意见反馈至法工委。", "关于公开征求意见的公告", None) == []


def test_the_day_of_a_repealed_act_is_not_that_of_this_one() -> None:
    assert days("决定废止2020年5月1日某市人大常委会第三次会议通过的决定。", "关于废止某决定的决定") == []


def test_entry_into_force_at_once_needs_a_day_to_begin_with() -> None:
    text = "《某市条例》已由某市人大常委会会议通过,现予公布,自公布之日起施行。"
    assert days(text) == [("in_force", "2026-06-18")]
    assert days(text, published=None) == []
    assert days("决议如下,本决议自通过之日起施行。", "关于某事的决议") == []
    assert days("决议如下,本决议自通过之日起施行。\n某市人大\n2026年6月17日", "关于某事的决议") == [
        ("in_force", "2026-06-17"),
        ("signed", "2026-06-17"),
    ]


def test_many_lines_of_nothing_but_a_day_are_no_signature() -> None:
    text = "现公告如下。\n" + "时间2026年6月1日\n" * 20
    assert ("signed", "2026-06-01") not in days(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("时间:6月30日前。", [("deadline", "2026-06-30")]),
        ("6月30日前。", []),
        ("各界人士均可参与,6月30日前。", [("deadline", "2026-06-30")]),
    ],
)
def test_a_bare_day_of_a_consultation_is_its_last_where_a_word_says_so(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert (
        days(f"某市人大常委会\n\n\n某某某某某某某某某某某某某某某某某某某某\n{text}", "关于立法征询的公告") == expected
    )


def make_notice(article: Article | None) -> Notice:
    at = datetime(2026, 6, 17, 23, tzinfo=UTC)
    return Notice(
        id=1,
        public_id="a",
        portal="town",
        key="1",
        url="http://town.test/1",
        title="关于公开征求《某市河湖条例（草案）》意见的公告",
        published=Moment(at, Precision.MINUTE),
        first_seen_at=at,
        updated_at=at,
        revision=1,
        channels=("tzgg",),
        article=article,
        withdrawn_at=None,
        version=1,
    )


def test_a_stored_notice_is_read_by_the_day_of_its_portal() -> None:
    article = Article("http://town.test/1", Verdict.ARTICLE, body="请于5月30日前反馈意见。")
    facts = read_notice_facts(make_notice(article), None)
    assert facts is not None
    assert [(fact.role, fact.day) for fact in facts.dates] == [(Role.DEADLINE, date(2027, 5, 30))]
    assert read_notice_facts(make_notice(None), None) is None


def test_every_fault_is_counted_and_named() -> None:
    said = Said("。", 0, 1, 0.9)
    label = {
        "id": "x",
        "kind": ["decision"],
        "reprint": True,
        "number": {"term": None, "number": 1, "year": None},
        "dates": [["deadline", "2026-06-30"]],
        "people": [["张三", "appointed", "局长"]],
        "laws": [["某市条例", "草案"], ["某市办法", None]],
    }
    read_wrongly = Facts(
        Kind.OTHER,
        number=Number(2, None, None, "第2号", said),
        people=(PersonFact("李四", Act.APPOINTED, None, said),),
        laws=read("《某市条例（修订草案）》").laws,
    )
    measure = Measure()
    measure_facts(measure, label, read_wrongly)
    assert len(measure.faults) == 8
    assert all(fault.startswith("x: ") for fault in measure.faults)
    assert (measure.scores["people"].precision, measure.scores["people"].recall) == (0.0, 0.0)
    assert (Score().precision, Score().recall) == (1.0, 1.0)


def test_a_list_of_those_who_leave_says_so_in_its_title() -> None:
    assert people("张三的某局局长职务", "某市人大常委会免职名单") == [("张三", "removed", "某局局长")]
    assert people("任命为人民陪审员的\n张三 李四") == [
        ("张三", "appointed", "人民陪审员"),
        ("李四", "appointed", "人民陪审员"),
    ]


def test_an_invitation_to_say_something_is_a_consultation() -> None:
    assert read("现征集监督议题,欢迎留言。", "关于邀请公众的启事").kind is Kind.CONSULTATION


def test_next_year_is_the_one_after_publication() -> None:
    assert days("请于明年1月15日前反馈意见。", "关于公开征求意见的公告") == [("deadline", "2027-01-15")]


def test_a_day_alone_in_brackets_is_that_of_the_list() -> None:
    assert days("(2026年6月10日)\n任命张三为局长。", "某市人大常委会任免名单") == [("adopted", "2026-06-10")]


def test_windows_may_be_open_from_a_day_on_or_closed_long_ago() -> None:
    assert days("征集时间自4月6日起。", "关于立法征集的公告", date(2026, 4, 1)) == [
        ("consultation_start", "2026-04-06")
    ]
    assert days("征求意见已于2025年6月30日截止。", "关于公开征求意见的公告") == []
    assert days("请反馈意见。\n2026年6月30日某事。", "关于公开征求意见的公告") == []


def test_an_act_with_a_label_before_its_list_is_read_on() -> None:
    assert people("任命某局局长: 张三") == [("张三", "appointed", "某局局长")]


def test_who_was_elected_is_not_appointed_as_well() -> None:
    text = "吴丽华当选为某市人大常委会副主任；郑凯当选为某市人大常委会委员。"
    assert people(text, "某市第九届人民代表大会第五次会议公告") == [
        ("吴丽华", "elected", "某市人大常委会副主任"),
        ("郑凯", "elected", "某市人大常委会委员"),
    ]


def test_what_is_no_office_makes_nobody_hold_one() -> None:
    assert people("任命张三为两名同志颁发任命书。张三当选后讲话。") == []
    assert people("补选张三、李四为某市人大代表的报告。") == []


def test_an_act_in_the_name_of_a_paper_is_done_once_the_paper_is_passed() -> None:
    title = "市人大常委会举行会议"
    assert people("会议听取了关于免去张三的市教育局局长职务的说明。", title) == []
    assert people("会议审议了关于接受张三辞去市长职务的决定（草案）。", title) == []
    assert people("会议通过了关于接受张三辞去市长职务的决定。", title) == [("张三", "resigned", "市长")]


def test_a_deputy_of_a_place_to_whom_nothing_happened_is_nobody() -> None:
    text = "代表中，东江县的张三、西江县的李四出席。王五的代表资格终止。"
    assert people(text, "关于代表资格的公告") == [("王五", "terminated", None)]


def test_a_sitting_of_another_place_adopts_nothing_here() -> None:
    text = (
        "某县第十七届人大常委会第七次会议于2026年6月8日依法补选张三为市人大代表。\n"
        "东江市第八届人大常委会第六次会议于2026年6月10日确认张三的代表资格有效。"
    )
    assert days(text, "东江市第八届人民代表大会常务委员会公告（第5号）") == [("adopted", "2026-06-10")]


def test_a_window_in_which_a_sitting_is_held_is_none_for_opinions() -> None:
    text = "市十届人大常委会会议将于6月29日至30日举行，请于6月24日前提出意见建议。"
    assert days(text, "某市人大常委会会议公告") == [("meeting", "2026-06-29"), ("deadline", "2026-06-24")]


def test_lines_of_offices_and_names_stay_apart() -> None:
    text = "任命：\n\n市人大常委会法制工作委员会主任：张三\n市人大常委会预算工作委员会副主任：李四、王五"
    assert people(text) == [
        ("张三", "appointed", "市人大常委会法制工作委员会主任"),
        ("李四", "appointed", "市人大常委会预算工作委员会副主任"),
        ("王五", "appointed", "市人大常委会预算工作委员会副主任"),
    ]


def test_the_cells_of_a_table_say_themselves_what_is_done() -> None:
    rows = (
        "序号\t姓　名\t任免情况\n1\t乔　川\t任命为某市中级人民法院民事审判庭庭长\n"
        "2\t白　岩(女)\t免去某市中级人民法院审判员职务"
    )
    assert people(f"{rows}\n") == [
        ("乔川", "appointed", "某市中级人民法院民事审判庭庭长"),
        ("白岩", "removed", "某市中级人民法院审判员"),
    ]


def test_whose_request_is_accepted_is_said_before() -> None:
    text = "某县第十四届人大常委会第十一次会议,根据陆远山同志的请求,决定接受其辞去某县人民政府副县长职务。"
    assert people(text, "关于接受陆远山辞去副县长职务的决议") == [("陆远山", "resigned", "某县人民政府副县长")]


def test_who_acts_for_another_may_stand_behind_the_office_that_he_has() -> None:
    text = "某市第十五届人大常委会第三十五次会议决定:某市中级人民法院副院长方知远代理某市中级人民法院院长职务。"
    assert people(text, "某市人大常委会关于代理院长的决定") == [("方知远", "acting", "某市中级人民法院院长")]


def test_the_order_of_a_list_is_no_part_of_the_office_above_it() -> None:
    text = "任命下列12名同志为某县人民法院人民陪审员(按姓氏笔画排序):\n牛　力　　冯远山　　吕文清\n"
    assert people(text) == [(name, "appointed", "某县人民法院人民陪审员") for name in ("牛力", "冯远山", "吕文清")]


def test_who_is_shown_to_the_public_may_be_objected_to_until_a_day() -> None:
    text = (
        "现将拟提请市人大常委会任命的人选予以公示:\n高文清,男,现任市商务局副局长,拟任市商务局局长。\n"
        "公示期限:2026年6月8日至2026年6月14日。如有意见,请于公示期内向市委组织部反映。"
    )
    shown = read(text, "关于高文清同志任前公示的公告")
    assert shown.kind is Kind.CONSULTATION
    assert [(fact.role.value, fact.day.isoformat()) for fact in shown.dates] == [
        ("consultation_start", "2026-06-08"),
        ("deadline", "2026-06-14"),
    ]
    assert read("现将名单予以公示。", "关于拟任人选公示的公告").kind is Kind.OTHER


def test_two_days_named_together_are_the_window_to_sign_up_in() -> None:
    text = "年满18周岁的本市公民,均可于6月15日、16日(9:00—11:30)持居民身份证报名旁听,额满为止。"
    assert days(f"会议定于6月27日召开。\n{text}\n") == [
        ("meeting", "2026-06-27"),
        ("signup_start", "2026-06-15"),
        ("signup_end", "2026-06-16"),
    ]
