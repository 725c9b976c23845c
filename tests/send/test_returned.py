"""Mailboxes that are read: real files, and a real IMAP server on loopback."""

from __future__ import annotations

import mailbox
from pathlib import Path
from urllib.parse import quote

import pytest

from feeds.errors import MailboxUnusable
from feeds.send.returned import MOST_BYTES, Mailbox, OpenMailbox, open_mailbox
from tests.send.conftest import CERTIFICATES
from tests.send.imap_server import ImapFolders, serve_imap
from tests.send.test_smtp import server_context

MAIL = b"Subject: back\r\n\r\ntext\r\n"


def imap_url(server: ImapFolders, scheme: str = "imap", host: str = "127.0.0.1", password: str | None = None) -> str:
    user, known = server.login
    return f"{scheme}://{user}:{quote(password or known, safe='')}@{host}:{server.port}/INBOX"


async def file_all(opened: OpenMailbox, folder: str) -> list[bytes | None]:
    """Read and move all that waits; return what was read."""
    found = []
    for key in await opened.list_mails():
        found.append(await opened.fetch(key))
        await opened.file(key, folder)
    return found


@pytest.fixture
def maildir(tmp_path: Path) -> mailbox.Maildir:
    return mailbox.Maildir(tmp_path / "box", create=True)


def box_of(maildir: mailbox.Maildir) -> Mailbox:
    return open_mailbox(f"maildir:{maildir._path}")


async def test_mails_of_a_maildir_are_read_once_and_kept_in_a_folder(maildir: mailbox.Maildir) -> None:
    maildir.add(MAIL)
    looked_at = mailbox.MaildirMessage(b"Subject: seen\n\n")
    looked_at.set_subdir("cur")
    looked_at.add_flag("S")
    maildir.add(looked_at)
    async with box_of(maildir).open() as opened:
        assert await file_all(opened, "Processed") == [MAIL, b"Subject: seen\n\n"]
        assert await opened.list_mails() == []
    assert len(maildir) == 0
    kept = maildir.get_folder("Processed")
    assert sorted(str(one["Subject"]) for one in kept) == ["back", "seen"]
    assert sorted(one.get_flags() for one in kept) == ["", "S"]
    assert sorted(maildir.list_folders()) == ["Processed", "Unmatched"]


async def test_a_mail_never_takes_the_place_of_another_of_its_name(maildir: mailbox.Maildir) -> None:
    box = Path(maildir._path)
    async with box_of(maildir).open() as opened:
        for text in (b"one", b"two"):
            (box / "new" / "17.M1.host").write_bytes(text)
            await file_all(opened, "Unmatched")
    kept = sorted((box / ".Unmatched" / "cur").iterdir())
    assert [path.read_bytes() for path in kept] == [b"two", b"one"]
    assert [path.name for path in kept] == ["17.M1.host.2:2,", "17.M1.host:2,"]


async def test_a_move_that_was_cut_off_is_finished(maildir: mailbox.Maildir) -> None:
    """The process was killed when the mail had both names."""
    box = Path(maildir._path)
    async with box_of(maildir).open() as opened:
        (box / "new" / "17.M1.host").write_bytes(b"one")
        (box / ".Processed" / "cur" / "17.M1.host:2,").hardlink_to(box / "new" / "17.M1.host")
        await file_all(opened, "Processed")
    assert len(list((box / ".Processed" / "cur").iterdir())) == 1
    assert len(maildir) == 0


async def test_what_another_process_took_out_is_gone(maildir: mailbox.Maildir) -> None:
    async with box_of(maildir).open() as opened:
        assert await opened.fetch("new/1.M1.host") is None
        await opened.file("new/1.M1.host", "Processed")
        assert len(maildir.get_folder("Processed")) == 0


async def test_of_a_huge_mail_no_more_than_ten_megabytes_are_read(maildir: mailbox.Maildir) -> None:
    (Path(maildir._path) / "new" / "1.M1.host").write_bytes(b"x" * (MOST_BYTES + 1))
    async with box_of(maildir).open() as opened:
        assert len(await opened.fetch("new/1.M1.host") or b"") == MOST_BYTES


async def test_a_folder_that_is_no_maildir_is_said(tmp_path: Path) -> None:
    with pytest.raises(MailboxUnusable, match="No such file"):
        async with open_mailbox(f"maildir:{tmp_path}/nowhere").open():
            pass


