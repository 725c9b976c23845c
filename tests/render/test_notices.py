"""Notices as programs get them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from feeds.files import KeptFile
from feeds.model import Article, Attachment, Moment, Notice, Precision, Revision, Verdict
from feeds.render.notices import (
    describe_article,
    describe_notice,
    describe_revisions,
    dump_json,
    format_moment,
    show_local,
)
from feeds.render.shapes import SHAPES

AT = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
URL = "http://linjiang.example.com/1.html"
PAGE = "https://feeds.example/n/n1"
ARTICLE = Article(
    url=URL,
    verdict=Verdict.ARTICLE,
    title="公告",
    editor="办公室",
    body="第一段。",
    body_html="<p>第一段。</p>",
    attachments=(Attachment(f"{URL}.doc", "名单.doc", "application/msword"),),
    images=(f"{URL}.jpg",),
    evidence={"title": "h1"},
)
NOTICE = Notice(1, "n1", "linjiang", "1", URL, "公告", Moment(AT, Precision.DAY), AT, AT, 2, ("tzgg",), ARTICLE)


KEPT = [
    KeptFile(f"{URL}.doc", "名单.doc", "b" * 64, 2048, "application/msword", datetime(2026, 3, 9, tzinfo=UTC)),
    KeptFile(f"{URL}.doc", "名单.doc", "a" * 64, 1024, "application/msword", datetime(2026, 3, 2, tzinfo=UTC)),
]


def test_an_attachment_is_told_with_our_newest_copy() -> None:
    (file,) = describe_article(ARTICLE, KEPT)["attachments"]
    assert file["kept"] == {"sha256": "b" * 64, "bytes": 2048, "type": "application/msword"}


def test_an_attachment_without_a_copy_says_so() -> None:
    (file,) = describe_article(ARTICLE, ())["attachments"]
    assert file["kept"] is None


@pytest.mark.parametrize(
    ("precision", "shown"),
    [
        (Precision.DAY, "2026-03-02"),
        (Precision.MINUTE, "2026-03-02T00:30:00+08:00"),
        (Precision.SECOND, "2026-03-02T00:30:00+08:00"),
    ],
)
def test_a_time_is_as_exact_as_the_portal_said_it(precision: Precision, shown: str) -> None:
    assert format_moment(Moment(AT, precision), ZONE) == shown


def test_what_the_portal_never_said_is_null() -> None:
    assert format_moment(None, ZONE) is None
    assert show_local(None, ZONE) is None
    described = describe_notice(replace(NOTICE, published=None, article=None), ZONE, PAGE, "公告")
    assert (described["published"], described["precision"], described["withdrawn"]) == (None, None, None)


def test_a_notice_keeps_its_own_title_beside_the_shown_one() -> None:
    described = describe_notice(replace(NOTICE, withdrawn_at=AT), ZONE, PAGE, "公告(第7号)")
    assert (described["title"], described["shown_title"], described["page"]) == ("公告", "公告(第7号)", PAGE)
    assert described["withdrawn"] == "2026-03-02T00:30:00+08:00"
    assert (described["channels"], described["revision"], described["precision"]) == (["tzgg"], 2, "day")


def fill(shape: Any) -> Any:
    """A shape with the shapes that it names put in."""
    if isinstance(shape, list):
        return [fill(one) for one in shape]
    if not isinstance(shape, dict):
        return shape
    if "$ref" in shape:
        return fill(SHAPES[shape["$ref"].removeprefix("#/components/schemas/")])
    return {key: fill(value) for key, value in shape.items()}


def test_what_is_described_has_the_shape_that_is_promised() -> None:
    jsonschema.validate(describe_article(ARTICLE, KEPT), fill(SHAPES["Article"]))
    assert set(describe_article(ARTICLE, KEPT)) == set(SHAPES["Article"]["properties"])
    revisions = describe_revisions([Revision(1, AT, "公告", "", ()), Revision(2, AT, "公告", "改", ("body",))], ZONE)
    for one in revisions:
        jsonschema.validate(one, fill(SHAPES["Revision"]))
    assert [one["changed"] for one in revisions] == [[], ["body"]]
    assert set(describe_notice(NOTICE, ZONE, PAGE, "公告")) <= set(SHAPES["Item"]["properties"])


def test_every_shape_is_a_schema_and_names_only_those_that_are_there() -> None:
    for shape in SHAPES.values():
        jsonschema.Draft202012Validator.check_schema(fill(shape))


def test_what_is_no_character_is_left_out_of_json() -> None:
    assert dump_json({"title": "公\ud800告"}) == '{"title":"公告"}'.encode()
