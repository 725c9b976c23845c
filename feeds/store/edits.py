"""Edits: what became of a portal's notices after they were published. Nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from feeds.model import Event, EventKind, Notice, Revision
from feeds.store.engine import Transaction
from feeds.store.schema import event, notice, portal, revision
from feeds.store.shelf import load_notices
from feeds.store.statements import in_pages

_EDITS = [kind.value for kind in (EventKind.REVISED, EventKind.WITHDRAWN, EventKind.RESTORED)]


@dataclass(frozen=True)
class Edit:
    """An edit is the event of a notice that was revised, withdrawn or restored, with its revisions on both sides."""

    event: Event
    notice: Notice
    """As it is now."""
    before: Revision
    after: Revision


async def edit_index(tx: Transaction, portal_name: str, limit: int) -> list[tuple[int, int]]:
    """Return the event ids of a portal's edits with their notices' versions, newest first.

    What came with a baseline was not edited: it has no events. Notices that are shown nowhere are left out.
    """
    query = (
        select(event.c.id, notice.c.version)
        .join_from(event, notice)
        .join(portal, portal.c.id == notice.c.portal_id)
        .where(portal.c.name == portal_name, event.c.kind.in_(_EDITS), notice.c.title.is_not(None))
        .order_by(event.c.created_at.desc(), event.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.version) for row in await tx.execute(query)]


async def load_edits(tx: Transaction, ids: Sequence[int]) -> list[Edit]:
    """Return edits by their events' ids, in that order; those that cannot be shown are left out."""
    happened: dict[int, Event] = {}
    revisions: dict[tuple[int, int], Revision] = {}
    for page in in_pages(list(ids)):
        for row in await tx.execute(select(event).where(event.c.id.in_(page))):
            happened[row.id] = Event(row.id, EventKind(row.kind), row.notice_id, row.revision, row.created_at)
        beside = or_(revision.c.number == event.c.revision, revision.c.number == event.c.revision - 1)
        of_event = and_(revision.c.notice_id == event.c.notice_id, beside)
        for row in await tx.execute(select(revision).join(event, of_event).where(event.c.id.in_(page))):
            one = Revision(row.number, row.seen_at, row.title, row.body, tuple(row.changed))
            revisions[row.notice_id, row.number] = one
    wanted = dict.fromkeys(happened[each].notice_id for each in ids if each in happened)
    shown = {one.id: one for one in await load_notices(tx, list(wanted))}
    found = [_pair(one, shown, revisions) for one in (happened[each] for each in ids if each in happened)]
    return [edit for edit in found if edit]


def _pair(one: Event, shown: Mapping[int, Notice], revisions: Mapping[tuple[int, int], Revision]) -> Edit | None:
    notice_now, after = shown.get(one.notice_id), revisions.get((one.notice_id, one.revision))
    before = revisions.get((one.notice_id, one.revision - 1))
    return Edit(one, notice_now, before, after) if notice_now and before and after else None
