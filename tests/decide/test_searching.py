from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.searching import LONGEST, Misasked, list_values, read_phrases, read_search, write_query
from feeds.facts import Kind, Search

KNOWN = {"linjiang": ["tzgg", "gzdt"], "songbei": ["tzgg", "xjrm"]}


def read(**asked: str) -> Search:
    found = read_search(asked, KNOWN)
    assert isinstance(found, Search), found
    return found


def test_what_nobody_types_parts_words() -> None:
    assert read(q="预算\x00决算\t公告", person="尹\x7f明", law="\x00") == Search(
        phrases=("预算", "决算", "公告"), person="尹 明"
    )


def refuse(**asked: str) -> Misasked:
    found = read_search(asked, KNOWN)
    assert isinstance(found, Misasked), found
    return found


@pytest.mark.parametrize(
    ("typed", "phrases"),
    [
        ("预算 决算", ("预算", "决算")),
        ("预算，决算、草案", ("预算", "决算", "草案")),
        ("预算 预算", ("预算",)),
        ("“open data” 第 7 号", ("open data", "第", "7", "号")),
        ('"第 7 号"', ("第7号",)),
        ("尹　明", ("尹", "明")),
        ("“没有收尾 的", ("没有收尾", "的")),
        ("预算。", ("预算",)),
        ("—— “” 《》", ()),
        ("", ()),
        ("预算“决算”", ("预算", "决算")),
    ],
)
def test_words_are_parted_by_spaces_and_held_together_by_quotes(typed: str, phrases: tuple[str, ...]) -> None:
    assert read_phrases(typed) == phrases


def test_every_filter_is_read() -> None:
    found = read(
        q="旁听", portal="linjiang", channel="tzgg", kind="meeting", person=" 尹明 ", law="《绿化条例》", reprints="no"
    )
    assert found == Search(("旁听",), "linjiang", "tzgg", Kind.MEETING, "尹明", "绿化条例", reprints=False)


def test_what_is_not_asked_is_open() -> None:
    assert read() == Search()
    assert read(q=" ", kind="", person="——", reprints="yes") == Search()


def test_a_channel_brings_its_portal() -> None:
    assert read(channel="songbei/tzgg") == read(portal="songbei", channel="tzgg") == read(channel="songbei/tzgg")
    assert read(channel="xjrm") == Search(portal="songbei", channel="xjrm")
    assert read(channel="songbei/") == Search(portal="songbei")


@pytest.mark.parametrize(
    ("asked", "unknown"),
    [
        ({"portal": "nowhere"}, True),
        ({"channel": "nowhere"}, True),
        ({"portal": "linjiang", "channel": "xjrm"}, True),
        ({"channel": "nowhere/tzgg"}, True),
        ({"channel": "tzgg"}, False),
        ({"portal": "linjiang", "channel": "songbei/tzgg"}, False),
        ({"kind": "gossip"}, False),
        ({"reprints": "perhaps"}, False),
        ({"q": "会" * (LONGEST + 1)}, False),
        ({"q": "一 二 三 四 五 六 七 八 九 十 百"}, False),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_sentence(asked: dict[str, str], unknown: bool) -> None:
    fault = refuse(**asked)
    assert fault.unknown == unknown
    assert fault.zh.endswith("。")
    assert fault.en.endswith((".", ","))


def test_a_search_has_one_address() -> None:
    assert write_query(read(q="决算  预算", kind="report")) == write_query(
        read(kind="report", q="预算,决算 预算"[3:] + " 预算")
    )
    assert write_query(read(q="a&b=c", portal="linjiang")) == "q=a%26b%3Dc&portal=linjiang"
    assert write_query(Search()) == ""


def test_values_keep_the_order_of_words_and_their_quotes() -> None:
    assert list_values(read(q="预算 “open data” 决算")) == {"q": '预算 "open data" 决算'}


@given(
    st.text(st.sampled_from('会议 第7号〔〕ab “”"，。·《》Ａ'), max_size=25),
    st.sampled_from(["", "linjiang"]),
    st.sampled_from(["", *Kind]),
    st.sampled_from(["", "尹明", "艾力·买买提"]),
    st.sampled_from(["", "no"]),
)
def test_an_address_is_read_as_the_search_it_was_written_from(
    q: str, portal: str, kind: str, person: str, reprints: str
) -> None:
    found = read_search({"q": q, "portal": portal, "kind": kind, "person": person, "reprints": reprints}, KNOWN)
    if isinstance(found, Search):
        again = read(**dict(parse_qsl(write_query(found))))
        assert write_query(again) == write_query(found)
        assert set(again.phrases) == set(found.phrases)


@pytest.mark.parametrize("typed", ["通知…", "通知……第7号", "´通知¨", "通知½", "通知ﷺ", "…"])
def test_signs_that_fold_to_others_do_not_make_another_search_of_its_own_address(typed: str) -> None:
    once = read_search({"q": typed, "portal": "linjiang"}, KNOWN)
    assert isinstance(once, Search)
    assert read(**dict(parse_qsl(write_query(once)))) == once
