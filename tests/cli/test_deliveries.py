"""`feeds deliveries`, as an operator calls it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.daemon.parts import read_clock
from feeds.daemon.secret import open_keyring
from feeds.mailboxes import ReplyClass
from feeds.model import DeliveryState, Epoch
from feeds.store import deliveries, epochs, retention, subscribers
from feeds.store.deliveries import AttemptOutcome
from feeds.store.engine import Database, open_database
from tests.store.builders import LEASE, NOW
from tests.store.test_status import fan_out


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation whose first mail was accepted, whose second failed, whose third waits."""
    (tmp_path / "feeds.toml").write_text("", encoding="utf-8")
    assert CliRunner().invoke(app, ["db", "upgrade", "--config", str(tmp_path / "feeds.toml")]).exit_code == 0

    async def fill() -> None:
        database = await open_database(f"sqlite:///{tmp_path}/data/feeds.db")
        await fan_out(database, 4)
        await _finish(
            database, AttemptOutcome(DeliveryState.ACCEPTED, "data", 250, "queued as 4F2", "qq", ReplyClass.OK)
        )
        await _finish(database, AttemptOutcome(DeliveryState.FAILED, "rcpt", 550, "no", "qq", ReplyClass.POLICY))
        await database.close()

    asyncio.run(fill())
    return tmp_path / "feeds.toml"


async def _finish(database: Database, outcome: AttemptOutcome) -> None:
    async with database.write() as tx:
        (claimed,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 1)
        begun = await deliveries.begin_attempt(tx, claimed, NOW)
        assert begun is not None
        await deliveries.finish_attempt(tx, begun, outcome, None, NOW)


def _run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["deliveries", *words, "--config", str(config)])


def _list(config: Path, *words: str) -> list[int]:
    return [one["id"] for one in json.loads(_run(config, "list", *words, "--json").stdout)]


def test_mails_are_listed_newest_first_and_narrowed_down(config: Path) -> None:
    assert _list(config) == [3, 2, 1]
    assert _list(config, "--state", "accepted", "--state", "failed") == [2, 1]
    assert _list(config, "--limit", "1") == [3]
    assert _list(config, "--notice", "notice0000001") == [3, 2, 1]
    assert _list(config, "--notice", "notice0000002") == []
    addresses = {one["id"]: one["address"] for one in json.loads(_run(config, "list", "--json").stdout)}
    assert _list(config, "--subscriber", addresses[2].replace("example.com", "Example.COM")) == [2]
    said = _run(config, "list").stdout
    assert f"2  alert  {addresses[2]}  failed" in said
    assert "rcpt: 550 no" in said
    assert "deliveries: 3\n" in said
    assert "more with --limit" in _run(config, "list", "--limit", "3").stdout


def test_one_mail_is_shown_with_its_attempts_and_what_it_carries(config: Path) -> None:
    open_keyring(config.parent / "data" / "secret.key")
    said = _run(config, "show", "1").stdout
    assert "attempt 1 at 2026-11-24 09:30:00 via qq: data: 250 queued as 4F2 [ok]" in said
    assert "carries published notice0000001 关于第1号事项的公告" in said
    assert "Message-ID: <" in said
    assert "subscription 1: " in said
    shown = json.loads(_run(config, "show", "2", "--json").stdout)
    assert [one["reply_text"] for one in shown["tries"]] == ["no"]
    assert shown["carries"][0]["subscriptions"] == [shown["subscriptions"][0]["id"]]


def test_a_mail_that_was_cut_off_says_so(config: Path) -> None:
    async def begin() -> None:
        database = await open_database(f"sqlite:///{config.parent}/data/feeds.db")
        async with database.write() as tx:
            (claimed,) = await deliveries.claim_deliveries(tx, NOW, LEASE, 1)
            await deliveries.begin_attempt(tx, claimed, NOW)
        await database.close()

    asyncio.run(begin())
    assert "its end is not known" in _run(config, "show", "3").stdout


def test_failed_mails_are_tried_once_more(config: Path) -> None:
    result = _run(config, "retry", "2")
    assert (result.exit_code, result.stdout) == (0, "deliveries due again: 1, left as they are: 0\n")
    assert _list(config, "--state", "queued") == [3, 2]
    assert _run(config, "retry", "--failed").stdout == "deliveries due again: 0, left as they are: 0\n"


