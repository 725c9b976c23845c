"""An article as anybody would read it, completed by what its family knows for sure."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feeds.model import Article, Attachment, Moment, Precision, Verdict
from feeds.read.families.articles import complete_article
from feeds.read.families.shape import Hints
from tests.read.families.seen import TEXT

FILE = Attachment("http://www.liuxi-rd.test/a.pdf", "旁听登记表.pdf", "application/pdf")
READ = Article("http://www.liuxi-rd.test/", Verdict.ARTICLE, title="猜的题目", body="猜的正文", attachments=(FILE,))
DAY = Moment(datetime(2026, 9, 17, 16, tzinfo=UTC), Precision.DAY)
MINUTE = Moment(datetime(2026, 9, 18, 1, 12, tzinfo=UTC), Precision.MINUTE)


def complete(article: Article = READ, **hints: object) -> Article:
    return complete_article(article, Hints(family="some", **hints), "Asia/Shanghai")  # type: ignore[arg-type]


def test_a_page_of_no_family_is_left_as_it_was_read() -> None:
    assert complete_article(READ, Hints(title="别的题目"), "Asia/Shanghai") is READ


def test_what_the_family_knows_for_sure_wins_and_what_it_does_not_know_stays() -> None:
    article = complete(title="真的题目", body=f"<div>{TEXT}</div>", body_rule="marks", source="办公室", column="公告")
    assert (article.title, article.source, article.author, article.column) == ("真的题目", "办公室", None, "公告")
    assert article.body.startswith("第0段")
    assert article.evidence == {"family": "some", "title": "family some", "body": "marks"}
    assert complete().body == "猜的正文"


@pytest.mark.parametrize("body", ["<script>x</script>", "<p>&nbsp;</p>", "<frameset>"])
def test_an_empty_body_is_not_taken_for_one(body: str) -> None:
    assert complete(body=body, body_rule="marks").body == "猜的正文"


def test_a_body_between_marks_makes_an_article_of_a_page_where_none_was_found() -> None:
    lost = Article(READ.url, Verdict.CONTAINER_MISSING, problem="no block of text on the page")
    article = complete(lost, body="<p>特此公告。</p>", body_rule="marks")
    assert (article.verdict, article.problem, article.body) == (Verdict.ARTICLE, None, "特此公告。")


def test_files_beside_the_body_and_in_it_are_each_named_once() -> None:
    other = Attachment("http://www.liuxi-rd.test/b.doc", "说明", "application/msword")
    article = complete(body=f"<a href=/a.pdf>登记表</a>{TEXT}", body_rule="marks", attachments=(FILE, other))
    assert article.attachments == (FILE, other)


@pytest.mark.parametrize(
    ("shown", "told", "origin"),
    [
        (None, "2026-09-18 09:12", "told"),
        (DAY, "2026-09-18 09:12", "told"),
        (DAY, "2026-09-19 09:12", "shown"),
        (MINUTE, "2026-09-18 09:12:30", "shown"),
        (Moment(DAY.at, DAY.precision, "address"), "2013-10-01", "told"),
        (MINUTE, "", "shown"),
    ],
)
def test_a_shown_time_is_made_more_exact_and_never_contradicted(shown: Moment | None, told: str, origin: str) -> None:
    article = complete(Article(READ.url, Verdict.ARTICLE, published=shown), published=told)
    assert (article.published != shown, article.evidence.get("published")) == (
        (True, "family some") if origin == "told" else (False, None)
    )
