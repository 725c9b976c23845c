from __future__ import annotations

import dataclasses

import pytest

from feeds.model import Verdict
from feeds.read.article import read_article
from feeds.read.listing import read_listing
from feeds.read.verdict import judge_page
from tests.read.pages import ARTICLE, BASE, LISTING, PORTAL, make_page, make_raw, make_row

FILLER = "<p>" + "很长的一段话，" * 100


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, None),
        (304, Verdict.UNCHANGED),
        (302, Verdict.MOVED),
        (401, Verdict.BLOCKED),
        (403, Verdict.BLOCKED),
        (405, Verdict.BLOCKED),
        (429, Verdict.BLOCKED),
        (404, Verdict.GONE),
        (410, Verdict.GONE),
        (400, Verdict.FAILED),
        (500, Verdict.FAILED),
        (503, Verdict.FAILED),
        (412, Verdict.CHALLENGE),
        (521, Verdict.CHALLENGE),
    ],
)
def test_the_status_is_told_apart(status: int, verdict: Verdict | None) -> None:
    opened = judge_page(make_page("", status=status), PORTAL)
    assert opened.verdict is verdict
    assert (opened.problem is None) == (verdict is None)


@pytest.mark.parametrize(
    ("script", "who"),
    [
        ("document.cookie='__jsl_clearance=1'", "jsl"),
        ("$_ts=window['$_ts'];$_ts.nsd=1", "ruishu"),
        ("document.cookie='EO_Bot_Ssid=1;';location.reload()", "edge"),
        ("var arg1='0123456789ABCDEF01234567'", "Aliyun"),
        ("window._cf=1;a='/cdn-cgi/challenge-platform/x'", "browser check"),
    ],
)
def test_a_challenge_is_recognised_and_named(script: str, who: str) -> None:
    opened = judge_page(make_raw(f"<html><script>{script}</script></html>"), PORTAL)
    assert opened.verdict is Verdict.CHALLENGE
    assert who in (opened.problem or "")


def test_a_real_page_behind_a_passed_challenge_is_no_challenge() -> None:
    assert judge_page(make_page(f"<script>$_ts=1</script>{FILLER}"), PORTAL).verdict is None


def test_a_firewall_page_is_blocked_whatever_its_status() -> None:
    assert judge_page(make_raw("<h1>电信云防护</h1>", status=405), PORTAL).verdict is Verdict.BLOCKED
    assert judge_page(make_raw("<h1>您的访问请求被拦截</h1>"), PORTAL).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(
    "text", ["页面不存在", "您访问的页面没有找到", "该文章已被删除", "404 Not Found", "信息不存在"]
)
def test_a_page_that_says_it_is_not_there_is_gone_as_an_article_and_an_error_as_a_list(text: str) -> None:
    page = make_page(f"<center>{text}</center>")
    assert read_article(page, PORTAL, ARTICLE).verdict is Verdict.GONE
    assert read_listing(page, PORTAL, LISTING).verdict is Verdict.SOFT_ERROR


def test_a_list_with_status_404_is_gone() -> None:
    assert read_listing(make_page("", status=404), PORTAL, LISTING).verdict is Verdict.GONE


def test_an_article_whose_body_only_says_that_it_is_gone_is_gone() -> None:
    page = make_page(f"<table><tr><td class=bt>提示<tr><td id=zoom>对不起，信息不存在</table><div>{FILLER}</div>")
    assert read_article(page, PORTAL, ARTICLE).verdict is Verdict.GONE


def test_a_notice_about_errors_is_no_error() -> None:
    """A short notice may say that the site is being upgraded: only pages without an article are judged by words."""
    page = make_page(
        "<table><tr><td class=bt>公告<tr><td id=zoom><p>因系统升级，6月1日网站维护中，届时暂停服务。</table>"
    )
    assert read_article(page, PORTAL, ARTICLE).verdict is Verdict.ARTICLE


@pytest.mark.parametrize("text", ["HTTP Status 500 - error", "系统繁忙，请稍后再试", "It works!", "数据库连接错误"])
def test_an_error_with_status_200_is_a_soft_error(text: str) -> None:
    assert judge_page(make_page(text), PORTAL).verdict is Verdict.SOFT_ERROR


@pytest.mark.parametrize(
    "body",
    ["<meta http-equiv=refresh content='0;url=http://other.test/'>", "<script>window.location.href='/x'</script>"],
)
def test_a_page_that_only_sends_browsers_elsewhere_has_moved(body: str) -> None:
    assert judge_page(make_raw(f"<html>{body}</html>"), PORTAL).verdict is Verdict.MOVED


