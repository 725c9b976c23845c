"""Reading what a notice says: its scope first, then its kind, then each sort of fact on its own."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from feeds.facts import Facts, Kind
from feeds.model import Notice, Portal, Revision
from feeds.read.facts.contacts import find_contacts
from feeds.read.facts.kinds import find_kind
from feeds.read.facts.laws import find_laws
from feeds.read.facts.numbers import find_number
from feeds.read.facts.origins import find_origin
from feeds.read.facts.parts import join_parts, split_parts
from feeds.read.facts.people import find_people
from feeds.read.facts.roles import find_dates
from feeds.read.facts.scope import MOST_TEXT, Scope
from feeds.read.facts.wraps import unwrap

RULE = 3
"""Number of the rules that facts are read and recorded by: it rises with them, so that notices are recorded anew."""
_LONGEST_TITLE = 1_000
_ZONE = ZoneInfo("Asia/Shanghai")
"""Of a portal that left the configuration."""


def read_facts(title: str, text: str, published: date | None, channel: str = "") -> Facts:
    """Return what a notice says. Never raises; what is not said is absent.

    `text` is plain, one paragraph a line; `published` is the day in the portal's zone, by which years that are left out
    are completed; `channel` is the channel's title or slug, if known.
    """
    title, text = title[:_LONGEST_TITLE], text[:MOST_TEXT]
    parts = split_parts(text)
    if parts:
        first = _read_part(title, text[: parts[0].title_start], published, channel)
        # What news quotes is told, not done.
        if first.kind is not Kind.NEWS:
            ends = [*(part.title_start for part in parts[1:]), len(text)]
            return join_parts(
                first,
                [
                    (part, _read_part(part.title, text[part.start : end], published, channel))
                    for part, end in zip(parts, ends, strict=True)
                ],
            )
    return _read_part(title, text, published, channel)


def _read_part(title: str, text: str, published: date | None, channel: str) -> Facts:
    scope = Scope(title, *unwrap(text), published, channel)
    kind = find_kind(scope)
    origin = find_origin(scope)
    return Facts(
        kind,
        origin is not None,
        origin,
        find_number(scope, kind),
        find_dates(scope, kind),
        find_people(scope, kind),
        find_laws(scope, kind),
        find_contacts(scope, kind),
    )


def read_notice_facts(notice: Notice, portal: Portal | None) -> Facts | None:
    """Return what a stored notice says, nothing before its text was read. `portal` None: it left the configuration."""
    return read_known_facts(notice, portal) if notice.article else None


def read_known_facts(notice: Notice, portal: Portal | None) -> Facts:
    """Return what is known of what a stored notice says: by its title alone before its text was read."""
    body = notice.article.body if notice.article else ""
    return read_facts(notice.title, body, find_published_day(notice, portal), _find_channel_title(notice, portal))


def read_revision_facts(revision: Revision, notice: Notice, portal: Portal | None) -> Facts | None:
    """Return what a notice said in one of its revisions, nothing before its text was read."""
    if not revision.body:
        return None
    return read_facts(
        revision.title, revision.body, find_published_day(notice, portal), _find_channel_title(notice, portal)
    )


def find_published_day(notice: Notice, portal: Portal | None) -> date | None:
    """Return the day of a notice in its portal's zone; None: the portal never said."""
    zone = ZoneInfo(portal.time_zone) if portal else _ZONE
    return notice.published.at.astimezone(zone).date() if notice.published else None


def _find_channel_title(notice: Notice, portal: Portal | None) -> str:
    """Return the title of a notice's first channel; its slug, once the channel left the configuration."""
    slug = notice.channels[0] if notice.channels else ""
    titles = {channel.slug: channel.title for channel in portal.channels} if portal else {}
    return titles.get(slug, slug)
