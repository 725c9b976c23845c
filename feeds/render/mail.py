"""What alert, digest and account mails say, from templates; `build_message` puts them into an envelope.

Chinese first, English beside it. No image, no pixel, no redirect: every link is the portal's own or plainly ours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

import css_inline
import jinja2
import nh3

from feeds.model import Attachment, EventKind, Frequency
from feeds.render.facts import FactRow
from feeds.render.legal import UNTITLED, to_legal, to_line, to_uri
from feeds.render.letter import OWN_BYTES, PLACES, Draft, make_draft
from feeds.render.message import Envelope, MailContent, MailLinks, build_message, measure_message

__all__ = [
    "Envelope",
    "MailContent",
    "MailLinks",
    "MailNotice",
    "build_message",
    "draft_alert",
    "draft_digest",
    "write_alert",
    "write_confirmation",
    "write_digest",
    "write_erasure",
    "write_relocation",
]

MAX_BYTES = 100_000
"""A mail is no longer: Gmail clips at about 102 kB, and with it the link to unsubscribe."""
_ROOM = MAX_BYTES - OWN_BYTES
"""What is left for everybody's part: where a mail is cut must not depend on who reads it."""
_EXCERPT_LENGTH = 140
_PREFIX_LENGTH = 6
_SUBJECT_TITLE_LENGTH = 120
_TITLE_LENGTH = 500
"""Characters of a title in a mail; no honest one has as many. The whole one is on our page."""
_NAME_LENGTH = 200
_URL_LENGTH = 2_000
_MOST_FILES = 50
_MOST_FACTS = 8
_LEAST_LINE = 100
"""A notice in a digest takes more bytes than this, whatever it is called."""

