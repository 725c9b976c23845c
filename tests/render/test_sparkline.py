"""Delays as a line and in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.render.sparkline import HEIGHT, WIDTH, draw_sparkline, say_span


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "1 分钟", "1 minute"),
        (8.2, "9 分钟", "9 minutes"),
        (90, "90 分钟", "90 minutes"),
        (91, "2 小时", "2 hours"),
        (2160, "36 小时", "36 hours"),
        (2161, "2 天", "2 days"),
        (14_400, "10 天", "10 days"),
    ],
)
def test_a_span_is_said_as_people_say_it_and_never_too_short(minutes: float, zh: str, en: str) -> None:
    assert say_span(minutes) == (zh, en)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_the_line_stays_inside_its_picture(minutes: list[float]) -> None:
    line = draw_sparkline(minutes, minutes[0])
    places = [tuple(map(float, one.split(","))) for one in line.points.split(" ")]
    assert len(places) == len(minutes)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert places[-1] == line.end
    assert line.usual == places[0][1]


def test_a_longer_delay_is_higher() -> None:
    """And quick ones lie at the bottom, however small their differences are."""
    first, second, third = (float(one.split(",")[1]) for one in draw_sparkline([1, 3, 600], 3).points.split(" "))
    assert first > second > HEIGHT / 2 > third
