"""`feeds targets`: what the operator sees, and what nobody does."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.daemon.parts import read_clock
from feeds.daemon.secret import open_keyring
from feeds.demo.configure import configure_replica
from feeds.flows.retention import forget_people
from feeds.store.engine import open_database
from tests.flows.switchboard import Switchboard, switchboard

Invoke = Callable[..., Result]
KEY = "0123456789abcdef"


@pytest.fixture
def board() -> Iterator[Switchboard]:
    """Serve a switchboard beside the commands, which have event loops of their own."""
    ready, done = threading.Event(), threading.Event()
    boards: list[Switchboard] = []

    async def serve() -> None:
        async with switchboard() as made:
            boards.append(made)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    yield boards[0]
    done.set()
    thread.join()


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[Invoke]:
    """Give a way to run a command on a configuration of the replica."""
    configure_replica(tmp_path, 8000, "http://127.0.0.1:9")

    def invoke(*words: str, said: str | None = None) -> Result:
        return CliRunner().invoke(app, [*words, "--config", str(tmp_path / "feeds.toml")], input=said)

    yield invoke
    structlog.reset_defaults()


def test_a_webhook_is_added_listed_tried_and_ended(feeds: Invoke, board: Switchboard, tmp_path: Path) -> None:
    secret = tmp_path / "hook.secret"
    secret.write_text("whsec_YSBrZXk=\n", encoding="utf-8")
    url = f"{board.url}/hook?key={KEY}"
    more = ("--secret-file", str(secret), "--allow-private", "--feed", "harbin-renda/tzgg")
    told = feeds("targets", "add", url, *more, "--with", "keywords=条例", "--with", "frequency=daily")
    assert told.exit_code == 0, told.stderr
    name = told.stdout.partition(": ")[0]
    assert name.startswith(f"webhook@127.0.0.1:{board.port}/")
    listed = feeds("targets", "list")
    assert f"{name}: signed\n" in listed.stdout
    assert "harbin-renda/tzgg with 条例, daily" in listed.stdout
    (row,) = json.loads(feeds("targets", "list", "--json").stdout)
    assert (row["name"], row["kind"], row["signed"]) == (name, "webhook", True)
    assert row["subscriptions"][0]["keywords"] == "条例"

    tried = feeds("targets", "test", name)
    assert tried.exit_code == 0, tried.stderr
    assert f"{name}: ok: 200" in tried.stdout
    (heard,) = board.heard
    assert heard.json["type"] == "test"
    assert heard.headers["webhook-signature"].startswith("v1,")

    board.answer = lambda _: (401, {}, f"who is {KEY}?".encode())
    refused = feeds("targets", "test", name)
    assert refused.exit_code == 1
    assert "dead: 401 who is …?" in refused.stderr

    shown = feeds("subscribers", "list")
    exported = feeds("subscribers", "export")
    assert name in shown.stdout
    assert name not in exported.stdout
    assert feeds("subscribers", "remove", name).exit_code == 0
    assert "targets: 0" in feeds("targets", "list").stdout
    assert KEY not in "".join(one.output for one in (told, listed, tried, refused, shown, exported))


def test_another_subscription_keeps_the_secret(feeds: Invoke, tmp_path: Path) -> None:
    secret = tmp_path / "hook.secret"
    secret.write_text("whsec_YSBrZXk=", encoding="utf-8")
    first = feeds("targets", "add", "https://hooks.example.org/n", "--secret-file", str(secret))
    again = feeds("targets", "add", "https://hooks.example.org/n", "--feed", "harbin-renda/tzgg")
    assert first.stdout == again.stdout
    (row,) = json.loads(feeds("targets", "list", "--json").stdout)
    assert row["signed"]
    assert [one["feeds"] for one in row["subscriptions"]] == ["all", "harbin-renda/tzgg"]


def test_an_address_may_come_by_standard_input(feeds: Invoke) -> None:
    told = feeds("targets", "add", "-", said=f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}\n")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith("wecom@qyapi.weixin.qq.com/")
    assert KEY not in told.output


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("ftp://hooks.example.org/", "--kind", "webhook"), "must begin with https://"),
        (("https://[hooks",), "cannot be read"),
        (("http://127.0.0.1:9/hook",), "127.0.0.1 is a loopback address, and it was not allowed"),
        (("nosuchservice://key",), "Apprise does not know"),
        (("https://hooks.example.org/", "--feed", "harbin-renda/tzg"), "harbin-renda/tzg"),
        (("https://hooks.example.org/", "--with", "frequency=hourly"), "hourly"),
        (("https://hooks.example.org/", "--with", "colour=red"), "COLUMN=VALUE"),
        (("https://hooks.example.org/", "--secret-file", "/nowhere/at/all"), "/nowhere/at/all"),
        (("https://qyapi.weixin.qq.com/send?key=1", "--secret-file", __file__), "takes no secret"),
    ],
)
def test_what_cannot_be_told_is_refused_with_2(feeds: Invoke, words: tuple[str, ...], problem: str) -> None:
    told = feeds("targets", "add", *words)
    assert told.exit_code == 2
    assert problem in told.stderr


def _forget_everybody(folder: Path) -> int:
    """Let the time pass after which addresses are blanked; return how many were."""

    async def forget() -> int:
        database = await open_database(f"sqlite:///{folder}/feeds.db")
        later = read_clock() + timedelta(days=29)
        blanked = await forget_people(database, open_keyring(folder / "secret.key"), lambda: later)
        await database.close()
        return blanked

    return asyncio.run(forget())


def test_a_target_that_was_blanked_is_known_again_and_can_be_blanked_again(feeds: Invoke, tmp_path: Path) -> None:
    name = ""
    for _ in range(2):
        told = feeds("targets", "add", "https://hooks.example.org/n", "--kind", "webhook")
        assert told.exit_code == 0, told.output
        name = told.stdout.partition(": ")[0]
        assert "targets: 1" in feeds("targets", "list").stdout
        assert feeds("subscribers", "remove", name).exit_code == 0
        assert _forget_everybody(tmp_path) == 1
    shown = feeds("subscribers", "show", name)
    assert (shown.exit_code, shown.stdout.splitlines()[0]) == (0, "(address blanked): ended (operator)")
    assert feeds("subscribers", "remove", name).exit_code == 0
    assert "nothing stands against it" in feeds("subscribers", "unsuppress", name).stderr


@pytest.mark.parametrize("command", ["show", "remove", "unsuppress"])
def test_looking_somebody_up_makes_no_key(feeds: Invoke, tmp_path: Path, command: str) -> None:
    told = feeds("subscribers", command, "webhook@hooks.example.org/1a2b3c4d")
    assert (told.exit_code, "no such subscriber" in told.stderr) == (1, True)
    assert not (tmp_path / "secret.key").exists()


def test_a_target_that_is_not_there_cannot_be_tried(feeds: Invoke) -> None:
    told = feeds("targets", "test", "webhook@hooks.example.org/1a2b3c4d")
    assert told.exit_code == 1
    assert "no such target" in told.stderr
