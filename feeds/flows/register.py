"""From a notice to its entry in a portal's feed of people or of rules."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from feeds.decide.identity import entry_urn
from feeds.decide.register import list_people, list_rules
from feeds.decide.titles import title_notice
from feeds.facts import Facts, PersonLine, RuleLine
from feeds.model import Notice, Portal
from feeds.read.facts.reading import find_published_day, read_notice_facts
from feeds.render.facts import KIND_WORDS
from feeds.render.feeds import Category, EntryFacts
from feeds.render.register import RegisterRow, list_rows, say_act, say_effect, title_rows
from feeds.store.feeds import PEOPLE


def describe_registered(notice: Notice, slug: str, portal: Portal | None, base_url: str) -> EntryFacts | None:
    """Return the facts of a notice's entry in the feed of people or of rules; None: it has no place there any more.

    `portal` None: it left the configuration, its notices stay.
    """
    facts = read_notice_facts(notice, portal)
    lines = list_lines(notice, facts, slug, portal) if facts else ()
    if not facts or not lines:
        return None
    zone = ZoneInfo(portal.time_zone if portal else "Asia/Shanghai")
    page_url = f"{base_url}/n/{notice.public_id}"
    rows = [_describe(line, page_url) for line in lines]
    title = title_rows(rows)
    gone = notice.withdrawn_at is not None
    return EntryFacts(
        urn=entry_urn(f"{notice.public_id}/{slug}"),
        url=page_url,
        page_url=page_url,
        title=title,
        original_title=notice.title,
        summary=f"{title}。{title_notice(notice)}",
        content_html=list_rows(rows, title_notice(notice), notice.url, withdrawn=gone),
        published=notice.published.at.astimezone(zone) if notice.published else None,
        updated=notice.updated_at.astimezone(zone),
        categories=(Category(f"kind/{facts.kind.value}", KIND_WORDS[facts.kind][0]),),
        withdrawn=notice.withdrawn_at.astimezone(zone) if notice.withdrawn_at else None,
        extension={
            "id": notice.public_id,
            "portal": notice.portal,
            "url": notice.url,
            slug: [_extend(line) for line in lines],
        },
    )


def list_lines(
    notice: Notice, facts: Facts, slug: str, portal: Portal | None
) -> tuple[PersonLine, ...] | tuple[RuleLine, ...]:
    """Return the lines of a notice in the register of people or of rules."""
    day = find_published_day(notice, portal)
    return list_people(facts, day) if slug == PEOPLE else list_rules(facts, notice.title, day)


def _describe(line: PersonLine | RuleLine, page_url: str) -> RegisterRow:
    if isinstance(line, PersonLine):
        return RegisterRow(say_act(line), line.sentence, f"{page_url}?at=p{line.place}#said")
    return RegisterRow(say_effect(line), line.sentence, f"{page_url}?at=l{line.place}#said")


def _extend(line: PersonLine | RuleLine) -> dict[str, object]:
    """Return a line as JSON values; days as YYYY-MM-DD."""
    day = line.day.isoformat() if line.day else None
    if isinstance(line, PersonLine):
        act = {"name": line.name, "act": line.act.value, "post": line.post}
        return {**act, "day": day, "meeting": line.meeting, "sentence": line.sentence}
    named = {"adopted": line.adopted, "approved": line.approved, "in_force": line.in_force}
    days = {name: one.isoformat() if one else None for name, one in named.items()}
    effect = {"name": line.name, "stage": line.stage, "effect": line.effect.value, "day": day}
    return {**effect, **days, "sentence": line.sentence}
