"""`feeds init`, `feeds check` and `feeds schema`: an installation begins."""

from __future__ import annotations

import json
import stat
import tomllib
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from feeds.cli import app
from feeds.config import load_configuration
from feeds.errors import ConfigError

PORTAL = """
[portal]
name = "harbour"
title = "港口公告"
base_url = "http://www.harbour.example/"

[recipe.listing]
row = "li"

[recipe.article]
title = "h1"
body = "#body"

[[channel]]
slug = "tzgg"
title = "通知公告"
url = "list"
"""


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    """A runner in an empty folder, with no FEEDS_* of the machine in the environment."""
    monkeypatch.delenv("FEEDS_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return CliRunner()


def test_init_writes_a_configuration_that_check_finds_right(cli: CliRunner, tmp_path: Path) -> None:
    written = cli.invoke(app, ["init", "site"])
    assert (written.exit_code, written.stderr) == (0, "")
    checked = cli.invoke(app, ["check", "--config", str(tmp_path / "site" / "feeds.toml")])
    assert (checked.exit_code, checked.stderr) == (0, "")
    settings, _ = load_configuration(tmp_path / "site" / "feeds.toml", {})
    assert settings.store.url == f"sqlite:///{tmp_path}/site/data/feeds.db"


def test_init_names_what_it_wrote_and_what_comes_next(cli: CliRunner, tmp_path: Path) -> None:
    said = cli.invoke(app, ["init", "a folder"]).stdout
    written = [path for path in (tmp_path / "a folder").rglob("*") if path.is_file()]
    assert len(written) >= 2
    assert [path for path in written if str(path) not in said] == []
    assert f"feeds check --config '{tmp_path}/a folder/feeds.toml'" in said


def test_init_writes_a_unit_for_the_folder(cli: CliRunner, tmp_path: Path) -> None:
    cli.invoke(app, ["init", "site"])
    unit = (tmp_path / "site" / "deploy" / "noticefeeds.service").read_text(encoding="utf-8")
    assert f'--config "{tmp_path}/site/feeds.toml"' in unit


def test_init_makes_a_data_folder_that_others_cannot_write(cli: CliRunner, tmp_path: Path) -> None:
    cli.invoke(app, ["init", "site"])
    mode = stat.S_IMODE((tmp_path / "site" / "data").stat().st_mode)
    assert mode & 0o027 == 0


def test_init_overwrites_nothing(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text("mine", encoding="utf-8")
    refused = cli.invoke(app, ["init", "."])
    assert refused.exit_code == 1
    assert str(tmp_path / "feeds.toml") in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["feeds.toml"]
    assert (tmp_path / "feeds.toml").read_text(encoding="utf-8") == "mine"


def test_init_below_a_file_is_refused_with_a_sentence(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = cli.invoke(app, ["init", "file/site"])
    assert (refused.exit_code, "cannot write" in refused.stderr) == (1, True)


def test_check_names_every_fault_and_ends_with_2(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text("[web]\nprot = 1\n[site]\ntime_zone = 'Mars'", encoding="utf-8")
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.toml").write_text(PORTAL.replace('"tzgg"', '"all"'), encoding="utf-8")
    checked = cli.invoke(app, ["check", "--config", "feeds.toml"], env={"FEEDS_MAIL__RELY": "x"})
    assert checked.exit_code == 2
    for key in ("web.prot", "site.time_zone", "channel[1].slug", "FEEDS_MAIL__RELY"):
        assert f": {key}: found " in checked.stderr
    assert "faults: 4" in checked.stderr


def test_check_as_json_is_one_value(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text("[web]\nprot = 1\n", encoding="utf-8")
    checked = cli.invoke(app, ["check", "--config", "feeds.toml", "--json"])
    answer = json.loads(checked.stdout)
    assert (checked.exit_code, answer["ok"], answer["portals"]) == (2, False, [])
    (fault,) = answer["faults"]
    assert fault == {
        "file": str(tmp_path / "feeds.toml"),
        "key": "web.prot",
        "found": "an unknown key",
        "allowed": "one of host, port, trusted_proxies, sign_ups_per_hour, api_per_minute",
        "nearest": "port",
    }


def test_check_lists_the_portals(cli: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text("", encoding="utf-8")
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.toml").write_text(PORTAL, encoding="utf-8")
    assert "harbour: 港口公告, 1 " in cli.invoke(app, ["check", "--config", "feeds.toml"]).stdout
    answer = json.loads(cli.invoke(app, ["check", "--config", "feeds.toml", "--json"]).stdout)
    assert answer == {"ok": True, "faults": [], "portals": [{"name": "harbour", "channels": ["tzgg"]}]}


def test_check_without_a_configuration_says_how_to_make_one(cli: CliRunner) -> None:
    checked = cli.invoke(app, ["check"])
    assert checked.exit_code == 2
    assert "feeds init DIR" in checked.stderr


@pytest.mark.parametrize("command", ["init", "check", "schema"])
def test_help_shows_an_example(cli: CliRunner, command: str) -> None:
    assert f"Example: feeds {command}" in " ".join(cli.invoke(app, [command, "--help"]).stdout.split())


@pytest.mark.parametrize(
    ("text", "right"),
    [("", True), ("[web]\nport = 81", True), ("[web]\nprot = 81", False), ("[web]\nport = 99999", False)],
)
def test_the_schema_agrees_with_check(cli: CliRunner, tmp_path: Path, text: str, *, right: bool) -> None:
    """An editor and `feeds check` must not contradict each other."""
    shape = json.loads(cli.invoke(app, ["schema"]).stdout)
    jsonschema.Draft202012Validator.check_schema(shape)
    assert jsonschema.Draft202012Validator(shape).is_valid(tomllib.loads(text)) is right
    (tmp_path / "feeds.toml").write_text(text, encoding="utf-8")
    try:
        load_configuration(tmp_path / "feeds.toml", {})
    except ConfigError:
        assert not right
    else:
        assert right


def test_the_schema_accepts_the_shipped_files(cli: CliRunner, tmp_path: Path) -> None:
    cli.invoke(app, ["init", "."])
    shape = json.loads(cli.invoke(app, ["schema"]).stdout)
    jsonschema.validate(tomllib.loads((tmp_path / "feeds.toml").read_text(encoding="utf-8")), shape)
    shape = json.loads(cli.invoke(app, ["schema", "--portal"]).stdout)
    texts = [PORTAL, *(path.read_text(encoding="utf-8") for path in (tmp_path / "portals").glob("*.toml"))]
    for text in texts:
        jsonschema.validate(tomllib.loads(text), shape)
