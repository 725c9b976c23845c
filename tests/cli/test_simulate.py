"""`feeds simulate`, as a person calls it."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from feeds.cli.app import app

RUNNER = CliRunner()


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Twelve weeks of three channels, times without an offset."""
    random, monday = Random(5), datetime(2026, 1, 5)  # noqa: DTZ001 -- as a trace may have it
    lines = ["channel,published"]
    for day in range(84):
        if day % 7 < 5:
            lines += [
                f"{name},{(monday + timedelta(days=day, hours=hour, minutes=random.uniform(0, 60))).isoformat()}"
                for name, hour in (("tzgg", 9), ("gzdt", 10), ("lfgz", 15))
            ]
    file = tmp_path / "trace.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def _run(*words: str) -> tuple[int, str, str]:
    result = RUNNER.invoke(app, ["simulate", *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_plan_is_told_beside_uniform_polling(trace: Path) -> None:
    code, out, _ = _run("--trace", str(trace), "--budget", "72", "--train-weeks", "6", "--json")
    told = json.loads(out)
    assert code == 0
    assert (
        set(told["policy"])
        == set(told["uniform"])
        == {
            "requests_per_day",
            "mean_minutes",
            "median_minutes",
            "p95_minutes",
        }
    )
    assert told["policy"]["mean_minutes"] < told["uniform"]["mean_minutes"]
    assert told["policy"]["requests_per_day"] <= 73
    assert told["channels"]["tzgg"]["posts"] == 30
    assert set(told["other_budgets"]) == {"36", "144"}


def test_people_get_a_table(trace: Path) -> None:
    code, out, _ = _run("--trace", str(trace), "--budget", "72", "--train-weeks", "6")
    assert code == 0
    assert "uniform 均匀" in out
    assert "plan 计划 144" in out
    assert "lfgz" in out


def test_a_page_that_shows_channels_is_used(trace: Path, tmp_path: Path) -> None:
    pages = tmp_path / "reveals.json"
    pages.write_text(json.dumps({"home": ["tzgg", "gzdt", "lfgz", "gone"], "empty": ["gone"]}), encoding="utf-8")
    words = ("--trace", str(trace), "--budget", "72", "--train-weeks", "6", "--json")
    with_page, without = (json.loads(_run(*words, *more)[1]) for more in (("--reveals", str(pages)), ()))
    assert with_page["policy"]["mean_minutes"] < without["policy"]["mean_minutes"]


def test_the_picture_is_a_picture(trace: Path, tmp_path: Path) -> None:
    picture = tmp_path / "waits.png"
    code, _, _ = _run("--trace", str(trace), "--budget", "72", "--train-weeks", "6", "--plot", str(picture))
    assert code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("a,b\n1,2\n", "channel,published"),
        ("channel,published\ntzgg,yesterday\n", "trace.csv:2: 'yesterday' is no ISO 8601 time"),
        ("channel,published\ntzgg\n", "trace.csv:2"),
        ("channel,published\ntzgg,2026-01-05\n", "trace.csv:2: '2026-01-05' is only a day"),
        ("channel,published\ntzgg,2026-01-05T09:00\n", "--train-weeks"),
        ("", "channel,published"),
        ("channel,published\n\udcff", "utf-8"),
    ],
)
def test_a_bad_trace_is_named_with_its_line(tmp_path: Path, lines: str, said: str) -> None:
    file = tmp_path / "trace.csv"
    file.write_bytes(lines.encode("utf-8", "surrogateescape"))
    code, _, err = _run("--trace", str(file), "--budget", "72")
    assert code == 2
    assert said in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--trace", "nowhere.csv"), "nowhere.csv: No such file"),
        (("--zone", "Asia/Harbn"), "Asia/Harbn: no such time zone"),
        (("--reveals", "nowhere.json"), "nowhere.json: No such file"),
        (("--plot", "/nowhere/at/all.png"), "all.png: No such file"),
    ],
)
def test_what_cannot_be_used_is_named(trace: Path, words: tuple[str, ...], said: str) -> None:
    code, _, err = _run("--trace", str(trace), "--budget", "72", "--train-weeks", "6", *words)
    assert code != 0
    assert said in err


@pytest.mark.parametrize("pages", ['["tzgg"]', '{"home": "tzgg"}', '{"tzgg": ["gzdt"]}', "{"])
def test_a_bad_file_of_pages_is_named(trace: Path, tmp_path: Path, pages: str) -> None:
    file = tmp_path / "reveals.json"
    file.write_text(pages, encoding="utf-8")
    code, _, err = _run("--trace", str(trace), "--budget", "72", "--reveals", str(file))
    assert code == 2
    assert "reveals.json" in err
