"""What programs may ask with, and what they are told where they may not."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.decide.parameters import ID, LIST, Misput, read_parameters, read_since
from feeds.decide.searching import Misasked, read_search
from feeds.facts import Search

SHANGHAI = ZoneInfo("Asia/Shanghai")
BY_NAME = {one.name: one for one in LIST}
TEXT = [one for one in (*LIST, ID) if one.schema["type"] == "string" and "enum" not in one.schema]


def read(**asked: str) -> dict[str, str] | Misput:
    return read_parameters(list(asked.items()), LIST)


def test_what_is_asked_for_is_read_by_name() -> None:
    asked = {"portal": "linjiang", "channel": "linjiang/tzgg", "q": "旁听 “第7号”", "kind": "meeting", "limit": "100"}
    assert read(**asked) == asked
    assert read() == {}


def test_a_parameter_that_is_not_there_names_the_nearest() -> None:
    fault = read(portl="linjiang")
    assert isinstance(fault, Misput)
    assert (fault.unknown, fault.parameter, fault.nearest) == (True, "portl", "portal")
    assert "是不是 portal？" in fault.zh
    assert "did you mean portal?" in fault.en
    far = read(utm_source="x")
    assert isinstance(far, Misput)
    assert far.nearest is None
    assert "portal, channel, kind" in far.en
    none = read_parameters([("q", "x")], ())
    assert isinstance(none, Misput)
    assert "no parameters" in none.en


def test_a_parameter_is_given_once() -> None:
    fault = read_parameters([("q", "会"), ("q", "议")], LIST)
    assert isinstance(fault, Misput)
    assert "once" in fault.en
    assert not fault.unknown


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kind", "gossip", "promulgation, meeting"),
        ("kind", "", "promulgation, meeting"),
        ("reprints", "perhaps", "yes, no"),
        ("limit", "0", "1 to 100"),
        ("limit", "101", "1 to 100"),
        ("limit", "ten", "1 to 100"),
        ("limit", "1.0", "1 to 100"),
        ("q", "会" * 101, "At most 100 characters"),
        ("q", " ".join("一二三四五六七八九十百"), "at most 10"),
        ("q", "会\x00议", "control character"),
        ("person", "尹明\n", "control character"),
        ("portal", "../etc", "name of a portal"),
        ("portal", "linjiang\n", "name of a portal"),
        ("channel", "a/b/c", "PORTAL/CHANNEL"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_a_sentence(name: str, value: str, said: str) -> None:
    fault = read(**{name: value})
    assert isinstance(fault, Misput)
    assert fault.parameter == name
    assert said in fault.en
    assert fault.zh.endswith("。")
    if BY_NAME[name].schema["type"] == "string":
        assert not jsonschema.Draft202012Validator(BY_NAME[name].schema).is_valid(value) or value.endswith("\n")


@given(st.text(max_size=120))
def test_requests_are_read_by_the_words_that_describe_them(value: str) -> None:
    for one in TEXT:
        described = jsonschema.Draft202012Validator(one.schema).is_valid(value)
        taken = isinstance(read_parameters([(one.name, value)], (one,)), dict)
        # `$` of Python lets a line end stand behind it, so its validator does as well
        assert described == taken or value.endswith("\n"), (one.name, value)


@given(
    st.lists(
        st.sampled_from(["会", "7", "a", " ", "　", "“", '"', "，", "、", "；", "—", "\u2028", "x y"]), max_size=60
    )
)
def test_whatever_words_are_taken_can_be_searched_for(pieces: list[str]) -> None:
    asked = read(q="".join(pieces))
    if isinstance(asked, dict):
        assert not isinstance(read_search(asked, {}), Misasked)


def test_signs_alone_ask_for_nothing() -> None:
    assert read_search({"q": "——", "person": "《》"}, {}) == Search()


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("2026-03-02", "2026-03-01T16:00"),
        ("2026-03-02T09:30:59.5+08:00", "2026-03-02T01:30"),
        ("2026-03-02T09:30:00 08:00", "2026-03-02T01:30"),
        ("2026-03-02t01:30:00z", "2026-03-02T01:30"),
        ("2026-03-02 01:30Z", "2026-03-02T01:30"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59"),
        ("0001-01-01", "0001-01-01T00:00"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59"),
    ],
)
def test_a_time_means_a_minute(text: str, minute: str) -> None:
    assert read_since(text, SHANGHAI) == datetime.fromisoformat(minute).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-30",
        "2026-3-2",
        "20260302",
        "2026-W10-1",
        "2026-03-02T09:30",
        "２０２６-03-02",
        "2026-03-02T25:00Z",
    ],
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    fault = read_since(text, SHANGHAI)
    assert isinstance(fault, Misput)
    assert "2026-03-02T09:30:00+08:00" in fault.en
