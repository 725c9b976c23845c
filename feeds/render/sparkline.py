"""Delays as a small line, and in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log1p

WIDTH, HEIGHT = 160, 32
_EDGE = 3
_LEAST_SCALE = 60.0
"""Minutes that the line's height stands for at least: a few quick ones look quick."""


@dataclass(frozen=True)
class Sparkline:
    """A sparkline is delays in their order, the oldest on the left; the higher, the longer, by their logarithm."""

    points: str
    """Of an SVG polyline."""
    end: tuple[float, float]
    """Where the newest is."""
    usual: float
    """Height at which half of them are below."""


def draw_sparkline(minutes: Sequence[float], usual: float) -> Sparkline:
    """Draw delays, at least two of them, and a line for what is usual."""
    scale = log1p(max(_LEAST_SCALE, *minutes))

    def place(value: float) -> float:
        return round(HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * log1p(value) / scale, 1)

    step = (WIDTH - 2 * _EDGE) / (len(minutes) - 1)
    places = [(round(_EDGE + number * step, 1), place(value)) for number, value in enumerate(minutes)]
    return Sparkline(" ".join(f"{x:g},{y:g}" for x, y in places), places[-1], place(usual))


def say_span(minutes: float) -> tuple[str, str]:
    """Return a span in both languages, rounded up: minutes, from two hours on hours, from two days on days."""
    for size, zh, en in ((1440, "天", "days"), (60, "小时", "hours")):
        if minutes > 2 * size - size / 2:
            count = ceil(minutes / size)
            return f"{count} {zh}", f"{count} {en}"
    count = max(1, ceil(minutes))
    return f"{count} 分钟", f"{count} minute{'' if count == 1 else 's'}"
