"""Three notices called 哈尔滨市人大常委会公告 must be told apart without a look at each other."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.titles import first_clause, is_generic, shown_title, title_notice
from feeds.model import Article, Notice, Verdict


@pytest.mark.parametrize(
    "title",
    [
        "哈尔滨市人大常委会公告",
        "哈尔滨市人民代表大会常务委员会公告",
        "公告",
        "某市人民政府通告",
        "某市第十六届人民代表大会主席团公告",
        "某市人大常委会决定",
    ],
)
def test_an_issuer_with_a_bare_kind_is_generic(title: str) -> None:
    assert is_generic(title)


@pytest.mark.parametrize(
    "title",
    [
        "关于召开第十二次会议的通知",
        "某市人大常委会关于批准决算的决议",
        "聚焦“四个重点” 提升监督实效",
        "公告栏开通了",
        "",
    ],
)
def test_a_title_that_says_something_is_left_alone(title: str) -> None:
    assert not is_generic(title)
    assert shown_title(title, "第7号", "正文在此。") == title


def test_a_generic_title_is_shown_with_number_and_first_clause() -> None:
    body = "哈尔滨市人大常委会公告\n（第7号）\n各位市民：\n　　第六次主任会议决定，第四次会议于6月22日举行。"
    assert shown_title("哈尔滨市人大常委会公告", "第7号", body) == "哈尔滨市人大常委会公告(第7号) · 第六次主任会议决定"


def test_without_a_number_the_clause_alone_tells() -> None:
    assert shown_title("公告", None, "接受两名代表辞去职务。") == "公告 · 接受两名代表辞去职务"


def test_without_a_text_the_title_stands_alone() -> None:
    assert shown_title("公告", "第7号", "") == "公告(第7号)"
    assert shown_title("公告", None, "（第7号）") == "公告"


def test_a_clause_too_short_to_say_anything_takes_the_next_one() -> None:
    assert first_clause("现公告如：下列条例，自五月起施行。") == "现公告如：下列条例"


def test_a_text_of_one_short_line_is_its_own_clause() -> None:
    assert first_clause("特此公告。") == "特此公告"


@given(st.text(), st.text())
def test_a_shown_title_always_begins_with_the_whole_title(title: str, body: str) -> None:
    """Titles are never cut."""
    assert shown_title(title, None, body).startswith(title)


def test_a_notice_is_shown_under_one_title_everywhere_read_or_not() -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    url = "http://portal.example/1.htm"
    article = Article(url, Verdict.ARTICLE, number="第7号", body="现将有关事项公告如下。")
    read = Notice(1, "abcd", "portal", "id:1", url, "某市人大常委会公告", None, now, now, 1, ("tzgg",), article)
    assert title_notice(read) == "某市人大常委会公告(第7号) · 现将有关事项公告如下"
    assert title_notice(replace(read, article=None)) == "某市人大常委会公告"