@pytest.mark.parametrize("body", ["", "  \n ", "\x00"])
def test_an_empty_page_is_a_soft_error(body: str) -> None:
    assert judge_page(make_raw(body), PORTAL).verdict is Verdict.SOFT_ERROR


def test_a_page_in_a_broken_charset_is_garbled() -> None:
    assert judge_page(make_raw("锟斤拷" * 50 + "</html>"), PORTAL).verdict is Verdict.GARBLED


def test_a_page_without_the_portals_name_is_taken_over() -> None:
    opened = judge_page(make_raw(f"<html><body>{FILLER}注册即送</body></html>"), PORTAL)
    assert opened.verdict is Verdict.TAKEN_OVER
    assert "某市人民代表大会常务委员会" in (opened.problem or "")


def test_a_page_that_shows_nothing_is_an_error_and_nobodys_takeover() -> None:
    assert judge_page(make_raw("<html><div id=app></div></html>"), PORTAL).verdict is Verdict.SOFT_ERROR


def test_one_identity_string_in_either_width_is_enough() -> None:
    assert judge_page(make_raw(f"<html>{FILLER}备案(测) １号</html>"), PORTAL).verdict is None


def test_a_portal_without_identity_is_believed() -> None:
    nobody = dataclasses.replace(PORTAL, identity=())
    assert judge_page(make_raw(f"<html>{FILLER}</html>"), nobody).verdict is None


def test_a_page_too_large_or_too_deep_fails_before_it_is_parsed() -> None:
    opened = judge_page(make_raw(b"<div>" * 50_000), PORTAL)
    assert opened.verdict is Verdict.TOO_LARGE
    assert "deeper" in (opened.problem or "")
    assert judge_page(make_raw(b"x" * 6_000_000), PORTAL).verdict is Verdict.TOO_LARGE


def test_a_cut_article_is_told_and_never_read_as_a_shorter_one() -> None:
    whole = make_page(f"<table><tr><td class=bt>公告<tr><td id=zoom>{FILLER}</table>")
    cut = dataclasses.replace(whole, body=whole.body[: len(whole.body) // 2])
    assert read_article(cut, PORTAL, ARTICLE).verdict is Verdict.TRUNCATED
    assert read_article(whole, PORTAL, ARTICLE).verdict is Verdict.ARTICLE


def test_a_page_that_never_ends_its_html_but_has_its_last_line_is_whole() -> None:
    page = make_raw(f"<html><table>{make_row('某公告')}</table>版权所有：某市人民代表大会常务委员会")
    assert read_listing(page, PORTAL, LISTING).verdict is Verdict.LISTING


def test_without_identity_a_page_is_cut_only_if_it_ends_inside_a_tag() -> None:
    nobody = dataclasses.replace(PORTAL, identity=())
    rows = f"<html><table>{make_row('某公告')}"
    assert read_listing(make_raw(rows), nobody, LISTING).verdict is Verdict.LISTING
    assert read_listing(make_raw(f"{rows}<tr><td><a hre"), nobody, LISTING).verdict is Verdict.TRUNCATED


def test_a_list_with_fewer_rows_than_its_pager_promises_is_cut_only_if_it_does_not_end() -> None:
    pager = "共 123 条 每页 15 条 第 1/9 页"
    cut = make_raw(f"<html>{pager}<table>{make_row('某公告')}")
    whole = make_page(f"{pager}<table>{make_row('某公告')}</table>", url=BASE + "list.jsp")
    last = make_raw(f"<html>共 121 条 每页 15 条 第 9/9 页<table>{make_row('某公告')}")
    assert read_listing(cut, PORTAL, LISTING).verdict is Verdict.TRUNCATED
    assert "promises 15" in (read_listing(cut, PORTAL, LISTING).problem or "")
    assert read_listing(whole, PORTAL, LISTING).verdict is Verdict.LISTING
    assert read_listing(last, PORTAL, LISTING).verdict is Verdict.LISTING


@pytest.mark.parametrize("charset", ["utf-16", "cp037"])
def test_a_page_is_measured_in_the_charset_that_it_is_parsed_in(charset: str) -> None:
    """Its own bytes look like no tags at all."""
    page = make_raw(("<div>" * 1100 + "字").encode(charset, "ignore"), content_type=f"text/html; charset={charset}")
    opened = judge_page(page)
    assert opened.verdict is Verdict.TOO_LARGE
    assert "deeper" in (opened.problem or "")
