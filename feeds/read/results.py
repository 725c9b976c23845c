"""Results of reading in the shape that programs rely on (contract, "Result of reading")."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from feeds.facts import Facts, Number, Said
from feeds.model import Article, Item, Listing, Moment, Precision, Verdict


def article_result(article: Article, zone: str) -> dict[str, Any]:
    """Return the JSON value of an article; times in `zone` (IANA name), a bare date where only a day is known.

    `verdict` and `problem` are there where the page is no article.
    """
    result: dict[str, Any] = {
        "url": article.url,
        "title": article.title,
        "published": show_moment(article.published, zone),
        "precision": article.published.precision.value if article.published else None,
        "editor": article.editor,
        "source": article.source,
        "author": article.author,
        "column": article.column,
        "number": article.number,
        "body": article.body,
        "body_html": article.body_html,
        "attachments": [{"url": file.url, "name": file.name, "type": file.type} for file in article.attachments],
        "images": list(article.images),
        "evidence": dict(article.evidence),
    }
    if article.verdict is not Verdict.ARTICLE:
        result |= {"verdict": article.verdict.value, "problem": article.problem or article.verdict.value}
    return result


def listing_result(listing: Listing, zone: str) -> dict[str, Any]:
    """Return the JSON value of a listing; times in `zone` (IANA name). `problem` is there where it is no listing.

    `strays` is there where broken markup put rows of the list outside of it.
    """
    result: dict[str, Any] = {
        "url": listing.url,
        "verdict": listing.verdict.value,
        "family": listing.family,
        "confidence": listing.confidence,
        "items": [_item_result(item, zone) for item in listing.items],
        "next_page": listing.next_page,
        "evidence": dict(listing.evidence),
    }
    if listing.strays:
        result["strays"] = [_item_result(item, zone) for item in listing.strays]
    if listing.verdict is not Verdict.LISTING:
        result["problem"] = listing.problem or listing.verdict.value
    return result


def facts_result(facts: Facts) -> dict[str, Any]:
    """Return the JSON value of facts; days as YYYY-MM-DD. Beside the contract's keys, spans and confidences."""
    return {
        "kind": facts.kind.value,
        "reprint": facts.reprint,
        "origin": facts.origin,
        "number": _number_result(facts.number) if facts.number else None,
        "numbers": [_number_result(number) for number in facts.numbers],
        "dates": [
            {"role": fact.role.value, "date": fact.day.isoformat(), "by": fact.by, **_said_result(fact.said)}
            for fact in facts.dates
        ],
        "people": [
            {"name": fact.name, "act": fact.act.value, "post": fact.post, **_said_result(fact.said)}
            for fact in facts.people
        ],
        "laws": [{"name": fact.name, "stage": fact.stage, **_said_result(fact.said)} for fact in facts.laws],
        "contacts": [
            {"means": fact.means.value, "text": fact.text, **_said_result(fact.said)} for fact in facts.contacts
        ],
    }


def _number_result(number: Number) -> dict[str, Any]:
    return {
        "term": number.term,
        "number": number.number,
        "year": number.year,
        "text": number.text,
        **_said_result(number.said),
    }


def _said_result(said: Said) -> dict[str, Any]:
    return {
        "sentence": said.sentence,
        "in": "title" if said.in_title else "text",
        "span": [said.start, said.end],
        "confidence": said.confidence,
    }


def _item_result(item: Item, zone: str) -> dict[str, Any]:
    return {
        "url": item.url,
        "title": item.title,
        "title_complete": item.title_complete,
        "published": show_moment(item.published, zone),
        "precision": item.published.precision.value if item.published else None,
        "pinned": item.pinned,
    }


def show_moment(moment: Moment | None, zone: str) -> str | None:
    """Return ISO 8601 with offset, or the date alone where only a day is known."""
    if moment is None:
        return None
    local = moment.at.astimezone(ZoneInfo(zone))
    return local.date().isoformat() if moment.precision is Precision.DAY else local.isoformat(timespec="seconds")
