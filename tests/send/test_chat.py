"""Apprise itself, telling a real server on loopback."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from feeds.send.chat import NO_APPRISE, has_apprise, knows_address, send_chat
from tests.flows.switchboard import switchboard


async def test_a_service_that_apprise_knows_is_told() -> None:
    assert has_apprise()
    async with switchboard() as board:
        assert (
            await send_chat(f"json://127.0.0.1:{board.port}/", "关于旁听的公告", "原文 http://renda.example.cn/a")
            is None
        )
    (heard,) = board.heard
    assert json.loads(heard.body)["title"] == "关于旁听的公告"


async def test_a_service_that_refuses_is_not_told_and_its_address_stays_hidden(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async with switchboard() as board:
        board.answer = lambda _: (500, {}, b"no")
        with caplog.at_level(logging.DEBUG, "root"):
            problem = await send_chat(f"json://127.0.0.1:{board.port}/secretsecret", "a", "b")
    assert problem == "the service did not take it; Apprise does not say why"
    said = capfd.readouterr()
    assert "secretsecret" not in f"{[one.getMessage() for one in caplog.records if one.name == 'apprise']}{said}"


async def test_a_service_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.send.chat.DEADLINE_SECONDS", 0.5)
    may_answer = asyncio.Event()
    async with switchboard() as board:
        board.hesitate = lambda _: may_answer.wait()
        problem = await send_chat(f"json://127.0.0.1:{board.port}/", "a", "b")
        may_answer.set()
    assert problem == "no answer within 0.5 s"


async def test_an_address_that_apprise_does_not_know_is_named_so() -> None:
    assert await send_chat("nosuchservice://key", "a", "b") == "Apprise does not know this kind of address"
    assert not knows_address("nosuchservice://key")
    assert knows_address("bark://key@127.0.0.1/device")


async def test_without_the_extra_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.send.chat.find_spec", lambda _: None)
    assert await send_chat("bark://key", "a", "b") == NO_APPRISE
