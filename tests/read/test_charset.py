from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.read.charset import decode_page

TEXT = "哈尔滨市人民代表大会常务委员会公告：喆、堃、·、〇、—。" * 3


def meta(label: str) -> bytes:
    return f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'.encode()


@pytest.mark.parametrize("label", ["gb2312", "GBK", "gb18030", "x-gbk", "cp936"])
def test_every_gb_label_is_read_as_gb18030(label: str) -> None:
    """喆 and — are not in GB2312: a strict decoder of that label breaks on the chairman's name."""
    decoded = decode_page(meta(label) + TEXT.encode("gbk"), "text/html")
    assert TEXT in decoded.text
    assert (decoded.charset, decoded.garbled) == ("gb18030", None)
    assert f"meta tag: {label}" == decoded.evidence


def test_gbk_under_a_utf8_label_is_read_by_its_content() -> None:
    decoded = decode_page(meta("utf-8") + TEXT.encode("gbk"), "text/html; charset=utf-8")
    assert TEXT in decoded.text
    assert decoded.evidence.startswith("content")


def test_utf8_under_a_gb_label_is_read_as_utf8() -> None:
    assert TEXT in decode_page(meta("gb2312") + TEXT.encode(), "text/html; charset=gbk").text


def test_the_first_label_that_means_something_wins() -> None:
    """Servers say iso-8859-1 when nobody told them; the page's own tag knows better."""
    body = b"<?xml version='1.0' encoding='nonsense'?>" + meta("big5") + "某市公告".encode("big5")
    decoded = decode_page(body, "text/html; charset=iso-8859-1")
    assert (decoded.charset, decoded.evidence) == ("big5hkscs", "meta tag: big5")


def test_western_text_under_a_western_label_stays_western() -> None:
    body = "Les élections sont déjà passées, à Montréal — café".encode("cp1252")
    assert "déjà" in decode_page(body, "text/html; charset=iso-8859-1").text


def test_chinese_text_under_a_western_label_is_chinese() -> None:
    decoded = decode_page(TEXT.encode("gbk"), "text/html; charset=ISO-8859-1")
    assert decoded.text == TEXT


def test_without_any_label_the_content_decides() -> None:
    assert decode_page(TEXT.encode("gbk"), "").text == TEXT


@pytest.mark.parametrize("label", ["hex", "idna", "utf-16", "no-such-thing"])
def test_a_label_that_is_no_charset_of_bytes_counts_as_none(label: str) -> None:
    assert decode_page(TEXT.encode("gbk"), f"text/html; charset={label}").text == TEXT


def test_a_byte_order_mark_wins_over_every_label() -> None:
    assert decode_page(codecs.BOM_UTF8 + TEXT.encode(), "text/html; charset=gbk").text == TEXT
    assert decode_page(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "").text == TEXT
    assert decode_page(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "").charset == "utf-16-be"


def test_utf8_cut_in_a_character_is_still_utf8() -> None:
    decoded = decode_page(TEXT.encode()[:-1], "")
    assert decoded.charset == "utf-8"
    assert decoded.evidence == "UTF-8 but for 1 bad bytes"
    assert not decoded.garbled


def test_replacement_characters_of_the_portal_itself_are_no_flaw_of_the_charset() -> None:
    assert decode_page(f"{TEXT}�".encode(), "").evidence == "valid UTF-8"


@pytest.mark.parametrize(
    "text",
    [
        "锟斤拷" * 20,
        TEXT.encode().decode("cp1252", "replace"),
        TEXT.encode().decode("gb18030", "replace"),
        "�" * 40 + TEXT,
    ],
    ids=["U+FFFD as GBK", "UTF-8 as Latin-1", "UTF-8 as GBK", "replacements"],
)
def test_text_that_was_decoded_wrongly_before_it_was_saved_is_garbled(text: str) -> None:
    assert decode_page(text.encode(), "text/html; charset=utf-8").garbled


def test_line_ends_become_one_kind() -> None:
    assert decode_page(b"a\r\nb\rc", "").text == "a\nb\nc"


