"""`feeds doctor` on a real installation and a real server."""

from __future__ import annotations

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner

from feeds.cli import app
from feeds.cli.doctor import check_calendar, check_clock, check_disk, check_epoch, check_hubs, check_secret, read_lag
from feeds.config import load_settings
from feeds.daemon.epoch import meet_epoch
from feeds.decide.checks import State
from feeds.store import hubs
from feeds.store.engine import open_database

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 9, tzinfo=ZONE)
PORTAL = """
[portal]
name = "harbour"
title = "港口公告"
base_url = "{url}"
tls = "http"
allow_private = true
[[channel]]
slug = "tzgg"
title = "通知公告"
url = "tzgg"
"""


def _install(folder: Path, url: str) -> list[str]:
    (folder / "portals").mkdir()
    (folder / "feeds.toml").write_text("", encoding="utf-8")
    (folder / "portals" / "a.toml").write_text(PORTAL.format(url=url), encoding="utf-8")
    return ["--config", str(folder / "feeds.toml")]


def test_a_healthy_installation_has_nothing_failed(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/").respond_with_data("<h1>港口公告</h1>")
    config = _install(tmp_path, httpserver.url_for("/"))
    assert CliRunner().invoke(app, ["db", "upgrade", *config]).exit_code == 0
    result = CliRunner().invoke(app, ["doctor", "--json", *config])
    states = {check["name"]: check["state"] for check in json.loads(result.stdout)}
    assert result.exit_code == 0
    assert states["数据库 database"] == states["门户 portal harbour"] == states["时钟 clock"] == "good"
    assert {"磁盘 disk", "密钥 key", "日历 calendar"} <= states.keys()


def test_what_is_broken_is_named_with_the_way_out(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/").respond_with_data("down", status=503)
    result = CliRunner().invoke(app, ["doctor", *_install(tmp_path, httpserver.url_for("/"))])
    assert result.exit_code == 1
    assert "✗ 数据库 database" in result.stdout
    assert "db upgrade" in result.stdout
    assert "answers 503" in result.stdout


def test_an_epoch_that_cannot_be_kept_beside_the_key_is_named(tmp_path: Path) -> None:
    config = _install(tmp_path, "http://127.0.0.1:9/")
    assert CliRunner().invoke(app, ["db", "upgrade", *config]).exit_code == 0
    settings = load_settings(tmp_path / "feeds.toml", {})
    assert asyncio.run(check_epoch(settings, NOW)) == []

    async def work(key: Path) -> None:
        database = await open_database(settings.store.url)
        await meet_epoch(database, key, lambda: NOW)
        await database.close()

    asyncio.run(work(tmp_path / "gone" / "secret.key"))
    (check,) = asyncio.run(check_epoch(settings, NOW))
    assert check.state is State.WARNING
    assert "mails wait for a day" in check.said
    asyncio.run(work(settings.site.secret_file))
    assert asyncio.run(check_epoch(settings, NOW)) == []


def test_a_hub_that_could_not_be_told_is_named(tmp_path: Path) -> None:
    config = _install(tmp_path, "http://127.0.0.1:9/")
    assert CliRunner().invoke(app, ["db", "upgrade", *config]).exit_code == 0
    settings = load_settings(tmp_path / "feeds.toml", {})

    async def work(problem: str | None) -> None:
        database = await open_database(settings.store.url)
        async with database.write() as tx:
            await hubs.sync_hubs(tx, ["https://hub.example/"], NOW)
            (state,) = await hubs.list_hubs(tx)
            await hubs.settle_hub(tx, state, NOW, 1, problem)
        await database.close()

    asyncio.run(work(None))
    assert asyncio.run(check_hubs(settings)) == []
    asyncio.run(work("the hub answers 503: busy"))
    (check,) = asyncio.run(check_hubs(settings))
    assert check.state is State.WARNING
    assert "https://hub.example/: the hub answers 503: busy" in check.said


def test_a_portal_that_cannot_be_reached_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["doctor", *_install(tmp_path, "http://127.0.0.1:9/")])
    assert result.exit_code == 1
    assert "✗ 门户 portal harbour: http://127.0.0.1:9/" in result.stdout


@pytest.mark.parametrize(
    ("at", "states"),
    [
        (NOW, [State.GOOD]),
        (datetime(2026, 12, 1, tzinfo=ZONE), [State.GOOD, State.WARNING]),
        (datetime(2090, 1, 1, tzinfo=ZONE), [State.WARNING]),
    ],
)
def test_a_year_whose_holidays_are_not_known_is_a_warning(at: datetime, states: list[State]) -> None:
    assert [check.state for check in check_calendar(at)] == states


def _date(behind: timedelta = timedelta()) -> str:
    return format_datetime((NOW - behind).astimezone(UTC), usegmt=True)


def test_a_clock_that_is_far_off_is_a_warning() -> None:
    assert check_clock(timedelta(seconds=3), "harbour").state is State.GOOD
    check = check_clock(timedelta(hours=-8), "harbour")
    assert (check.state, "28800 s behind that of harbour" in check.said) == (State.WARNING, True)


@pytest.mark.parametrize(
    ("headers", "lag"),
    [
        ({"date": _date()}, timedelta()),
        ({"date": _date(timedelta(hours=1))}, timedelta(hours=1)),
        ({"date": _date(timedelta(hours=1)), "age": "3600"}, timedelta()),
        ({"date": _date(), "age": "soon"}, None),
        ({"date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_a_page_from_a_cache_is_as_old_as_it_says(headers: dict[str, str], lag: timedelta | None) -> None:
    assert read_lag(headers, NOW) == lag


def test_a_home_page_from_a_cache_says_nothing_of_our_clock(tmp_path: Path, httpserver: HTTPServer) -> None:
    old = format_datetime(datetime.now(UTC) - timedelta(hours=5), usegmt=True)
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/").respond_with_data("<h1>港口公告</h1>", headers={"Date": old})
    config = _install(tmp_path, httpserver.url_for("/"))
    result = CliRunner().invoke(app, ["doctor", "--json", *config])
    states = {check["name"]: check["state"] for check in json.loads(result.stdout)}
    assert states["时钟 clock"] == "good"


def test_a_budget_that_cannot_be_kept_is_a_warning(tmp_path: Path) -> None:
    config = _install(tmp_path, "http://127.0.0.1:9/")
    (tmp_path / "feeds.toml").write_text("[poll]\nbudget = 1", encoding="utf-8")
    assert "! 预算 budget: harbour: a budget of 1" in CliRunner().invoke(app, ["doctor", *config]).stdout
    checked = json.loads(CliRunner().invoke(app, ["check", "--json", *config]).stdout)
    assert [warning[:8] for warning in checked["warnings"]] == ["harbour:"]
    assert "! harbour: a budget of 1" in CliRunner().invoke(app, ["check", *config]).stdout


def test_a_key_that_others_can_read_is_broken(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    assert check_secret(key).state is State.WARNING
    key.write_text("x", encoding="utf-8")
    key.chmod(0o644)
    assert check_secret(key).state is State.FAILED
    key.chmod(0o600)
    assert check_secret(key).state is State.GOOD


@pytest.mark.parametrize(("megabytes", "state"), [(10, State.FAILED), (200, State.WARNING), (9000, State.GOOD)])
def test_a_disk_that_fills_up_is_seen_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, megabytes: int, state: State
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=megabytes * 1024 * 1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    (check,) = check_disk((tmp_path / "not" / "yet", tmp_path))
    assert check.state is state
