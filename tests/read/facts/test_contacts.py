"""How people can take part: addresses, numbers, mailboxes, places and seats, and none where nobody is asked."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.read.facts.reading import read_facts
from feeds.read.results import facts_result
from feeds.render.facts import list_facts

DAY = date(2025, 6, 20)
ASKED = "关于公开征求《某市养犬管理条例（草案）》意见的公告"
HEARD = "某市人大常委会关于举行立法听证会的公告"


def contacts(text: str, title: str = ASKED) -> list[tuple[str, str]]:
    return [(contact.means.value, contact.text) for contact in read_facts(title, text, DAY).contacts]


def test_a_consultation_says_where_to_write_and_call() -> None:
    text = (
        "请于7月20日前将意见寄至某市人大常委会法工委。\n通讯地址：某市湖滨北路61号1号楼\n邮　　编：361018\n"
        "联系电话：0592—2899117，2899118\n传　　真：(0592)2899119\n电子邮箱：fgw@rd.example.cn"
    )
    assert contacts(text) == [
        ("address", "某市湖滨北路61号1号楼"),
        ("postcode", "361018"),
        ("phone", "0592-2899117"),
        ("phone", "2899118"),
        ("fax", "(0592)2899119"),
        ("mailbox", "fgw@rd.example.cn"),
    ]


@pytest.mark.parametrize(
    ("line", "address"),
    [
        ("信函请寄至某市古城区昌洛路1号，并注明“听证报名”。", "某市古城区昌洛路1号"),
        ("意见寄至：北京市2067信箱（邮政编码：100035）", "北京市2067信箱"),
        ("请寄送至某市人大常委会（某市城西前门大街1号，邮编：100805）。", "某市城西前门大街1号"),
        ("地址：某市博览路1号 某司（邮编 100037）。", "某市博览路1号 某司"),
        ("地址：某市博览路1号  联系人：张三", "某市博览路1号"),
    ],
)
def test_an_address_ends_before_what_follows_it(line: str, address: str) -> None:
    assert ("address", address) in contacts(line)


def test_a_hearing_says_where_it_is_and_how_many_may_come() -> None:
    text = "（一）时间：7月1日上午9:30。\n（二）地点：市第二办公区2号楼（人大机关）206会议室。\n听证会设旁听人员5人。"
    assert contacts(text, HEARD) == [("place", "市第二办公区2号楼(人大机关)206会议室"), ("seats", "旁听人员5人")]
    text = "听证会定于7月8日在市民中心会议厅举行，设公民旁听席10席，致电23119122报名。"
    assert contacts(text, HEARD) == [("place", "市民中心会议厅"), ("seats", "设公民旁听席10席"), ("phone", "23119122")]


def test_a_place_to_sign_up_is_an_address_and_no_place_of_the_hearing() -> None:
    assert contacts("报名地点：某市泰山路15号。", HEARD) == [("address", "某市泰山路15号")]


def test_a_website_and_a_number_of_a_paper_are_no_contacts() -> None:
    assert contacts("网址：http://www.rd.example.cn/路/1号。《条例》（令第713号），2025年6月20日。") == []


def test_an_address_that_is_nothing_but_what_follows_one_is_none() -> None:
    assert contacts("地址：（邮编、电话见某路1号公告栏）") == []


def test_what_is_said_twice_is_one_contact() -> None:
    assert contacts("联系电话：2899117。\n报名电话：2899117。") == [("phone", "2899117")]


def test_news_and_lists_have_no_contacts() -> None:
    text = "新华社北京6月18日电 市人大常委会征求意见，电话：0592-2899117，邮箱fgw@rd.example.cn。"
    assert contacts(text, "养犬条例草案征求意见") == []
    assert contacts("任命张三为某市湖滨路61号院主任。电话：2899117", "某市人大常委会任免名单") == []


def test_no_page_gives_contacts_without_end() -> None:
    text = "".join(f"邮箱：a{number}@rd.example.cn。\n" for number in range(100))
    assert len(contacts(text)) == 20


def test_contacts_have_their_words_and_their_sentence() -> None:
    text = "公告如下。\n联系电话：0592-2899117。"
    fact = read_facts(ASKED, text, DAY).contacts[0]
    assert text[fact.said.start : fact.said.end] == "0592-2899117"
    assert fact.said.sentence == "联系电话：0592-2899117。"


def test_contacts_are_told_in_tables_and_to_programs() -> None:
    facts = read_facts(ASKED, "请于7月20日前反馈。联系电话：0592-2899117。", DAY)
    assert [(row.label, row.english, row.text) for row in list_facts(facts)[:2]] == [
        ("截止日期", "Deadline", "2025-07-20"),
        ("电话", "Phone", "0592-2899117"),
    ]
    told = facts_result(facts)["contacts"][0]
    assert (told["means"], told["text"], told["sentence"]) == ("phone", "0592-2899117", "联系电话：0592-2899117。")
