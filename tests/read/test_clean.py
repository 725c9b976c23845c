from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.read.clean import clean_html, to_text

URL = "http://portal.test/a/info.jsp?id=1"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='jav&#9;ascript:alert(1)'>x</a>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<img src=x onerror=alert(1)>",
        "<iframe src='http://evil.test'></iframe>",
        "<svg><script>alert(1)</script></svg>",
        "<p style='background:url(javascript:alert(1))'>x</p>",
        "<form action='javascript:alert(1)'><input autofocus onfocus=alert(1)></form>",
        "<scr\x00ipt>alert(1)</scr\x00ipt>",
        "<scr\u200bipt>alert(1)</scr\u200bipt>",
        "<math><mtext><script>alert(1)</script></mtext></math>",
        "<a href='vbscript:alert(1)'>x</a>",
    ],
)
def test_nothing_that_runs_survives(hostile: str) -> None:
    html = clean_html(f"<p>正文</p>{hostile}", URL)
    assert "<p>正文</p>" in html
    for sign in (
        "<script",
        "javascript:",
        "vbscript:",
        "data:",
        "onerror",
        "onload",
        "onfocus",
        "style",
        "iframe",
        "<svg",
    ):
        assert sign not in html


def test_characters_that_xml_forbids_are_gone_however_they_are_written() -> None:
    html = clean_html("<p title='\x0b'>a\x08b&#8;c\ufffe\u200b]]></p>", URL)
    assert html == "<p>abc]] &gt;</p>"
    assert to_text("<p>a\x08b&#8;c ]]></p>") == "abc ]] >"


def test_links_become_absolute_and_lose_their_session() -> None:
    html = clean_html(
        "<a href='info.jsp;jsessionid=1?id=2' onclick='x()' target=_blank>x</a><img src='/u/x.jpg' width=9>", URL
    )
    assert html == '<a href="http://portal.test/a/info.jsp?id=2">x</a><img src="http://portal.test/u/x.jpg">'


def test_headings_tables_and_emphasis_stay() -> None:
    fragment = "<h3>甲<br>乙</h3><table><tbody><tr><td colspan=2 rowspan=x><b>丙</b></td></tr></tbody></table>"
    assert clean_html(fragment, URL) == fragment.replace("colspan=2 rowspan=x", 'colspan="2"')


def test_layout_becomes_plain_blocks_and_empty_paragraphs_go() -> None:
    fragment = "<CENTER>甲</CENTER><section><p>&nbsp;</p><p><b><br></b></p></section><o:p>乙</o:p><span>丙</span>"
    assert clean_html(fragment, URL) == "<div>甲</div>乙丙"


def test_a_picture_without_an_address_goes() -> None:
    assert clean_html("<p>x<img src='data:x' alt='y'></p>", URL) == "<p>x</p>"


def test_text_has_one_paragraph_a_line_and_one_table_row_a_line() -> None:
    html = (
        "<h3>甲<br>乙</h3><p>　　丙，\n丁 a\nb</p>"
        "<table><tr><td>1</td><td><p>尹　明</p><p>x<br>y</p></td></tr></table><p></p>"
    )
    assert to_text(html) == "甲\n乙\n丙，丁 a b\n1\t尹　明 x y"


def test_a_cell_that_holds_paragraphs_is_layout() -> None:
    long = "字" * 200
    assert to_text(f"<table><tr><td><p>甲</p><p>{long}</p></td></tr></table>") == f"甲\n{long}"


def test_a_flood_of_entities_is_kept_as_plain_paragraphs() -> None:
    assert clean_html("<b>甲</b><p>" + "&lt;" * 100_001, URL) == f"<p>甲</p><p>{'&lt;' * 100_001}</p>"


def test_text_without_any_element_is_text() -> None:
    assert to_text("甲 & 乙") == "甲 & 乙"
    assert to_text("") == ""


def test_empty_elements_go_however_deep_they_hold_each_other() -> None:
    nest = "<b><i>" * 400 + " <br>&nbsp;" + "</i></b>" * 400
    assert clean_html(f"<p>甲{nest * 20}</p><div>{nest}<h2></h2></div>", URL) == "<p>甲</p>"


def test_what_holds_something_stays_with_the_blanks_around_it() -> None:
    fragment = (
        '<p> <b></b>甲<br></p><div><a href="http://b.test/"></a></div>'
        '<p><img src="/x.jpg" alt="b&gt;"></p><div><hr></div>'
    )
    assert clean_html(fragment, URL) == fragment.replace("<b></b>", "").replace("/x", "http://portal.test/x")


def test_a_form_that_never_ends_is_looked_at_once() -> None:
    """A search from each beginning to the end of the text would take hours."""
    assert clean_html("甲" + "<form " * 500_000, URL) == "甲"


@given(st.text(alphabet="<>/=\"' apscriptdvonj:&;#8x\x08\ufffe]甲", max_size=80))
def test_no_fragment_raises_and_cleaning_twice_changes_nothing(fragment: str) -> None:
    once = clean_html(fragment, URL)
    assert clean_html(once, URL) == once
    assert "\x08" not in once
    assert "]]>" not in once
    to_text(once)
