"""Looking for a mail that may have arrived: in a spool, in a Postfix's log, among the sent mails of an account."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.send.accounts import encode_folder, read_account
from feeds.send.relay import open_relay
from feeds.send.sightings import TROUBLED_SECONDS, Finding, Search, open_search
from tests.send.sent_folder import imap_account
from tests.send.test_smtp import server_context
from tests.send.test_spool import FROM, MAIL, TO

ID = "<k7.2f@alerts.linjiang.example>"
SMTP = "smtp://127.0.0.1:25"

CAME = """\
Mar  2 09:30:01 mail postfix/smtpd[811]: 4F2A1C0B: client=localhost[127.0.0.1]
Mar  2 09:30:01 mail postfix/cleanup[812]: 4F2A1C0B: message-id=<k7.2f@alerts.linjiang.example>
"""
QUEUED = """\
Mar  2 09:30:01 mail postfix/qmgr[700]: 4F2A1C0B: from=<b@linjiang.example>, size=9, nrcpt=1 (queue active)
"""
OTHER = """\
Mar  2 09:30:09 mail postfix/cleanup[812]: 4F2A1C0B: message-id=<other@alerts.linjiang.example>
"""


async def look(relay: str = SMTP, log: Path | None = None, sent: str | None = None) -> Finding:
    return await open_search(relay, log, sent).find(ID)


async def test_without_a_place_to_look_at_nothing_is_found() -> None:
    assert await look() == Finding()


@pytest.mark.parametrize("kind", ["spool", "sink"])
async def test_a_mail_that_lies_in_the_folder_is_seen(tmp_path: Path, kind: str) -> None:
    search = open_search(f"{kind}:{tmp_path / 'spool'}")
    assert await search.find("<k7@alerts.linjiang.example>") == Finding()
    assert (await open_relay(f"{kind}:{tmp_path / 'spool'}").send(FROM, TO, MAIL)).accepted
    assert await search.find("<k7@alerts.linjiang.example>") == Finding("in spool/new")
    assert await search.find("<k@alerts.linjiang.example>") == Finding()
    assert await search.find("<>") == Finding()


async def test_a_mail_that_was_picked_up_is_seen(tmp_path: Path) -> None:
    await open_relay(f"spool:{tmp_path / 'spool'}").send(FROM, TO, MAIL)
    (tmp_path / "spool" / "new").rename(tmp_path / "spool" / "cur")
    assert await open_search(f"spool:{tmp_path / 'spool'}").find("<k7@alerts.linjiang.example>") == Finding(
        "in spool/cur"
    )


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (CAME + QUEUED, True),
        (CAME.replace("\n", "\r\n") + QUEUED, True),
        (CAME, False),  # its end never came: Postfix threw it away
        ("", False),
        (QUEUED, False),
        (CAME.replace("k7.2f", "k7x2f") + QUEUED, False),
        (CAME.replace("<k7", "<xk7") + QUEUED, False),
        (CAME + OTHER + QUEUED, False),  # the queue id is another mail's by now
        (CAME + OTHER + CAME + QUEUED, True),  # offered twice, taken the second time
        (CAME + QUEUED + OTHER + QUEUED, True),
    ],
)
async def test_a_mail_is_seen_in_the_log_once_it_was_queued(tmp_path: Path, lines: str, seen: bool) -> None:
    log = tmp_path / "mail.log"
    log.write_text(lines, encoding="utf-8", newline="")
    found = Finding("in the relay's log, queued as 4F2A1C0B") if seen else Finding()
    assert await look(log=log) == found


async def test_a_log_that_was_rotated_is_looked_through_as_well(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(OTHER, encoding="utf-8")
    (tmp_path / "mail.log.1").write_text(CAME + QUEUED, encoding="utf-8")
    assert (await look(log=tmp_path / "mail.log")).seen


async def test_a_log_that_cannot_be_read_is_a_trouble(tmp_path: Path) -> None:
    assert "is not there" in str((await look(log=tmp_path / "mail.log")).trouble)
    (tmp_path / "mail.log").mkdir()
    assert "cannot be read" in str((await look(log=tmp_path / "mail.log")).trouble)


@pytest.mark.parametrize("before", [0, 1, 2**20 - 150, 2**20 - 60, 2**20, 3 * 2**20 + 7])
@pytest.mark.parametrize("filler", [b"\0", b"Mar  2 09:30:00 mail x[1]: y\n"])
async def test_a_mail_is_seen_wherever_it_stands_in_a_log(tmp_path: Path, before: int, filler: bytes) -> None:
    """Also behind what a log is full of that was cut while it was written: zeros."""
    log, start = tmp_path / "mail.log", (filler * before)[:before] + b"\n" + CAME.encode()
    log.write_bytes(start + QUEUED.encode())
    assert (await look(log=log)).seen
    log.write_bytes(start + filler * (2**20 // len(filler)) + QUEUED.encode())
    assert (await look(log=log)).seen


async def test_a_log_that_is_cut_while_it_is_looked_through_ends_nothing(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    kept, over = OTHER.encode() * 100_000, False

    def cut() -> None:
        while not over:
            log.write_bytes(kept)  # cut to nothing, and written anew

    log.write_bytes(kept)
    cutting = asyncio.create_task(asyncio.to_thread(cut))
    try:
        for _ in range(20):
            assert await look(log=log) == Finding()
    finally:
        over = True
        await cutting


async def test_a_mail_is_seen_among_the_sent_ones(tmp_path: Path) -> None:
    async with imap_account(folders={"Sent": ["<x@linjiang.example>", ID]}) as account:
        sent = f"imap://alerts:secret@127.0.0.1:{account.port}"
        assert await look(sent=sent) == Finding("among Sent on 127.0.0.1")
        account.folders["Sent"].remove(ID)
        assert await look(sent=sent) == Finding()
        assert "STORE" not in account.said
        log = tmp_path / "mail.log"
        log.write_text(CAME + QUEUED, encoding="utf-8")
        assert (await look(log=log, sent=sent)).seen == "in the relay's log, queued as 4F2A1C0B"


@pytest.mark.usefixtures("_trust")
async def test_over_tls_in_a_folder_with_a_chinese_name_at_a_provider_that_asks_who_it_is() -> None:
    folders = {encode_folder("已发送"): [ID]}
    async with imap_account(server_context(), folders=folders, wants_id=True) as account:
        sent = f"imaps://alerts:secret@localhost:{account.port}/%E5%B7%B2%E5%8F%91%E9%80%81"
        assert (await look(sent=sent)).seen


@pytest.mark.parametrize("certificate", ["elsewhere", "expired", "stranger"])
@pytest.mark.usefixtures("_trust")
async def test_nobody_is_given_the_password_whose_certificate_is_not_right(certificate: str) -> None:
    async with imap_account(server_context(certificate), folders={"Sent": [ID]}) as account:
        found = await look(sent=f"imaps://alerts:secret@localhost:{account.port}/Sent")
    assert found.seen is None
    assert "certificate" in str(found.trouble).lower()
    assert account.said == []


async def test_an_account_that_cannot_be_asked_is_a_trouble_that_names_no_password() -> None:
    async with imap_account(folders={"Sent": [ID]}) as account:
        sent = f"imap://alerts:wrong@127.0.0.1:{account.port}"
        refused = await look(sent=sent)
        missing = await look(sent=f"imap://alerts:secret@127.0.0.1:{account.port}/Outbox")
        account.broken = True
        broken = await look(sent=sent.replace("wrong", "secret"))
    gone = await look(sent=sent)
    assert [one.seen for one in (refused, missing, broken, gone)] == [None] * 4
    assert "wrong password" in str(refused.trouble)
    assert "no such folder" in str(missing.trouble)
    assert "try later" in str(broken.trouble)
    assert "cannot be asked" in str(gone.trouble)
    assert "alerts:wrong" not in str(gone.trouble)


@pytest.mark.parametrize("password", ["%E5%AF%86%E7%A0%81", "secr%C3%A9t", "a%0D%0Ab"])
async def test_a_password_that_imap_cannot_carry_is_a_trouble_that_does_not_name_it(password: str) -> None:
    async with imap_account(folders={"Sent": [ID]}) as account:
        found = await look(sent=f"imap://alerts:{password}@127.0.0.1:{account.port}")
    assert found.seen is None
    assert "cannot be asked" in str(found.trouble)
    assert not any(sign in str(found.trouble) for sign in ("密", "码", "é", "xe9", "u5bc6", "a\r"))


async def test_a_server_that_hangs_up_instead_of_a_farewell_was_asked() -> None:
    async with imap_account(folders={"Sent": [ID]}, rude=True) as account:
        assert (await look(sent=f"imap://alerts:secret@127.0.0.1:{account.port}")).seen


async def test_a_server_that_cannot_be_asked_is_left_alone_for_a_minute_and_then_asked_again() -> None:
    """Of many mails in doubt each would wait for it otherwise, and all others behind them."""
    seconds = [1000.0]
    async with imap_account(folders={"Sent": [ID]}, broken=True) as account:
        places = open_search(SMTP, None, f"imap://alerts:secret@127.0.0.1:{account.port}").places
        search = Search(places, lambda: seconds[0])
        found = await asyncio.gather(*(search.find(ID) for _ in range(20)))
        assert ["try later" in str(one.trouble) for one in found] == [True] * 20
        assert account.said.count("LOGIN") == 1
        account.broken = False
        seconds[0] += TROUBLED_SECONDS
        assert (await search.find(ID)).seen
        assert (await search.find(ID)).seen
        assert account.said.count("LOGIN") == 3


async def test_whatever_a_place_does_the_others_are_looked_at_and_the_search_ends(tmp_path: Path) -> None:
    class Broken:
        def look(self, message_id: str) -> Finding:
            raise RuntimeError(message_id)

    spool = open_search(f"spool:{tmp_path / 'spool'}").places
    search = Search((Broken(), *spool))
    assert await search.find(ID) == Finding(None, "Broken failed: RuntimeError")
    assert (await open_relay(f"spool:{tmp_path / 'spool'}").send(FROM, TO, MAIL)).accepted
    assert (await search.find("<k7@alerts.linjiang.example>")).seen == "in spool/new"


async def test_one_mail_is_looked_for_at_a_time() -> None:
    """Providers count connections."""
    async with imap_account(folders={"Sent": [ID]}) as account:
        search = open_search(SMTP, None, f"imap://alerts:secret@127.0.0.1:{account.port}")
        found = await asyncio.gather(*(search.find(ID) for _ in range(5)))
    assert all(one.seen for one in found)
    assert account.said == ["CAPABILITY", "LOGIN", "CAPABILITY", "ID", "EXAMINE", "SEARCH", "LOGOUT"] * 5


def test_the_names_of_folders_are_written_as_rfc_3501_says() -> None:
    assert encode_folder("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"
    assert encode_folder("Q&A") == "Q&-A"
    assert encode_folder("Sent") == "Sent"
    assert encode_folder("已发送") == "&XfJT0ZAB-"


def test_an_address_of_a_folder_is_read() -> None:
    url = "imaps://a%40b.example:p%2Fw@imap.b.example/Sent%20Messages"
    account = read_account(url, "Sent")
    assert (account.user, account.password, account.folder, account.port) == (
        "a@b.example",
        "p/w",
        "Sent Messages",
        993,
    )
    assert replace(account, port=143, secure=False) == read_account(url.replace("imaps", "imap"), "Sent")
    assert read_account("imaps://u:p@host", "Sent").folder == "Sent"


@pytest.mark.parametrize("url", ["imaps://host/Sent", "imaps://u:p@host:port/", "pop3://u:p@host", "imaps://u@host"])
def test_an_address_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="allowed: imaps"):
        read_account(url, "Sent")
