from __future__ import annotations

import dataclasses

import pytest

from feeds.model import FetchFailure, ListingRecipe, Verdict
from feeds.read.article import read_article
from feeds.read.bare import read_bare_article, read_bare_listing, read_listing_page
from feeds.read.listing import read_listing
from feeds.read.verdict import judge_body, judge_failure, judge_page
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
        ("document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+('clearance')", "jsl"),
        ("document.cookie='who=1;path=/';window.location.reload(true)", "sets a cookie"),
        ("document.cookie='who=1';location.href = location.href", "sets a cookie"),
    ],
)
def test_a_challenge_is_recognised_and_named(script: str, who: str) -> None:
    opened = judge_page(make_raw(f"<html><script>{script}</script></html>"), PORTAL)
    assert opened.verdict is Verdict.CHALLENGE
    assert who in (opened.problem or "")


def test_a_real_page_behind_a_passed_challenge_is_no_challenge() -> None:
    assert judge_page(make_page(f"<script>$_ts=1</script>{FILLER}"), PORTAL).verdict is None


def test_a_short_page_with_its_list_is_no_challenge_for_the_script_it_carries() -> None:
    script = "<script>$_ts=window['$_ts']</script>"
    rows = "".join(f"<li><a href=info.jsp?id={n}>某市人大常委会公告第{n}号</a>" for n in range(4))
    assert judge_page(make_page(f"{script}<ul>{rows}</ul>")).verdict is None
    assert judge_page(make_page(script)).verdict is Verdict.CHALLENGE


@pytest.mark.parametrize(
    ("inside", "verdict"),
    [
        ("<form><input name=user><input type=password name=pw></form>", Verdict.LOGIN),
        ("<form>验证码<input name=code><img src=/kaptcha/validateCode.jpg></form>", Verdict.LOGIN),
        ("<p>请输入验证码后继续访问", Verdict.LOGIN),
        ("<p>请完成安全验证：拖动滑块完成拼图", Verdict.LOGIN),
        ("<p>您尚未登录，请先登录", Verdict.LOGIN),
        ("<h1>系统维护中，请稍后访问", Verdict.MAINTENANCE),
        ("<h1>网站正在升级改造", Verdict.MAINTENANCE),
        ("<h1>Site under maintenance", Verdict.MAINTENANCE),
        ("<h1>本域名正在出售", Verdict.TAKEN_OVER),
        ("<h1>该网站未备案", Verdict.SOFT_ERROR),
        ("<p>访问过于频繁，请稍后再试", Verdict.BLOCKED),
    ],
)
def test_a_page_that_is_nothing_but_a_message_is_what_it_says(inside: str, verdict: Verdict) -> None:
    for portal in (PORTAL, None):
        assert judge_page(make_page(inside), portal).verdict is verdict


@pytest.mark.parametrize("status", [200, 403, 500, 503])
def test_what_stands_before_a_portal_is_named_whatever_the_status(status: int) -> None:
    assert judge_page(make_page("<h1>系统维护中", status=status)).verdict is Verdict.MAINTENANCE
    assert judge_page(make_page("<p>请输入验证码", status=status)).verdict is Verdict.LOGIN


def test_a_page_that_is_gone_by_its_status_is_gone_whatever_it_says() -> None:
    assert judge_page(make_page("<h1>页面不存在，或网站正在维护", status=404)).verdict is Verdict.GONE


@pytest.mark.parametrize(
    "title",
    ["关于系统维护暂停服务的公告", "关于网站验证码登录的说明", "关于反映页面不存在问题的答复", "关于请求被拦截的说明"],
)
def test_a_notice_about_a_message_is_a_notice(title: str) -> None:
    """Its time of publication, the meta tags of an article or the links of a list prove what it is."""
    words = f"<h1>{title}</h1><p>因系统维护中，6月1日起暂停服务，请输入验证码，页面不存在。</p>"
    page = make_page(f"{words}<p>发布时间：2022-09-15 10:12")
    assert judge_page(page).verdict is None
    assert judge_page(make_page(f"<meta name=ArticleTitle content={title}>{words}")).verdict is None
    assert judge_page(make_page(words)).verdict is not None


