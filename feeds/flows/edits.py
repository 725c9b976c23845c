"""From an edit to what its entry in the feed of changes shows."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from feeds.decide.folding import fold_text
from feeds.decide.identity import entry_urn
from feeds.decide.moves import compare_facts
from feeds.decide.titles import shown_title
from feeds.model import Notice, Portal, Revision
from feeds.read.facts.reading import read_revision_facts
from feeds.render.edits import EDIT_WORDS, EditFacts, render_edit
from feeds.render.feeds import Category, EntryFacts
from feeds.store.edits import Edit


def describe_edit(edit: Edit, portal: Portal | None, base_url: str, channel_titles: Mapping[str, str]) -> EntryFacts:
    """Return the facts of an edit's entry: it is about what happened then, whatever became of the notice since.

    `portal` None: it left the configuration, its notices stay.
    """
    notice, before, after = edit.notice, edit.before, edit.after
    zone = ZoneInfo(portal.time_zone if portal else "Asia/Shanghai")
    at = edit.event.created_at.astimezone(zone)
    zh, en = EDIT_WORDS[edit.event.kind]
    shown = shown_title(after.title, notice.article.number if notice.article else None, after.body)
    page_url = f"{base_url}/n/{notice.public_id}#r{after.number}"
    moved = find_moves(before, after, notice, portal)
    facts = EditFacts(
        kind=edit.event.kind,
        seen=f"{at:%Y-%m-%d %H:%M}",
        before=(before.title, before.body),
        after=(after.title, after.body),
        changed=after.changed,
        page_url=page_url,
        url=notice.url,
        moved=moved,
    )
    channels = [Category(f"{notice.portal}/{slug}", channel_titles.get(slug, slug)) for slug in notice.channels]
    return EntryFacts(
        urn=entry_urn(f"{notice.public_id}/{after.number}"),
        url=page_url,
        page_url=page_url,
        title=f"{zh}：{shown}",
        original_title=after.title,
        summary="；".join((f"{zh} {en}：{shown}", *moved)),
        content_html=render_edit(facts, fold_text),
        published=at,
        updated=at,
        categories=(*channels, Category(en, zh)),
        extension={
            "id": notice.public_id,
            "portal": notice.portal,
            "channels": list(notice.channels),
            "revision": after.number,
            "kind": edit.event.kind.value,
            "changed": list(after.changed),
            "url": notice.url,
        },
    )


def find_moves(before: Revision, after: Revision, notice: Notice, portal: Portal | None) -> tuple[str, ...]:
    """Say which days were moved between two revisions of a notice."""
    if (before.title, before.body) == (after.title, after.body):
        return ()
    old, new = (read_revision_facts(one, notice, portal) for one in (before, after))
    return compare_facts(old, new) if old and new else ()
