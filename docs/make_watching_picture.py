"""Draws docs/images/watching.svg: how long posts of a year of our own wait, by plan and by uniform polling.

.venv/bin/python docs/make_watching_picture.py
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import matplotlib as mpl
from matplotlib.figure import Figure

from feeds.decide.replay import Replay, read_trace, replay_plan, replay_uniform
from tests.benchmarks.bench_watching import BUDGET
from tests.benchmarks.traces import ZONE, find_busiest, make_trace

PICTURE = Path(__file__).parent / "images" / "watching.svg"
SEED = 1
POINTS = 200


def main() -> None:
    """Play the year and draw the share of posts that were seen within so many minutes."""
    posts = make_trace(SEED)
    trace = read_trace(posts, 26, ZONE)
    assert trace is not None
    home = {"home": find_busiest(posts)}
    lines = (
        ("uniform polling", replay_uniform(trace, BUDGET), "#c0504d"),
        ("plan, lists alone", replay_plan(trace, BUDGET, ZONE, {}, Random(SEED).random), "#0b5fa5"),
        ("plan, with a home page", replay_plan(trace, BUDGET, ZONE, home, Random(SEED).random), "#7f9a3d"),
    )
    mpl.rcParams["svg.hashsalt"] = "watching"  # the same picture from the same numbers
    figure = Figure(figsize=(7.2, 4.0), layout="constrained")
    axes = figure.subplots()
    for name, replay, colour in lines:
        waits = _pick(replay)
        shares = [place / (len(waits) - 1) for place in range(len(waits))]
        axes.plot(waits, shares, color=colour, label=f"{name}: mean {replay.mean:.1f}, p95 {replay.tail:.1f} min")
    axes.set_xlim(0, 75)
    axes.set_ylim(0, 1)
    axes.set_xlabel("minutes from publication to notice")
    axes.set_ylabel("share of posts")
    axes.set_title(f"{BUDGET} list pages a day, 16 channels, weeks 27 to 52")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(PICTURE, metadata={"Date": None})
    print(f"wrote {PICTURE}")


def _pick(replay: Replay) -> list[float]:
    """Return the waits of evenly spaced shares of the posts, rising."""
    waits = sorted(wait for each in replay.waits.values() for wait in each)
    return [waits[round(place * (len(waits) - 1) / POINTS)] for place in range(POINTS + 1)]


if __name__ == "__main__":
    main()
