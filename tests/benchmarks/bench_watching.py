"""How soon notices are seen with 384 list pages a day: the cadence beside uniform polling, on five years of our own.

    python -m tests.benchmarks.bench_watching

Half of each year teaches, half is scored, nights and weekends included; once with lists alone, once with a home page
that shows the ten busiest channels.
"""

from __future__ import annotations

from random import Random
from statistics import fmean

from feeds.decide.replay import Replay, Trace, read_trace, replay_plan, replay_uniform
from tests.benchmarks.traces import ZONE, find_busiest, make_trace

BUDGET = 384
SEEDS = range(1, 6)
ASKED = {"lists alone": (3, 2), "with a home page": (12, 10)}


def main() -> None:
    """Print a line for each year and way, beside what was asked."""
    for seed in SEEDS:
        posts = make_trace(seed)
        trace = read_trace(posts, 26, ZONE)
        assert trace is not None
        uniform = replay_uniform(trace, BUDGET)
        for name, pages in (("lists alone", {}), ("with a home page", {"home": find_busiest(posts)})):
            plan = replay_plan(trace, BUDGET, ZONE, pages, Random(seed).random)
            mean, tail = uniform.mean / plan.mean, uniform.tail / plan.tail
            print(
                f"year {seed}, {name:16}: {plan.requests_a_day:.0f} requests a day; mean {plan.mean:5.2f} min,"
                f" 1/{mean:.1f} of uniform (asked 1/{ASKED[name][0]}); p95 {plan.tail:5.1f} min, 1/{tail:.1f}"
                f" (asked 1/{ASKED[name][1]}); worst class {find_worst_class(trace, plan, uniform):.2f}x (asked 2x)"
            )


def find_worst_class(trace: Trace, plan: Replay, uniform: Replay) -> float:
    """Return how much longer the worst off quarter of the channels waits than with uniform polling."""
    order = sorted(trace.posts, key=lambda name: len(trace.posts[name]))
    classes = [order[place : place + 4] for place in range(0, len(order), 4)]
    return max(_mean(plan, names) / _mean(uniform, names) for names in classes)


def _mean(replay: Replay, names: list[str]) -> float:
    return fmean(wait for name in names for wait in replay.waits[name])


if __name__ == "__main__":
    main()
