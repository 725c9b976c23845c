"""Wordings of single offices: days to sign up on, days of signatures, lists, deputies, and what a text is."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.facts import Facts, Kind
from feeds.read.facts.reading import read_facts

DAY = date(2026, 6, 18)


def read(text: str, title: str = "某市人大常委会公告", published: date | None = DAY) -> Facts:
    return read_facts(title, text, published)


def people(text: str, title: str = "某市人大常委会任免名单") -> list[tuple[str, str, str | None]]:
    return [(person.name, person.act.value, person.post) for person in read(text, title).people]


def days(text: str, title: str = "某市人大常委会公告", published: date | None = DAY) -> list[tuple[str, str]]:
    return [(fact.role.value, fact.day.isoformat()) for fact in read(text, title, published).dates]


def signups(text: str) -> list[tuple[str, str]]:
    found = days(f"会议将于2026年6月30日召开，设旁听席。\n{text}", "某市人大常委会会议公民旁听公告")
    return [(role.removeprefix("signup_"), day[5:]) for role, day in found if role.startswith("signup_")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6月23日（周二）9∶00—11∶30、14∶00—17∶00，请持身份证到某路3号报名。", ["06-23", "06-23"]),
        ("报名时间：6月23日上午9时至11时，额满为止。", ["06-23", "06-23"]),
        ("市民可于6月23日上午8时正至11时30分，直接到市人大接待室办理申请手续。", ["06-23", "06-23"]),
        ("报名日期定为6月23日（8:30-17:00）。", ["06-23", "06-23"]),
        ("6月23日上午现场接受报名。", ["06-23", "06-23"]),
        ("6月29日由办公室电话通知已报名的市民。", []),
        ("6月29日在网站公布报名结果。", []),
        ("请报名者6月30日8:30到会场登记入场。", []),
        ("请于6月30日持报名回执入场。", []),
        ("自6月23日", []),
    ],
)
def test_the_only_day_to_sign_up_on_is_the_first_and_the_last(text: str, expected: list[str]) -> None:
    assert signups(text) == list(zip(("start", "end"), expected, strict=False))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("开放报名：6月22日10：00\n报名截止：6月24日16：00", [("start", "06-22"), ("end", "06-24")]),
        ("报名开始时间：6月22日8:30；报名结束时间：6月24日18:00。", [("start", "06-22"), ("end", "06-24")]),
        ("6月22日9时起登录网站报名，6月24日17时停止报名。", [("start", "06-22"), ("end", "06-24")]),
        ("报名自6月22日开始，至6月24日17:00止。", [("start", "06-22"), ("end", "06-24")]),
        ("6月22日、23日两天内，持有效证件到信访室报名。", [("start", "06-22"), ("end", "06-23")]),
        ("报名通道将于6月22日上午9时开通，6月24日18时关闭。", [("start", "06-22"), ("end", "06-24")]),
        ("6月24日为报名截止日期。", [("end", "06-24")]),
        ("有意者请于6月24日中午前拨打电话报名。", [("end", "06-24")]),
        ("自主申请的公民从即日起至6月24日前，凭身份证到办公室申请。", [("end", "06-24")]),
    ],
)
def test_a_window_to_sign_up_has_its_words_on_either_end(text: str, expected: list[tuple[str, str]]) -> None:
    assert signups(text) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("二OO六年八月十七日", "2006-08-17"),
        ("二００六年八月十七日", "2006-08-17"),
        ("二О一五年三月二日", "2015-03-02"),
        ("二◯一五年三月二日", "2015-03-02"),
        ("二零一五年元月廿一日", "2015-01-21"),
        ("2015年元月9日", "2015-01-09"),
        ("2015\u2002年\u20033月\u20092日", "2015-03-02"),
        ("2015年3月2日（完）", "2015-03-02"),
        ("二〇一五年三月", None),
    ],
)
def test_the_day_of_a_signature_is_read_however_its_zeros_are_typed(written: str, expected: str | None) -> None:
    text = f"任命张大山为某县水务局局长。\n\n某县人大常委会\n{written}"
    found = [day for role, day in days(text, "关于任命张大山的决定", date(2015, 3, 10)) if role == "signed"]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize("behind", ["第一条　为了管理。", "目录 第一章　总则", "-----------------\n草案"])
def test_a_signature_ends_a_notice_whose_lines_were_lost(behind: str) -> None:
    text = f"某规定已通过，现予公布。\n某县人大常委会 2026年6月17日 {behind}\n本规定自2026年9月1日起施行。"
    assert ("signed", "2026-06-17") in days(text, "某县人大常委会公告")


def test_a_day_behind_a_line_end_in_mid_sentence_is_that_of_the_sitting_above() -> None:
    text = "《某市种子规定》已由某市第二届人民代表大会常务委员会\n于2026年6月10日表决通过，\n现予公布。"
    assert days(text) == [("adopted", "2026-06-10")]


def test_what_was_passed_is_no_day_to_come() -> None:
    assert days("6月29日某市第三届人大第一次会议：\n选举市长。", "某市任免名单") == []
    assert days("6月29日上午 第一次会议：选举", "某镇第三届人民代表大会第四次会议日程") == [("meeting", "2026-06-29")]


def test_a_sitting_that_counted_deputies_adopted_nothing() -> None:
    text = "2026年5月10日某市第八届人大常委会第五次会议确认市八届人大代表现有300名。某县补选张三为市八届人大代表。"
    assert days(text, "关于补选代表的公告") == []


def test_a_page_says_when_it_was_put_up() -> None:
    text = "发布时间：2026-06-18 08:06某市人大常委会会议将于2026年6月30日召开，欢迎旁听。"
    assert days(text, "旁听公告") == [("meeting", "2026-06-30")]


def test_an_agenda_has_the_days_of_its_sitting_under_its_title() -> None:
    text = "2026年6月30日至7月2日\n（2026年6月30日第一次全体会议通过）\n一、审议《某条例（草案）》"
    assert ("meeting", "2026-06-30") in days(text, "某市第二届人大常委会第九次会议议程")


def test_deputies_who_receive_people_hold_a_meeting_only_where_people_are_asked_to_come() -> None:
    told = "6月23日（周二）下午2:30至5:00，代表张大山、李小荷在东湖社区接待群众"
    assert days(f"{told}，欢迎预约。", "代表接待日公告") == [("meeting", "2026-06-23")]
    assert days(f"{told}。", "代表接待日公告") == []


def test_a_window_that_is_over_is_not_the_one_on_which_opinions_are_asked() -> None:
    text = (
        "《某条例（草案）》已于2026年4月1日至4月30日公开征求意见。现将《某条例（草案二次审议稿）》再次公布，"
        "请于2026年7月10日前反馈意见。"
    )
    facts = read(text, "关于公开征求意见的公告")
    assert [(fact.role.value, fact.day.isoformat()) for fact in facts.dates] == [("deadline", "2026-07-10")]
    assert [law.stage for law in facts.laws] == ["草案二次审议稿"]
    over = "征求意见时间自2026年4月1日起至2026年4月30日止。"
    assert [day for _, day in days(over, "关于征求意见的公告")] == ["2026-04-01", "2026-04-30"]


def test_a_note_tells_the_number_that_a_rule_was_published_with_unless_it_was_amended() -> None:
    note = (
        "2010年2月7日某县第五届人民代表大会第六次会议通过　2010年5月14日"
        "某省第三届人民代表大会常务委员会第十七次会议批准"
        "　2010年6月3日某县人大常委会公告〔2010〕第9号公布"
    )
    number = read(f"（{note}）\n第一条　为管理，制定本条例。", "某县自治条例").number
    assert number is not None
    assert (number.number, number.year) == (9, 2010)
    amended = f"（{note}　2020年3月1日某县第七届人民代表大会第一次会议修正）\n第一条　为管理，制定本条例。"
    assert read(amended, "某县自治条例").number is None


@pytest.mark.parametrize(
    "rows",
    [
        "方　圆　　李　玉　兰　　宋　词",
        "方　圆　李玉兰　宋　词",
        "方圆　李玉兰　宋词",
        "方　　圆\n李玉兰\n宋　　词",
    ],
)
@pytest.mark.parametrize(
    ("opening", "act"),
    [
        ("任命下列30名同志为某县人民法院审判员，任期五年：", "appointed"),
        ("免去下列人员的某县人民法院审判员职务：", "removed"),
        ("免去以下同志某县人民法院审判员职务", "removed"),
        ("经本次会议任命的某县人民法院审判员（按姓氏笔画排序）：", "appointed"),
    ],
)
def test_a_list_is_opened_in_many_ways_and_padded_in_as_many(opening: str, act: str, rows: str) -> None:
    expected = [(name, act, "某县人民法院审判员") for name in ("方圆", "李玉兰", "宋词")]
    assert people(f"{opening}\n{rows}") == expected


def test_where_one_is_named_the_others_may_stand_in_a_list_below() -> None:
    text = "任命方圆等3名同志为某县人民陪审员（名单附后）。\n方　圆　李玉兰　宋　词"
    assert [name for name, _, _ in people(text)] == ["方圆", "李玉兰", "宋词"]


@pytest.mark.parametrize(
    ("title", "act", "post"),
    [
        ("人民陪审员任命名单", "appointed", "人民陪审员"),
        ("人民陪审员免职名单", "removed", "人民陪审员"),
        ("任职名单", "appointed", None),
    ],
)
def test_a_table_without_offices_does_what_its_title_says(title: str, act: str, post: str | None) -> None:
    table = "序号\t姓名\t单位\n1\t其其格（女，蒙古族）\t东镇中学\n2\t李　明\t县医院"
    assert people(table, title) == [("其其格", act, post), ("李明", act, post)]
    assert people(table, "某市人大常委会任免名单") == []


def test_the_column_of_names_may_be_headed_by_what_is_done() -> None:
    assert people("任命人员\t职务\n张大山\t某局局长") == [("张大山", "appointed", "某局局长")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("决定任命李川为某市副市长，并决定为代理市长。", [("appointed", "某市副市长"), ("acting", "市长")]),
        ("决定任命李川为某市副市长，决定其为代理市长。", [("appointed", "某市副市长"), ("acting", "市长")]),
        ("任命李川为卫生局局长（兼）；", [("appointed", "卫生局局长(兼)")]),
        ("“决定罢免李川的某市第四届人民代表大会代表职务”", [("recalled", "某市第四届人民代表大会代表")]),
    ],
)
def test_who_comes_to_an_office_holds_another_for_somebody(text: str, expected: list[tuple[str, str]]) -> None:
    assert people(text) == [("李川", act, post) for act, post in expected]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("接受张大山辞去某市市长职务", ("张大山", "resigned", "某市市长")),
        ("批准任命张大山为某县检察长", ("张大山", "appointed", "某县检察长")),
        ("张大山代理某市市长", ("张大山", "acting", "某市市长")),
    ],
)
def test_a_decision_may_name_somebody_in_its_title_only(what: str, expected: tuple[str, str, str]) -> None:
    title = f"关于{what}的决定"
    facts = read("会议审议了他的请求，决定予以通过。", title)
    (person,) = facts.people
    assert (person.name, person.act.value, person.post) == expected
    assert title[person.said.start : person.said.end] == "张大山"
    assert person.said.in_title
    assert read("会议决定。", f"关于提请{what}的议案").people == ()


def test_deputies_are_counted_by_the_way_they_left() -> None:
    text = (
        "调离本行政区域的代表2名，即东镇选举的王桂兰、西镇选举的孙一；因病去世1人：赵小雨；辞去代表职务的1名，"
        "为周志文。王桂兰、孙一的某县第十届人民代表大会代表资格终止。其中调离1名，由办公室通报。"
    )
    assert {(name, act) for name, act, _ in people(text, "关于代表变动的公告")} == {
        ("王桂兰", "terminated"),
        ("孙一", "terminated"),
        ("赵小雨", "deceased"),
        ("周志文", "resigned"),
    }


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("王川未经批准两次缺席会议，其代表资格终止", "terminated"),
        ("王川受到刑事处罚，依法终止其代表资格", "terminated"),
        ("王川连续两次不出席会议，代表资格终止", "terminated"),
        ("王川被羁押，暂时停止执行代表职务", None),
    ],
)
def test_a_name_ends_where_it_is_told_why_somebody_is_no_deputy(told: str, expected: str | None) -> None:
    found = people(f"市七届人大代表{told}。根据代表法规定公告。", "关于代表资格的公告")
    assert found == ([("王川", expected, "市七届人大代表")] if expected else [])


def test_a_seat_is_the_one_that_is_given_up_or_the_only_one_that_is_named() -> None:
    quits = "某乡第九届人民代表大会第五选区代表马有福，因工作调动，书面提出辞去乡人大代表职务，会议接受其辞职。"
    assert people(quits, "某乡人大主席团公告") == [("马有福", "resigned", "乡人大代表")]
    chosen = "第3选区补选了县第十届人大代表。当选代表名单如下：\n第3选区：龙　川（苗族）"
    assert people(chosen, "关于补选代表的公告") == [("龙川", "elected", "县第十届人大代表")]
    two = f"市第五届人大代表总数不变。{chosen}"
    assert people(two, "关于补选代表的公告") == [("龙川", "elected", None)]
    filled = "有关单位补选了2名市人大代表。其中东县补选2名（孙弘、韩阳）。确认市第八届人民代表大会代表资格有效。"
    assert [post for _, _, post in people(filled, "关于补选代表的公告")] == ["市人大代表", "市人大代表"]
    follows = "由陈小风递补为市第六届人民代表大会代表。"
    assert people(follows, "关于递补代表的公告") == [("陈小风", "elected", "市第六届人民代表大会代表")]


def test_news_tells_offices_one_behind_another() -> None:
    title = "市三届人大四次会议闭幕"
    text = "新当选的市人大常委会副主任杜飞、魏小东，市人大常委会委员韦江、洪佳林进行了宪法宣誓，秘书长王川出席。"
    assert people(text, title) == [
        ("杜飞", "elected", "市人大常委会副主任"),
        ("魏小东", "elected", "市人大常委会副主任"),
        ("韦江", "elected", "市人大常委会委员"),
        ("洪佳林", "elected", "市人大常委会委员"),
    ]
    told = "关于宋雨同志任区教育局局长，区法院提请的于川同志代理区人民法院院长职务等人事任免事项。"
    passed = [("宋雨", "appointed", "区教育局局长"), ("于川", "acting", "区人民法院院长")]
    assert people(f"本报讯　会议表决通过{told}", "常委会召开会议") == passed
    assert people(f"本报讯　会议听取了{told}", "常委会召开会议") == []


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("欢迎公民旁听市人大常委会会议", "会议定于6月30日举行，有意者请报名。", Kind.MEETING),
        ("公民旁听市人大常委会会议", "6月10日，会议召开，10名公民报名旁听。", Kind.NEWS),
        ("某县人民法院法官任命", "会议决定任命张大山为审判员。", Kind.APPOINTMENTS),
        ("人事任免权", "常委会任免审判员。", Kind.OTHER),
        ("某镇人大主席团关于征求工作报告意见的通知", "请提出意见。", Kind.CONSULTATION),
        ("某县第二次会议主席团名单", "（2026年6月1日预备会议通过）", Kind.SESSION),
        ("关于主席团和秘书长名单（草案）的说明", "各位代表：", Kind.REPORT),
        ("信箱受理说明", "请写真实姓名。", Kind.OTHER),
        ("关于提请审议列席人员名单的议案", "现提请审议。", Kind.OTHER),
        ("某县选举委员会公告", "选举日为2026年11月16日，选民登记按选区进行。", Kind.OTHER),
        ("某县选举委员会公告", "第3选区投票选出的代表名单如下：\n龙川", Kind.DEPUTIES),
        ("某市人大办公室公告", "面向社会公开征集养老方面的问题、意见。\n电子信箱：a@b.cn", Kind.CONSULTATION),
        ("某国主席令第三号", "新华网某地6月1日电 主席令 第三号\n免去张大山的部长职务。", Kind.APPOINTMENTS),
    ],
)
def test_what_a_text_is_shows_in_what_it_does(title: str, text: str, kind: Kind) -> None:
    assert read(text, title).kind is kind


@pytest.mark.parametrize(
    ("text", "outlet"),
    [
        ("生活报6月9日讯　会议召开。", "生活报"),
        ("新京报讯　会议闭幕。", "新京报"),
        ("交汇点讯　会议开幕。", "交汇点"),
        ("转自：某江日报\n会议召开。", "某江日报"),
        ("来源：某江新闻网讯　发布时间：2026-06-18", "某江新闻网"),
        ("本报讯　会议召开。", None),
    ],
)
def test_an_outlet_is_named_before_its_news(text: str, outlet: str | None) -> None:
    assert read(text, "市人大常委会召开会议").origin == outlet
