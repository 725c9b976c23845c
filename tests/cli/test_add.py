"""`feeds add` from an address to a file that is checked, previewed, polled, and repaired."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result
from werkzeug import Request, Response

from feeds.cli import app
from feeds.cli.proposal import parse_numbers
from tests.flows.bare_portal import FOLLOWED, add_boxes, make_pages, seeing_reads_here, serve_pages

SLUGS = {"tzgg", "xwdt", "zcfg", "zbgg"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "feeds.toml").write_text('[site]\nsecret_file = "secret.key"\n', encoding="utf-8")
    monkeypatch.setenv("FEEDS_CONFIG", str(tmp_path / "feeds.toml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pages() -> dict[str, str]:
    return make_pages()


@pytest.fixture
def home(httpserver: HTTPServer, pages: dict[str, str]) -> str:
    return serve_pages(httpserver, pages)


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """Fill the disk, as far as this process can tell: no file takes a byte more."""
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, most[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, most)


def run(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=answers, catch_exceptions=False)


def add(home: str, *more: str) -> Result:
    return run("add", home, "--allow-private", "--name", "harbour", *more)


def quicken(folder: Path) -> None:
    """The spacing is for real portals."""
    file = folder / "portals" / "harbour.toml"
    text = file.read_text(encoding="utf-8")
    faster = text.replace(
        "allow_private = true\n", "allow_private = true\n[portal.politeness]\nspacing_seconds = 0.0\n"
    )
    file.write_text(faster, encoding="utf-8")


def test_a_bare_portal_is_added_checked_previewed_and_polled(folder: Path, home: str) -> None:
    added = add(home, "--yes", "--json")
    assert added.exit_code == 0
    told = json.loads(added.stdout)
    assert (told["name"], told["title"], told["base_url"]) == ("harbour", "某市港务事务中心", home)
    assert told["identity"] == ["某市港务事务中心", "测ICP备00000001号"]
    assert {channel["slug"] for channel in told["channels"]} == SLUGS
    assert {channel["title"] for channel in told["channels"]} == set(FOLLOWED.values())
    for channel in told["channels"]:
        assert (channel["verdict"], channel["items"], channel["doubts"]) == ("listing", 12, [])
        assert 0 < channel["confidence"] <= 1
    quicken(folder)
    assert run("check").exit_code == 0
    previewed = run("preview", "harbour/tzgg", "--article", "1")
    assert previewed.exit_code == 0
    assert "关于tzgg第1号泊位检修" in previewed.stdout
    assert "confidence" in previewed.stdout
    polled = json.loads(run("poll", "--json").stdout)
    assert [(report["verdict"], report["new"]) for report in polled] == [("listing", 12)] * 4


def test_the_home_page_is_written_as_an_overview_and_the_preview_says_so(
    folder: Path, home: str, pages: dict[str, str]
) -> None:
    add_boxes(pages, "xwdt")
    previewed = add(home)
    assert re.search(
        rf"\+ overviews {re.escape(home)}: .*one request to it watches (tzgg, xwdt|xwdt, tzgg)", previewed.stdout
    )
    told = json.loads(add(home, "--yes", "--json").stdout)
    assert told["overviews"] == [home]
    assert 'overviews = ["/"]' in (folder / "portals" / "harbour.toml").read_text(encoding="utf-8")
    assert run("check").exit_code == 0


def test_without_json_a_table_and_the_reasons_are_shown(folder: Path, home: str) -> None:
    added = add(home, "--yes")
    assert added.exit_code == 0
    assert "通知公告" in added.stdout
    assert "港区风采 is the name of a static page" in added.stdout
    assert str(folder / "portals" / "harbour.toml") in added.stdout
    assert "feeds preview harbour/" in (folder / "portals" / "harbour.toml").read_text(encoding="utf-8")


def test_nothing_is_written_without_a_terminal_or_yes(folder: Path, home: str) -> None:
    shown = add(home)
    assert shown.exit_code == 1
    assert "--yes" in shown.stderr
    asked = add(home, "--json")
    assert (asked.exit_code, len(json.loads(asked.stdout)["channels"])) == (0, 4)
    assert not (folder / "portals").exists()


def test_on_a_terminal_channels_are_left_out_by_number(
    folder: Path, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.cli.add.is_terminal", lambda: True)
    assert run("add", home, "--allow-private", "--name", "harbour", answers="1 3\nn\n").exit_code == 1
    assert run("add", home, "--allow-private", "--name", "harbour", answers="1 2 3 4\n").exit_code == 1
    assert not (folder / "portals").exists()
    assert run("add", home, "--allow-private", "--name", "harbour", answers="1 3\ny\n").exit_code == 0
    text = (folder / "portals" / "harbour.toml").read_text(encoding="utf-8")
    assert text.count("[[channel]]") == 2


def test_a_file_is_never_overwritten(folder: Path, home: str) -> None:
    (folder / "portals").mkdir()
    (folder / "portals" / "harbour.toml").write_text("# mine\n", encoding="utf-8")
    again = add(home, "--yes")
    assert again.exit_code == 1
    assert "--name" in again.stderr
    assert (folder / "portals" / "harbour.toml").read_text(encoding="utf-8") == "# mine\n"


def test_before_any_configuration_the_file_is_put_where_it_would_be(
    tmp_path: Path, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FEEDS_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    assert add(home, "--yes").exit_code == 0
    assert (tmp_path / "config" / "portals" / "harbour.toml").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["add"], 2, "say one"),
        (["add", "http://127.0.0.1:1/", "--repair", "harbour"], 2, "say one"),
        (["add", "http://127.0.0.1:1/", "--name", "All"], 2, "--name 'All'"),
        (["add", "http://127.0.0.1:1/"], 1, "--allow-private admits it"),
        (["add", "ftp://harbour.example/"], 1, "no http or https address"),
        (["add", "http://"], 1, "no http or https address"),
        (["add", "http://[::1"], 1, "no http or https address"),
        (["add", "http://127.0.0.1:1/", "--config", "nowhere.toml"], 2, "no such file"),
        (["add", "--repair", "nobody"], 2, "no such portal"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(folder: Path, arguments: list[str], code: int, sentence: str) -> None:
    ended = run(*arguments)
    assert ended.exit_code == code
    assert sentence in ended.stderr


def test_a_problem_is_told_in_json_too(folder: Path, httpserver: HTTPServer) -> None:
    broken = run("add", serve_pages(httpserver, {}), "--allow-private", "--json")
    told: dict[str, Any] = json.loads(broken.stdout)
    assert broken.exit_code == 1
    assert told["channels"] == []
    assert "404" in told["problem"]


def test_a_portal_without_lists_is_a_problem(folder: Path, httpserver: HTTPServer, pages: dict[str, str]) -> None:
    quiet = serve_pages(httpserver, {"/": pages["/jggk/jgjj.html"]})
    ended = run("add", quiet, "--allow-private", "--yes")
    assert ended.exit_code == 1
    assert "none is a list that people would follow" in ended.stderr


def test_a_rebuilt_portal_is_read_on_and_repaired(folder: Path, home: str, pages: dict[str, str]) -> None:
    """The poll says so and names the command; the command keeps slugs and comments."""
    add(home, "--yes")
    quicken(folder)
    file = folder / "portals" / "harbour.toml"
    file.write_text(file.read_text(encoding="utf-8") + "\n# 我们的备注\n", encoding="utf-8")
    run("poll")
    for path, text in pages.items():
        rebuilt = text.replace("<ul class=list>", '<ul class="articles">').replace(
            '<div class="text">', '<div class="body">'
        )
        pages[path] = rebuilt
    (report,) = json.loads(run("poll", "harbour/tzgg", "--json").stdout)
    assert (report["verdict"], report["new"]) == ("listing", 0)
    assert "feeds add --repair harbour" in report["problem"]
    assert "feeds add --repair harbour" in run("preview", "harbour/tzgg").stdout
    shown = run("add", "--repair", "harbour")
    assert '-container = "ul.list"' in shown.stdout
    assert '+container = "ul.articles"' in shown.stdout
    assert '+body = "div.body"' in shown.stdout
    assert "nothing was written" in shown.stderr
    told = json.loads(run("add", "--repair", "harbour", "--yes", "--json").stdout)
    assert (told["changed"], told["articles"]) == (True, "misfit")
    assert [channel["fits"] for channel in told["channels"]] == [False] * 4
    assert "# 我们的备注" in file.read_text(encoding="utf-8")
    assert run("check").exit_code == 0
    again = run("add", "--repair", "harbour")
    assert again.exit_code == 0
    assert "nothing to repair" in again.stdout


def test_what_cannot_be_repaired_is_named(folder: Path, home: str, pages: dict[str, str]) -> None:
    add(home, "--yes")
    quicken(folder)
    del pages["/tzgg/"]
    pages["/xwdt/"] = pages["/jggk/jgjj.html"]
    shown = run("add", "--repair", "harbour")
    assert shown.exit_code == 1
    assert "gone" in shown.stdout
    assert "container missing" in shown.stdout


def rebuild(pages: dict[str, str], *paths: str) -> None:
    """Give pages another list and another body."""
    for path in paths or tuple(pages):
        text = pages[path].replace("<ul class=list>", '<ul class="articles">')
        pages[path] = text.replace('<div class="text">', '<div class="body">')


def list_files(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "portals").glob("*"))


def test_a_full_disk_leaves_a_repaired_file_as_it_was(
    folder: Path, home: str, pages: dict[str, str], full_disk: Callable[[], None]
) -> None:
    add(home, "--yes")
    quicken(folder)
    file = folder / "portals" / "harbour.toml"
    before = file.read_bytes()
    rebuild(pages)
    full_disk()
    ended = run("add", "--repair", "harbour", "--yes")
    assert ended.exit_code == 1
    assert f"{file}: File too large" in ended.stderr
    assert file.read_bytes() == before
    assert list_files(folder) == ["harbour.toml"]


def test_a_full_disk_leaves_no_half_of_a_new_file(folder: Path, home: str, full_disk: Callable[[], None]) -> None:
    full_disk()
    ended = add(home, "--yes")
    assert ended.exit_code == 1
    assert "File too large" in ended.stderr
    assert list_files(folder) == []


def test_a_repaired_file_keeps_its_mode_and_its_link(folder: Path, home: str, pages: dict[str, str]) -> None:
    add(home, "--yes")
    quicken(folder)
    file, real = folder / "portals" / "harbour.toml", folder / "harbour.real"
    file.rename(real)
    real.chmod(0o640)
    file.symlink_to(real)
    rebuild(pages)
    assert run("add", "--repair", "harbour", "--yes").exit_code == 0
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert 'container = "ul.articles"' in real.read_text(encoding="utf-8")


def test_one_odd_article_does_not_replace_the_recipe_of_all(folder: Path, home: str, pages: dict[str, str]) -> None:
    add(home, "--yes")
    quicken(folder)
    file = folder / "portals" / "harbour.toml"
    before = file.read_text(encoding="utf-8")
    rebuild(pages, "/tzgg/202600.html")
    shown = run("add", "--repair", "harbour", "--yes")
    assert "/tzgg/202600.html: the recipe finds no body here" in shown.stdout
    assert file.read_text(encoding="utf-8") == before


def test_a_new_article_recipe_reads_the_articles_that_the_old_one_read(
    folder: Path, home: str, pages: dict[str, str]
) -> None:
    """Two of three were rebuilt: what fits only those is not taken, they are all read by what they look like."""
    add(home, "--yes")
    quicken(folder)
    articles = [f"/{slug}/202600.html" for slug in ("tzgg", "xwdt", "zcfg", "tzgg/zbgg")]
    rebuild(pages, *articles[1:])
    assert run("add", "--repair", "harbour", "--yes").exit_code == 0
    for number in range(1, 4):
        assert "verdict: article" in run("preview", f"harbour/{sorted(SLUGS)[number]}", "--article", "1").stdout


def test_only_the_list_that_was_rebuilt_is_repaired(folder: Path, home: str, pages: dict[str, str]) -> None:
    add(home, "--yes")
    quicken(folder)
    file = folder / "portals" / "harbour.toml"
    before = file.read_text(encoding="utf-8")
    pages["/xwdt/"] = pages["/xwdt/"].replace("<ul class=list>", '<ul class="articles">')
    assert run("add", "--repair", "harbour", "--yes").exit_code == 0
    after = file.read_text(encoding="utf-8")
    assert all(line in after.splitlines() for line in before.splitlines())
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert added == ["[channel.listing]", 'container = "ul.articles"']
    assert run("check").exit_code == 0
    assert "nothing to repair" in run("add", "--repair", "harbour").stdout


def test_a_portal_that_is_not_watched_is_repaired_too(folder: Path, home: str, pages: dict[str, str]) -> None:
    add(home, "--yes")
    quicken(folder)
    file = folder / "portals" / "harbour.toml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("[portal]\n", "[portal]\nenabled = false\n"), encoding="utf-8"
    )
    assert "feeds add --repair harbour" in add(home, "--yes").stderr
    rebuild(pages)
    assert run("add", "--repair", "harbour", "--yes").exit_code == 0
    assert 'container = "ul.articles"' in file.read_text(encoding="utf-8")


def test_inline_tables_are_left_to_a_person(folder: Path, home: str, pages: dict[str, str]) -> None:
    (folder / "portals").mkdir()
    file = folder / "portals" / "harbour.toml"
    listing = 'listing = {row = "li", container = "ul.list", date = "span"}'
    text = (
        f'channel = [{{slug = "tzgg", title = "通知", url = "tzgg/", {listing}}},'
        f' {{slug = "xwdt", title = "新闻", url = "xwdt/", {listing}}}]\n'
        f'[portal]\nname = "harbour"\ntitle = "港口"\nbase_url = "{home}"\nallow_private = true\n'
        "politeness = {spacing_seconds = 0.0}\n"
    )
    file.write_text(text, encoding="utf-8")
    rebuild(pages, "/xwdt/")
    ended = run("add", "--repair", "harbour", "--yes")
    assert ended.exit_code == 1
    assert "edit it by hand" in ended.stderr
    assert "xwdt: listing = " in ended.stderr
    assert "ul.articles" in ended.stderr
    assert file.read_text(encoding="utf-8") == text


def test_a_folder_that_cannot_be_written_is_told_before_the_walk(
    folder: Path, home: str, httpserver: HTTPServer
) -> None:
    (folder / "portals").write_text("", encoding="utf-8")
    ended = add(home, "--yes")
    assert ended.exit_code == 1
    assert "is no folder; 没有写入 · nothing was written" in ended.stderr
    told = json.loads(add(home, "--yes", "--json").stdout)
    assert (told["file"], told["channels"]) == (None, [])
    assert httpserver.log == []


@pytest.mark.parametrize(
    "address",
    [
        "http://user:SeCret@harbour.example/",
        "user:SeCret@harbour.example",
        "http://SeCret@harbour.example/",
        "ftp://user:SeCret@harbour.example/",
        "http://user:SeC/ret@harbour.example/",
        "http:\\\\user:SeCret@harbour.example/",
    ],
)
def test_an_address_with_a_password_is_refused_and_never_shown(folder: Path, address: str) -> None:
    for more in ([], ["--json"]):
        ended = run("add", address, "--allow-private", "--yes", *more)
        assert ended.exit_code == 1
        assert "SeC" not in ended.output
    assert not (folder / "portals").exists()


@pytest.mark.parametrize("status", [302, 200])
def test_a_portal_that_moved_to_another_host_names_it(
    folder: Path, home: str, httpserver: HTTPServer, status: int
) -> None:
    """By a redirect, or by a page that does nothing but send browsers there."""
    moved = f"{home.replace('localhost', '127.0.0.1')}new/"
    door = f'<html><head><meta http-equiv="refresh" content="0; url={moved}"></head></html>'
    httpserver.clear()
    httpserver.expect_request("/robots.txt").respond_with_data("", 404)
    httpserver.expect_request("/").respond_with_data(door, status, {"location": moved}, "text/html")
    ended = add(home, "--yes")
    assert ended.exit_code == 1
    assert f"try `feeds add {moved}`" in ended.stderr
    assert "hosts" not in ended.stderr


def test_json_says_which_file_was_written_or_that_none_was(folder: Path, home: str) -> None:
    file = str(folder / "portals" / "harbour.toml")
    asked = add(home, "--json")
    assert (json.loads(asked.stdout)["file"], json.loads(asked.stdout)["problem"]) == (None, None)
    assert f"nothing was written: --yes writes {file}" in asked.stderr
    told = json.loads(add(home, "--json", "--yes").stdout)
    assert (told["file"], told["problem"]) == (file, None)
    quicken(folder)
    repaired = json.loads(run("add", "--repair", "harbour", "--json").stdout)
    assert (repaired["changed"], repaired["file"], repaired["problem"]) == (False, None, None)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add"], 2),
        (["add", "http://127.0.0.1:1/", "--name", "All"], 2),
        (["add", "http://127.0.0.1:1/", "--name", "taken"], 1),
        (["add", "ftp://harbour.example/"], 1),
        (["add", "http://127.0.0.1:1/", "--config", "nowhere.toml"], 2),
        (["add", "--repair", "nobody"], 2),
        (["add", "--repair", "taken"], 2),
        (["add", "--repair", "nobody", "--config", "nowhere.toml"], 2),
    ],
)
def test_whatever_ends_the_command_json_says_why(folder: Path, arguments: list[str], code: int) -> None:
    (folder / "portals").mkdir()
    (folder / "portals" / "taken.toml").write_text("# mine\n", encoding="utf-8")
    ended = run(*arguments, "--json")
    told = json.loads(ended.stdout)
    assert ended.exit_code == code
    assert (told["file"], told["channels"]) == (None, [])
    assert told["problem"]


def test_the_next_steps_are_told(folder: Path, home: str) -> None:
    added = add(home, "--yes")
    for step in ("feeds check --config", "feeds preview harbour/", "kill -HUP"):
        assert step in added.stdout


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", set()),
        ("1 3", {1, 3}),
        ("1-3", {1, 2, 3}),
        ("1，3 - 4、2", {1, 2, 3, 4}),
        ("２～４", {2, 3, 4}),
        ("5", "5"),
        ("0", "0"),
        ("1 3-9", "3-9"),
        ("3-1", "3-1"),
        ("1 all", "all"),
        ("-2", "-2"),
        ("1-2-3", "1-2-3"),
    ],
)
def test_numbers_and_ranges_are_understood_or_refused(text: str, numbers: set[int] | str) -> None:
    assert parse_numbers(text, 4) == numbers


def test_a_range_leaves_out_all_that_it_spans(folder: Path, home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.cli.add.is_terminal", lambda: True)
    asked = run("add", home, "--allow-private", "--name", "harbour", answers="7\n1-3\ny\n")
    assert asked.exit_code == 0
    assert "7；编号从 1 到 4" in asked.stderr
    assert (folder / "portals" / "harbour.toml").read_text(encoding="utf-8").count("[[channel]]") == 1


def test_ctrl_c_says_that_nothing_was_written(
    folder: Path, home: str, httpserver: HTTPServer, pages: dict[str, str]
) -> None:
    """A real interrupt, in the middle of the walk."""
    home_page, waiting = pages["/"], threading.Event()

    def answer(request: Request) -> Response:
        if request.path == "/":
            return Response(home_page, content_type="text/html")
        if not waiting.is_set():
            waiting.set()
            os.kill(os.getpid(), signal.SIGINT)
        return Response("", 404)

    httpserver.clear()
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answer)
    ended = add(home, "--yes", "--json")
    assert ended.exit_code == 130
    told = json.loads(ended.stdout)
    assert "nothing was written" in told["problem"]
    assert told["file"] is None
    assert not (folder / "portals").exists()


def test_repair_and_preview_read_beside_the_loop(folder: Path, home: str, pages: dict[str, str]) -> None:
    add(home, "--yes")
    quicken(folder)
    rebuild(pages)
    with seeing_reads_here() as reads:
        assert run("add", "--repair", "harbour", "--yes").exit_code == 0
        assert run("preview", "harbour/tzgg", "--article", "1").exit_code == 0
    assert reads == set()
