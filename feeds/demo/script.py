"""The portal's script: what happens after the start, by the clock, a line told for each.

    event ──▶ PLAYS[kind](stock, played) ──▶ one line, Chinese and English

A new kind of event is a function and its line in PLAYS; a new mood (moods.py) is an event as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from feeds.demo.calendar import say_day
from feeds.demo.moods import MOODS
from feeds.demo.paper import CHANNELS, CIDS, ZONE, Paper
from feeds.demo.stock import Stock

_FIRST = 25.0
_GAPS = (22.0, 31.0, 27.0, 38.0, 24.0, 35.0, 29.0)
_HOURS = 8.0
_CYCLE = "new new title new body second new withdraw backdated restore new pin new body new unpin".split()
_REMEMBERED = 12
"""Papers that later events may change: those published last, which readers still check."""

_WELL_AFTER = 40
_CONSULTED = "关于公开征求《哈尔滨市再生水利用条例（草案）》意见的公告"
_EXTENDED = "关于延长公开征求《哈尔滨市再生水利用条例（草案）》意见期限的公告"
_CONSULTATION_DAYS = 20
_EXTENDED_DAYS = 14
_MORNING = time(9, 5)
SERIES: dict[str, tuple[tuple[int, str], ...]] = {
    "consultation": (
        (0, "consult"),
        (25, "week"),
        (75, "extend"),
        (100, "eve"),
        (145, "week"),
        (195, "revoke"),
        (220, "eve"),
    )
}
"""What is played one after the other under one name: seconds after the first, and a key of PLAYS."""

_DAY = re.compile(r"(自\d+年\d+月|请于\d+年\d+月|\d+月)(\d{1,2})(日)")
_WORDINGS = (
    ("关于公开征求", "关于再次公开征求"),
    ("市人大常委会", "哈尔滨市人大常委会"),
    ("关于", "市人大办公厅关于"),
)


@dataclass(frozen=True)
class Event:
    """An event is one thing that happens so long after the start."""

    after: timedelta
    kind: str
    """A key of PLAYS."""


@dataclass
class Played:
    """What a script remembers of itself: recent papers, and those it has taken away or pinned. Bounded."""

    recent: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    count: int = 0
    """Events played."""
    consultation: int | None = None
    """The paper that asks for comments. None: not published yet."""
    deadlines: list[date] = field(default_factory=list)
    """Of the consultation, as it named them one after the other."""

    def remember(self, paper: Paper) -> None:
        """Keep a paper for later events."""
        self.recent = [*self.recent, paper.id][-_REMEMBERED:]


def default_script(speed: float = 1.0) -> tuple[Event, ...]:
    """Return eight hours of events: a notice after 25 s, then one of each kind in turn every 20 to 40 s, over speed."""
    events: list[Event] = []
    seconds = _FIRST
    while seconds < _HOURS * 3600:
        place = len(events)
        events.append(Event(timedelta(seconds=seconds / speed), _CYCLE[place % len(_CYCLE)]))
        seconds += _GAPS[place % len(_GAPS)]
    return tuple(events)


def plan_events(kinds: Sequence[str], speed: float = 1.0) -> tuple[Event, ...]:
    """Return these events, one a minute over speed; 40 s after each of them all is well again.

    A key of SERIES is played to its end.
    """
    events: list[Event] = []
    begun = 0.0
    for kind in kinds:
        begun += 60
        steps = SERIES.get(kind, ((0, kind), (_WELL_AFTER, "well")))
        events += [Event(timedelta(seconds=(begun + after) / speed), step) for after, step in steps]
        begun += steps[-1][0] - _WELL_AFTER
    return tuple(events)


def play_event(stock: Stock, kind: str, played: Played) -> str:
    """Let an event of a kind happen and tell it in a line."""
    played.count += 1
    return PLAYS[kind](stock, played)


def _name(paper: Paper) -> str:
    return f"[{CHANNELS[paper.cids[0] - 1][1]}] {paper.draft.title}"


def _newest(stock: Stock, played: Played) -> Paper:
    """Return the last remembered paper that still stands; where there is none, a fresh one is published."""
    for paper_id in reversed(played.recent):
        if not stock.find(paper_id).withdrawn:
            return stock.find(paper_id)
    paper = stock.publish_fresh()
    played.remember(paper)
    return paper


def _play_new(stock: Stock, played: Played) -> str:
    paper = stock.publish_fresh()
    played.remember(paper)
    return f"新发布 · new: {_name(paper)}"


def _play_backdated(stock: Stock, played: Played) -> str:
    paper = stock.publish_fresh(stock.now() - timedelta(days=5 + played.count % 9))
    played.remember(paper)
    return f"补发旧日期 · back-dated to {paper.published:%Y-%m-%d}: {_name(paper)}"


def _play_title(stock: Stock, played: Played) -> str:
    paper = _newest(stock, played)
    title = paper.draft.title
    found = next((pair for pair in _WORDINGS if pair[0] in title and pair[1] not in title), None)
    stock.correct_title(paper.id, title.replace(*found, 1) if found else f"{title}（更正）")
    return f"改标题 · title corrected: {_name(stock.find(paper.id))}"


def _play_body(stock: Stock, played: Played) -> str:
    """Change one day of a date, as quietly as a portal does."""
    for paper_id in [*reversed(played.recent), _newest(stock, played).id]:
        paper = stock.find(paper_id)
        dates = [found for block in paper.draft.blocks for found in _DAY.finditer(block.text)]
        dates.sort(key=lambda found: not found[1].startswith(("自", "请于")))
        if dates and not paper.withdrawn:
            old = dates[0]
            day = int(old[2]) + 1 if int(old[2]) < 28 else int(old[2]) - 1
            stock.correct_body(paper_id, old[0], f"{old[1]}{day}{old[3]}")
            return f"悄悄改正文 · body silently corrected, {old[2]}日→{day}日: {_name(paper)}"
    paper = _newest(stock, played)
    end = paper.draft.blocks[-1].text
    stock.correct_body(paper.id, end, f"{end}（更正）")
    return f"悄悄改正文 · body silently corrected: {_name(paper)}"


def _play_second(stock: Stock, played: Played) -> str:
    paper = _newest(stock, played)
    slug = next(slug for slug in ("gzdt", "jdgz", "lfgz") if slug not in paper.draft.channels)
    stock.add_to_channel(paper.id, CIDS[slug])
    return f"转载到另一栏目 · also in {CHANNELS[CIDS[slug] - 1][1]}: {_name(paper)}"


def _play_withdraw(stock: Stock, played: Played) -> str:
    paper = _newest(stock, played)
    stock.withdraw(paper.id)
    played.withdrawn.append(paper.id)
    return f"撤下（404） · withdrawn: {_name(paper)}"


def _play_restore(stock: Stock, played: Played) -> str:
    if not played.withdrawn:
        return _play_new(stock, played)
    paper = stock.find(played.withdrawn.pop())
    stock.restore(paper.id)
    return f"恢复 · back again: {_name(paper)}"


def _play_pin(stock: Stock, played: Played) -> str:
    paper = _newest(stock, played)
    stock.pin(paper.id)
    played.pinned.append(paper.id)
    return f"置顶 · pinned: {_name(paper)}"


def _play_unpin(stock: Stock, played: Played) -> str:
    if not played.pinned:
        return _play_new(stock, played)
    paper = stock.find(played.pinned.pop())
    stock.unpin(paper.id)
    return f"取消置顶 · no longer pinned: {_name(paper)}"


def _play_republish(stock: Stock, _: Played) -> str:
    stock.republish(CIDS["tzgg"])
    return "整个栏目重新发布 · a whole channel is published anew, as it was: 通知公告"


def _play_renumber(stock: Stock, _: Played) -> str:
    stock.renumber(CIDS["tzgg"])
    return "整个栏目重新录入 · a whole channel is entered anew, under new ids: 通知公告"


def _play_lost(stock: Stock, played: Played) -> str:
    """Lose a character in the middle of a title, as a broken conversion does."""
    paper = _newest(stock, played)
    title = paper.draft.title
    middle = len(title) // 2
    stock.correct_title(paper.id, f"{title[:middle]}\N{REPLACEMENT CHARACTER}{title[middle + 1 :]}")
    return f"标题乱码 · a character of a title is lost: {_name(stock.find(paper.id))}"


def _play_reuse(stock: Stock, played: Played) -> str:
    paper = _newest(stock, played)
    return f"编号挪用 · the id of another notice is used again: {_name(paper)} → {_name(stock.reuse(paper.id))}"


def _play_founder(stock: Stock, _: Played) -> str:
    stock.switch_scheme("founder")
    return "换系统：地址和编号全变 · another system: all addresses and ids are new"


def _consulted(stock: Stock, played: Played) -> Paper:
    """Return the consultation; where there is none, one is published that ends in some weeks."""
    if played.consultation is None:
        deadline = stock.now().date() + timedelta(days=_CONSULTATION_DAYS)
        asks = ("现将条例草案公布，征求社会各界意见。", f"请于{say_day(deadline)}前反馈至市人大常委会法制工作委员会。")
        played.consultation = stock.publish("tzgg", _CONSULTED, asks).id
        played.deadlines = [deadline]
    return stock.find(played.consultation)


def _play_consult(stock: Stock, played: Played) -> str:
    paper = _consulted(stock, played)
    return f"征求意见，{say_day(played.deadlines[-1])}截止 · a consultation, until then: {_name(paper)}"


def _play_extend(stock: Stock, played: Played) -> str:
    """Extend the consultation, and say so where lists show it, which cut the ends of titles: it is read at once."""
    paper = _consulted(stock, played)
    old, new = played.deadlines[-1], played.deadlines[-1] + timedelta(days=_EXTENDED_DAYS)
    played.deadlines.append(new)
    stock.correct_body(paper.id, say_day(old), say_day(new))
    stock.correct_title(paper.id, _EXTENDED)
    return f"截止日期由{say_day(old)}延长至{say_day(new)} · deadline extended: {_name(paper)}"


def _play_revoke(stock: Stock, played: Played) -> str:
    paper = _consulted(stock, played)
    stock.withdraw(paper.id)
    return f"征求意见撤下（404） · the consultation is withdrawn: {_name(paper)}"


def _play_clock(stock: Stock, played: Played, days: int) -> str:
    """Let time pass to the next morning that lies so many days before a deadline which was ever named."""
    _consulted(stock, played)
    mornings = [datetime.combine(day - timedelta(days=days), _MORNING, ZONE) for day in played.deadlines]
    then = min((morning for morning in mornings if morning > stock.now()), default=stock.now())
    stock.go_to(then)
    named = then.date() + timedelta(days=days)
    return (
        f"时钟拨到{say_day(then.date())}，即{say_day(named)}前 {days} 天 · the clock moves on to {then:%Y-%m-%d %H:%M}"
    )


def _play_mood(stock: Stock, _: Played, name: str) -> str:
    stock.begin_mood(name)
    return MOODS[name].tells


def _play_well(stock: Stock, _: Played) -> str:
    for name in sorted(stock.moods):
        stock.end_mood(name)
    if stock.former_scheme is not None:
        stock.switch_scheme(stock.former_scheme)
        stock.former_scheme = None
    return "恢复正常 · all is well again"


PLAYS: dict[str, Callable[[Stock, Played], str]] = {
    "new": _play_new,
    "backdated": _play_backdated,
    "title": _play_title,
    "body": _play_body,
    "second": _play_second,
    "withdraw": _play_withdraw,
    "restore": _play_restore,
    "pin": _play_pin,
    "unpin": _play_unpin,
    "republish": _play_republish,
    "renumber": _play_renumber,
    "lost": _play_lost,
    "reuse": _play_reuse,
    "founder": _play_founder,
    "consult": _play_consult,
    "extend": _play_extend,
    "revoke": _play_revoke,
    "week": partial(_play_clock, days=7),
    "eve": partial(_play_clock, days=1),
    **{name: partial(_play_mood, name=name) for name in MOODS},
    "well": _play_well,
}
