"""What an edit says in the feed of changes: what the portal did to a notice, and what differs, as clean HTML."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from feeds.model import EventKind
from feeds.render.diffs import Fold, Paragraph, Work, diff_texts

EDIT_WORDS = {
    EventKind.REVISED: ("修改", "revised"),
    EventKind.WITHDRAWN: ("撤下", "withdrawn"),
    EventKind.RESTORED: ("恢复", "restored"),
}
"""What happened, in Chinese and in English, by the kinds of event that are edits."""
CONTEXT = 1
"""Paragraphs that did not change, shown around each that did."""
MOST_PARAGRAPHS = 200
"""Shown of one edit; the whole history is on the notice's page."""

_SENTENCES = {
    EventKind.REVISED: ("原网站修改了这条公告", "The portal changed this notice"),
    EventKind.WITHDRAWN: (
        "原网站撤下了这条公告，以下是撤下前的内容",
        "The portal withdrew this notice; its last text follows",
    ),
    EventKind.RESTORED: ("原网站恢复了这条公告", "The portal shows this notice again"),
}
_TAGS = {"old": "del", "new": "ins"}


@dataclass(frozen=True)
class EditFacts:
    """Edit facts are all that an edit says. Text is plain; any character may be in it."""

    kind: EventKind
    """Of `EDIT_WORDS`."""
    seen: str
    """When we saw it, as people read it, in the portal's zone."""
    before: tuple[str, str]
    """Title and text, one paragraph a line."""
    after: tuple[str, str]
    changed: tuple[str, ...]
    """Names of the fields that differ, as the revision has them."""
    page_url: str
    """Our page, at this revision."""
    url: str
    """The portal's own address of the article."""
    moved: tuple[str, ...] = ()
    """Which days were moved, in words."""


def render_edit(edit: EditFacts, fold: Fold) -> str:
    """Return an edit as HTML that every reader shows: `<del>` and `<ins>` in the paragraphs that changed.

    `fold` says which paragraphs count as equal. The work of comparing is bounded.
    """
    zh, en = _SENTENCES[edit.kind]
    parts = [f"<p><strong>{zh}（{escape(edit.seen)} 发现）。{en} (seen {escape(edit.seen)}).</strong></p>"]
    parts += [f"<p><strong>{escape(sentence)}</strong></p>" for sentence in edit.moved]
    old_title, title = edit.before[0], edit.after[0]
    if old_title != title:
        parts.append(f"<p>标题 Title: <del>{escape(old_title)}</del> <ins>{escape(title)}</ins></p>")
    if edit.kind is EventKind.WITHDRAWN:
        parts += _write_paragraphs(f"<p>{escape(line)}</p>" for line in edit.after[1].splitlines() if line.strip())
    else:
        parts += _write_difference(edit, fold)
    if "attachments" in edit.changed:
        parts.append("<p>附件有变化。The attachments changed.</p>")
    links = (("全部修改记录 All revisions", edit.page_url), ("原网页 The portal's page", edit.url))
    linked = " · ".join(f'<a href="{escape(url)}">{escape(words)}</a>' for words, url in links)
    return "".join([*parts, f"<p>{linked}</p>"])


def _write_difference(edit: EditFacts, fold: Fold) -> list[str]:
    """Write what changed in the text with what stands around it."""
    found = diff_texts(edit.before[1], edit.after[1], Work(), fold, CONTEXT)
    if found:
        return ["<p>正文 Text:</p>", *_write_paragraphs(map(_write_paragraph, found))]
    return ["<p>正文有变化。The text changed.</p>"] if "body" in edit.changed else []


def _write_paragraphs(written: Iterable[str]) -> list[str]:
    paragraphs = list(written)
    rest = len(paragraphs) - MOST_PARAGRAPHS
    if rest <= 0:
        return paragraphs
    return [*paragraphs[:MOST_PARAGRAPHS], f"<p>……另有 {rest} 段。{rest} more paragraphs.</p>"]


def _write_paragraph(paragraph: Paragraph) -> str:
    if not paragraph:
        return "<p>……</p>"
    spans = (
        f"<{_TAGS[span.kind]}>{escape(span.text)}</{_TAGS[span.kind]}>" if span.kind in _TAGS else escape(span.text)
        for span in paragraph
    )
    return f"<p>{''.join(spans)}</p>"
