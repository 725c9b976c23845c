"""A folder that takes mails: whole, once, and durable."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.send.maildrop import name_mail
from feeds.send.relay import RelayReply, open_relay
from feeds.send.sink import keep_mail, list_mails

MAIL = (
    b"From: tongzhi@linjiang.example\r\nTo: li@linjiang.example\r\n"
    b"Subject: =?utf-8?b?5Li05rGf5biC5Lq65aSn5bi45aeU5Lya5YWs5ZGK?=\r\n"
    b"Date: Tue, 24 Nov 2026 10:12:00 +0800\r\nMessage-ID: <k7@alerts.linjiang.example>\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n5YWs5ZGK\r\n"
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"PHA+5YWs5ZGKPC9wPg==\r\n"
    b"--b--\r\n"
)


def write_mail(name: str, body: bytes = b"x") -> bytes:
    return f"Message-ID: <{name}>\r\nSubject: {name}\r\n\r\n".encode() + body


async def test_a_mail_is_kept_byte_for_byte_under_its_message_id(tmp_path: Path) -> None:
    relay = open_relay(f"sink:{tmp_path}/mail")
    reply = await relay.send("a@linjiang.example", "li@linjiang.example", MAIL)
    await relay.close()
    kept = tmp_path / "mail" / "new" / "k7@alerts.linjiang.example.eml"
    assert reply == RelayReply("data", 250, "2.0.0 kept as k7@alerts.linjiang.example.eml")
    assert kept.read_bytes() == MAIL
    assert list((tmp_path / "mail" / "tmp").iterdir()) == []


async def test_the_same_mail_again_is_accepted_and_kept_once(tmp_path: Path) -> None:
    relay = open_relay(f"sink:{tmp_path}")
    replies = await asyncio.gather(*(relay.send("a@b", "c@d", MAIL) for _ in range(5)))
    assert [reply.accepted for reply in replies] == [True] * 5
    assert len(list_mails(tmp_path)) == 1


async def test_a_disk_that_takes_nothing_is_a_reply_without_a_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    reply = await open_relay(f"sink:{tmp_path}/file").send("a@b", "c@d", MAIL)
    assert (reply.phase, reply.code, reply.accepted, reply.in_doubt) == ("data", None, False, False)
    assert "Not a directory" in reply.text or "exists" in reply.text


def test_a_kept_mail_reads_back(tmp_path: Path) -> None:
    keep_mail(tmp_path, MAIL)
    (mail,) = list_mails(tmp_path)
    assert (mail.subject, mail.to) == ("临江市人大常委会公告", "li@linjiang.example")
    assert mail.date == datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
    assert (mail.text.strip(), mail.html.strip()) == ("公告", "<p>公告</p>")
    assert mail.path.name == "k7@alerts.linjiang.example.eml"


def test_the_newest_mail_is_listed_first(tmp_path: Path) -> None:
    for age, name in ((300, "b"), (200, "a"), (100, "c")):
        keep_mail(tmp_path, write_mail(name))
        stamp = 1_800_000_000 - age
        os.utime(tmp_path / "new" / f"{name}.eml", (stamp, stamp))
    assert [mail.subject for mail in list_mails(tmp_path)] == ["c", "a", "b"]


def test_no_folder_is_no_mail(tmp_path: Path) -> None:
    assert list_mails(tmp_path / "nowhere") == []


def test_a_mail_that_is_taken_away_while_we_look_is_not_listed(tmp_path: Path) -> None:
    keep_mail(tmp_path, MAIL)
    (tmp_path / "new" / "gone.eml").symlink_to(tmp_path / "nowhere")
    assert len(list_mails(tmp_path)) == 1


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff\xfe\r\n\r\n",
        b"Date: yesterday\r\n\r\n",
        b"Subject: \xe5\x85\xac\r\n\r\n",
        b"Content-Type: x\r\n\r\n",
    ],
)
def test_a_mail_that_is_hardly_one_is_listed_as_well(tmp_path: Path, message: bytes) -> None:
    keep_mail(tmp_path, message)
    (mail,) = list_mails(tmp_path)
    assert (mail.date, mail.html) == (None, "")


@pytest.mark.parametrize("charset", ["no-such-charset", "utf-8"])
def test_a_part_that_cannot_be_decoded_does_not_break_the_list(tmp_path: Path, charset: str) -> None:
    keep_mail(tmp_path, f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + b"\xff\xfe")
    assert len(list_mails(tmp_path)) == 1


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("<a.b+c=d@e>", "a.b+c=d@e.eml"),
        ("<../../etc/passwd@x>", "..%2F..%2Fetc%2Fpasswd@x.eml"),
        ("<李@x>", "%"),
        ("<.>", None),
        ("<..>", None),
        ("", None),
        ("<" + "a" * 300 + "@x>", None),
    ],
)
def test_a_message_id_cannot_lead_out_of_the_folder(identifier: str, name: str | None) -> None:
    """None: such an id is no file name, the hash of the bytes is."""
    found = name_mail(f"Message-ID: {identifier}\r\n\r\n".encode())
    assert "/" not in found
    assert (found.startswith(name) and len(found) < 255) if name else len(found) == 68
