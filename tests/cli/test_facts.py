"""`feeds facts`: what texts, pages, manifests and recorded notices say."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from feeds.cli import app
from feeds.store import portals
from feeds.store.engine import open_database
from feeds.store.schema import notice
from tests.store.builders import NOW, make_article, make_new, make_portal, stock

RULE = (
    "《某市养犬管理条例》已由某市第十六届人民代表大会常务委员会第三十次会议于2026年6月10日通过，现予公布，"
    "自2026年9月1日起施行。"
)
TEXT = f"某市人大常委会公告\n第7号\n{RULE}\n某市人民代表大会常务委员会\n2026年6月12日"


def run(*words: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["facts", *map(str, words)], input=stdin)


def test_a_text_begins_with_its_title_and_every_fact_has_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "notice.txt").write_text(TEXT, encoding="utf-8")
    told = run(tmp_path / "notice.txt")
    assert told.exit_code == 0, told.output
    assert "promulgation · 第7号" in told.stdout
    assert f"in_force           2026-09-01\n      {RULE}" in told.stdout
    assert "《某市养犬管理条例》" in told.stdout


def test_json_holds_the_keys_that_programs_rely_on() -> None:
    value = json.loads(run("-", "--json", stdin=TEXT).stdout)
    assert (value["kind"], value["reprint"], value["origin"]) == ("promulgation", False, None)
    assert {key: value["number"][key] for key in ("term", "number", "year", "text")} == {
        "term": None,
        "number": 7,
        "year": None,
        "text": "第7号",
    }
    assert {fact["role"]: fact["date"] for fact in value["dates"]} == {
        "adopted": "2026-06-10",
        "in_force": "2026-09-01",
        "signed": "2026-06-12",
    }
    start, end = value["dates"][1]["span"]
    assert TEXT.split("\n", 1)[1][start:end] == "2026年9月1日"
    assert value["laws"][0]["name"] == "某市养犬管理条例"


def test_a_saved_page_is_read_as_one(tmp_path: Path) -> None:
    body = "".join(f"<p>{line}</p>" for line in TEXT.splitlines()[1:])
    head = "<html><head><title>某市人大常委会公告</title></head><body><h1>某市人大常委会公告</h1><p>2026-06-13</p>"
    page = f"{head}{body}</body></html>"
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    assert json.loads(run(tmp_path / "a.html", "--json").stdout)["kind"] == "promulgation"


def test_several_files_give_a_list_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    told = run(tmp_path / "a.txt", tmp_path / "none.txt", "--json")
    assert told.exit_code == 1
    assert [value["id"] for value in json.loads(told.stdout)] == [
        str(tmp_path / name) for name in ("a.txt", "none.txt")
    ]
    shown = run(tmp_path / "none.txt")
    assert (shown.exit_code, "No such file" in shown.output) == (1, True)


def test_a_manifest_gives_a_line_for_each_however_bad(tmp_path: Path) -> None:
    lines: list[object] = [
        {
            "id": "a",
            "title": "关于公开征求意见的公告",
            "text": "请于11月23日前反馈意见。",
            "published": "2026-11-01T23:30:00+00:00",
        },
        {"id": "b", "title": None, "text": None, "published": None, "channel": None},
        {"id": "c", "title": 7},
        {"id": "d", "published": "gestern"},
        "no json",
    ]
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    (tmp_path / "in.jsonl").write_text(text, encoding="utf-8")
    told = run("--manifest", tmp_path / "in.jsonl", "--out", tmp_path / "out.jsonl")
    assert told.exit_code == 0, told.output
    results = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [result["id"] for result in results] == ["a", "b", "c", "d", None]
    assert results[0]["dates"][0]["date"] == "2026-11-23"
    assert results[1]["kind"] == "other"
    assert ["problem" in result for result in results] == [False, False, True, True, True]
    assert all("ms" in result for result in results)


def test_labels_are_measured_and_every_fault_is_named(tmp_path: Path) -> None:
    label = {
        "id": "x",
        "title": "某市人大常委会公告",
        "text": TEXT,
        "published": "2026-06-13",
        "kind": ["promulgation"],
    }
    good = label | {"number": {"term": None, "number": 7, "year": None}}
    bad = label | {"id": "y", "number": "any", "people": [["张三", "appointed", None]]}
    (tmp_path / "labels.jsonl").write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n", encoding="utf-8")
    told = run("--evaluate", tmp_path)
    assert told.exit_code == 0, told.output
    assert "y: - 张三 appointed None" in told.stdout
    assert "kind                         1.000   1.000      2     0      0" in told.stdout
    assert json.loads(run("--evaluate", tmp_path, "--json").stdout)["people"]["recall"] == 0.0


def test_labels_that_are_none_are_named(tmp_path: Path) -> None:
    assert run("--evaluate", tmp_path).exit_code == 2
    (tmp_path / "labels.jsonl").write_text("{}\n", encoding="utf-8")
    told = run("--evaluate", tmp_path)
    assert (told.exit_code, "labels.jsonl, line 1" in told.output) == (2, True)


@pytest.mark.parametrize("words", [(), ("a.txt", "--evaluate", "labels"), ("--manifest", "in.jsonl")])
def test_one_way_of_asking_at_a_time(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """An installation that has recorded one notice."""
    (tmp_path / "feeds.toml").write_text("", encoding="utf-8")
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.toml").write_text(
        '[portal]\nname = "songbei"\ntitle = "松北"\nbase_url = "http://songbei.example/"\n'
        '[[channel]]\nslug = "tzgg"\ntitle = "通知公告"\nurl = "tzgg/"\n',
        encoding="utf-8",
    )
    assert CliRunner().invoke(app, ["db", "upgrade", "--config", str(tmp_path / "feeds.toml")]).exit_code == 0
    return tmp_path / "feeds.toml"


def test_a_recorded_notice_is_told_by_its_id_and_an_unknown_one_is_said(configuration: Path) -> None:
    async def record() -> str:
        database = await open_database(f"sqlite:///{configuration.parent}/data/feeds.db")
        async with database.write() as tx:
            await portals.sync_portals(tx, [make_portal()], NOW)
        article = make_article(title="关于公开征求意见的公告", body="请于12月15日前反馈意见。")
        await stock(database, make_new(1, title="关于公开征求意见的公告", article=article))
        async with database.read() as tx:
            public_id = (await tx.scalars(select(notice.c.public_id))).one()
        await database.close()
        return str(public_id)

    public_id = asyncio.run(record())
    told = run(public_id, "--config", configuration)
    assert told.exit_code == 0, told.output
    assert f"{public_id}  关于公开征求意见的公告" in told.stdout
    assert "deadline           2026-12-15" in told.stdout
    unknown = run("nobody", "--config", configuration)
    assert (unknown.exit_code, "neither a file nor the id of a notice" in unknown.output) == (1, True)