def test_a_list_with_a_login_box_in_its_header_is_a_list() -> None:
    box = "<form>请先登录<input type=password name=pw>验证码<img src=/captcha.jpg></form>"
    rows = "".join(f"<li><a href=info.jsp?id={n}>某市人大常委会公告第{n}号</a>" for n in range(4))
    assert judge_page(make_page(f"{box}<ul>{rows}</ul>")).verdict is None
    assert (
        read_listing(make_page(f"{box}<table>{make_row('某公告')}</table>"), PORTAL, LISTING).verdict is Verdict.LISTING
    )


def test_links_to_other_portals_prove_nothing() -> None:
    links = "".join(f"<a href=http://other{n}.test/>另一个市人民代表大会常务委员会</a>" for n in range(9))
    assert judge_page(make_page(f"<h1>系统维护中</h1>{links}")).verdict is Verdict.MAINTENANCE


def test_a_footer_that_names_who_maintains_the_site_is_no_maintenance() -> None:
    assert judge_page(make_page("<p>机构简介" + "字" * 100 + "<p>网站建设与维护：某公司")).verdict is None


@pytest.mark.parametrize(
    "page",
    [
        "<html><script src=/app.js></script><div id=app></div></html>",
        "<html><body><noscript>This site needs JavaScript, please enable JavaScript</noscript><script></script>",
        "<html><body>您的浏览器不支持JavaScript，请启用JavaScript后再访问，谢谢您的理解与支持，不便之处敬请谅解。</html>",
    ],
)
def test_a_page_that_scripts_must_fill_is_a_shell(page: str) -> None:
    opened = judge_page(make_raw(page), PORTAL)
    assert opened.verdict is Verdict.SHELL
    assert "scripts fill" in (opened.problem or "")


@pytest.mark.parametrize("url", [BASE, BASE + "index.html", "https://portal.test", BASE + "index.jsp"])
def test_an_article_that_leads_to_the_home_page_is_a_soft_error(url: str) -> None:
    read = read_article(make_page(FILLER, url=url), PORTAL, ARTICLE)
    assert read.verdict is Verdict.SOFT_ERROR
    assert "home page" in (read.problem or "")


@pytest.mark.parametrize("address", ["/", BASE, "http://portal.test/index.html"])
def test_a_page_that_names_the_home_page_as_its_own_address_is_the_home_page(address: str) -> None:
    page = make_page(f"<link rel=canonical href={address}>{FILLER}")
    assert read_article(page, PORTAL, ARTICLE).verdict is Verdict.SOFT_ERROR
    assert read_listing(page, PORTAL, LISTING).verdict is Verdict.SOFT_ERROR
    elsewhere = make_page(f"<link rel=canonical href={BASE}x.html>{FILLER}")
    assert read_article(elsewhere, PORTAL, ARTICLE).verdict is Verdict.CONTAINER_MISSING


def test_a_list_on_the_home_page_and_an_article_with_a_careless_address_are_read() -> None:
    assert read_listing(make_page(f"<table>{make_row('某公告')}</table>", url=BASE), PORTAL, LISTING).items
    careless = make_page(f"<link rel=canonical href=/><table><tr><td class=bt>公告<tr><td id=zoom>{FILLER}</table>")
    assert read_article(careless, PORTAL, ARTICLE).verdict is Verdict.ARTICLE


@pytest.mark.parametrize("body", [b"%PDF-1.7\n1 0 obj", b"\x89PNG\r\n\x1a\n\0\0", bytes(range(256)) * 40])
def test_a_file_under_the_name_of_a_page_is_not_a_page(body: bytes) -> None:
    opened = judge_page(make_raw(body), PORTAL)
    assert opened.verdict is Verdict.NOT_A_PAGE
    assert "not a page" in (opened.problem or "")
    assert judge_page(make_raw(body, status=404), PORTAL).verdict is Verdict.GONE


def test_a_template_that_is_fine_around_a_ruined_text_is_garbled() -> None:
    ruined = "哈尔滨市人大常委会公告" * 5
    ruined = ruined.encode().decode("gb18030", "ignore")
    page = make_page(f"{FILLER}<table><tr><td class=bt>公告<tr><td id=zoom><p>{ruined}</table>", charset="gb18030")
    assert read_article(page, PORTAL, ARTICLE).verdict is Verdict.GARBLED


