"""A reminder says which day, and how many days are left."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.facts import Reminder, Role
from feeds.render.reminders import head_reminder, say_reminder

DAY = date(2027, 1, 3)


@pytest.mark.parametrize(
    ("today", "role", "head", "sentence"),
    [
        (
            date(2026, 12, 27),
            Role.DEADLINE,
            "1月3日截止（还有 7 天）",
            "2027年1月3日截止，还有 7 天。Reminder: deadline 2027-01-03, 7 days left.",
        ),
        (
            date(2027, 1, 2),
            Role.SIGNUP_END,
            "1月3日报名截止（明天）",
            "2027年1月3日报名截止，明天。Reminder: sign-up closes 2027-01-03, tomorrow.",
        ),
        (
            DAY,
            Role.DEADLINE,
            "1月3日截止（今天）",
            "2027年1月3日截止，今天。Reminder: deadline 2027-01-03, today.",
        ),
    ],
)
def test_a_reminder_counts_the_days_that_are_left(today: date, role: Role, head: str, sentence: str) -> None:
    reminder = Reminder(role, DAY, 7)
    assert (head_reminder(reminder, today), say_reminder(reminder, today)) == (head, sentence)
