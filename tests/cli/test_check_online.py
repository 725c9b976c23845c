"""`feeds check --online` visits every channel of a real server and stores nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from typer.testing import CliRunner, Result
from werkzeug import Request, Response

from feeds.cli import app

PORTAL = """
[portal]
name = "harbour"
title = "港口公告"
base_url = "{url}"
identity = ["港口公告"]
tls = "http"
allow_private = true

[portal.politeness]
spacing_seconds = 0

[recipe.listing]
row = "ul.list li"
container = "ul.list"

[recipe.article]
title = "h1"
body = "#body"

[[channel]]
slug = "tzgg"
title = "通知公告"
url = "tzgg"

[[channel]]
slug = "gzdt"
title = "工作动态"
url = "gzdt"
"""

PAGE = """<html><head><meta charset="utf-8"><title>港口公告</title></head><body><ul class="list">
<li><a href="a1.html" title="关于泊位检修的通知">关于泊位检修的通知</a><span>2026-03-02</span></li>
<li><a href="a2.html" title="关于航道测量的通知">关于航道测量的通知</a><span>2026-03-01</span></li>
</ul></body></html>"""


def install(folder: Path, server: HTTPServer) -> None:
    server.expect_request("/robots.txt").respond_with_data("", status=404)
    (folder / "feeds.toml").write_text("", encoding="utf-8")
    (folder / "portals").mkdir()
    (folder / "portals" / "a.toml").write_text(PORTAL.format(url=server.url_for("/")), encoding="utf-8")


def check(folder: Path, server: HTTPServer) -> Result:
    install(folder, server)
    return CliRunner().invoke(
        app, ["check", "--online", "--json", "--config", str(folder / "feeds.toml")], catch_exceptions=False
    )


def test_a_channel_that_cannot_be_read_is_named(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/tzgg").respond_with_data(PAGE, content_type="text/html; charset=utf-8")
    httpserver.expect_request("/gzdt").respond_with_data("broken", status=500)
    checked = check(tmp_path, httpserver)
    good, bad = json.loads(checked.stdout)["online"]
    assert (good["channel"], good["verdict"], good["items"]) == ("harbour/tzgg", "listing", 2)
    assert (bad["channel"], bad["items"], bool(bad["problem"])) == ("harbour/gzdt", 0, True)
    assert checked.exit_code == 1
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["feeds.toml", "portals"]


@pytest.mark.parametrize(
    "words",
    [
        ["doctor"],
        ["preview", "harbour/tzgg"],
        ["add", "--repair", "harbour"],
        ["check", "--online"],
        ["add", "{url}", "--name", "other", "--allow-private"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_portals_see_one_visitor_with_an_address_to_complain_to(
    tmp_path: Path, httpserver: HTTPServer, words: list[str]
) -> None:
    """Whatever asks them: and where the daemon was, it keeps to the budget with it."""
    seen: list[str] = []

    def answer(request: Request) -> Response:
        seen.append(request.headers["User-Agent"])
        return Response(PAGE, content_type="text/html; charset=utf-8")

    for path in ("/", "/tzgg", "/gzdt", "/a1.html"):
        httpserver.expect_request(path).respond_with_handler(answer)
    turnstile = tmp_path / "data" / "politeness"
    turnstile.mkdir(parents=True)
    install(tmp_path, httpserver)
    (tmp_path / "feeds.toml").write_text('[site]\ncontact = "mailto:desk@mail.example"\n', encoding="utf-8")
    url = httpserver.url_for("/")
    CliRunner().invoke(app, [*(word.format(url=url) for word in words), "--config", str(tmp_path / "feeds.toml")])
    assert seen
    assert all("(+mailto:desk@mail.example)" in agent for agent in seen)
    assert list(turnstile.iterdir()) != []
