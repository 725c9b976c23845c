"""Reading an article page by its recipe: every field with the evidence for it, or the verdict that says why not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.model import Article, ArticleRecipe, Attachment, Fetched, Moment, Portal, Verdict
from feeds.read.attachments import find_attachments, find_images
from feeds.read.byline import read_byline
from feeds.read.clean import clean_html
from feeds.read.dates import find_moment, find_published
from feeds.read.dom import inline_text, lines_of, loose_text
from feeds.read.families.founder import read_enpproperty
from feeds.read.headings import find_number, promote_headings
from feeds.read.metatags import read_metatags
from feeds.read.titles import clean_title
from feeds.read.verdict import is_unfinished, judge_body, judge_page, lacks_owner

_OTHER_DAY = re.compile(
    r"(?:更新|修改|成文|生效|施行|截止)\s{0,2}(?:时\s{0,2}间|日\s{0,2}期)\s{0,2}[:：]?\s{0,2}(?:\d[\d年月日时分秒:：./-]*\s{0,2}){0,2}"
)
"""Other days than that of publication, with their labels."""


def read_article(page: Fetched, portal: Portal, recipe: ArticleRecipe) -> Article:
    """Read a fetched article page. Never raises on bad input.

    `gone` for 404, 410 and pages that say so with 200; `failed` for 5xx; `article` only where the recipe's body is
    found and holds text, a picture or a file.
    """
    opened = judge_page(page, portal, recipe.body)
    if opened.verdict is not None:
        return Article(page.url, opened.verdict, problem=opened.problem)
    body = opened.tree.css_first(recipe.body)
    if is_unfinished(text := opened.decoded.text) and lacks_owner(
        _read_behind(body) if body is not None and portal.identity else text, portal
    ):
        return Article(page.url, Verdict.TRUNCATED, problem="the page was cut: it ends without its last part")
    if body is None:
        problem = f"no body by {recipe.body}: the page is another one, or was rebuilt"
        return Article(page.url, Verdict.CONTAINER_MISSING, problem=problem)
    evidence = {"charset": f"{opened.decoded.charset}: {opened.decoded.evidence}", "body": recipe.body}
    facts = read_facts(opened.tree, opened.decoded.text, body, portal.time_zone, recipe, evidence)
    return assemble(page.url, opened.tree, body, recipe, facts, evidence)


def _read_behind(body: LexborNode) -> str:
    """Return the text behind a body: what it says itself of the portal does not show that the page goes on."""
    texts: list[str] = []
    node: LexborNode | None = body
    while node is not None:
        behind = node.next
        while behind is not None:
            texts.append((behind.text_content or "") if behind.is_text_node else behind.text())
            behind = behind.next
        node = node.parent
    return "\n".join(texts)


@dataclass(frozen=True)
class PageFacts:
    """Page facts are what a page says about its article outside the body."""

    title: str | None
    published: Moment | None
    byline: dict[str, str]
    column: str | None


def read_facts(
    tree: LexborHTMLParser, text: str, body: LexborNode, zone: str, recipe: ArticleRecipe, evidence: dict[str, str]
) -> PageFacts:
    """Read title, time, byline and column; write into `evidence` which rule gave each."""
    tags, founder = read_metatags(tree), read_enpproperty(text)
    title_node = tree.css_first(recipe.title)
    title = clean_title(inline_text(title_node)) if title_node is not None else ""
    if title:
        evidence["title"] = recipe.title
    elif title := clean_title(tags.get("articletitle", "")):
        evidence["title"] = "meta ArticleTitle"
    line, rule = _meta_text(tree, body, recipe)
    byline = read_byline(line)
    evidence.update(dict.fromkeys(byline, f"label in {rule}"))
    for name, source, origin in (
        ("source", tags.get("contentsource"), "meta ContentSource"),
        ("author", tags.get("author"), "meta Author"),
        ("source", founder.get("sourcename"), "enpproperty"),
        ("author", founder.get("author"), "enpproperty"),
    ):
        if source and name not in byline:
            byline[name], evidence[name] = source, origin
    published = read_published(line, rule, zone, tags, founder, evidence, labelled_only=recipe.meta is None)
    column = tags.get("columnname") or founder.get("nodename")
    return PageFacts(title or None, published, byline, column)


def read_published(
    line: str,
    rule: str,
    zone: str,
    tags: dict[str, str],
    founder: dict[str, str],
    evidence: dict[str, str],
    *,
    labelled_only: bool,
) -> Moment | None:
    """Return when the page says it was published. What is visible wins: a PubDate may be when it was generated."""
    candidates = [(find_published(line, zone), f"label in {rule}")]
    if not labelled_only:
        candidates.append((find_moment(_OTHER_DAY.sub(" ", line), zone), f"date in {rule}"))
    candidates.append((find_moment(founder.get("date", ""), zone), "enpproperty"))
    candidates.append((find_moment(tags.get("pubdate", ""), zone), "meta PubDate"))
    for moment, origin in candidates:
        if moment is not None:
            evidence["published"] = origin
            return moment
    return None


def assemble(
    url: str,
    tree: LexborHTMLParser,
    body: LexborNode,
    recipe: ArticleRecipe,
    facts: PageFacts,
    evidence: dict[str, str],
    attachments: tuple[Attachment, ...] | None = None,
) -> Article:
    """Read the body itself, its files (unless they are given) and pictures, and put the article together."""
    if attachments is None:
        links = body.css("a[href]") + (tree.css(recipe.attachments) if recipe.attachments else [])
        attachments = find_attachments(links, url)
    images = find_images(body.css("img"), url)
    for selector in recipe.strip:
        for node in body.css(selector):
            node.decompose()
    if headings := promote_headings(tree, body):
        evidence["headings"] = f"{headings} bold short paragraphs"
    lines = lines_of(body)
    if not lines and not attachments and not images:
        return Article(url, Verdict.EMPTY_CONTAINER, title=facts.title, problem=f"the body by {recipe.body} is empty")
    if judged := judge_body(" ".join(lines)):
        return Article(url, judged[0], title=facts.title, problem=judged[1])
    number = find_number(lines, facts.title)
    if number:
        evidence["number"] = "line of its own under the title"
    return Article(
        url,
        Verdict.ARTICLE,
        title=facts.title,
        published=facts.published,
        editor=facts.byline.get("editor"),
        source=facts.byline.get("source"),
        author=facts.byline.get("author"),
        column=facts.column,
        number=number,
        body="\n".join(lines),
        body_html=clean_html(body.inner_html or "", url),
        attachments=attachments,
        images=images,
        evidence=evidence,
    )


def _meta_text(tree: LexborHTMLParser, body: LexborNode, recipe: ArticleRecipe) -> tuple[str, str]:
    """Return the byline's text with its runs of spaces, and the rule that found it."""
    if recipe.meta:
        nodes = tree.css(recipe.meta)
        return "\n".join(loose_text(node) for node in nodes), recipe.meta
    return (loose_text(tree.body, without=body) if tree.body else ""), "the page outside the body"
