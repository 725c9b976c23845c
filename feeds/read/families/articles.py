"""Articles as read by what they look like, completed by what the page's family knows for sure."""

from __future__ import annotations

from dataclasses import replace

from feeds.model import Article, ArticleRecipe, Attachment, Verdict
from feeds.read.article import PageFacts, assemble
from feeds.read.dates import find_moment
from feeds.read.dom import parse_page
from feeds.read.families.shape import Hints
from feeds.read.titles import clean_title

_LONGEST_TITLE = 200


def complete_article(article: Article, hints: Hints, zone: str) -> Article:
    """Return an article with its family's title and body in place of what they were taken for, and with what it lacks.

    The time that stands on the page is kept: a template's may be when it was generated.
    """
    if not hints.family:
        return article
    evidence = {**article.evidence, "family": hints.family}
    told = f"family {hints.family}"
    title = clean_title(hints.title)[:_LONGEST_TITLE]
    if title:
        evidence["title"] = told
    published = article.published or find_moment(hints.published, zone)
    if published is not None and article.published is None:
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
    """Return files without those that stand there twice."""
    files = {file.url: file for file in (*some, *more)}
    return tuple(files.values())