@pytest.mark.parametrize("label", ["big5", "Big5-HKSCS", "x-x-big5"])
def test_every_big5_label_is_read_with_the_signs_of_hong_kong(label: str) -> None:
    """嘅 and 啲 are in no Big5 but that of Hong Kong."""
    decoded = decode_page(meta(label) + "嘅啲立法會公告".encode("big5hkscs"), "")
    assert "嘅啲立法會公告" in decoded.text
    assert decoded.charset == "big5hkscs"


@pytest.mark.parametrize(("label", "text"), [("shift_jis", "①議会の公告"), ("ks_c_5601-1987", "똠방각하")])
def test_old_labels_stand_on_pages_of_the_larger_charset(label: str, text: str) -> None:
    assert text in decode_page(meta(label) + text.encode({"shift_jis": "cp932"}.get(label, "cp949")), "").text


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=gbk", "text/html; charset=utf-16"])
def test_utf16_without_a_mark_is_told_by_the_zeros_of_its_markup(order: str, content_type: str) -> None:
    page = f"<html><head><title>公告</title></head><body><p>{TEXT}</p></body></html>"
    decoded = decode_page(page.encode(order), content_type)
    assert (decoded.text, decoded.charset, decoded.garbled) == (page, order, None)


def test_zeros_left_in_a_page_do_not_make_it_utf16() -> None:
    assert TEXT in decode_page(b"<html>\0\0\0\0" * 9 + TEXT.encode(), "").text


def test_gb18030_has_a_mark_of_its_own() -> None:
    assert decode_page("\ufeff公告".encode("gb18030"), "").text == "公告"


@pytest.mark.parametrize(
    "before",
    [
        b"<!-- <meta charset=big5> -->",
        b"<script>document.write('<meta charset=big5>')</script>",
        b"<meta name=description content='how to write charset=big5'>",
        b"<style>" + b" " * 20_000 + b"</style>",
        b"<!--" + b" " * 5_000 + b"-->",
    ],
    ids=["comment", "script", "description", "long style", "long comment"],
)
def test_the_label_is_the_one_that_counts_however_late_it_stands(before: bytes) -> None:
    text = "喆、堃、·、〇"
    decoded = decode_page(before + meta("gb2312") + text.encode("gbk"), "")
    assert decoded.evidence == "meta tag: gb2312"
    assert text in decoded.text


def test_of_two_labels_the_one_in_which_the_page_makes_sense_is_believed() -> None:
    """A proxy writes the charset of its own pages into every header."""
    traditional = "立法會主席宣布會議開始，議員就條例草案發言，政府官員回答了有關問題，大會通過了決議。" * 3
    decoded = decode_page(meta("big5") + traditional.encode("big5"), "text/html; charset=gbk")
    assert traditional in decoded.text
    assert decoded.evidence == "meta tag: big5"


def test_big5_under_no_label_at_all_is_told_by_its_content() -> None:
    traditional = "立法會主席宣布會議開始，議員就條例草案發言，政府官員回答了有關問題，大會通過了決議。" * 3
    decoded = decode_page(traditional.encode("big5"), "")
    assert (decoded.text, decoded.charset) == (traditional, "big5hkscs")


def test_a_label_in_which_nothing_makes_sense_is_believed_when_nothing_else_does() -> None:
    decoded = decode_page(meta("koi8-r") + "Привет, это не китайский текст".encode("koi8-r"), "")
    assert "Привет" in decoded.text


def test_json_in_gbk_under_a_utf8_label_is_read_by_its_content() -> None:
    body = '{"title": "某市人民代表大会常务委员会公告"}'.encode("gbk")
    assert "常务委员会" in decode_page(body, "application/json; charset=utf-8").text


@given(st.binary(max_size=400), st.sampled_from(["", "text/html; charset=gbk", "charset=shift_jis", "charset=latin1"]))
def test_no_bytes_raise(body: bytes, content_type: str) -> None:
    assert isinstance(decode_page(body, content_type).text, str)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=60))
def test_chinese_text_survives_gbk_under_its_label(text: str) -> None:
    assert text in decode_page(meta("gb2312") + text.encode("gbk") + b"<p>", "").text or _is_also_utf8(text)


def _is_also_utf8(text: str) -> bool:
    """A few short GBK texts are valid UTF-8 by chance (联通)."""
    try:
        text.encode("gbk").decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