def test_question_marks_where_a_database_lost_its_text_are_garbled() -> None:
    page = make_raw("<html><body><h1>????????????</h1><p>???????????, 2022-09-15, ??????????</body></html>")
    assert judge_page(page).verdict is Verdict.GARBLED


def test_what_did_not_come_back_whole_has_its_verdict() -> None:
    reasons = {"timeout": Verdict.FAILED, "truncated": Verdict.TRUNCATED, "too large": Verdict.TOO_LARGE}
    for reason, verdict in reasons.items():
        assert judge_failure(FetchFailure(BASE, reason, "it did not come")) is verdict


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
    opened = judge_page(make_raw(b"<div>" * 30_000), PORTAL)
    assert opened.verdict is Verdict.TOO_LARGE
    assert "deeper" in (opened.problem or "")
    assert judge_page(make_raw(b"x" * 6_000_000), PORTAL).verdict is Verdict.TOO_LARGE


def test_a_cut_article_is_told_and_never_read_as_a_shorter_one() -> None:
    whole = make_page(f"<table><tr><td class=bt>公告<tr><td id=zoom>{FILLER}</table>")
    cut = dataclasses.replace(whole, body=whole.body[: len(whole.body) // 2])
    assert read_article(cut, PORTAL, ARTICLE).verdict is Verdict.TRUNCATED
    assert read_article(whole, PORTAL, ARTICLE).verdict is Verdict.ARTICLE


@pytest.mark.parametrize("head", ["<head><title>{}</title></head>", "<title>{}</title>", "<title>{}</title><body>"])
def test_the_owner_in_the_head_does_not_make_a_cut_page_whole(head: str) -> None:
    named = head.format("某市人民代表大会常务委员会")
    page = make_raw(f"<html>{named}<table><tr><td class=bt>公告<tr><td id=zoom>{FILLER}")
    assert read_article(page, PORTAL, ARTICLE).verdict is Verdict.TRUNCATED


def test_a_page_that_was_cut_behind_a_script_is_not_taken_for_one_that_sends_elsewhere() -> None:
    page = '<html><body><script>var home = 1; location.href = "/index.html";</script>'
    assert judge_page(make_raw(page), PORTAL).verdict is Verdict.TRUNCATED
    assert judge_page(make_raw(f"{page}</body></html>"), PORTAL).verdict is Verdict.MOVED


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


MENU = "".join(f"<a href=/c{number}/>栏目{number}</a>" for number in range(9))


@pytest.mark.parametrize(
    "page",
    [
        "<title>关于系统升级维护的公告</title><h1>关于系统升级维护的公告</h1><p>2026-09-28</p>系统维护中。",
        "<title>某路改造施工通告 - 某局</title><h1>某路改造施工通告</h1>2026-09-28 正在升级改造建设，暂停通行。",
        f"{MENU}<h1>关于征求意见的公告</h1><p>2026-09-28</p><form>请输入验证码<img src=/captcha.jpg></form>",
    ],
)
def test_a_document_that_speaks_of_it_is_read_as_what_it_is(page: str) -> None:
    assert judge_page(make_raw(f"<html>{page}</html>")).verdict is None


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("网站正在升级改版，敬请期待。", Verdict.MAINTENANCE),
        ("抱歉，该信息未发布。", Verdict.GONE),
        ("您访问的信息正在审核中或已下线", Verdict.GONE),
        ("数据加载中，请稍候……", Verdict.SHELL),
        ("对不起，您访问的页面不存在或已被删除！", Verdict.GONE),
        ("您的访问请求可能对网站造成安全威胁，已被 WAF 阻断", Verdict.BLOCKED),
        ("经查，某某协会登记文件已被撤销，现予公告。", None),
        ("本周六暂停对外服务，请相互转告。", None),
        ("自2026年9月1日起施行。" * 9, None),
    ],
)
def test_a_text_that_only_says_why_there_is_none_is_no_article(text: str, verdict: Verdict | None) -> None:
    found = judge_body(text)
    assert (found and found[0]) == verdict


def test_a_footer_in_another_charset_leaves_the_page_as_it_is() -> None:
    text = "<p>" + "市人民代表大会常务委员会举行会议，听取和审议有关报告。" * 9
    page = f"<html>{text}".encode() + "版权所有：某市人民代表大会常务委员会".encode("gbk") + b"</html>"
    assert judge_page(make_raw(page)).verdict is None


