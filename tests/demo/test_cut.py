"""Titles are cut as the known portal cuts them: by GBK bytes, half a character becoming a space."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.demo.cut import BOX_BYTES, LIST_BYTES, cut_title, encode_text

# The shapes of the nine cut titles that are known; where one named a living person, an invented name of equal width.
KNOWN = [
    ("哈尔滨市第十六届人民代表大会常务委员会代表资格审查委员会的报告", "哈尔滨市第十六届人民代表大 ..."),
    ("哈尔滨市人民代表大会常务委员会关于公开征求意见的通知", "哈尔滨市人民代表大会常务委 ..."),
    ("哈尔滨市第十六届人民代表大会第三次会议公告", "哈尔滨市第十六届人民代表大 ..."),
    ("中共中央政治局召开会议 沈喆言主持", "中共中央政治局召开会议 沈喆..."),
    ("绿水青山的法治足迹——十三年立法回眸", "绿水青山的法治足迹——十三 ..."),
    ("把加强党的全面领导贯穿人大工作各方面", "把加强党的全面领导贯穿人大 ..."),
    ("沈喆言同全国人大常委会会议列席代表座谈", "沈喆言同全国人大常委会会议 ..."),
    ("学习践行沈喆言法治思想 推动人大工作", "学习践行沈喆言法治思想 推动..."),
    ("沈喆言在西藏调研青藏高原生态保护立法", "沈喆言在西藏调研青藏高原生 ..."),
]


@pytest.mark.parametrize(("whole", "cut"), KNOWN)
def test_a_long_title_is_cut_to_thirty_bytes_as_the_portal_does(whole: str, cut: str) -> None:
    assert cut_title(whole, BOX_BYTES) == cut
    assert len(cut.encode("gbk")) == BOX_BYTES


def test_a_title_of_22_bytes_is_shown_whole() -> None:
    assert cut_title("哈尔滨市人大常委会公告", BOX_BYTES) == "哈尔滨市人大常委会公告"


def test_a_title_of_exactly_the_limit_is_shown_whole() -> None:
    assert cut_title("字" * 15, BOX_BYTES) == "字" * 15
    assert cut_title("字" * 16, BOX_BYTES) == "字" * 13 + " ..."


def test_lists_cut_at_sixty_bytes_by_the_same_rule() -> None:
    assert cut_title("字" * 31, LIST_BYTES) == "字" * 28 + " ..."


@given(st.text(alphabet="一喆堃·〇—ab 9", max_size=80), st.sampled_from([BOX_BYTES, LIST_BYTES]))
def test_a_shown_title_never_takes_more_than_its_room(title: str, limit: int) -> None:
    shown = cut_title(title, limit)
    assert len(shown.encode("gbk")) <= limit
    assert shown == title or (len(shown.encode("gbk")) == limit and title.startswith(shown[:-3].rstrip(" ")))


def test_what_gbk_lacks_becomes_a_reference() -> None:
    assert encode_text("喆😀") == "喆".encode("gbk") + b"&#128512;"
