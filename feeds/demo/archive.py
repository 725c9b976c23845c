"""Making the archive: everything the portal holds when it starts, the same bytes from the same seed and start."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources

from feeds.demo import decrees, documents, news
from feeds.demo.calendar import find_meeting, is_workday, list_meetings, step_workdays
from feeds.demo.paper import ZONE, Archive, Block, Draft, Paper
from feeds.demo.pen import Pen, load_words, write_paragraphs

WINDOW = timedelta(days=548)
"""The full archive reaches eighteen months back; before that it is thin."""

_QUIET_WORKDAYS = 14
"""On the last workdays before the start the box of 通知公告 is set by hand, so that it looks as its original."""

_LATELY = 24
"""Work news of the last six weeks, a paper every other day; older work news is thinned out."""

Writer = Callable[[Pen], Draft]

_MONTHLY: tuple[tuple[Writer, int], ...] = (
    (news.write_visit, 22),
    (news.write_daily, 46),
    (news.write_deputies_news, 18),
    (news.write_party, 10),
    (documents.write_legislation, 10),
    (documents.write_research, 16),
    (documents.write_report, 7),
)
"""Writers and how many papers each has in the window."""


@dataclass
class _Desk:
    """The desk where an archive is put together."""

    rng: random.Random
    done: list[tuple[datetime, Draft]]
    titles: set[str]

    def write(self, at: datetime, writer: Writer, *, often: bool = False) -> None:
        """Write one paper; a title that exists already is written anew unless it may stand there twice."""
        draft = writer(self.pen(at))
        for _ in range(20):
            if often or draft.title not in self.titles:
                break
            draft = writer(self.pen(at))
        self.file(at, draft)

    def pen(self, at: datetime) -> Pen:
        return Pen(self.rng, at, self.rng.choice(load_words()["topics"]))

    def file(self, at: datetime, draft: Draft) -> None:
        self.titles.add(draft.title)
        self.done.append((at, draft))

    def moment(self, day: date) -> datetime:
        """Return a minute of the office hours of the day, 08:30 to 17:29."""
        return datetime.combine(day, time(8, 30), ZONE) + timedelta(minutes=self.rng.randrange(540))

    def workday(self, first: date, last: date) -> date:
        """Return some workday of the range."""
        while True:
            day = first + timedelta(days=self.rng.randrange((last - first).days + 1))
            if is_workday(day):
                return day


def make_archive(seed: int, start: datetime) -> Archive:
    """Return the archive of a portal that starts at `start` (aware): over 120 papers of 18 months, and old ones."""
    here = start.astimezone(ZONE)
    desk = _Desk(random.Random(seed), [], set())
    first, last = (here - WINDOW).date(), step_workdays(here.date(), -1)
    _write_old(desk, first)
    _write_meetings(desk, first, last)
    _write_sessions(desk, first, last)
    for writer, count in _MONTHLY:
        for _ in range(count):
            desk.write(desk.moment(desk.workday(first, last)), writer)
    for _ in range(_LATELY):
        desk.write(desk.moment(desk.workday(last - timedelta(days=40), last)), news.write_daily)
    _write_reprints(desk, first, last)
    _write_notices(desk, first, here.date())
    _write_recent(desk, here.date())
    return Archive(seed, start, _number(random.Random(seed + 1), desk.done))


def content_number(at: datetime) -> int:
    """Return the founder id of that moment: a newspaper group shares the numbers, 547 a day."""
    return 1_000_000 + int((at - datetime(2016, 1, 1, tzinfo=ZONE)).total_seconds() * 547 / 86_400)


@cache
def read_seed_article() -> tuple[datetime, Draft]:
    """Return the one article that is known from the original portal, and when it was published."""
    text = (resources.files("feeds.demo") / "text" / "seed_article.txt").read_text(encoding="utf-8")
    title, editor, at, _, *lines = text.splitlines()
    blocks = tuple(
        Block("p", line.lstrip("\u3000")) if line.startswith("\u3000") else Block("heading", line) for line in lines
    )
    published = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    return published, Draft(title, blocks, ("jdgz",), editor)


def _write_old(desk: _Desk, first: date) -> None:
    desk.file(*read_seed_article())
    text = (resources.files("feeds.demo") / "text" / "old.toml").read_text(encoding="utf-8")
    for row in tomllib.loads(text)["papers"]:
        at = datetime.strptime(row["at"], "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        blocks = write_paragraphs(*row["body"])
        if "picture" in row:
            blocks = (Block("picture", row["title"], f"/upload/{at:%Y%m%d}/{at:%H%M}_{row['picture']}"), *blocks)
        desk.file(at, Draft(row["title"], blocks, (row["channel"],), pinned=row.get("pinned", False)))
    begin, end = date(2022, 6, 1), min(first - timedelta(days=1), date(2024, 12, 27))
    for writer in (news.write_visit, news.write_daily, news.write_deputies_news, documents.write_research) * 3:
        desk.write(desk.moment(desk.workday(begin, end)), writer)


def _write_meetings(desk: _Desk, first: date, last: date) -> None:
    """Every six weeks: two chairpersons' meetings, the meeting, then a burst of documents."""
    for number, held in list_meetings(first + timedelta(days=40), last):
        for before, council in ((-21, 2 * number - 1), (-7, 2 * number)):
            at = desk.moment(step_workdays(held, before))
            desk.file(at, news.write_council(desk.pen(at), council, number))
        after = [step_workdays(held, days) for days in (1, 1, 1, 2, 3)]
        for day, writer in zip(
            after,
            (news.write_meeting, documents.write_appointments, documents.write_decision)
            + (documents.write_decision,) * 2,
            strict=True,
        ):
            if day <= last:
                desk.write(desk.moment(day), writer, often=writer is documents.write_appointments)


