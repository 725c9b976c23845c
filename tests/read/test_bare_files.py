"""Article pages that say little or nothing themselves: files and films. All made up, read without any recipe."""

from __future__ import annotations

import pytest

from feeds.model import Verdict
from tests.read.test_bare_shapes import TITLE, make_page, read

TABLE = (
    f"<table><tr><td colspan=2><h1>{TITLE}</h1></td></tr>"
    "<tr><td>项目名称</td><td>某某中学食堂设备采购项目</td></tr><tr><td>项目编号</td><td>某采〔2023〕17号</td></tr>"
    "<tr><td>采购单位</td><td>某某市某某中学</td></tr><tr><td>公告时间</td><td>2023-11-06</td></tr>"
    "<tr><td>中标单位</td><td>某某厨具有限公司</td></tr><tr><td>中标金额</td><td>38.6万元</td></tr></table>"
)
FILES = "".join(f"<p><a href='/f/{n}.pdf'>某某区{n}月份价格监测表.pdf</a></p>" for n in (1, 2, 3))
FILMS = "".join(f"<p><a href='/v/{n}.html'>某某讲堂第{n}期视频</a></p>" for n in (1, 2, 3))


@pytest.mark.parametrize("byline", ["<div>发布时间：2023-11-06 10:12　浏览次数：123</div>", "<div>2023-11-06</div>"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(FILES, id="files"),
        pytest.param(FILMS, id="films"),
        pytest.param("<iframe src='/v/7.mp4'></iframe>", id="a film in a frame"),
        pytest.param("<video src='/v/7.mp4' controls></video>", id="a film"),
    ],
)
def test_what_stands_under_an_article_is_never_the_body_of_one_that_says_nothing(content: str, byline: str) -> None:
    article = read(make_page(content, byline=byline))
    assert (article.verdict, article.title) == (Verdict.ARTICLE, TITLE)
    assert article.published is not None
    assert article.published.at.strftime("%d") in {"05", "06"}
    assert "篇" not in (article.body or "")


def test_a_frame_of_another_page_is_an_empty_article() -> None:
    article = read(make_page("<iframe src='//v.test/play?id=7'></iframe>"))
    assert (article.verdict, article.title, article.body) == (Verdict.EMPTY_CONTAINER, TITLE, "")


def test_the_sources_of_a_film_are_attached_and_what_it_says_to_old_browsers_is_not_read() -> None:
    article = read(make_page("<video><source src='/v/7.mp4'>您的浏览器不支持播放。</video>"))
    assert (article.body, [file.name for file in article.attachments]) == ("", ["7.mp4"])


def test_tools_are_no_links_of_an_article() -> None:
    share = "<p><a href=#w>微信</a></p><p>扫一扫在手机打开当前页</p>"
    assert read(make_page(FILMS + share)).body == "\n".join(f"某某讲堂第{n}期视频" for n in (1, 2, 3))


def test_a_page_that_is_not_for_looking_at_files_is_left_as_it_is() -> None:
    article = read(make_page("<p>见附件。</p><p><a href='/down.jsp?file=/f/1.pdf'>附件：年报</a></p>"))
    assert [file.url for file in article.attachments] == ["http://portal.test/down.jsp?file=/f/1.pdf"]


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ("<iframe src='/f/年报.pdf' width=100%></iframe>", "/f/%E5%B9%B4%E6%8A%A5.pdf"),
        ("<embed src='/f/1.pdf' type=application/pdf>", "/f/1.pdf"),
        ("<object data='/f/1.pdf'></object>", "/f/1.pdf"),
        ("<iframe src='/pdfjs/web/viewer.html?file=/f/1.pdf'></iframe>", "/f/1.pdf"),
        ("<iframe src='/pdfjs/web/viewer.html?file=%2Ff%2F1.pdf#page=1'></iframe>", "/f/1.pdf"),
        ("<p><a href='viewer.html?v=2&file=../f/1.pdf'>附件1：年报</a></p>", "/f/1.pdf"),
    ],
)
def test_a_file_that_is_shown_in_the_page_is_attached(content: str, url: str) -> None:
    for page in (make_page(content), make_page(f"<p>现将年报公布如下，请社会各界监督。</p>{content}")):
        article = read(page)
        assert article.verdict is Verdict.ARTICLE
        assert [file.url for file in article.attachments] == [f"http://portal.test{url}"]
        assert article.attachments[0].name in {"年报.pdf", "1.pdf", "年报"}
        assert "篇" not in (article.body or "")


def test_a_table_keeps_the_rows_above_its_date() -> None:
    article = read(make_page(TABLE, heading="", byline=""))
    assert article.title == TITLE
    assert article.body == (
        "项目名称\t某某中学食堂设备采购项目\n项目编号\t某采〔2023〕17号\n采购单位\t某某市某某中学\n"
        "公告时间\t2023-11-06\n中标单位\t某某厨具有限公司\n中标金额\t38.6万元"
    )


def test_a_byline_in_a_table_is_no_row_of_it() -> None:
    rows = "<tr><td>来源：</td><td>某某报</td></tr><tr><td>发布时间：</td><td>2023-11-06</td></tr>"
    article = read(make_page("<p>本周六暂停对外服务，请相互转告。</p>", byline=f"<table>{rows}</table>"))
    assert (article.source, article.body) == ("某某报", "本周六暂停对外服务，请相互转告。")
    assert article.published is not None
