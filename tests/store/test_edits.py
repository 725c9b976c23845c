"""Edits of a portal's notices, newest first."""

from __future__ import annotations

from feeds.model import EventKind
from feeds.store import edits, events, notices
from feeds.store.engine import Database
from tests.store.builders import DAY, HOUR, NOW, make_new, publish_event, stock


async def test_edits_come_newest_first_with_the_revisions_on_both_sides(database: Database) -> None:
    older, newer = await stock(database, make_new(1), make_new(2))
    async with database.write() as tx:
        await publish_event(tx, older)
        for notice_id, kind, at in ((older, EventKind.REVISED, NOW + DAY), (newer, EventKind.WITHDRAWN, NOW + HOUR)):
            number = await notices.add_revision(tx, notice_id, "关于另一事项的公告", "又", ("title",), at)
            await events.add_event(tx, notice_id, kind, number, at)
    async with database.read() as tx:
        index = await edits.edit_index(tx, "songbei", 9)
        found = await edits.load_edits(tx, [event_id for event_id, _ in index])
        assert await edits.edit_index(tx, "songbei", 1) == index[:1]
        assert await edits.edit_index(tx, "xiangfang", 9) == []
    assert [(one.event.kind, one.before.number, one.after.number) for one in found] == [
        (EventKind.REVISED, 1, 2),
        (EventKind.WITHDRAWN, 1, 2),
    ]
    assert [(one.before.title, one.after.title) for one in found[:1]] == [("关于第1号事项的公告", "关于另一事项的公告")]
    assert [version for _, version in index] == [one.notice.version for one in found]


async def test_an_edit_that_cannot_be_shown_is_left_out(database: Database) -> None:
    """A notice without a whole title is in no feed, and a revision that is gone has nothing to compare."""
    cut, bare = await stock(database, make_new(1, title=None), make_new(2))
    async with database.write() as tx:
        await events.add_event(tx, cut, EventKind.WITHDRAWN, 2, NOW)
        await events.add_event(tx, bare, EventKind.WITHDRAWN, 2, NOW)
    async with database.read() as tx:
        ids = [event_id for event_id, _ in await edits.edit_index(tx, "songbei", 9)]
        assert len(ids) == 1
        assert await edits.load_edits(tx, [*ids, 99]) == []
