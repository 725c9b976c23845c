"""Articles as read by what they look like, completed by what the page's family knows for sure."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from feeds.model import Article, ArticleRecipe, Attachment, Moment, Precision, Verdict
from feeds.read.article import PageFacts, assemble
from feeds.read.dates import find_moment
from feeds.read.dom import parse_page
from feeds.read.families.shape import Hints
from feeds.read.titles import clean_title

_LONGEST_TITLE = 200


def complete_article(article: Article, hints: Hints, zone: str) -> Article:
    """Return an article with what it lacks, and its family's title and body in place of what they were taken for."""
    if not hints.family:
        return article
    evidence = {**article.evidence, "family": hints.family}
    told = f"family {hints.family}"
    title = clean_title(hints.title)[:_LONGEST_TITLE]
    if title:
        evidence["title"] = told
    shown = None if _is_in_address(article) else article.published
    published = _choose_time(shown, find_moment(hints.published, zone), zone) or article.published
    if published != article.published:
        evidence["published"] = told
    completed = replace(
        article,
        title=title or article.title,
        published=published,
        source=article.source or hints.source or None,
        author=article.author or hints.author or None,
        column=article.column or hints.column or None,
        attachments=_join(article.attachments, hints.attachments),
        evidence=evidence,
    )
    return _take_body(completed, hints)


def _choose_time(shown: Moment | None, told: Moment | None, zone: str) -> Moment | None:
    """Return the family's time where the page shows none, or only the same day; else what the page shows.

    A template's time may be when the page was generated.
    """
    if shown is None or told is None:
        return shown or told
    same_day = len({moment.at.astimezone(ZoneInfo(zone)).date() for moment in (shown, told)}) == 1
    return told if same_day and shown.precision is Precision.DAY else shown


def _is_in_address(article: Article) -> bool:
    """Tell whether a time stands only in the address: that is when the address was made, maybe by a migration."""
    found = article.published
    return found is not None and (found.origin == "address" or "address" in article.evidence.get("published", ""))


def _take_body(article: Article, hints: Hints) -> Article:
    """Return the article with the body that its family's marks hold, if they hold one."""
    tree = parse_page(hints.body)
    if not hints.body or tree.body is None:
        return article
    recipe = ArticleRecipe(title="title", body=hints.body_rule, strip=("script", "style"))
    facts = PageFacts(article.title, article.published, {}, article.column)
    marked = assemble(article.url, tree, tree.body, recipe, facts, {})
    if marked.verdict is not Verdict.ARTICLE:
        return article
    return replace(
        article,
        verdict=Verdict.ARTICLE,
        problem=None,
        number=article.number or marked.number,
        body=marked.body,
        body_html=marked.body_html,
        attachments=_join(article.attachments, marked.attachments),
        images=marked.images,
        evidence={**article.evidence, "body": hints.body_rule},
    )


def _join(some: tuple[Attachment, ...], more: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Return files, each address once."""
    known = {file.url for file in some}
    return (*some, *(file for file in more if file.url not in known))
