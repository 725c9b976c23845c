"""A notice's HTML made ready for a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feeds.read.clean import clean_html
from feeds.render.typeset import typeset_body

LONG = "临江市人民代表大会常务委员会关于供水条例（草案）公开征求意见的有关事项，现予公告如下，请社会各界踊跃参与。"
SPACES = "\u3000" * 12


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>\u3000\u3000现公告如下。</p>", '<p class="indent">现公告如下。</p>'),
        ("<p>&nbsp;&nbsp;&nbsp;&nbsp;现公告如下。</p>", '<p class="indent">现公告如下。</p>'),
        ("<p><strong>\u3000\u3000一、</strong>时间</p>", '<p class="indent"><strong>一、</strong>时间</p>'),
        ("<p> 现公告如下。</p>", "<p> 现公告如下。</p>"),
        (f"<p>{SPACES}{LONG}</p>", f'<p class="indent">{LONG}</p>'),
    ],
)
def test_blanks_before_a_paragraph_become_its_indent(html: str, expected: str) -> None:
    assert typeset_body(html, "Table") == expected


def test_what_blanks_move_to_the_right_is_a_signature_and_before_the_text_a_heading() -> None:
    html = f"<p>{SPACES}第一章</p><p>{LONG}</p><p>{SPACES}临江市人大常委会</p><p>附件：</p>"
    assert typeset_body(html, "Table") == (
        f'<p class="centre">第一章</p><p>{LONG}</p><p class="end">临江市人大常委会</p><p>附件：</p>'
    )


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ("1", "2"),
        ("6", "2"),
        ("13", "23"),
        ("31", "22"),
        ("3313", "2223"),
        ("246", "234"),
        ("164", "233"),
        ("123456", "234566"),
    ],
)
def test_headings_are_in_order_below_that_of_the_page(levels: str, expected: str) -> None:
    html = "".join(f"<h{level}>题</h{level}>" for level in levels)
    assert typeset_body(html, "Table") == "".join(f"<h{level}>题</h{level}>" for level in expected)


def test_a_wide_table_gets_a_box_that_the_keyboard_reaches_and_a_narrow_one_needs_none() -> None:
    wide = "<table><tbody><tr>" + "<td>数</td>" * 4 + "</tr></tbody></table>"
    narrow = '<table><tbody><tr><td colspan="2">数</td></tr></tbody></table>'
    page = LexborHTMLParser(typeset_body(wide + narrow, "Table"))
    (box,) = page.css("div.scroll")
    assert box.attributes["tabindex"] == "0"
    assert box.attributes["aria-label"]
    assert len(box.css("table")) == 1
    assert len(page.css('table.narrow td[colspan="2"]')) == 1


def test_a_table_in_a_table_has_no_box_of_its_own() -> None:
    inner = "<table><tbody><tr>" + "<td>数</td>" * 5 + "</tr></tbody></table>"
    outer = f"<table><tbody><tr><td>{inner}</td></tr></tbody></table>"
    assert typeset_body(outer, "Table").count("<div") <= 1


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<li>一</li>", "<div>一</div>"),
        ("<ul><li>一</li></ul>", "<ul><li>一</li></ul>"),
        ('<ol start="2"> <li>一<ul><li>二</li></ul></li></ol>', '<ol start="2"> <li>一<ul><li>二</li></ul></li></ol>'),
        ("<ul>说明<li>一</li></ul>", "<div>说明<div>一</div></div>"),
        ("<ul><p>说明</p><li>一</li></ul>", "<div><p>说明</p><div>一</div></div>"),
        ("<ul><br><li>一</li></ul>", "<div><br><div>一</div></div>"),
        ("<dl><dt>地点</dt><dd>人大</dd></dl>", "<div><div>地点</div><div>人大</div></div>"),
        ("<tr><th> </th><th>职务</th></tr>", "<tr><td> </td><th>职务</th></tr>"),
        ('<a href="http://x.example/"><br></a>文', "<br>文"),
        ("</div>文", "</div>文"),
        ("<ul><li>一", "<ul><li>一"),
        ("", ""),
    ],
)
def test_what_would_trip_a_reader_up_is_written_in_another_way(html: str, expected: str) -> None:
    assert typeset_body(html, "Table") == expected


PIECES = [
    "<p>",
    "</p>",
    "<ul>",
    "<li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<h1>",
    "</h1>",
    "<h4>",
    "<dl>",
]


@given(
    st.lists(st.sampled_from([*PIECES, "<a href='/x'>", "</a>", "\u3000\u3000", "公告", "&lt;b&gt;", "<img src=a>"]))
)
def test_no_word_of_a_notice_is_lost_whatever_its_markup(pieces: list[str]) -> None:
    html = clean_html("".join(pieces), "http://linjiang.example/")
    words = (LexborHTMLParser(one).body for one in (html, typeset_body(html, "Table")))
    before, after = ("".join(body.text().split()) if body else "" for body in words)
    assert before == after
