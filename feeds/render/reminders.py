"""What a reminder says: which day, and how many days are left. Chinese first."""

from __future__ import annotations

from datetime import date

from feeds.facts import Reminder, Role

_ENDS = {Role.DEADLINE: ("截止", "deadline"), Role.SIGNUP_END: ("报名截止", "sign-up closes")}
_NEAR = {0: ("今天", "today"), 1: ("明天", "tomorrow")}


def head_reminder(reminder: Reminder, today: date) -> str:
    """Return the beginning of a subject: `12月15日截止（还有 7 天）`."""
    zh, left = _ENDS[reminder.role][0], (reminder.day - today).days
    return f"{reminder.day.month}月{reminder.day.day}日{zh}（{_say_left(left)[0]}）"


def say_reminder(reminder: Reminder, today: date) -> str:
    """Return the sentence of a mail: `2026年12月15日截止，还有 7 天。Reminder: deadline 2026-12-15, 7 days left`."""
    (zh, en), day = _ENDS[reminder.role], reminder.day
    left, english = _say_left((day - today).days)
    return f"{day.year}年{day.month}月{day.day}日{zh}，{left}。Reminder: {en} {day.isoformat()}, {english}."


def _say_left(days: int) -> tuple[str, str]:
    return _NEAR.get(days, (f"还有 {days} 天", f"{days} days left"))
