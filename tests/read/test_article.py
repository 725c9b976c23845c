from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.model import Article, ArticleRecipe, Precision, Verdict
from feeds.read.article import read_article
from feeds.read.attachments import find_attachments
from feeds.read.dom import parse_page
from tests.read.pages import ARTICLE, BASE, PORTAL, make_page, make_raw

META = "责任编辑：办公厅&nbsp;&nbsp; &nbsp;&nbsp;&nbsp;&nbsp;&nbsp;时间：2022-09-15 10:12"


def read(
    body: str, title: str = "某市人大常委会公告", meta: str = META, head: str = "", recipe: ArticleRecipe = ARTICLE
) -> Article:
    content = (
        f'{head}<TABLE><TR><TD class="bt">{title}<TR><TD class="meta">{meta}<TR><TD class="nr" id="zoom">{body}</TABLE>'
    )
    return read_article(make_page(content), PORTAL, recipe)


def test_an_article_gives_title_editor_and_time_each_with_its_evidence() -> None:
    article = read("<P>　　正文。</P>", title="聚焦“四个重点” 提升监督实效")
    assert article.verdict is Verdict.ARTICLE
    assert article.title == "聚焦“四个重点” 提升监督实效"
    assert article.editor == "办公厅"
    assert article.published is not None
    assert (datetime(2022, 9, 15, 2, 12, tzinfo=UTC), Precision.MINUTE) == (
        article.published.at,
        article.published.precision,
    )
    assert article.body == "正文。"
    assert set(article.evidence) == {"charset", "body", "title", "editor", "published"}


def test_pairs_of_centred_bold_lines_are_headings_each_on_its_own_line() -> None:
    article = read(
        "<p align=center><strong>聚焦甲</strong></p><p align=center><strong>把准乙</strong></p><p>　　正文。</p>"
        "<p style='text-align:center'><b><span>聚焦丙<br></span><span>突出丁</span></b></p><p>末句。</p>"
    )
    assert article.body.splitlines() == ["聚焦甲", "把准乙", "正文。", "聚焦丙", "突出丁", "末句。"]
    assert article.body_html == (
        "<h3>聚焦甲</h3><h3>把准乙</h3><p>　　正文。</p><h3>聚焦丙<br>突出丁</h3><p>末句。</p>"
    )
    assert article.evidence["headings"] == "3 bold short paragraphs"


@pytest.mark.parametrize(
    "paragraph",
    [
        "<p><b>一句加粗的话。</b></p>",
        "<p><b>开头</b>后面不粗</p>",
        f"<p><b>{'长' * 41}</b></p>",
        "<p><b>第七号</b></p>",
        "<p>不粗</p>",
        "<p><b> </b></p>",
        "<div><p>甲</p><b>乙</b></div>",
        "<div><b>甲<p>乙</p></b></div>",
        "<table><tr><td><p><b>表头</b></p></td></tr></table>",
        "<ul><li><p><b>条目</b></p></li></ul>",
    ],
)
def test_emphasis_is_no_heading(paragraph: str) -> None:
    assert "<h3>" not in read(f"{paragraph}<p>正文</p>").body_html


def test_a_text_of_nothing_but_bold_lines_has_headings_up_to_a_bound() -> None:
    assert read("<p><b>粗体</b></p>" * 150).body_html.count("<h3>") == 100


def test_bold_inside_bold_counts_once() -> None:
    assert "<h3>聚焦甲</h3>" in read("<p><b>聚<strong>焦</strong>甲</b></p><p>文</p>").body_html


@pytest.mark.parametrize(
    ("first", "number"),
    [
        ("<p align=center>第7号</p>", "第7号"),
        ("<p><b>第 七 号</b></p>", "第七号"),
        ("<p>（第４号）</p>", "第４号"),
        ("<p>〔十六届〕第12号</p>", "第12号"),
        ("<p>某市人大常委会公告</p><p>第7号</p>", "第7号"),
        ("<p>根据第7号，现予公布。</p>", None),
        ("<p>现予公布。</p>" * 4 + "<p>第7号</p>", None),
    ],
)
def test_a_number_on_its_own_line_under_the_title_is_the_articles(first: str, number: str | None) -> None:
    assert read(f"{first}<p>现予公布。</p>").number == number


