"""What may not stand in a document is taken out, and nothing else is touched."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from feeds.render.legal import to_legal, to_line, to_uri

URI = re.compile(r"[0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#\[\]]*")


@given(st.text(st.characters()))
def test_legal_text_can_stand_in_xml_and_comes_back(text: str) -> None:
    element = etree.Element("a")
    element.text = to_legal(text)
    assert (etree.fromstring(etree.tostring(element)).text or "") == to_legal(text)


@given(st.text(st.characters()))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert to_legal(to_legal(text)) == to_legal(text)
    assert to_line(to_line(text)) == to_line(text)
    assert to_uri(to_uri(text)) == to_uri(text)


@given(st.text(st.characters()))
def test_an_address_has_only_the_characters_of_a_uri(text: str) -> None:
    assert URI.fullmatch(to_uri(text))
    assert URI.fullmatch(to_uri(f"http://{text}/{text}"))


@pytest.mark.parametrize("text", ["哈尔滨 喆堃〇·—“”", "𠮷野", "a\tb\nc", "全角　空格", "٣", "\u200b"])
def test_legal_text_is_left_alone(text: str) -> None:
    assert to_legal(text) == text


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("a\x00b\x0bc\x1fd\x7fe\x90f", "abcdef"),
        ("a\r\nb\rc\x85d", "a\nb\nc\nd"),
        ("\ud83d高\udc00", "高"),
        ("\ufffe\uffff\ufdd0x", "x"),
        ("丢\ufffd字", "丢□字"),
    ],
)
def test_illegal_characters_are_taken_out(text: str, legal: str) -> None:
    assert to_legal(text) == legal


def test_a_line_has_no_breaks_and_no_double_spaces() -> None:
    assert to_line("  甲\r\n乙\t　丙 ") == "甲 乙 丙"


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("http://www.portal.example/a?b=1&c=%E5%85%B3#d", "http://www.portal.example/a?b=1&c=%E5%85%B3#d"),
        ("http://www.portal.example/附件 1.doc", "http://www.portal.example/%E9%99%84%E4%BB%B6%201.doc"),
        ("http://www.portal.example/100%", "http://www.portal.example/100%25"),
        ("http://www.portal.example/%B9%AB.doc", "http://www.portal.example/%B9%AB.doc"),
        ("http://某市.政务/公告", "http://xn--7st21t.xn--zfr164b/%E5%85%AC%E5%91%8A"),
        ("http://[::1]:8001/公告", "http://[::1]:8001/%E5%85%AC%E5%91%8A"),
        ("http://[公告", "http://%5B%E5%85%AC%E5%91%8A"),
        ("/p/公告", "/p/%E5%85%AC%E5%91%8A"),
    ],
)
def test_an_address_becomes_a_uri(address: str, uri: str) -> None:
    assert to_uri(address) == uri
