"""What a subscription asks for, in words: a line for each condition, Chinese first."""

from __future__ import annotations

from collections.abc import Sequence

from feeds.facts import Kind
from feeds.model import Frequency, Schedule, Wish
from feeds.render.facts import KIND_WORDS

WEEKDAYS = (
    ("周一", "Monday"),
    ("周二", "Tuesday"),
    ("周三", "Wednesday"),
    ("周四", "Thursday"),
    ("周五", "Friday"),
    ("周六", "Saturday"),
    ("周日", "Sunday"),
)
_PARTS_OF_THE_DAY = ((5, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
"""Each with the hour that it ends before."""


def describe_wish(wish: Wish, feeds: Sequence[str], schedule: Schedule) -> list[str]:
    """Say what is chosen of what we offer; `feeds` are the names of its feeds for people, `schedule` its digests'.

    The subscriber's own words are left out: a confirmation goes to an address that somebody typed, and must not carry
    text that somebody typed.
    """
    lines = [*feeds, _say_pace(wish, schedule)]
    if wish.kinds:
        words = [KIND_WORDS[Kind(kind)] for kind in wish.kinds]
        lines.append(f"种类 {'、'.join(zh for zh, _ in words)} · kinds: {', '.join(en for _, en in words)}")
    if not wish.reprints:
        lines.append("不要转载 · no reprints")
    if wish.remind:
        lines.append(f"截止提醒 {say_leads(wish.remind)} · reminders {name_leads(wish.remind)} a deadline")
    return lines


def _say_pace(wish: Wish, schedule: Schedule) -> str:
    if wish.frequency is Frequency.IMMEDIATE:
        return "即时 · at once"
    zh, en = say_time(wish, schedule)
    weekly = wish.frequency is Frequency.WEEKLY
    return f"每周汇总，{zh}· weekly digest {en}" if weekly else f"每日汇总，{zh}· daily digest {en}"


def say_time(wish: Wish, schedule: Schedule) -> tuple[str, str]:
    """Say when the digests of a wish come, in Chinese (for more to follow) and in English.

    The zone is said of who chose one: the others take the site's for granted.
    """
    zh, en = f"{say_hour(schedule.hour)}", f"at {schedule.hour:02}:00"
    if wish.frequency is Frequency.WEEKLY:
        day, english = WEEKDAYS[schedule.weekday - 1]
        zh, en = f"{day}{zh}", f"on {english} {en}"
    return (f"{zh}（{schedule.time_zone}）", f"{en} ({schedule.time_zone})") if wish.time_zone else (f"{zh} ", en)


def say_hour(hour: int) -> str:
    """Say an hour of the day, 0 to 23: `晚上 8 点`."""
    part = next(words for end, words in _PARTS_OF_THE_DAY if hour < end)
    return f"{part} {hour - 12 if hour > 12 else hour} 点"


def list_words(wish: Wish) -> list[str]:
    """Say the subscriber's own words: only to who confirmed them."""
    told = (("关键词", wish.keywords), ("人名", wish.people), ("法规", wish.laws))
    return [f"{label} {'、'.join(words)}" for label, words in told if words]


def say_leads(leads: Sequence[int]) -> str:
    """Say on which days before a deadline: `前 7 天、前 1 天`."""
    return "、".join(f"前 {lead} 天" if lead else "当天" for lead in leads)


def name_leads(leads: Sequence[int]) -> str:
    """Say the same in English: `7 and 1 days before`."""
    named = [str(lead) for lead in leads if lead]
    days = f"{' and '.join(named)} {'day' if named == ['1'] else 'days'} before" if named else ""
    return " and ".join(part for part in (days, "" if 0 not in leads else "on the day of") if part)


def mask_address(address: str) -> str:
    """`r…r@example.com`: enough for its owner to know it, too little for somebody who looks over a shoulder.

    An address that was blanked is `…`.
    """
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…{local[-1:] if len(local) > 1 else ''}@{domain}" if address else "…"