def test_word_paste_leaves_no_trace_but_its_text() -> None:
    body = (
        "<p class=MsoNormal style='mso-x:1'><span lang=EN-US><o:p>&nbsp;</o:p></span></p>"
        "<p class=MsoNormal><span style='font-family:仿宋'>会议<span lang=EN-US>8</span>号<o:p></o:p></span></p>"
    )
    assert read(body).body_html == "<p>会议8号</p>"


def test_a_table_stays_a_table_and_reads_row_by_row() -> None:
    article = read("<table border=1><tr><td>姓名<td>职务<tr><td><p>尹　明</p><td>审判员</table>")
    assert article.body == "姓名\t职务\n尹　明\t审判员"
    assert article.body_html.count("<td>") == 4


def test_files_have_human_names_and_pictures_absolute_addresses() -> None:
    article = read(
        '<a href="/up/1.doc">附件：代表建议表</a><a href="/up/%C5%D4%CC%FD.rar">附件1</a><a href="/up/1.doc">再次</a>'
        '<a href="/up/2.pdf" title="议程.pdf">点击下载</a><a href="/x.html">附件</a>'
        '<a>附件</a><img src="/up/x.jpg"><img src="data:x">'
        '<a href="/system/download.jsp?wbfileid=1">附件【名单.xlsx】已下载 12 次</a>'
    )
    assert [(file.url, file.name, file.type) for file in article.attachments[:3]] == [
        (BASE + "up/1.doc", "代表建议表", "application/msword"),
        (BASE + "up/%C5%D4%CC%FD.rar", "旁听.rar", "application/vnd.rar"),
        (BASE + "up/2.pdf", "议程.pdf", "application/pdf"),
    ]
    assert [(file.name, file.type.endswith("sheet")) for file in article.attachments[3:]] == [("名单.xlsx", True)]
    assert article.images == (BASE + "up/x.jpg",)


def test_what_the_pages_own_address_adds_makes_a_file_too() -> None:
    links = parse_page("<a href='?id=3'>附件：某某表</a><a href='1.do\nc'>某某名单</a><a href='?id=4'>返回</a>").css(
        "a"
    )
    assert [file.name for file in find_attachments(links, BASE + "download/list.jsp")] == ["某某表", "某某名单"]
    assert [file.name for file in find_attachments(links, BASE + "xw/list.jsp")] == ["某某名单"]


def test_files_outside_the_body_count_where_the_recipe_says_so() -> None:
    recipe = dataclasses.replace(ARTICLE, attachments="td.meta a")
    meta = '<a href="/up/9.xls">名单</a>'
    assert [file.name for file in read("文", meta=meta, recipe=recipe).attachments] == ["名单"]
    assert read("文", meta=meta).attachments == ()


def test_what_the_recipe_strips_is_not_read() -> None:
    recipe = dataclasses.replace(ARTICLE, strip=("span.count", "div.share"))
    assert read("<p>正文</p><span class=count>浏览12次</span>", recipe=recipe).body == "正文"


def test_the_byline_may_have_a_selector_and_then_needs_no_label() -> None:
    recipe = dataclasses.replace(ARTICLE, meta="td.meta")
    article = read("文", meta="2022-09-15 10:12 来源：某报", recipe=recipe)
    assert article.source == "某报"
    assert article.evidence["published"] == "date in td.meta"
    assert read("文", meta="没有日期", recipe=recipe).published is None


@pytest.mark.parametrize("label", ["更新时间：", "修改日期 ", "成文日期:"])
def test_a_day_of_another_label_is_never_that_of_publication(label: str) -> None:
    recipe = dataclasses.replace(ARTICLE, meta="td.meta")
    assert read("文", meta=f"{label}2022-09-18 08:00 来源：某报", recipe=recipe).published is None
    article = read("文", meta=f"{label}2022-09-18 08:00 2022-09-15 10:12", recipe=recipe)
    assert article.published is not None
    assert article.published.at.day == 15


def test_the_visible_time_wins_over_the_meta_tag() -> None:
    head = '<meta name="PubDate" content="2023-01-01 00:00"><meta name=ContentSource content="某报">'
    article = read("文", head=head)
    assert article.published is not None
    assert article.published.at.year == 2022
    assert (article.source, article.evidence["source"]) == ("某报", "meta ContentSource")