async def test_files_that_cannot_be_read_are_said(maildir: mailbox.Maildir) -> None:
    box = Path(maildir._path)
    async with box_of(maildir).open() as opened:
        (box / "new" / "folder").mkdir()
        assert await opened.list_mails() == []
        with pytest.raises(MailboxUnusable, match="Is a directory"):
            await opened.fetch("new/folder")
        (box / "cur").rmdir()
        with pytest.raises(MailboxUnusable, match="No such file"):
            await opened.list_mails()
        (box / "new" / "1.M1.host").write_bytes(b"x")
        (box / ".Processed" / "cur").rmdir()
        (box / ".Processed" / "cur").write_bytes(b"")
        with pytest.raises(MailboxUnusable, match="Not a directory"):
            await opened.file("new/1.M1.host", "Processed")


@pytest.mark.parametrize("offers", ["IMAP4rev1 MOVE", "IMAP4rev1 UIDPLUS", "IMAP4rev1 MOVE UIDPLUS NAMESPACE"])
async def test_mails_of_an_imap_server_are_read_once_and_kept_in_a_folder(offers: str) -> None:
    async with serve_imap(offers=offers) as server:
        server.arrive(MAIL)
        server.arrive(b"second")
        server.flagged.add(9)
        async with open_mailbox(imap_url(server)).open() as opened:
            assert await opened.list_mails() == ["1", "2"]
            assert await file_all(opened, "Processed") == [MAIL, b"second"]
            assert await opened.list_mails() == []
            assert await opened.fetch("1") is None
        assert server.folders == {"INBOX": {}, "Processed": {1: MAIL, 2: b"second"}, "Unmatched": {}}
        assert "EXPUNGE" not in server.asked, "it would delete what others flagged"
        async with open_mailbox(imap_url(server)).open() as opened:
            assert await opened.list_mails() == []


async def test_folders_are_made_where_the_server_wants_them() -> None:
    async with serve_imap(prefix="INBOX.") as server:
        server.arrive(MAIL)
        async with open_mailbox(imap_url(server)).open() as opened:
            await file_all(opened, "Unmatched")
        assert server.folders["INBOX.Unmatched"] == {1: MAIL}


async def test_a_server_that_asks_who_we_are_is_told() -> None:
    async with serve_imap(offers="IMAP4rev1 ID MOVE", wants_id=True) as server:
        server.arrive(MAIL)
        async with open_mailbox(imap_url(server)).open() as opened:
            assert await file_all(opened, "Processed") == [MAIL]


async def test_a_folder_with_a_chinese_name_is_opened() -> None:
    async with serve_imap() as server:
        server.folders["&kABP4Q-"] = {}
        url = imap_url(server).replace("INBOX", quote("退信"))
        async with open_mailbox(url).open() as opened:
            assert await opened.list_mails() == []


async def test_a_password_that_imap_cannot_carry_is_said_and_not_repeated() -> None:
    async with serve_imap() as server:
        with pytest.raises(MailboxUnusable, match="ASCII") as told:
            async with open_mailbox(imap_url(server, password="密码")).open():
                pass
    assert "密" not in str(told.value)
    assert "5bc6" not in str(told.value)


async def test_a_server_that_cannot_move_safely_is_refused() -> None:
    async with serve_imap(offers="IMAP4rev1") as server:
        server.arrive(MAIL)
        with pytest.raises(MailboxUnusable, match="neither MOVE nor UIDPLUS"):
            async with open_mailbox(imap_url(server)).open():
                pass
        assert server.folders["INBOX"] == {1: MAIL}
        assert server.asked[-1] == "LOGOUT"


async def test_a_wrong_password_is_said_and_never_repeated() -> None:
    async with serve_imap() as server:
        with pytest.raises(MailboxUnusable, match="wrong password") as told:
            async with open_mailbox(imap_url(server, password="open-sesame")).open():
                pass
    assert "open-sesame" not in str(told.value)


@pytest.mark.parametrize("command", ["UID FETCH", "UID MOVE", "UID SEARCH", "SELECT"])
async def test_what_the_server_refuses_is_said(command: str) -> None:
    async with serve_imap(refused=command) as server:
        server.arrive(MAIL)
        with pytest.raises(MailboxUnusable, match="not today"):
            async with open_mailbox(imap_url(server)).open() as opened:
                await file_all(opened, "Processed")
        assert server.folders["INBOX"] == {1: MAIL}


async def test_a_server_that_is_not_there_is_said() -> None:
    async with serve_imap() as server:
        pass
    with pytest.raises(MailboxUnusable, match="refused"):
        async with open_mailbox(imap_url(server)).open():
            pass


async def test_imaps_asks_for_a_certificate_that_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "localhost.pem"))
    async with serve_imap(server_context()) as server:
        server.arrive(MAIL)
        async with open_mailbox(imap_url(server, "imaps", "localhost")).open() as opened:
            assert await file_all(opened, "Processed") == [MAIL]
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "stranger.pem"))
        with pytest.raises(MailboxUnusable, match="certificate"):
            async with open_mailbox(imap_url(server, "imaps", "localhost")).open():
                pass
