from __future__ import annotations

from datetime import UTC, datetime

from feeds.model import Article, Attachment, Item, Listing, Moment, Precision, Verdict
from feeds.read.results import article_result, listing_result
from tests.read.pages import ZONE

MINUTE = Moment(datetime(2022, 9, 15, 2, 12, tzinfo=UTC), Precision.MINUTE)
DAY = Moment(datetime(2022, 9, 14, 16, 0, tzinfo=UTC), Precision.DAY)


def test_an_article_has_the_keys_that_programs_rely_on() -> None:
    file = Attachment("http://p.test/a.doc", "甲.doc", "application/msword")
    result = article_result(Article("http://p.test/", Verdict.ARTICLE, "公告", MINUTE, attachments=(file,)), ZONE)
    assert list(result) == (
        "url title published precision editor source author column number "
        "body body_html attachments images evidence".split()
    )
    assert (result["published"], result["precision"]) == ("2022-09-15T10:12:00+08:00", "minute")
    assert result["attachments"] == [{"url": "http://p.test/a.doc", "name": "甲.doc", "type": "application/msword"}]


def test_a_page_that_is_no_article_says_what_is_wrong() -> None:
    assert article_result(Article("u", Verdict.GONE), ZONE)["problem"] == "gone"
    assert article_result(Article("u", Verdict.FAILED, problem="500"), ZONE)["problem"] == "500"


def test_a_listing_shows_a_bare_date_where_only_a_day_is_known() -> None:
    items = (
        Item("http://p.test/1", "甲", title_complete=True, published=DAY),
        Item("http://p.test/2", "乙...", title_complete=False),
    )
    result = listing_result(Listing("u", Verdict.LISTING, items), ZONE)
    assert [(item["published"], item["precision"]) for item in result["items"]] == [("2022-09-15", "day"), (None, None)]
    assert "problem" not in result
    assert result["next_page"] is None


def test_rows_outside_a_broken_list_are_shown_beside_its_items() -> None:
    stray = Item("http://p.test/0", "零", title_complete=True)
    result = listing_result(
        Listing("u", Verdict.LISTING, (Item("http://p.test/1", "甲", True),), strays=(stray,)), ZONE
    )
    assert [item["title"] for item in result["strays"]] == ["零"]
    assert [item["title"] for item in result["items"]] == ["甲"]
    assert "strays" not in listing_result(Listing("u", Verdict.LISTING), ZONE)


def test_a_listing_that_is_none_says_what_is_wrong() -> None:
    result = listing_result(Listing("u", Verdict.EMPTY_CONTAINER), ZONE)
    assert (result["verdict"], result["problem"]) == ("empty container", "empty container")
