"""`feeds search`: what is recorded is found, indexed or not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.store.engine import open_database
from tests.store.builders import make_article, make_new, stock

PORTAL = """
[portal]
name = "songbei"
title = "松北人大"
base_url = "http://songbei.example/"
identity = ["松北"]

[[channel]]
slug = "tzgg"
title = "通知公告"
url = "http://songbei.example/tzgg/"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An installation with two notices, none of them indexed."""
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "songbei.toml").write_text(PORTAL, encoding="utf-8")
    file = tmp_path / "feeds.toml"
    file.write_text('[store]\nurl = "sqlite:///feeds.db"\n', encoding="utf-8")

    async def fill() -> None:
        database = await open_database(f"sqlite:///{tmp_path}/feeds.db")
        articles = [
            make_article(1, title="关于旁听的公告", body="公民可以报名旁听会议。"),
            make_article(2, title="任免名单", body="决定任命：\n尹　明为区教育局局长。"),
        ]
        news = [make_new(n, title=a.title, article=a, article_due=None) for n, a in enumerate(articles, 1)]
        await stock(database, *news)
        await database.close()

    asyncio.run(fill())
    return file


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["search", *words, "--config", str(config)])


def test_notices_are_found_by_words_before_any_daemon_ran(config: Path) -> None:
    found = run(config, "旁听", "报名")
    assert found.exit_code == 0, found.output
    assert "2026-11-24  notice0000001  关于旁听的公告\n            公民可以报名旁听会议。" in found.stdout
    assert "任免名单" not in found.stdout
    assert "indexed: 2" in found.stderr
    assert "indexed" not in run(config, "旁听").stderr


def test_notices_are_found_by_what_they_say(config: Path) -> None:
    value = json.loads(run(config, "--person", "尹明", "--kind", "appointments", "--no-reprints", "--json").stdout)
    (notice,) = value["notices"]
    assert (notice["title"], notice["portal"], notice["channels"]) == ("任免名单", "songbei", ["tzgg"])
    assert notice["page"].endswith("/n/notice0000002")
    assert (value["more"], value["partial"], notice["withdrawn"]) == (False, False, False)


def test_a_limit_says_that_there_is_more(config: Path) -> None:
    found = run(config, "--portal", "songbei", "--limit", "1")
    assert "there are older ones" in found.stderr
    assert found.stdout.count("notice00") == 1


def test_nothing_found_is_no_failure(config: Path) -> None:
    found = run(config, "航天飞机")
    assert (found.exit_code, found.stdout) == (0, "没有找到 nothing found\n")


@pytest.mark.parametrize("words", [[], ["--portal", "nowhere"], ["--kind", "gossip"], ["x" * 101], ["--limit", "0"]])
def test_what_cannot_be_searched_is_wrong_usage(config: Path, words: list[str]) -> None:
    refused = run(config, *words)
    assert refused.exit_code == 2
    assert refused.stdout == ""


def test_the_index_can_be_made_anew(config: Path) -> None:
    run(config, "旁听")
    again = run(config, "--reindex")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "indexed: 2" in again.stderr
    assert "旁听" in run(config, "旁听").stdout


def test_help_names_every_filter() -> None:
    shown = CliRunner().invoke(app, ["search", "--help"]).stdout
    assert all(f"--{name}" in shown for name in ("portal", "channel", "kind", "person", "law", "no-reprints", "limit"))
