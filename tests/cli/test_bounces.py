"""`feeds bounces`: what came back, and what it did."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.daemon.secret import open_keyring
from feeds.decide.tokens import sign_token
from feeds.store import retention, returned, subscribers
from feeds.store.engine import open_database
from tests.read.returned_mails import write_report, write_words
from tests.store.builders import queue_alert

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation with a mailbox, in which one reader was sent delivery 1."""
    file = tmp_path / "feeds.toml"
    file.write_text('[mail]\nbounce_domain = "bounces.example"\nreturned = "maildir:box"\n', encoding="utf-8")
    for part in ("new", "cur", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    assert CliRunner().invoke(app, ["db", "upgrade", "--config", str(file)]).exit_code == 0

    async def queue() -> None:
        database = await open_database(f"sqlite:///{tmp_path}/data/feeds.db")
        await queue_alert(database)
        await database.close()

    asyncio.run(queue())
    return file


def _sender(config: Path) -> str:
    keyring = open_keyring(config.parent / "data" / "secret.key")
    return f"b+{sign_token(keyring, 'bounce', 1)}@bounces.example"


def _run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["bounces", *words, "--config", str(config)])


def _count(config: Path) -> dict[str, int]:
    async def count() -> dict[str, int]:
        database = await open_database(f"sqlite:///{config.parent}/data/feeds.db")
        async with database.read() as tx:
            counted = dict(await returned.count_returned(tx))
        await database.close()
        return counted

    return asyncio.run(count())


def test_what_waits_in_the_mailbox_is_told_and_moved(config: Path) -> None:
    (config.parent / "box" / "new" / "1.M1.host").write_bytes(write_report(_sender(config)))
    (config.parent / "box" / "new" / "2.M1.host").write_bytes(b"Subject: spam\n\n")
    result = _run(config)
    assert result.exit_code == 0, result.output
    assert "new/1.M1.host: 退信 delivery report, reader0@mail.example" in result.stdout
    assert "记为退回 came back: 地址失效 dead mailbox" in result.stdout
    assert "550 5.1.1 <reader@linjiang.example>: Recipient address rejected" in result.stdout
    assert "记一次 one strike (dead, 1)" in result.stdout
    assert "new/2.M1.host: 认不出 unknown\n  对不上" in result.stdout
    assert _count(config) == {"hard": 1, "soft": 0, "policy": 0, "complained": 0}
    assert "came back: hard 1, soft 0" in CliRunner().invoke(app, ["status", "--config", str(config)]).stdout
    assert "Nothing came back." in _run(config).stdout


def test_a_dry_run_of_a_file_says_and_changes_nothing(config: Path, tmp_path: Path) -> None:
    file = tmp_path / "saved.eml"
    file.write_bytes(write_report(_sender(config)))
    (told,) = json.loads(_run(config, "--dry-run", "--json", str(file)).stdout)
    assert (told["kind"], told["outcome"], told["bounce"], told["seen"]) == ("report", "bounced", "hard", False)
    assert (told["address"], told["delivery"], told["strikes"]) == ("reader0@mail.example", 1, 1)
    assert told["reports"][0]["status"] == "5.1.1"
    assert _count(config)["hard"] == 0
    assert _run(config, str(file)).exit_code == 0
    assert file.exists()
    assert "以前读过 read before" in _run(config, str(file)).stdout
    assert _count(config)["hard"] == 1


def test_an_unsubscribe_mail_ends_the_subscription(config: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["subscribers", "add", "a@mail.example", "--config", str(config)]).exit_code == 0
    token = sign_token(open_keyring(config.parent / "data" / "secret.key"), "unsubscribe", 1)
    file = tmp_path / "wish.eml"
    file.write_bytes(write_words(f"u+{token}@bounces.example", "unsubscribe", "", "a@mail.example"))
    assert "退订邮件 unsubscribe mail, a@mail.example\n  已退订 unsubscribed" in _run(config, str(file)).stdout
    shown = CliRunner().invoke(app, ["subscribers", "show", "a@mail.example", "--config", str(config)]).stdout
    assert f"ended ({subscribers.UNSUBSCRIBED})" in shown


def test_whose_address_was_blanked_is_not_named(config: Path, tmp_path: Path) -> None:
    async def blank() -> None:
        database = await open_database(f"sqlite:///{tmp_path}/data/feeds.db")
        async with database.write() as tx:
            await retention.blank_subscriber(tx, 1, "0" * 64)
        await database.close()

    asyncio.run(blank())
    file = tmp_path / "late.eml"
    file.write_bytes(write_report(_sender(config)))
    said = _run(config, str(file)).stdout
    assert said.endswith("退信 delivery report, (address blanked)\n  记为退回 came back: 地址失效 dead mailbox\n")


def test_without_a_mailbox_or_a_file_the_command_says_so(config: Path, tmp_path: Path) -> None:
    result = _run(config, str(tmp_path / "nowhere.eml"))
    assert (result.exit_code, "no such file" in result.stderr) == (2, True)
    config.write_text('[mail]\nbounce_domain = "bounces.example"\n', encoding="utf-8")
    result = _run(config)
    assert (result.exit_code, "[mail] returned is not set" in result.stderr) == (2, True)


def test_a_mailbox_that_is_not_there_is_said(config: Path) -> None:
    (config.parent / "box").rename(config.parent / "elsewhere")
    result = _run(config)
    assert result.exit_code == 1
    assert "the maildir" in result.stderr
    checked = CliRunner().invoke(app, ["check", "--config", str(config)])
    assert (checked.exit_code, "no maildir yet" in checked.stdout) == (0, True)
    (config.parent / "elsewhere").rename(config.parent / "box")
    assert "no maildir yet" not in CliRunner().invoke(app, ["check", "--config", str(config)]).stdout
