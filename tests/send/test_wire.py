"""Addresses, messages and replies on the wire."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.send.wire import is_address, needs_utf8, pack_message, read_text, write_address, write_xtext


@pytest.mark.parametrize("text", ["li@linjiang.example", "李@linjiang.example", "a+b@c", '"a@b"@c', "a@[127.0.0.1]"])
def test_what_has_two_sides_is_an_address(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "li",
        "@c",
        "a@",
        "a@b\r\nRCPT TO:<x@y>",
        "a b@c",
        "a@b c",
        "<a@b>",
        "a@b>",
        "a\x00@b",
        "a\u3000@b",
        "a@b\n",
        "a@b..c",
        "a@" + "长" * 70,
    ],
)
def test_what_could_be_another_command_is_none(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("address", "written", "utf8"),
    [
        ("li@linjiang.example", b"<li@linjiang.example>", False),
        ("li@临江.example", b"<li@xn--miq684e.example>", False),
        ("李@临江.example", "<李@临江.example>".encode(), True),
    ],
)
def test_a_domain_goes_in_ascii_unless_the_local_part_cannot(address: str, written: bytes, utf8: bool) -> None:
    assert (write_address(address), needs_utf8(address)) == (written, utf8)


@pytest.mark.parametrize(
    ("message", "packed"),
    [
        (b"a\r\nb\r\n", b"a\r\nb\r\n.\r\n"),
        (b"a\nb\rc", b"a\r\nb\r\nc\r\n.\r\n"),
        (b".\r\n..x\r\na.b\r\n", b"..\r\n...x\r\na.b\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_a_message_is_packed_for_data(message: bytes, packed: bytes) -> None:
    assert pack_message(message) == packed


@given(st.binary(max_size=80))
def test_no_message_can_end_itself(message: bytes) -> None:
    """The only line that is a single dot is the last one."""
    packed = pack_message(message)
    assert packed.endswith(b"\r\n.\r\n")
    assert b"\r\n.\r\n" not in packed[:-3]
    assert not packed.startswith(b".\r\n")
    assert packed.count(b"\r") == packed.count(b"\n") == packed.count(b"\r\n")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("2.0.0 ok", "2.0.0 ok"),
        ("5.1.1 no\nsuch  user\t", "5.1.1 no such user"),
        ("邮箱不存在", "邮箱不存在"),
        ("邮箱不存在".encode("gbk").decode("utf-8", "surrogateescape"), "邮箱不存在"),
        ("a\x00b\x1b[31m", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m"),
        ("x" * 900, "x" * 500),
    ],
)
def test_what_a_server_said_is_one_line_that_can_be_stored(words: str, text: str) -> None:
    assert read_text(words) == text


@given(st.binary(max_size=60))
def test_any_bytes_become_text_that_can_be_stored(sent: bytes) -> None:
    text = read_text(sent.decode("utf-8", "surrogateescape"))
    assert text.encode("utf-8").decode("utf-8") == text
    assert "\n" not in text
    assert "\x00" not in text


def test_what_a_parameter_cannot_have_is_written_in_xtext() -> None:
    assert write_xtext("a+b=c@linjiang.example") == b"a+2Bb+3Dc@linjiang.example"


@given(st.text())
def test_xtext_has_no_blank_and_comes_back_as_it_was(text: str) -> None:
    written = write_xtext(text)
    assert all(33 <= sign <= 126 and sign not in b"=" for sign in written)
    back = re.sub(rb"\+([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), written)
    assert back.decode() == text
