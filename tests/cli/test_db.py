"""`feeds db copy`: what it prints, how it ends, and that a kill costs nothing but time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from feeds.store.migrate import check, upgrade
from feeds.store.schema import metadata
from tests.store.filler import fill_tables

SECRET = "data/secret.key"
LARGE = 800


def configure(folder: Path, rows: int) -> tuple[list[str], str]:
    """Make an installation with so many rows in each table; return the command, and an address for its copy."""
    url = f"sqlite:///{folder}/feeds.db"
    upgrade(url)
    fill_tables(url, rows)
    file = folder / "feeds.toml"
    file.write_text(f'[store]\nurl = "{url}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "feeds", "db", "copy", "--config", str(file), "--to"]
    return command, f"sqlite:///{folder}/copied.db"


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ), timeout=300)


def test_a_table_says_what_is_equal_and_what_else_to_take_along(tmp_path: Path) -> None:
    command, target = configure(tmp_path, 7)
    told = run([*command, target])
    assert told.returncode == 0
    assert told.stderr.startswith(f"copying sqlite:///{tmp_path}/feeds.db, as it is now\n")
    assert "copy notice: 7 of 7" in told.stderr
    assert "verify notice: 7 of 7" in told.stderr
    assert "\nequal, in " in told.stdout
    lines = {line.split()[0]: line.split()[1:3] for line in told.stdout.splitlines() if line}
    assert [name for name in metadata.tables if lines[name][0] != lines[name][1]] == []
    for needed in (SECRET, "data/epoch", "data/files", "data/public", "never start a daemon on the old database"):
        assert needed in told.stdout
    again = run([*command, target])
    assert (again.returncode, again.stdout) == (1, "")
    assert "is not empty" in again.stderr


def test_programs_are_told_in_json(tmp_path: Path, empty_postgres: str) -> None:
    command, _ = configure(tmp_path, 7)
    told = run([*command, empty_postgres, "--json"])
    assert told.returncode == 0
    said = json.loads(told.stdout)
    assert (said["equal"], said["resumed"], said["copied_anew"], said["written_until"]) == (True, False, [], None)
    notice = next(each for each in said["tables"] if each["name"] == "notice")
    assert notice["rows"] == {"source": 7, "target": 7}
    assert notice["sha256"]["source"] == notice["sha256"]["target"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("fatal", ["copy channel", "copy subscription"])
def test_a_kill_in_the_middle_costs_nothing_but_time(
    tmp_path: Path, kind: str, fatal: str, request: pytest.FixtureRequest
) -> None:
    command, target = configure(tmp_path, LARGE)
    if kind == "postgresql":
        target = request.getfixturevalue("empty_postgres")
    with subprocess.Popen([*command, target], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(fatal):
                process.kill()
                break
    assert process.returncode == -signal.SIGKILL

    command_on_copy = [sys.executable, "-m", "feeds", "db", "check", "--config", str(tmp_path / "copy.toml")]
    (tmp_path / "copy.toml").write_text(f'[store]\nurl = "{target}"\n', encoding="utf-8")
    refused = run(command_on_copy)
    assert refused.returncode == 1
    assert "unfinished copy of sqlite:///" in refused.stderr

    told = run([*command, target])
    assert told.returncode == 0
    assert told.stderr.startswith("going on with the copy of sqlite:///")
    assert "rows were there from an earlier run" in told.stdout
    assert "\n0 rows" not in told.stdout
    assert "\nequal, in " in told.stdout
    assert check(target) == []
