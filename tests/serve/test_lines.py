"""The lines of lists: a notice is read once for each of its versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feeds.facts import Kind
from feeds.model import Article, Notice, Verdict
from feeds.serve import lines
from feeds.serve.lines import Gist, Lines

AT = datetime(2026, 3, 2, tzinfo=UTC)
URL = "http://linjiang.example.com/1.html"
NOTICE = Notice(1, "n1", "linjiang", "1", URL, "关于公布供水条例的公告", None, AT, AT, 1, ("tzgg",), None)


def tell(day: str) -> Article:
    """Make a text that names the day of a rule."""
    body = f"《临江市供水条例》自{day}起施行。"
    return Article(url=URL, verdict=Verdict.ARTICLE, title="关于公布供水条例的公告", body=body, body_html="")


def test_a_notice_that_was_not_read_has_no_line() -> None:
    assert Lines().say(NOTICE, None) == ""
    assert Lines().sum_up(NOTICE, None) == Gist()


def test_the_gist_of_a_notice_is_its_kind_and_number_beside_the_line() -> None:
    body = "《临江市供水条例》自2026年5月1日起施行。"
    article = Article(url=URL, verdict=Verdict.ARTICLE, title="公告", body=f"临江市人大常委会公告\n第7号\n{body}")
    gist = Lines().sum_up(replace(NOTICE, article=article), None)
    assert (gist.kind, gist.reprint, gist.number) == (Kind.PROMULGATION, False, "第7号")
    assert "5月1日施行" in gist.line


def test_a_line_is_remembered_in_each_language() -> None:
    said, notice = Lines(), replace(NOTICE, article=tell("2026年5月1日"))
    assert "5月1日施行" in said.say(notice, None)
    assert "in force 1 May" in said.say(notice, None, "en")
    assert "5月1日施行" in said.say(notice, None)


def test_a_new_version_is_read_again_and_an_old_one_is_not() -> None:
    said = Lines()
    first = replace(NOTICE, article=tell("2026年5月1日"))
    assert "5月1日施行" in said.say(first, None)
    later = replace(first, article=tell("2026年6月1日"))
    assert "5月1日施行" in said.say(later, None)
    assert "6月1日施行" in said.say(replace(later, version=2), None)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_MOST", 1)
    said = Lines()
    first = replace(NOTICE, article=tell("2026年5月1日"))
    assert said.say(first, None)
    assert said.say(replace(first, id=2), None)
    changed = replace(first, article=tell("2026年6月1日"))
    assert "6月1日施行" in said.say(changed, None)
