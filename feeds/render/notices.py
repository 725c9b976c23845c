"""Notices as JSON for programs, one shape wherever they are handed out: `feeds export`, the API. Portal's own zone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from feeds.files import KeptFile
from feeds.model import Article, Moment, Notice, Precision, Revision

_SURROGATE = re.compile("[\ud800-\udfff]")


def describe_notice(notice: Notice, zone: ZoneInfo, page_url: str, shown_title: str) -> dict[str, Any]:
    """Return what there is of every notice, read or not. `shown_title` tells apart what the portal calls the same."""
    published = notice.published
    return {
        "id": notice.public_id,
        "portal": notice.portal,
        "channels": list(notice.channels),
        "url": notice.url,
        "page": page_url,
        "title": notice.title,
        "shown_title": shown_title,
        "published": format_moment(published, zone),
        "precision": published.precision.value if published else None,
        "first_seen": show_local(notice.first_seen_at, zone),
        "updated": show_local(notice.updated_at, zone),
        "withdrawn": show_local(notice.withdrawn_at, zone),
        "revision": notice.revision,
    }


def describe_article(article: Article, kept: Iterable[KeptFile]) -> dict[str, Any]:
    """Return what a notice's own page says beside its title and time.

    `kept` are our copies of its files, newest first; an attachment is told with its newest one, or null.
    """
    newest: dict[str, dict[str, Any]] = {}
    for copy in kept:
        newest.setdefault(copy.url, {"sha256": copy.sha256, "bytes": copy.size, "type": copy.type})
    return {
        "number": article.number,
        "editor": article.editor,
        "source": article.source,
        "author": article.author,
        "column": article.column,
        "body": article.body,
        "body_html": article.body_html,
        "attachments": [
            {"url": file.url, "name": file.name, "type": file.type, "kept": newest.get(file.url)}
            for file in article.attachments
        ],
        "images": list(article.images),
        "evidence": dict(article.evidence),
    }


def describe_revisions(revisions: Sequence[Revision], zone: ZoneInfo) -> list[dict[str, Any]]:
    """Return every state that a notice was in, oldest first."""
    return [
        {
            "number": revision.number,
            "seen": show_local(revision.seen_at, zone),
            "title": revision.title,
            "body": revision.body,
            "changed": list(revision.changed),
        }
        for revision in revisions
    ]


def format_moment(moment: Moment | None, zone: ZoneInfo) -> str | None:
    """Return an ISO date for a day, an ISO time with offset otherwise; None if the portal never said."""
    if moment is None:
        return None
    local = moment.at.astimezone(zone)
    return local.date().isoformat() if moment.precision is Precision.DAY else local.isoformat(timespec="seconds")


def show_local(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Return one of our own times in a zone, to the second; None of None."""
    return at.astimezone(zone).isoformat(timespec="seconds") if at else None


def dump_json(value: Mapping[str, object]) -> bytes:
    """Return a value as JSON in UTF-8, without what is no character."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _SURROGATE.sub("", text).encode()
