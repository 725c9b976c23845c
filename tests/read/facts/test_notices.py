"""What stored notices and their revisions say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from feeds.model import Article, Moment, Notice, Portal, Precision, Revision, Verdict
from feeds.read.facts.reading import find_published_day, read_notice_facts, read_revision_facts

PORTAL = Portal("portal", "某市人大", "http://www.portal.example/", (), "Asia/Shanghai")
AT = datetime(2026, 12, 31, 18, 0, tzinfo=UTC)
"""New Year's Day where the portal is."""
URL = "http://www.portal.example/info/1.htm"
TITLE = "关于公开征求意见的公告"
BODY = "请于3月15日前将意见反馈至办公室。"
ARTICLE = Article(url=URL, verdict=Verdict.ARTICLE, title=TITLE, body=BODY, body_html="")
NOTICE = Notice(
    1, "n1", "portal", "1", URL, TITLE, Moment(AT, Precision.SECOND), AT, AT, 1, ("tzgg",), ARTICLE, None, 1
)
REVISION = Revision(1, AT, TITLE, BODY, ())


def test_a_year_that_is_left_out_is_that_of_the_portals_own_day() -> None:
    assert find_published_day(NOTICE, PORTAL) == date(2027, 1, 1)
    for facts in (read_notice_facts(NOTICE, PORTAL), read_revision_facts(REVISION, NOTICE, PORTAL)):
        assert facts is not None
        assert [fact.day for fact in facts.dates] == [date(2027, 3, 15)]


def test_a_notice_without_a_date_has_no_day() -> None:
    assert find_published_day(replace(NOTICE, published=None), PORTAL) is None


def test_nothing_is_said_before_a_text_was_read() -> None:
    assert read_notice_facts(replace(NOTICE, article=None), PORTAL) is None
    assert read_revision_facts(replace(REVISION, body=""), NOTICE, PORTAL) is None
