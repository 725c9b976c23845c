from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.read.titles import choose_title, clean_title, fold_width, is_cut, matches_cut, site_title


def cut_like_the_database(title: str) -> str:
    """SUBSTRB(title, 1, 27) || '...' on a GBK database: half a character becomes a space."""
    data = title.encode("gbk")
    return title if len(data) <= 30 else data[:27].decode("gbk", "replace").replace("�", " ") + "..."


@pytest.mark.parametrize("title", ["哈尔滨市第十六届人民代表大 ...", "某会议 习近...", "某会议…", "某会议……"])
def test_an_ellipsis_at_the_end_means_a_beginning(title: str) -> None:
    assert is_cut(title)


@pytest.mark.parametrize("title", ["哈尔滨市人大常委会公告", "关于…的决定", "v1.0."])
def test_a_title_without_one_is_whole(title: str) -> None:
    assert not is_cut(title)


def test_a_cut_title_matches_the_whole_one_and_no_other() -> None:
    whole = "哈尔滨市第十六届人民代表大会第三次会议公告（第1号）"
    assert matches_cut("哈尔滨市第十六届人民代表大 ...", whole)
    assert matches_cut("哈尔滨市第十六届人民代表大会第三次会议公告(第1...", whole)
    assert not matches_cut("哈尔滨市第十五届人民代表大 ...", whole)
    assert not matches_cut("...", whole)


@given(st.text(st.sampled_from("公告决定（）·—喆 a1"), min_size=16, max_size=60).map(str.strip))
def test_whatever_the_database_cuts_is_matched(title: str) -> None:
    if title:
        assert matches_cut(cut_like_the_database(title), title) or not title.strip("· ")


def test_width_is_folded_one_character_to_one() -> None:
    assert fold_width("（第１号），　x\xa0") == "(第1号), x "


def test_a_title_keeps_its_inner_space_and_loses_its_bullet() -> None:
    assert clean_title("·  聚焦“四个重点”\n 提升监督实效\x08 ") == "聚焦“四个重点” 提升监督实效"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("公告_通知公告_某市人大", "公告"),
        ("公告 - 某市人大", "公告"),
        ("A-B区公告", "A-B区公告"),
        ("_某市", "_某市"),
        ("公告|某市", "公告"),
    ],
)
def test_the_names_of_channel_and_site_are_no_part_of_the_title(text: str, title: str) -> None:
    assert site_title(text) == title


def test_an_ellipsis_inside_is_no_tail_however_long() -> None:
    """A search from every dot to the end of the run would take hours."""
    assert not is_cut("甲" + "." * 500_000 + "乙")
    assert not matches_cut("甲" + "…" * 500_000 + "乙", "甲丙")
    assert len(site_title("甲" + "–" * 500_000 + "乙")) <= 1_000


@pytest.mark.parametrize(
    ("shown", "told", "title"),
    [
        ("关于某某...", "关于某某事项的通知", "关于某某事项的通知"),
        ("关于某某事项", "关于某某事项的通知", "关于某某事项的通知"),
        ("关于某某...", "文章标题：关于某某事项的通知\n作者：甲", "关于某某事项的通知"),
        ("[置顶]关于某某事项的通知", "关于某某事项的通知", "关于某某事项的通知"),
        ("关于某某...", "点击查看", "关于某某..."),
        ("关于某某事项...", "关于某某事项的...", "关于某某事项..."),
        ("关于某某事项的通知", "通知", "关于某某事项的通知"),
        ("", "关于某某事项的通知", "关于某某事项的通知"),
        ("关于某某事项的通知", "", "关于某某事项的通知"),
    ],
)
def test_what_a_link_tells_is_its_title_where_it_is_more_of_what_it_shows(shown: str, told: str, title: str) -> None:
    assert choose_title(shown, told) == title
