from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.read.bounds import MOST_BYTES

ARTICLE = (
    "<html><head><title>某公告的标题</title></head><body><h1>某公告的标题</h1><p>发布时间：2022-09-15 10:12</p>"
    f"<div class=TRS_Editor>{'<p>这里写着一些没有人说过的话，只为了让正文足够长。</p>' * 5}</div></body></html>"
)
LISTING = (
    "<html><body><ul>"
    + "".join(f"<li><a href=t{n}.html>某某公告第{n}号</a><span>2022-09-{n:02}</span></li>" for n in range(1, 9))
    + "</ul></body></html>"
)


def run(*words: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["read", *map(str, words)], input=stdin)


def write_manifest(folder: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "in.jsonl").write_text(text, encoding="utf-8")
    return folder / "in.jsonl"


def read_manifest(folder: Path, *lines: object) -> list[dict[str, Any]]:
    out = folder / "out.jsonl"
    told = run("--manifest", write_manifest(folder, *lines), "--out", out)
    assert told.exit_code == 0, told.output
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_a_saved_article_is_shown_with_the_evidence_for_each_field(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(ARTICLE, encoding="utf-8")
    told = run("article", tmp_path / "a.html")
    assert told.exit_code == 0
    assert "title: 某公告的标题" in told.stdout
    assert "published: 2022-09-15T10:12:00+08:00" in told.stdout
    assert "evidence body: " in told.stdout


def test_a_saved_listing_is_shown_row_by_row(tmp_path: Path) -> None:
    (tmp_path / "l.html").write_text(LISTING, encoding="utf-8")
    told = run("listing", tmp_path / "l.html", "--url", "http://portal.test/xw/")
    assert told.exit_code == 0
    assert "2022-09-01   某某公告第1号  http://portal.test/xw/t1.html" in told.stdout


def test_a_dash_is_stdin() -> None:
    told = run("article", "-", "--json", stdin=ARTICLE.encode())
    assert json.loads(told.stdout)["title"] == "某公告的标题"


def test_several_files_are_one_json_value_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(ARTICLE, encoding="utf-8")
    told = run("article", tmp_path / "a.html", tmp_path / "missing.html", tmp_path, "--json")
    read, missing, folder = json.loads(told.stdout)
    assert told.exit_code == 1
    assert "problem" not in read
    assert (missing["verdict"], missing["problem"]) == ("failed", f"{tmp_path}/missing.html: No such file or directory")
    assert folder["problem"] == f"{tmp_path}: Is a directory"
    assert missing.keys() >= read.keys()


def test_a_page_that_is_none_ends_with_1_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"%PDF-1.7\n...")
    told = run("article", tmp_path / "a.html")
    assert told.exit_code == 1
    assert "verdict: not a page" in told.stdout
    assert "problem: the address gives a PDF document, not a page" in told.stdout


def test_a_huge_file_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    """A sparse file of a terabyte: who read it whole would never come back."""
    with (tmp_path / "a.html").open("wb") as page:
        page.truncate(1 << 40)
    told = run("listing", tmp_path / "a.html", "--json")
    assert json.loads(told.stdout)["verdict"] == "too large"
    assert f"{MOST_BYTES:,} bytes" in json.loads(told.stdout)["problem"]


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["article"],
        ["notice", "a.html"],
        ["--manifest", "in.jsonl"],
        ["--out", "out.jsonl"],
        ["article", "a.html", "--manifest", "in.jsonl", "--out", "out.jsonl"],
        ["--url", "http://portal.test/", "--manifest", "in.jsonl", "--out", "out.jsonl"],
        ["--manifest", "no-such-file.jsonl", "--out", "out.jsonl"],
    ],
)
def test_what_makes_no_sense_ends_with_2_and_a_sentence(words: list[str]) -> None:
    told = run(*words)
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr


def test_every_line_of_a_manifest_has_its_result_line(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "l.html").write_text(LISTING, encoding="utf-8")
    results = read_manifest(
        tmp_path,
        {"id": "a", "path": "a.html", "url": "", "kind": "article"},
        {"id": "l", "path": str(tmp_path / "l.html"), "url": "http://portal.test/", "kind": "listing"},
        {"id": "missing", "path": "x.html", "url": "http://portal.test/x.html", "kind": "listing"},
        {"id": "zero", "path": "x\0.html", "url": None, "kind": "article"},
        {"id": "kind", "path": "a.html", "kind": "notice"},
        "",
        "no json",
        "[1, 2]",
        "[" * 100_000,
        '{"id": 7, "path": 5, "kind": "article"}',
        {"id": "dash", "path": "-", "url": 5, "kind": "article"},
    )
    assert [result["id"] for result in results] == ["a", "l", "missing", "zero", "kind", None, None, None, 7, "dash"]
    assert all("ms" in result for result in results)
    assert [("problem" in result) for result in results] == [False, False, *[True] * 8]
    assert len(results[1]["items"]) == 8
    assert (results[2]["url"], results[2]["items"]) == ("http://portal.test/x.html", [])
    assert "line 6" in results[5]["problem"]


def test_a_manifest_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(ARTICLE, encoding="utf-8")
    (line,) = read_manifest(tmp_path, "\ufeff" + json.dumps({"id": 1, "path": "a.html", "kind": "article"}) + "\r\n")
    assert (line["id"], line["title"]) == (1, "某公告的标题")


def test_a_manifest_that_is_no_text_or_its_own_output_is_refused(tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path, {"id": 1, "path": "a.html", "kind": "article"})
    before = manifest.read_bytes()
    assert run("--manifest", manifest, "--out", manifest).exit_code == 2
    assert run("--manifest", manifest, "--out", tmp_path / "no" / "folder").exit_code == 2
    assert manifest.read_bytes() == before
    manifest.write_bytes(b"\xff\xfe\xff")
    assert run("--manifest", manifest, "--out", tmp_path / "out.jsonl").exit_code == 2


def test_progress_is_plain_lines_where_nobody_watches(tmp_path: Path) -> None:
    lines = [{"id": number, "path": "missing.html", "kind": "article"} for number in range(150)]
    told = run("--manifest", write_manifest(tmp_path, *lines), "--out", tmp_path / "out.jsonl")
    assert told.stderr.splitlines() == ["100 of 150 pages, 100 with a problem", "150 of 150 pages, 150 with a problem"]


def test_a_full_disk_is_told_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(ARTICLE, encoding="utf-8")
    manifest = write_manifest(tmp_path, {"id": 1, "path": "a.html", "kind": "article"})
    told = run("--manifest", manifest, "--out", "/dev/full")
    assert told.exit_code == 1
    assert "/dev/full: No space left on device; 0 of 1 lines are written" in told.stderr


def test_an_interrupted_manifest_leaves_whole_lines(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(ARTICLE, encoding="utf-8")
    lines = [{"id": number, "path": "a.html", "kind": "article"} for number in range(30_000)]
    out = tmp_path / "out.jsonl"
    command = [
        sys.executable,
        "-m",
        "feeds",
        "read",
        "--manifest",
        str(write_manifest(tmp_path, *lines)),
        "--out",
        str(out),
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUTF8": "1"}) as reading:
        while not out.exists() or out.stat().st_size < 20_000:
            time.sleep(0.01)
            assert reading.poll() is None
        reading.send_signal(signal.SIGINT)
        _, told = reading.communicate(timeout=30)
    assert reading.returncode == 130
    written = out.read_text(encoding="utf-8")
    assert written.endswith("\n")
    assert [json.loads(line)["id"] for line in written.splitlines()] == list(range(written.count("\n")))
    assert f"interrupted: {written.count(chr(10))} of 30000 pages are read" in told.splitlines()[-1]


def test_names_of_files_need_not_be_utf8(tmp_path: Path) -> None:
    told = run("article", Path(os.fsdecode(bytes(tmp_path) + b"/\xb9\xab\xb8\xe6.html")))
    assert told.exit_code == 1
    assert "\\udcb9\\udcab" in told.stdout