def test_a_list_of_ruined_titles_is_garbled_though_its_page_makes_sense() -> None:
    around = "<p>" + "本栏目公布市人民代表大会常务委员会的公告和通知。" * 20
    rows = "".join(f"<li><a href=/n/{n}.html>关于\ufffd\ufffd\ufffd听证会</a>2026-09-0{n}" for n in range(1, 9))
    page = make_page(f"{around}<ul>{rows}</ul>", charset="utf-8")
    assert read_listing(page, PORTAL, ListingRecipe("li")).verdict is Verdict.GARBLED
    assert read_listing_page(page).verdict is Verdict.GARBLED


@pytest.mark.parametrize("url", ["http://[bad", "http://[::1", "http://x.example／a/"])
def test_an_address_that_is_none_harms_no_reading(url: str) -> None:
    rows = "".join(f"<li><a href=/n/{n}.html>关于举行第{n}次听证会的公告</a>2026-09-0{n}" for n in range(1, 9))
    assert len(read_bare_listing(f"<ul>{rows}</ul>".encode(), url).items) == 8
    read_bare_article(f"<ul>{rows}</ul>".encode(), url)


LOGIN_PAGE = """<html><head><title>统一身份认证平台</title></head><body>
<div class="top">欢迎使用 市政务服务 统一身份认证平台</div>
<form><h3>用户登录</h3> <label>用户名</label> <input name="user"> <label>密码</label> <input type="password" name="pw">
<a href="/forget">忘记密码</a> <a href="/register">注册账号</a> <button>登 录</button></form>
<div>其他登录方式</div> <div>扫码登录</div> <div>证书登录</div> <div>短信登录</div>
<p>浏览器建议使用谷歌、火狐</p> <p>技术支持电话 0451-0000000</p> <p>服务时间 工作日</p> <p>版权所有 某市政务服务中心</p>
<p>主办单位 某市政务服务和数据局</p> <p>承办单位 某市大数据中心</p> <p>备案号 黑ICP备00000000号</p></body></html>"""


def test_a_page_to_log_in_is_no_article_however_many_labels_it_has() -> None:
    assert read_bare_article(LOGIN_PAGE.encode(), BASE).verdict is Verdict.LOGIN
    assert read_bare_listing(LOGIN_PAGE.encode(), BASE).verdict is Verdict.LOGIN


def test_an_article_beside_a_login_box_is_an_article() -> None:
    said = (
        "我们将严格按照有关规定，认真受理群众来信来访，及时回复群众关切，并对反映的问题逐件登记、逐件办理、逐件答复。"
        * 3
    )
    page = LOGIN_PAGE.replace("<div>其他登录方式</div>", f"<h1>信访须知</h1><p>{said}</p>")
    assert read_bare_article(page.encode(), BASE).verdict is Verdict.ARTICLE


@pytest.mark.parametrize("title", ["新葡京娱乐城官网-注册送88", "澳门百家乐平台_官方网站", "棋牌APP下载 真人荷官"])
def test_a_casino_on_the_old_domain_is_somebody_else(title: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{FILLER}</p></body></html>"
    article = read_bare_article(page.encode(), BASE)
    assert article.verdict is Verdict.TAKEN_OVER
    assert title[:6] in (article.problem or "")


@pytest.mark.parametrize(
    "title", ["关于打击百家乐、六合彩等赌博活动的通告", "市彩票管理中心官方网站开通", "全市棋牌比赛公告"]
)
def test_a_notice_about_gambling_is_a_notice(title: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>2026-03-02</p>{FILLER}</p></body></html>"
    assert read_bare_article(page.encode(), BASE).verdict is Verdict.ARTICLE


@pytest.mark.parametrize("said", ["参数错误！", "非法请求", "对不起，参数不正确，请返回首页"])
def test_an_error_under_the_menu_of_a_portal_is_no_article(said: str) -> None:
    menu = "".join(f'<li><a href="/c{number}/">栏目名称{number}</a></li>' for number in range(40))
    main = f"<div class='main'><p>{said}</p></div>"
    page = f"<html><head><title>市人大</title></head><body><ul>{menu}</ul>{main}</body></html>"
    assert read_bare_article(page.encode(), BASE).verdict in (Verdict.SOFT_ERROR, Verdict.GONE)
