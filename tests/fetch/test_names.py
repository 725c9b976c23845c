"""Asking a name server on a real socket: records of every kind, none, and no answer."""

from __future__ import annotations

import pytest

from feeds.fetch.names import NameServer
from tests.fetch.name_server import BROKEN, SILENT, Table, serve_names

TABLE: Table = {
    ("feeds.example", "TXT"): ['"v=spf1 " "mx -all"', '"other"'],
    ("feeds.example", "MX"): ["20 mx2.feeds.example.", "10 mx1.feeds.example."],
    ("mx1.feeds.example", "A"): ["192.0.2.25"],
    ("mx1.feeds.example", "AAAA"): ["2001:db8::25"],
    ("25.2.0.192.in-addr.arpa", "PTR"): ["mx1.feeds.example."],
    ("broken.example", "TXT"): BROKEN,
    ("silent.example", "TXT"): SILENT,
}


async def test_records_of_every_kind_are_read() -> None:
    async with serve_names(TABLE) as where:
        names = NameServer(where)
        texts = await names.ask("feeds.example", "TXT")
        assert sorted(texts.values) == ["other", "v=spf1 mx -all"], "the strings of a text are joined"
        assert (await names.ask("feeds.example", "MX")).values == ("mx1.feeds.example", "mx2.feeds.example")
        assert await names.ask_addresses("mx1.feeds.example") == ("192.0.2.25", "2001:db8::25")
        assert (await names.ask_name_of("192.0.2.25")).values == ("mx1.feeds.example",)


@pytest.mark.parametrize("name", ["nothing.example", "feeds.example"])
async def test_what_does_not_exist_is_no_problem(name: str) -> None:
    async with serve_names(TABLE) as where:
        answer = await NameServer(where).ask(name, "A")
        assert (answer.values, answer.problem) == ((), None)


@pytest.mark.parametrize("name", ["broken.example", "silent.example", "a..b", f"{'x' * 70}.example"])
async def test_what_cannot_be_known_is_a_problem_and_no_answer(name: str) -> None:
    async with serve_names(TABLE) as where:
        answer = await NameServer(where, seconds=0.3).ask(name, "TXT")
        assert answer.values == ()
        assert answer.problem