EVENT_WORDS = {
    EventKind.PUBLISHED: ("", ""),
    EventKind.REVISED: ("更正", "Revised"),
    EventKind.WITHDRAWN: ("撤下", "Withdrawn"),
    EventKind.RESTORED: ("恢复", "Restored"),
    EventKind.REMINDER: ("提醒", "Reminder"),
}
_EVENT_SENTENCES = {
    EventKind.PUBLISHED: "",
    EventKind.REVISED: "原站修改了此件。The portal has changed this notice.",
    EventKind.WITHDRAWN: "原站已撤下此件，以下是撤下前的内容。Withdrawn by the portal; this is the text before.",
    EventKind.RESTORED: "原站重新发布了此件。The portal shows this notice again.",
    EventKind.REMINDER: "",
}
_FIELD_WORDS = {
    "title": "标题 title",
    "body": "正文 text",
    "attachments": "附件 attachments",
    "published": "发布时间 publication time",
    "editor": "责任编辑 editor",
    "source": "来源 source",
    "number": "文号 number",
}
_FREQUENCY_WORDS = {
    Frequency.IMMEDIATE: ("新通知", "New notices"),
    Frequency.DAILY: ("每日汇总", "Daily digest"),
    Frequency.WEEKLY: ("每周汇总", "Weekly digest"),
}
_BODY_TAGS = {
    *("p", "br", "hr", "div", "span", "a", "b", "strong", "i", "em", "u", "s", "sub", "sup", "blockquote", "pre"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
_BODY_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, minify_css=True)


@dataclass(frozen=True)
class MailNotice:
    """A mail notice is what a mail says about one notice and what happened to it."""

    title: str
    original_title: str
    url: str
    """The portal's own address."""
    page_url: str
    """Our page, with revisions."""
    published_text: str | None
    """As people read it, in the portal's zone. None: the portal never said."""
    channel_titles: tuple[str, ...]
    portal_title: str
    editor: str | None
    body_text: str
    body_html: str
    attachments: tuple[Attachment, ...]
    kind: EventKind
    changed: tuple[str, ...]
    """Names of the fields that differ, for a revised notice."""
    public_id: str
    line: str = ""
    """What the notice says in a few words; empty: nothing that we could read."""
    facts: tuple[FactRow, ...] = ()
    """The same as rows of a table."""
    moved: tuple[str, ...] = ()
    """Which days a revision moved, in words."""
    deadline: str = ""
    """Of what a reminder reminds, for its subject; empty for other kinds."""
    reminder: str = ""
    """The same as a sentence."""

    @property
    def event_words(self) -> tuple[str, str]:
        """What happened, in Chinese and in English; empty for a new notice."""
        return EVENT_WORDS[self.kind]

    @property
    def event_sentence(self) -> str:
        """What happened, or will, which days moved, and what changed; empty for a new notice."""
        moved = "".join(f" {sentence}." for sentence in self.moved)
        changed = "、".join(_FIELD_WORDS.get(name, name) for name in self.changed)
        return self.reminder + _EVENT_SENTENCES[self.kind] + moved + (f" 改动 changed: {changed}" if changed else "")

    @property
    def excerpt(self) -> str:
        """The beginning of the text, on one line."""
        return _shorten(" ".join(self.body_text.split()), _EXCERPT_LENGTH)


def write_alert(templates: jinja2.Environment, notice: MailNotice, links: MailLinks) -> MailContent:
    """Write the mail on one notice for one recipient."""
    return draft_alert(templates, notice).fill(links)


def draft_alert(templates: jinja2.Environment, notice: MailNotice) -> Draft:
    """Write the mail on one notice, below MAX_BYTES.

    A text too long for one mail is cut at a paragraph, a list of attachments at its 50th, and the mail says so.
    """
    told = _make_legal(notice)
    files = [file for file in told.attachments if _can_link(file.url)][:_MOST_FILES]
    content = _render_alert(templates, told, files, cut=False)
    room = max(len(told.body_text), 1)  # 0: without any text
    while measure_message(content) > _ROOM and room:
        room = room * 2 // 3
        content = _render_alert(templates, _cut_body(told, room), files, cut=True)
    while measure_message(content) > _ROOM and files:
        files = files[: len(files) // 2]
        content = _render_alert(templates, _cut_body(told, 0), files, cut=True)
    return make_draft(content)


def write_digest(
    templates: jinja2.Environment,
    notices: Sequence[MailNotice],
    links: MailLinks,
    frequency: Frequency,
    window_text: str,
) -> MailContent:
    """Write the mail on many notices for one recipient."""
    return draft_digest(templates, notices, links.all_url, frequency, window_text).fill(links)


def draft_digest(
    templates: jinja2.Environment,
    notices: Sequence[MailNotice],
    all_url: str | None,
    frequency: Frequency,
    window_text: str,
    next_text: str = "",
) -> Draft:
    """Write the mail on many notices, in order, below MAX_BYTES.

    `next_text` says when the next one comes; empty: nobody knows.

    Too many for one mail: the first of them whole, the others by title and link, as many as there is room for; the
    rest is behind a link to all, the recipient's manage page if that is None.
    """
    most, window = min(len(notices), MAX_BYTES // _LEAST_LINE), (frequency, window_text, next_text)
    told = [_make_legal(notice) for notice in notices[:most]]

    def render(whole: int, listed: int) -> MailContent:
        return _render_digest(templates, told, (whole, listed, len(notices)), all_url, window)

    content = render(most, most)
    if measure_message(content) <= _ROOM:
        return make_draft(content)
    listed = _count_fitting(most, lambda count: measure_message(render(1, count)))
    whole = _count_fitting(listed, lambda count: measure_message(render(count, listed)))
    return make_draft(render(whole, listed))


def _count_fitting(most: int, measure: Callable[[int], int]) -> int:
    """Return the greatest number up to `most` with which a mail is not too long."""
    return bisect_right(range(1, most + 1), _ROOM, key=measure)


def write_confirmation(
    templates: jinja2.Environment, site_title: str, proof: tuple[str, str], wanted: Sequence[str]
) -> MailContent:
    """Write the mail that asks whether a sign-up was meant.

    `proof` is the link to open and the six digits to type instead; `wanted` says in words what was asked for.
    """
    site, (url, code) = to_line(site_title), proof
    facts = {"site_title": site, "confirm_url": to_uri(url), "code": code, "wanted": [to_line(one) for one in wanted]}
    return _render(templates, "confirmation", f"请确认订阅 Please confirm · {site}", facts)


def write_relocation(templates: jinja2.Environment, site_title: str, manage_url: str, new_address: str) -> MailContent:
    """Write the mail that tells an old address that its subscriptions moved; `new_address` is masked already."""
    site = to_line(site_title)
    facts = {"site_title": site, "manage_url": to_uri(manage_url), "new_address": to_line(new_address)}
    return _render(templates, "relocation", f"订阅已改到新邮箱 Your subscriptions moved · {site}", facts)


def write_erasure(templates: jinja2.Environment, site_title: str, erase_url: str) -> MailContent:
    """Write the mail that asks whether everything about an address is to be erased."""
    site = to_line(site_title)
    facts = {"site_title": site, "erase_url": to_uri(erase_url)}
    return _render(templates, "erasure", f"请确认删除数据 Please confirm: erase my data · {site}", facts)


def _render_alert(
    templates: jinja2.Environment, notice: MailNotice, files: Sequence[Attachment], *, cut: bool
) -> MailContent:
    channel = notice.channel_titles[0] if notice.channel_titles else notice.portal_title
    prefix = notice.event_words[0] or to_line(channel)[:_PREFIX_LENGTH]
    head = f"{prefix}：{notice.deadline} · " if notice.deadline else f"【{prefix}】"
    content = _render(
        templates,
        "alert",
        head + _shorten(notice.title, _SUBJECT_TITLE_LENGTH),
        {
            "notice": notice,
            "links": PLACES,
            "facts": notice.facts[:_MOST_FACTS],
            "more_facts": len(notice.facts) - _MOST_FACTS,
            "files": files,
            "more_files": len(notice.attachments) - len(files),
            "cut": cut,
            "body_html": _clean_body(notice),
        },
    )
    headers = (("X-Notice-Id", notice.public_id), ("X-Notice-Event", notice.kind.value), ("X-Source-Url", notice.url))
    return replace(content, headers=headers)


def _render_digest(
    templates: jinja2.Environment,
    notices: Sequence[MailNotice],
    room: tuple[int, int, int],
    all_url: str | None,
    window: tuple[Frequency, str, str],
) -> MailContent:
    """Render a digest. `room`: how many notices stand in it whole, how many at all, and how many there are."""
    (whole, listed, total), (frequency, window_text, next_text) = room, window
    words, english = _FREQUENCY_WORDS[frequency]
    first = _shorten(notices[0].title, _SUBJECT_TITLE_LENGTH) if notices else ""
    facts = {
        "notices": notices[:whole],
        "lines": notices[whole:listed],
        "total": total,
        "left": total - listed,
        "links": PLACES,
        "web_url": to_line(all_url) if all_url else "",
        "all_url": to_line(all_url) if all_url else PLACES.manage_url,
        "words": words,
        "english": english,
        "window": to_line(window_text),
        "next": to_line(next_text) if next_text else "",
    }
    return _render(templates, "digest", f"【{words}】{total} 条：{first}", facts)


def _render(templates: jinja2.Environment, name: str, subject: str, facts: Mapping[str, object]) -> MailContent:
    """Render both parts of a mail. Escaping is decided in the templates, whatever the environment does."""
    text = templates.get_template(f"mail/{name}.txt.j2").render(**facts, subject=subject)
    html = templates.get_template(f"mail/{name}.html.j2").render(**facts, subject=subject)
    return MailContent(to_line(subject), _tidy(text), _INLINER.inline(html))


def _tidy(text: str) -> str:
    """Return the text with no spaces at line ends and no two empty lines together."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _make_legal(notice: MailNotice) -> MailNotice:
    """Return the notice with text that a mail can carry, and nothing of absurd length but its body."""
    url, page_url = to_uri(notice.url), to_uri(notice.page_url)
    return replace(
        notice,
        title=_shorten_title(to_line(notice.title) or UNTITLED, page_url),
        original_title=_shorten_title(to_line(notice.original_title), page_url),
        url=url if _can_link(url) else page_url,
        page_url=page_url,
        channel_titles=tuple(_shorten(to_line(title), _NAME_LENGTH) for title in notice.channel_titles),
        portal_title=_shorten(to_line(notice.portal_title), _NAME_LENGTH),
        editor=_shorten(to_line(notice.editor), _NAME_LENGTH) if notice.editor else None,
        body_text=to_legal(notice.body_text).strip(),
        body_html=to_legal(notice.body_html),
        attachments=tuple(
            Attachment(to_uri(one.url), _shorten(to_line(one.name) or to_uri(one.url), _NAME_LENGTH), one.type)
            for one in notice.attachments
        ),
        line=_shorten(to_line(notice.line), _NAME_LENGTH),
        moved=tuple(map(to_line, notice.moved)),
        facts=tuple(replace(row, text=_shorten(to_line(row.text), _NAME_LENGTH)) for row in notice.facts),
    )


def _can_link(url: str) -> bool:
    """Whether an address of a page can stand in a mail: no absurd one, and none that acts."""
    return len(url) <= _URL_LENGTH and url.lower().startswith(("http://", "https://"))


def _clean_body(notice: MailNotice) -> str:
    """Return the body without images and anything that acts: a mail fetches nothing when it is opened."""
    schemes = {"http", "https"}
    clean = nh3.clean(notice.body_html, tags=_BODY_TAGS, attributes=_BODY_ATTRIBUTES, url_schemes=schemes)
    return to_legal(clean)  # once more: references like &#xFDD0; are characters by now


def _cut_body(notice: MailNotice, length: int) -> MailNotice:
    """Return the notice with the first paragraphs of its text, up to a number of characters."""
    text = notice.body_text[:length]
    text = text[: text.rfind("\n")] if "\n" in text else text
    html = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return replace(notice, body_text=text, body_html=html)


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length] + "……"


def _shorten_title(title: str, page_url: str) -> str:
    """Cut a title of absurd length, and say where the whole one is."""
    return title if len(title) <= _TITLE_LENGTH else f"{title[:_TITLE_LENGTH]}……（完整标题 whole title: {page_url} ）"