def _write_sessions(desk: _Desk, first: date, last: date) -> None:
    for year in range(first.year, last.year + 1):
        day = step_workdays(date(year, 1, 20), 1)
        if first <= day <= last:
            for place in range(5):
                at = desk.moment(step_workdays(day, 1 + place // 2))
                desk.file(at, documents.write_session(desk.pen(at), place))


def _write_reprints(desk: _Desk, first: date, last: date) -> None:
    """Reprints come evenly; the newest ones fill the box 要闻. One is only a link to its source."""
    span = (last - first).days
    count = len(load_words()["reprints"])
    for place in range(count):
        day = last - timedelta(days=3 + place * (span - 10) // count)
        at = desk.moment(step_workdays(day, -1))
        desk.file(at, news.write_reprint(desk.pen(at), place))
    at = desk.moment(step_workdays(last, -4))
    title = "全国人大常委会会议表决通过多部法律 学习贯彻专题"
    link = f"http://www.npc.gov.cn/c2/c30834/{at:%Y%m}/t{at:%Y%m%d}_{desk.rng.randint(400_000, 499_999)}.html"
    desk.file(at, Draft(title, (), ("gzdt",), central=True, external=link))


def _write_notices(desk: _Desk, first: date, today: date) -> None:
    """The older notices: small ones of the office, consultations, visitor notices of each meeting."""
    last = step_workdays(today, -_QUIET_WORKDAYS - 1)
    for _ in range(6):
        desk.write(desk.moment(desk.workday(first, last)), documents.write_office)
    for _ in range(5):
        desk.write(desk.moment(desk.workday(first, last)), documents.write_consultation)
    for _, held in list_meetings(first + timedelta(days=60), last):
        day = step_workdays(held, -9)
        if day <= last:
            at = desk.moment(day)
            desk.file(at, decrees.write_visitors(desk.pen(at), None))


def _write_recent(desk: _Desk, today: date) -> None:
    """The six newest notices: three of one title, two of them of one day, and two titles that begin alike."""
    number, _ = find_meeting(today)

    def at(workdays: int, hour: int, minute: int) -> datetime:
        return datetime.combine(step_workdays(today, -workdays), time(hour, minute), ZONE)

    def file(when: datetime, write: Callable[[Pen], Draft]) -> None:
        desk.file(when, write(desk.pen(when)))

    file(at(11, 9, 10), lambda pen: decrees.write_promulgation(pen, number))
    file(at(11, 15, 42), lambda pen: decrees.write_visitors(pen, number + 1))
    file(at(9, 10, 26), decrees.write_credentials)
    file(at(7, 14, 46), documents.write_consultation)
    file(at(4, 16, 37), lambda pen: decrees.write_resignations(pen, number + 2))
    file(at(2, 8, 55), lambda pen: decrees.write_visitors(pen, None))


def _number(rng: random.Random, done: Iterable[tuple[datetime, Draft]]) -> tuple[Paper, ...]:
    """Give every paper its numbers, in the order of time."""
    papers: list[Paper] = []
    number = 100_231
    content = 0
    for at, draft in sorted(done, key=lambda pair: pair[0]):
        number += rng.randint(1, 60)
        content = max(content + 1, content_number(at))
        papers.append(Paper(number, content, draft, at, at + timedelta(seconds=rng.randrange(50))))
    return tuple(papers)


def pick_writer(place: int) -> Writer:
    """Return what the portal writes next when it runs: mostly work news, now and then a document."""
    cycle: tuple[Writer, ...] = (
        news.write_daily,
        documents.write_office,
        news.write_visit,
        documents.write_legislation,
        news.write_deputies_news,
        documents.write_consultation,
        documents.write_research,
    )
    return cycle[place % len(cycle)]


def write_fresh(archive: Archive, place: int, at: datetime) -> Draft:
    """Return the `place`-th paper that is written after the start; the third of every seven is a numbered 公告."""
    rng = random.Random(f"{archive.seed}:{place}")
    pen = Pen(rng, at.astimezone(ZONE), rng.choice(load_words()["topics"]))
    number, _ = find_meeting(archive.start.astimezone(ZONE).date())
    if place == 0:
        return documents.write_consultation(pen)
    if place % 7 == 3:
        decree = number + 3 + place // 7
        kinds = (decrees.write_promulgation, decrees.write_visitors, decrees.write_resignations)
        return kinds[place // 7 % 3](pen, decree)
    return pick_writer(place)(pen)
