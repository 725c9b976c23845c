"""Marking a sentence in clean HTML."""

from __future__ import annotations

from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feeds.serve.marks import mark_sentence


@pytest.mark.parametrize(
    ("html", "sentence", "marked"),
    [
        ("<p>甲。乙。</p>", "乙。", '<p>甲。<mark id="said">乙。</mark></p>'),
        ("<p>乙。</p><p>乙。</p>", "乙。", '<p><mark id="said">乙。</mark></p><p>乙。</p>'),
        ('<a title="乙。>乙。">甲</a>乙。', "乙。", '<a title="乙。>乙。">甲</a><mark id="said">乙。</mark>'),
        ("a &lt;b&gt; &amp; c", "<b> &", 'a <mark id="said">&lt;b&gt; &amp;</mark> c'),
        ("<p>甲<b>乙</b>。</p>", "乙。", None),
        ("<p>甲</p>", "", None),
        ("", "乙。", None),
    ],
)
def test_a_sentence_in_one_piece_is_marked_once(html: str, sentence: str, marked: str | None) -> None:
    assert mark_sentence(html, sentence) == marked


@given(st.text("甲乙<>&\"'; ", max_size=30), st.text("甲乙<>&\"'; ", min_size=1, max_size=3))
def test_marking_changes_no_text_and_makes_no_element(text: str, sentence: str) -> None:
    html = f"<p>{escape(text)}</p>"
    marked = mark_sentence(html, sentence)
    assert (marked is not None) == (sentence in text)
    if marked is not None:
        page = LexborHTMLParser(marked)
        assert [node.tag for node in page.css("body *")] == ["p", "mark"]
        assert unescape(marked.replace('<mark id="said">', "").replace("</mark>", "")) == unescape(html)
