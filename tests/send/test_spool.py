"""A spool for the machine's own mail system: each mail once, with its envelope, also when it was picked up."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest

from feeds.send.relay import RelayReply, open_relay

MAIL = b"Subject: x\r\nMessage-ID: <k7@alerts.linjiang.example>\r\n\r\nhello\r\n"
FROM, TO = "b+7@bounce.linjiang.example", "li@linjiang.example"
DOCS = Path(__file__).parents[2] / "docs" / "mail.md"
NAME = "k7@alerts.linjiang.example.eml"


async def spool(folder: Path) -> RelayReply:
    """Hand the mail over."""
    relay = open_relay(f"spool:{folder}")
    async with relay.line() as line:
        reply = await line.send(FROM, TO, MAIL)
    await relay.close()
    return reply


def list_names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return [path.name for path in folder.iterdir()]


async def test_a_mail_lies_in_the_spool_below_its_envelope(tmp_path: Path) -> None:
    reply = await spool(tmp_path / "spool")
    assert reply == RelayReply("data", 250, f"2.0.0 spooled as {NAME}")
    (kept,) = (tmp_path / "spool" / "new").iterdir()
    assert kept.name == NAME
    assert kept.read_bytes() == f"X-Sender: {FROM}\r\nX-Receiver: {TO}\r\n".encode() + MAIL
    assert list((tmp_path / "spool" / "tmp").iterdir()) == []


async def test_the_same_mail_again_is_accepted_and_spooled_once(tmp_path: Path) -> None:
    replies = await asyncio.gather(*(spool(tmp_path) for _ in range(5)))
    assert [reply.accepted for reply in replies] == [True] * 5
    assert len(list((tmp_path / "new").iterdir())) == 1


async def test_a_mail_that_was_picked_up_is_not_spooled_again(tmp_path: Path) -> None:
    await spool(tmp_path)
    (tmp_path / "cur").mkdir()
    (tmp_path / "new" / NAME).rename(tmp_path / "cur" / NAME)
    assert (await spool(tmp_path)).accepted
    assert list((tmp_path / "new").iterdir()) == []


async def test_a_mail_that_is_picked_up_while_it_is_looked_for_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await spool(tmp_path)
    (tmp_path / "cur").mkdir()
    look = Path.exists

    def pick_up_after_the_look(path: Path) -> bool:
        found = look(path)
        if path.parent.name == "cur" and look(tmp_path / "new" / NAME):
            (tmp_path / "new" / NAME).replace(tmp_path / "cur" / NAME)
        return found

    monkeypatch.setattr(Path, "exists", pick_up_after_the_look)
    assert (await spool(tmp_path)).accepted
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("address", ["", "li", "a@b\r\nBcc: c@d", "a@b>"])
async def test_what_is_no_address_is_not_spooled(tmp_path: Path, address: str) -> None:
    relay = open_relay(f"spool:{tmp_path}")
    replies = [await relay.send(address, TO, MAIL), await relay.send(FROM, address, MAIL)]
    assert [(reply.phase, reply.code) for reply in replies] == [("mail", None), ("rcpt", None)]
    assert list_names(tmp_path) == []


async def test_a_disk_that_takes_nothing_is_a_reply_without_a_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    reply = await spool(tmp_path / "file")
    assert (reply.phase, reply.code, reply.in_doubt, "cannot spool" in reply.text) == ("data", None, False, True)


async def test_the_lines_in_the_docs_hand_a_mail_over_and_remember_it(tmp_path: Path) -> None:
    await spool(tmp_path)
    found = re.search(r"```sh\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "sendmail").write_text('#!/bin/sh\necho "$@" >> "$SPOOL/sent"\ncat >> "$SPOOL/sent"\n', encoding="ascii")
    (tools / "sendmail").chmod(0o755)
    places = {**os.environ, "SPOOL": str(tmp_path), "PATH": f"{tools}:{os.environ['PATH']}"}
    for _ in range(2):
        await asyncio.to_thread(subprocess.run, ["sh", "-eu", "-c", found[1]], env=places, check=True)
        assert (await spool(tmp_path)).accepted
    assert (tmp_path / "sent").read_bytes() == f"-i -f {FROM} -- {TO}\n".encode() + MAIL
    assert (list_names(tmp_path / "new"), list_names(tmp_path / "cur")) == ([], [NAME])