def test_all_failed_mails_can_be_meant_or_those_since_a_day(config: Path) -> None:
    assert json.loads(_run(config, "retry", "--failed", "--since", "2026-11-25", "--json").stdout) == {
        "due": [],
        "refused": {},
    }
    assert json.loads(_run(config, "retry", "--failed", "--since", "2026-11-24T09:30", "--json").stdout)["due"] == [2]


def test_what_cannot_be_tried_once_more_is_refused_by_name(config: Path) -> None:
    result = _run(config, "retry", "1", "3", "99")
    assert result.exit_code == 1
    assert "1: it was accepted; nobody is told twice" in result.stderr
    assert "3: it is being tried still" in result.stderr
    assert "99: there is no such delivery" in result.stderr


@pytest.mark.parametrize("words", [["retry"], ["retry", "1", "--failed"], ["retry", "1", "--since", "2026-11-24"]])
def test_a_retry_means_named_mails_or_all_that_failed(config: Path, words: list[str]) -> None:
    assert _run(config, *words).exit_code == 2


def test_a_mail_that_is_not_there_is_named(config: Path) -> None:
    result = _run(config, "show", "99")
    assert (result.exit_code, result.stderr) == (1, "99: there is no such delivery\n")


def _restore(config: Path) -> None:
    """As if the database had been found to be older than what was sent."""

    async def hold() -> None:
        database = await open_database(f"sqlite:///{config.parent}/data/feeds.db")
        now = read_clock()
        async with database.write() as tx:
            await epochs.save_epoch(tx, Epoch("a", now, told_until=now, held_until=now + timedelta(hours=1)))
        await database.close()

    asyncio.run(hold())


@pytest.mark.parametrize(("more", "said"), [([], "due now"), (["--discard"], "not sent")])
def test_what_waits_after_a_restored_backup_is_told_loudly_and_released(
    config: Path, more: list[str], said: str
) -> None:
    assert "no mails wait" in _run(config, "release", "--restored").stderr
    _restore(config)
    status = CliRunner().invoke(app, ["status", "--config", str(config)]).stdout
    assert "restored from a backup: mails about what was published before" in status
    as_json = json.loads(CliRunner().invoke(app, ["status", "--json", "--config", str(config)]).stdout)
    assert as_json["restored"]["discards"] is False
    assert "release --restored" in CliRunner().invoke(app, ["doctor", "--config", str(config)]).stdout
    result = _run(config, "release", "--restored", *more)
    assert (result.exit_code, result.stdout) == (0, f"mails that waited: 0; they are {said}\n")
    assert "release --restored" not in CliRunner().invoke(app, ["doctor", "--config", str(config)]).stdout


def _blank_everybody(config: Path) -> None:
    async def blank() -> None:
        database = await open_database(f"sqlite:///{config.parent}/data/feeds.db")
        async with database.write() as tx:
            for who in await subscribers.list_subscribers(tx, 9):
                await retention.blank_subscriber(tx, who.id, f"{who.id:064}")
        await database.close()

    asyncio.run(blank())


def test_a_mail_to_somebody_whose_address_was_blanked_says_so_and_is_not_tried_again(config: Path) -> None:
    _blank_everybody(config)
    listed = _run(config, "list").stdout
    assert "2  alert  (address blanked)  failed" in listed
    assert "1  alert  (address blanked)  accepted" in _run(config, "show", "1").stdout
    result = _run(config, "retry", "2")
    assert (result.exit_code, result.stderr) == (1, "2: its address was blanked; there is nobody to send it to\n")
    assert _list(config, "--state", "failed") == [2]


def test_looking_at_a_mail_makes_no_key(config: Path) -> None:
    key = config.parent / "data" / "secret.key"
    assert not key.exists()
    said = _run(config, "show", "1").stdout
    assert "Message-ID: not known: " in said
    assert json.loads(_run(config, "show", "1", "--json").stdout)["message_id"] is None
    assert not key.exists()


def test_what_is_released_has_to_be_said(config: Path) -> None:
    assert _run(config, "release").exit_code == 2
