"""Notices as lines of lists, gathered by the day or the month of their place in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from feeds.decide.titles import title_notice
from feeds.model import Notice
from feeds.render.notices import format_moment
from feeds.serve.context import ServeContext
from feeds.serve.languages import CHINESE
from feeds.serve.wording import Words, show_day, show_moment, show_month
from feeds.store.lists import Listed


@dataclass(frozen=True)
class NoticeRow:
    """A notice as a line of a list."""

    notice: Notice
    title: str
    day: str
    hour: str
    mark: str
    """Value of the `datetime` attribute; empty with `day` where the portal gave no time."""
    line: str = ""
    """What it says in a few words."""


@dataclass(frozen=True)
class RowGroup:
    """A row group is the lines of one day or month."""

    heading: Words
    aside: Words
    """What stands under the heading: the day of the week, or the year."""
    mark: str
    """`2026-03-02` or `2026-03`: lines repeat no more of their day than is not said by it."""
    rows: tuple[NoticeRow, ...]
    is_today: bool = False


def make_row(context: ServeContext, notice: Notice) -> NoticeRow:
    """The line of a notice, its time in its portal's zone and no more exact than the portal said."""
    zone = context.find_zone(notice.portal)
    moment = notice.published
    day, _, hour = show_moment(moment, zone).partition(" ") if moment else ("", "", "")
    return NoticeRow(notice, title_notice(notice), day, hour, format_moment(moment, ZoneInfo(zone)) or "")


def make_rows(context: ServeContext, notices: Sequence[Notice], language: str = CHINESE) -> list[NoticeRow]:
    """The lines of a list, each with what its notice says. Reads notices: some milliseconds for each new one."""
    said = [context.lines.say(one, context.find_portal(one.portal), language) for one in notices]
    return [replace(make_row(context, one), line=line) for one, line in zip(notices, said, strict=True)]


def group_days(rows: Sequence[NoticeRow], listed: Sequence[Listed], zone: str, today: date) -> list[RowGroup]:
    """Gather lines by the day of their place in time, in the order they come in."""
    groups: list[RowGroup] = []
    for day, some in groupby(_pair(rows, listed, zone), key=lambda pair: pair[0]):
        found = tuple(row for _, row in some)
        groups.append(RowGroup(*show_day(day, today), day.isoformat(), found, day == today))
    return groups


def group_months(rows: Sequence[NoticeRow], listed: Sequence[Listed], zone: str) -> list[RowGroup]:
    """Gather lines by the month of their place in time, in the order they come in."""
    months = groupby(_pair(rows, listed, zone), key=lambda pair: pair[0].replace(day=1))
    return [RowGroup(*show_month(one), one.strftime("%Y-%m"), tuple(row for _, row in some)) for one, some in months]


def _pair(rows: Sequence[NoticeRow], listed: Sequence[Listed], zone: str) -> list[tuple[date, NoticeRow]]:
    days = {one.notice_id: one.sort_at.astimezone(ZoneInfo(zone)).date() for one in listed}
    return [(days[row.notice.id], row) for row in rows]
