"""What a target is told, as plain facts; the JSON of a webhook, and the lines that robots show. Chinese first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from feeds.facts import Reminder
from feeds.model import EventKind, Frequency
from feeds.render.entry import EntryFacts
from feeds.render.jsonfeed import render_json_item
from feeds.render.legal import to_line
from feeds.render.mail import EVENT_WORDS
from feeds.render.reminders import head_reminder, say_reminder

LARGEST = 1_000_000
"""Bytes of a webhook's body; beyond, the notices' text is left out: it is on our page."""
_CONTENT = ("content_html", "attachments")


@dataclass(frozen=True)
class Told:
    """Told is one event with the notice that it is about, as it stands now."""

    event_id: int
    kind: EventKind
    happened_at: datetime
    revision: int
    entry: EntryFacts
    """Legal (`feeds.render.legal`)."""
    where: tuple[str, ...] = ()
    """When it was published, as exactly as the portal says, and titles of portal and channels."""
    changed: tuple[str, ...] = ()
    """Names of the fields that a correction changed."""
    moved: tuple[str, ...] = ()
    """Which days a correction moved, each in a sentence."""
    reminder: Reminder | None = None
    """None: it is none."""
    today: date = date.min
    """The day that a reminder counts from."""


@dataclass(frozen=True)
class Bulletin:
    """A bulletin is what one delivery tells a target: one event, or a digest's many, newest notice first."""

    told: tuple[Told, ...]
    made_at: datetime
    all_url: str
    """Page that lists everything of these feeds."""
    digest: Frequency | None = None
    """None: it is one event, told at once."""
    left: int = 0
    """How many more events of a digest there are."""
    sample: bool = False
    """It is a test: nothing happened."""


@dataclass(frozen=True)
class Span:
    """A span is a piece of a line, perhaps a link, perhaps set in bold."""

    text: str
    url: str | None = None
    strong: bool = False


Line = tuple[Span, ...]


def render_webhook(bulletin: Bulletin) -> bytes:
    """Return the body for a webhook, JSON in UTF-8, as docs/webhooks.md tells."""
    body = _describe(bulletin)
    return body if len(body) <= LARGEST else _describe(bulletin, without=_CONTENT)


def write_sample(base_url: str, now: datetime) -> Bulletin:
    """Return a bulletin that says that it is a test."""
    sentence = "这是一条测试消息。This is a test: notices will look like it."
    entry = EntryFacts(
        urn="urn:uuid:00000000-0000-0000-0000-000000000000",
        url=f"{base_url}/",
        page_url=f"{base_url}/",
        title="测试 Test",
        original_title="测试 Test",
        summary=sentence,
        content_html=f"<p>{sentence}</p>",
        published=now,
        updated=now,
    )
    told = Told(0, EventKind.PUBLISHED, now, 1, entry, (f"{now:%Y-%m-%d %H:%M} UTC",))
    return Bulletin((told,), now, f"{base_url}/", sample=True)


def _describe(bulletin: Bulletin, without: Iterable[str] = ()) -> bytes:
    kind = "digest" if bulletin.digest else "test" if bulletin.sample else f"notice.{bulletin.told[0].kind.value}"
    data = {
        "frequency": bulletin.digest.value if bulletin.digest else "immediate",
        "events": [_describe_event(one, set(without)) for one in bulletin.told],
        "more": bulletin.left,
        "all_url": bulletin.all_url,
    }
    facts = {"type": kind, "timestamp": _say(bulletin.made_at), "data": data}
    return json.dumps(facts, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(errors="replace")


def _describe_event(told: Told, without: set[str]) -> dict[str, object]:
    item = json.loads(render_json_item(told.entry))
    facts: dict[str, object] = {
        "id": told.event_id,
        "kind": told.kind.value,
        "happened": _say(told.happened_at),
        "revision": told.revision,
        "changed": list(told.changed),
        "moved": list(told.moved),
        "notice": {name: value for name, value in item.items() if name not in without},
    }
    if told.reminder is not None:
        ends = {"role": told.reminder.role.value, "day": told.reminder.day.isoformat()}
        facts["reminder"] = ends | {"days_left": (told.reminder.day - told.today).days}
    return facts


def head_bulletin(bulletin: Bulletin, most: int = 200) -> str:
    """Return a bulletin's title in one line."""
    if bulletin.digest is None:
        return _head(bulletin.told[0], most)
    period = {Frequency.WEEKLY: "每周 weekly"}.get(bulletin.digest, "每日 daily")
    return f"公告汇总 Digest（{period}）{bulletin.made_at:%Y-%m-%d}：{len(bulletin.told) + bulletin.left} 条 notices"


def write_lines(bulletin: Bulletin, count: int, summary: int) -> list[Line]:
    """Return the lines below the title: the first `count` events, each with at most `summary` characters of text.

    What is left out is said, with a link to it.
    """
    alone = bulletin.digest is None
    lines = [line for one in bulletin.told[:count] for line in _write_event(one, summary, alone=alone)]
    left = bulletin.left + len(bulletin.told) - count
    if left > 0:
        lines.append((Span(f"另有 {left} 条 {left} more: "), Span("全部 all", bulletin.all_url)))
    return lines


def _write_event(told: Told, summary: int, *, alone: bool) -> Iterable[Line]:
    entry = told.entry
    if not alone:
        yield (Span(_head(told, 120), entry.page_url, strong=True),)
    if told.where:
        yield (Span(to_line(" · ".join(told.where))),)
    if told.reminder is not None:
        yield (Span(say_reminder(told.reminder, told.today), strong=True),)
    yield from ((Span(to_line(one), strong=True),) for one in told.moved)
    text = to_line(entry.summary)
    if text and summary:
        cut = text if len(text) <= summary else f"{text[:summary].rstrip()}……"
        yield (Span(cut),)
    if alone:
        yield Span("原文 original", entry.url), Span(" · "), Span("本站 details", entry.page_url)


def _head(told: Told, most: int) -> str:
    """Return what happened, with the title. What was withdrawn by now is told so, whatever happened first."""
    title = told.entry.title
    title = title if len(title) <= most else f"{title[:most].rstrip()}……"
    word = EVENT_WORDS[EventKind.WITHDRAWN if told.entry.withdrawn else told.kind][0]
    if told.reminder is not None:
        word = head_reminder(told.reminder, told.today)
    return f"【{word}】{title}" if word else title


def _say(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
