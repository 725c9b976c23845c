"""`feeds export`: what it writes where, and how it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]

from tests.cli.test_commands import Invoke, feeds, folder, replica

__all__ = ["feeds", "folder", "replica"]


@pytest.fixture
def polled(feeds: Invoke) -> Invoke:
    """Give the commands of an installation that has notices."""
    assert feeds("poll", "harbin-renda/tzgg").exit_code == 0
    return feeds


def test_notices_go_to_stdout_as_json_lines_and_progress_to_stderr(polled: Invoke) -> None:
    told = polled("export")
    assert told.exit_code == 0
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert len(lines) > 3
    assert {"id", "title", "article", "facts", "revisions", "channels", "first_seen", "withdrawn"} <= lines[0].keys()
    assert f"{len(lines)} of {len(lines)} notices" in told.stderr


def test_a_table_is_a_file_that_spreadsheet_programs_open(polled: Invoke, tmp_path: Path) -> None:
    out = tmp_path / "notices.csv"
    told = polled("export", "--format", "csv", "--out", str(out))
    assert (told.exit_code, told.stdout) == (0, "")
    body = out.read_bytes()
    assert body.startswith(b"\xef\xbb\xbfid,")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert f"{len(rows)} of {len(rows)} notices" in told.stderr
    assert {row["portal"] for row in rows} == {"harbin-renda"}
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".notices")] == []


def test_only_a_portal_and_only_from_a_day_on(polled: Invoke) -> None:
    assert polled("export", "--portal", "harbin-renda", "--since", "2026-01-01").exit_code == 0
    assert polled("export", "--since", "2099-01-01").stdout == ""
    for wrong in (["--portal", "nowhere"], ["--since", "yesterday"], ["--format", "xml"]):
        assert polled("export", *wrong).exit_code == 2
    assert "nowhere: no such portal; portals: harbin-renda" in polled("export", "--portal", "nowhere").stderr


def test_the_list_of_feeds_is_opml(feeds: Invoke) -> None:
    told = feeds("export", "--format", "opml")
    root = etree.fromstring(told.stdout.encode())
    assert len(root.findall("body/outline")) == 2
    assert len(root.findall("body/outline/outline")) == 18
    one = etree.fromstring(feeds("export", "--format", "opml", "--portal", "harbin-renda").stdout.encode())
    assert len(one.findall("body/outline/outline")) == 17
    assert feeds("export", "--format", "opml", "--since", "2026-01-01").exit_code == 2
    assert feeds("export", "--format", "opml", "--portal", "nowhere").exit_code == 2


def test_what_cannot_be_written_is_named_and_an_older_file_stays(polled: Invoke, tmp_path: Path) -> None:
    told = polled("export", "--out", str(tmp_path / "none" / "x.jsonl"))
    assert told.exit_code == 1
    assert "x.jsonl: No such file or directory" in told.stderr
    old = tmp_path / "old.jsonl"
    old.write_text("kept")
    assert polled("export", "--portal", "nowhere", "--out", str(old)).exit_code == 2
    assert old.read_text() == "kept"


def test_a_pipe_is_written_to_and_a_link_leads_to_the_file(polled: Invoke, tmp_path: Path) -> None:
    pipe, real, link = tmp_path / "pipe", tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    os.mkfifo(pipe)
    real.write_text("old")
    link.symlink_to(real)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert polled("export", "--out", str(pipe)).exit_code == 0
        written, _ = reader.communicate(timeout=20)
    assert polled("export", "--out", str(link)).exit_code == 0
    assert link.is_symlink()
    assert real.read_bytes() == written


def test_a_reader_that_has_seen_enough_is_no_fault(polled: Invoke, folder: Path) -> None:
    command = [sys.executable, "-m", "feeds", "export", "--config", str(folder / "feeds.toml")]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_help_has_an_example(feeds: Invoke) -> None:
    assert "Example: feeds export --format csv" in " ".join(feeds("export", "--help").stdout.split())