def test_meta_tags_fill_what_the_page_does_not_show() -> None:
    head = (
        '<meta name="PubDate" content="2023-01-01 08:30"><meta name="ArticleTitle" content="真标题">'
        '<meta name="ColumnName" content="通知公告"><meta name="Author" content="某人">'
        '<meta name="SiteName" content="网站名称">'
        '<meta name="PubDate" content="2020-01-01"><meta name="ContentSource" content="null">'
    )
    article = read("文", title="", meta="", head=head)
    assert (article.title, article.column, article.author, article.source) == ("真标题", "通知公告", "某人", None)
    assert article.evidence["published"] == "meta PubDate"
    assert article.evidence["title"] == "meta ArticleTitle"


def test_the_founder_comment_fills_what_the_page_does_not_show() -> None:
    comment = (
        "<!--enpproperty <articleid>1</articleid><date>2016-10-31 09:28:27.0</date><author>某记者</author>"
        "<title>x</title><sourcename>某日报</sourcename><nodename>本地时政</nodename>/enpproperty-->"
    )
    article = read("文", meta="", head=comment)
    assert article.published is not None
    assert article.published.precision is Precision.SECOND
    assert (article.author, article.source, article.column) == ("某记者", "某日报", "本地时政")


def test_a_page_without_title_and_date_says_so_by_saying_nothing() -> None:
    article = read("文", title="", meta="")
    assert (article.title, article.published, article.editor) == (None, None, None)


def test_a_page_without_the_body_is_another_page() -> None:
    article = read_article(make_page("<p>首页" + "很长，" * 300), PORTAL, ARTICLE)
    assert article.verdict is Verdict.CONTAINER_MISSING
    assert "td#zoom" in (article.problem or "")


def test_a_page_that_does_not_end_must_name_its_owner_behind_the_body() -> None:
    owner = PORTAL.identity[0]
    cut = f'<html><title>{owner}</title><body><div>{owner}</div><table><td id="zoom"><p>{owner}公告，今日公布：</p>'
    assert read_article(make_raw(cut), PORTAL, ARTICLE).verdict is Verdict.TRUNCATED
    assert read_article(make_raw(f"{cut}</table><p>版权所有：{owner}</p>"), PORTAL, ARTICLE).verdict is Verdict.ARTICLE
    assert read_article(make_raw(f"{cut}</table></body>"), PORTAL, ARTICLE).verdict is Verdict.ARTICLE
    nobody = dataclasses.replace(PORTAL, identity=())
    assert read_article(make_raw(cut), nobody, ARTICLE).verdict is Verdict.ARTICLE
    assert read_article(make_raw(f"{cut}<p"), nobody, ARTICLE).verdict is Verdict.TRUNCATED


def test_an_empty_body_is_no_article_but_a_picture_alone_is() -> None:
    assert read("<p>&nbsp;</p>").verdict is Verdict.EMPTY_CONTAINER
    assert read("<img src=/up/x.jpg>").verdict is Verdict.ARTICLE


def test_nothing_that_runs_and_nothing_that_xml_forbids_comes_out() -> None:
    article = read(
        "<p>甲\x08乙 ]]&gt;<script>alert(1)</script><a href='javascript:alert(1)'>丙</a></p>", title="公\x0b告 ]]>"
    )
    assert article.title == "公告 ]] >"
    assert article.body == "甲乙 ]] >丙"
    assert article.body_html == "<p>甲乙 ]]&gt;<a>丙</a></p>"


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_is_gone(status: int) -> None:
    assert read_article(make_page("", status=status), PORTAL, ARTICLE).verdict is Verdict.GONE


def test_a_broken_server_is_a_failure_and_nothing_is_gone() -> None:
    assert read_article(make_page("页面不存在", status=500), PORTAL, ARTICLE).verdict is Verdict.FAILED


@given(st.binary(max_size=300))
def test_no_page_raises(body: bytes) -> None:
    article = read_article(make_raw(b"<td id=zoom>" + body, 200, ""), PORTAL, ARTICLE)
    assert article.problem is not None or article.verdict is Verdict.ARTICLE
