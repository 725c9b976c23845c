"""From a stored notice to what a feed entry shows. Decides nothing that depends on other notices."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from feeds.decide.identity import entry_urn
from feeds.decide.titles import title_notice
from feeds.facts import Facts
from feeds.model import Article, Notice, Portal
from feeds.read.facts.reading import find_published_day, read_notice_facts
from feeds.read.results import facts_result
from feeds.render.facts import KIND_WORDS, summarise_facts
from feeds.render.feeds import Category, Enclosure, EntryFacts
from feeds.render.notices import format_moment, show_local

_SUMMARY_LENGTH = 200
_MOST_LAWS = 10


def describe_entry(
    notice: Notice, portal: Portal | None, base_url: str, channel_titles: Mapping[str, str]
) -> EntryFacts:
    """Return the facts of a notice's entry. `portal` None: it left the configuration, its notices stay."""
    zone = ZoneInfo(portal.time_zone if portal else "Asia/Shanghai")
    article = notice.article
    facts = read_notice_facts(notice, portal)
    categories = [Category(f"{notice.portal}/{slug}", channel_titles.get(slug, slug)) for slug in notice.channels]
    if facts:
        categories += _categorise(facts)
    if notice.withdrawn_at:
        categories.append(Category("withdrawn", "已撤下"))
    return EntryFacts(
        urn=entry_urn(notice.public_id),
        url=notice.url,
        page_url=f"{base_url}/n/{notice.public_id}",
        title=title_notice(notice),
        original_title=notice.title,
        summary=_summarise(notice, facts, portal),
        content_html=_content(notice, zone),
        published=notice.published.at.astimezone(zone) if notice.published else None,
        updated=notice.updated_at.astimezone(zone),
        editor=article.editor if article else None,
        source=article.source if article else None,
        categories=tuple(categories),
        enclosures=tuple(Enclosure(a.url, a.name, a.type) for a in article.attachments) if article else (),
        images=article.images if article else (),
        withdrawn=notice.withdrawn_at.astimezone(zone) if notice.withdrawn_at else None,
        extension=_extend(notice, zone) | ({"facts": facts_result(facts)} if facts else {}),
    )


def _categorise(facts: Facts) -> list[Category]:
    """Return what readers filter by: the kind, a reprint, the rules that are named."""
    kind = Category(f"kind/{facts.kind.value}", KIND_WORDS[facts.kind][0])
    reprint = [Category("reprint", "转载")] if facts.reprint else []
    return [kind, *reprint, *(Category(f"law/{law.name}", f"《{law.name}》") for law in facts.laws[:_MOST_LAWS])]


def _summarise(notice: Notice, facts: Facts | None, portal: Portal | None) -> str:
    """Return what the notice says in a line, and its text's beginning, ended at a sentence where there is one.

    A summary may be cut, a title never.
    """
    line = summarise_facts(facts, find_published_day(notice, portal)) if facts else ""
    return f"{line}。{_begin(notice.article)}" if line else _begin(notice.article)


def _begin(article: Article | None) -> str:
    text = " ".join(article.body.split()) if article else ""
    if len(text) <= _SUMMARY_LENGTH:
        return text
    end = text.rfind("。", 0, _SUMMARY_LENGTH)
    return text[: end + 1] if end > 0 else text[:_SUMMARY_LENGTH] + "……"


def _content(notice: Notice, zone: ZoneInfo) -> str:
    article = notice.article
    parts = []
    if notice.withdrawn_at:
        day = notice.withdrawn_at.astimezone(zone)
        parts.append(
            f"<p><strong>原站已撤下此件（{day:%Y-%m-%d %H:%M}），以下是撤下前的内容。"
            "Withdrawn by the portal; this is the text before.</strong></p>"
        )
    if article is None:
        parts.append("<p>正文请看原文。The text is on the portal.</p>")
    else:
        parts.append(article.body_html)
    return "".join(part for part in parts if part)


def _extend(notice: Notice, zone: ZoneInfo) -> dict[str, object]:
    """Return the `_noticefeeds` extension of JSON Feed: what the standard fields cannot say."""
    article = notice.article
    return {
        "id": notice.public_id,
        "portal": notice.portal,
        "channels": list(notice.channels),
        "original_title": notice.title,
        "number": article.number if article else None,
        "editor": article.editor if article else None,
        "source": article.source if article else None,
        "published": format_moment(notice.published, zone),
        "precision": notice.published.precision.value if notice.published else None,
        "first_seen": show_local(notice.first_seen_at, zone),
        "revision": notice.revision,
        "withdrawn": show_local(notice.withdrawn_at, zone),
    }
