"""Notices as a table that spreadsheet programs open: what fits into cells. The whole is in JSON lines (`export`)."""

from __future__ import annotations

from feeds.decide.titles import title_notice
from feeds.facts import Facts, Role
from feeds.flows.export import Exported
from feeds.model import Article, Revision
from feeds.render.facts import ACT_WORDS, KIND_WORDS
from feeds.render.notices import format_moment, show_local
from feeds.render.sheet import MARK, write_row

_DAYS = (
    Role.DEADLINE,
    Role.SIGNUP_START,
    Role.SIGNUP_END,
    Role.MEETING,
    Role.ADOPTED,
    Role.APPROVED,
    Role.SIGNED,
    Role.IN_FORCE,
)
_COLUMNS = (
    *("id", "portal", "channels", "title", "published", "first_seen", "updated", "withdrawn"),
    *("kind", "reprint", "number", *(role.value for role in _DAYS), "people", "laws"),
    *("editor", "source", "attachments", "revisions", "url", "page", "text"),
)


def head_table() -> str:
    """Return the first line of the table."""
    return MARK + write_row(_COLUMNS)


def write_table_row(one: Exported) -> str:
    """Return a notice as a line of the table; times are the portal's own, without an offset."""
    notice = one.notice
    cells: dict[str, object] = {
        "id": notice.public_id,
        "portal": notice.portal,
        "channels": " ".join(notice.channels),
        "title": title_notice(notice),
        "published": _show(format_moment(notice.published, one.zone)),
        "first_seen": _show(show_local(notice.first_seen_at, one.zone)),
        "updated": _show(show_local(notice.updated_at, one.zone)),
        "withdrawn": _show(show_local(notice.withdrawn_at, one.zone)),
        "revisions": "；".join(_say_revision(revision, one) for revision in one.revisions[1:]),
        "url": notice.url,
        "page": one.page_url,
    }
    cells |= _list_facts(one.facts) if one.facts else {}
    cells |= _list_article(notice.article) if notice.article else {}
    return write_row(cells.get(name) for name in _COLUMNS)


def _list_facts(facts: Facts) -> dict[str, object]:
    acts = (f"{ACT_WORDS[person.act][0]} {person.name} {person.post or ''}".strip() for person in facts.people)
    laws = (f"《{law.name}》{f'（{law.stage}）' if law.stage else ''}" for law in facts.laws)
    days = {role.value: " ".join(fact.day.isoformat() for fact in facts.dates if fact.role is role) for role in _DAYS}
    return {
        "kind": KIND_WORDS[facts.kind][0],
        "reprint": (facts.origin or "转载") if facts.reprint else "",
        "number": facts.number.text if facts.number else "",
        "people": "；".join(acts),
        "laws": "；".join(laws),
        **days,
    }


def _list_article(article: Article) -> dict[str, object]:
    return {
        "editor": article.editor,
        "source": article.source,
        "attachments": " ".join(file.url for file in article.attachments),
        "text": article.body,
    }


def _say_revision(revision: Revision, one: Exported) -> str:
    return f"{_show(show_local(revision.seen_at, one.zone))} {' '.join(revision.changed)}"


def _show(at: str | None) -> str:
    """Return a time as spreadsheet programs understand it."""
    return at[:19].replace("T", " ") if at else ""
