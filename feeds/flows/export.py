"""Taking everything elsewhere: notices with revisions and facts, as JSON lines or as a table.

count     how many there are
  | walk      a page of notices at a time, all of one moment of the database
  | read      what they say
  | write     a line for each
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from feeds.decide.titles import title_notice
from feeds.facts import Facts
from feeds.files import KeptFile
from feeds.model import Notice, Portal, Revision
from feeds.read.facts.reading import read_notice_facts
from feeds.read.results import facts_result
from feeds.render.notices import describe_article, describe_notice, describe_revisions
from feeds.store.archive import count_archive, walk_archive
from feeds.store.copies import load_copies
from feeds.store.engine import Database

_ZONE = ZoneInfo("Asia/Shanghai")
"""Of a portal that left the configuration."""

Writer = Callable[["Exported"], str]


@dataclass(frozen=True)
class Exported:
    """What is exported of a notice."""

    notice: Notice
    revisions: Sequence[Revision]
    facts: Facts | None
    """None: its text was not read."""
    zone: ZoneInfo
    page_url: str
    kept: Sequence[KeptFile] = ()
    """Our copies of its files, newest first."""


@dataclass(frozen=True)
class Exporting:
    """What exporting needs, and what is wanted."""

    database: Database
    portals: Mapping[str, Portal]
    base_url: str
    since: datetime | None = None
    """None: from the beginning."""
    portal: str | None = None
    """None: all of them."""


async def export_notices(
    exporting: Exporting, write: Writer, tell: Callable[[int, int], None] = lambda *_: None
) -> AsyncGenerator[str, None]:
    """Yield a line for each notice, in the order in which they were recorded; `tell` hears how many of how many.

    All are of one moment, each once, whatever is recorded meanwhile; some pages of them are in memory at most.
    """
    wanted = exporting.since, exporting.portal
    done = 0
    async with exporting.database.read() as tx:
        total = await count_archive(tx, *wanted)
        tell(0, total)
        async for page in walk_archive(tx, *wanted):
            # On the loop: a transaction awaits nothing but the database, and nobody else is on the loop of a command.
            kept = await load_copies(tx, [notice.id for notice, _ in page])
            yield "".join(write(_read(exporting, *each, kept.get(each[0].id, ()))) for each in page)
            done += len(page)
            tell(done, total)


def _read(exporting: Exporting, notice: Notice, revisions: Sequence[Revision], kept: Sequence[KeptFile]) -> Exported:
    portal = exporting.portals.get(notice.portal)
    facts = read_notice_facts(notice, portal)
    zone = ZoneInfo(portal.time_zone) if portal else _ZONE
    return Exported(notice, revisions, facts, zone, f"{exporting.base_url.rstrip('/')}/n/{notice.public_id}", kept)


def write_json(one: Exported) -> str:
    """Return a notice as a line of JSON, with everything; times in its portal's zone."""
    return json.dumps(_describe(one), ensure_ascii=False) + "\n"


def _describe(one: Exported) -> dict[str, Any]:
    notice = one.notice
    return describe_notice(notice, one.zone, one.page_url, title_notice(notice)) | {
        "article": describe_article(notice.article, one.kept) if notice.article else None,
        "facts": facts_result(one.facts) if one.facts else None,
        "revisions": describe_revisions(one.revisions, one.zone),
    }
