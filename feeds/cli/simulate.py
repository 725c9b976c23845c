"""`feeds simulate`: what another budget, or no plan at all, would mean for the people who wait."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from feeds.cli.context import EXIT_USAGE, JsonOption, fail, print_json

if TYPE_CHECKING:
    from feeds.decide.replay import Replay, Trace

_OTHER_BUDGETS = (0.5, 2.0)
"""Budgets that are tried too, as multiples of the one asked for."""
_DAY_ONLY = len("2026-01-05")
_SEED = 20260101
"""Jitter is the same at every run: two runs differ by what was asked only."""


def simulate(
    trace: Annotated[Path, typer.Option(metavar="FILE.csv", help="Lines channel,published (ISO 8601).")],
    budget: Annotated[float, typer.Option(min=1, help="Requests a day for all channels together.")],
    reveals: Annotated[Path | None, typer.Option(metavar="FILE", help='JSON: {"page": ["channel", ...]}.')] = None,
    train_weeks: Annotated[float, typer.Option(min=0, help="Weeks that only teach; the rest is scored.")] = 26,
    zone: Annotated[str, typer.Option(help="Zone of the portal, and of times without an offset.")] = "Asia/Shanghai",
    plot: Annotated[Path | None, typer.Option(metavar="PNG", help="Draw how long people wait.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Replay publication times through the real polling decision, beside uniform polling.

    Examples: feeds simulate --trace year.csv --budget 384;
    feeds simulate --trace year.csv --budget 384 --reveals home.json --train-weeks 26 --plot waits.png --json
    """
    from random import Random

    from feeds.decide.replay import read_trace, replay_plan, replay_uniform

    local = _open_zone(zone)
    posts = _read_posts(trace, local)
    pages = _read_reveals(reveals, posts) if reveals else {}
    played = read_trace(posts, train_weeks, local)
    if played is None:
        fail(f"{trace}: nothing was published after the first {train_weeks:g} weeks: see --train-weeks", EXIT_USAGE)
    uniform = replay_uniform(played, budget)
    policies = {}
    for factor in (1.0, *_OTHER_BUDGETS):
        typer.echo(f"playing {budget * factor:g} requests a day ...", err=True)
        policies[budget * factor] = replay_plan(played, budget * factor, local, pages, Random(_SEED).random)  # noqa: S311 -- jitter
    if plot is not None:
        _draw(plot, policies[budget], uniform, budget)
    if as_json:
        print_json(_tell(policies, uniform, budget, played))
    else:
        _print(policies, uniform, budget, played)


def _open_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        fail(f"--zone {name}: no such time zone; an IANA name such as Asia/Shanghai", EXIT_USAGE)


def _read_posts(path: Path, zone: ZoneInfo) -> dict[str, list[datetime]]:
    """Return when each channel published; a line that is none ends the command with its number."""
    posts: dict[str, list[datetime]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"channel", "published"} <= set(rows.fieldnames or ()):
                fail(f"{path}: the first line must name the columns: channel,published", EXIT_USAGE)
            for row in rows:
                said = (row["published"] or "").strip()
                try:
                    at = datetime.fromisoformat(said)
                except ValueError:
                    fail(f"{path}:{rows.line_num}: {row['published']!r} is no ISO 8601 time", EXIT_USAGE)
                if len(said) <= _DAY_ONLY:
                    fail(f"{path}:{rows.line_num}: {said!r} is only a day: a wait is told from minutes", EXIT_USAGE)
                name = (row["channel"] or "").strip()
                posts.setdefault(name, []).append(at if at.tzinfo else at.replace(tzinfo=zone))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        fail(f"{path}: {fault.strerror if isinstance(fault, OSError) else fault}", EXIT_USAGE)
    return dict(sorted(posts.items()))


def _read_reveals(path: Path, posts: Mapping[str, Sequence[datetime]]) -> dict[str, list[str]]:
    """Return pages with the channels each shows; a channel that the trace does not have is no page's."""
    try:
        pages = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as fault:
        fail(f"{path}: {fault.strerror if isinstance(fault, OSError) else fault}", EXIT_USAGE)
    if not isinstance(pages, dict) or not all(isinstance(names, list) for names in pages.values()):
        fail(f'{path}: an object of pages, each with a list of channels: {{"home": ["tzgg", "gzdt"]}}', EXIT_USAGE)
    if taken := pages.keys() & posts.keys():
        fail(f"{path}: {', '.join(sorted(taken))}: a page cannot have the name of a channel", EXIT_USAGE)
    known = {page: [name for name in names if name in posts] for page, names in pages.items()}
    return {page: names for page, names in known.items() if names}


def _numbers(replay: Replay) -> dict[str, float]:
    return {
        "requests_per_day": round(replay.requests_a_day, 1),
        "mean_minutes": round(replay.mean, 2),
        "median_minutes": round(replay.median, 2),
        "p95_minutes": round(replay.tail, 2),
    }


def _tell(policies: Mapping[float, Replay], uniform: Replay, budget: float, trace: Trace) -> dict[str, Any]:
    policy = policies[budget]
    return {
        "policy": _numbers(policy),
        "uniform": _numbers(uniform),
        "channels": {
            name: {
                "posts": len(policy.waits[name]),
                "policy_mean_minutes": _mean(policy.waits[name]),
                "uniform_mean_minutes": _mean(uniform.waits[name]),
            }
            for name in trace.posts
        },
        "other_budgets": {f"{other:g}": _numbers(replay) for other, replay in policies.items() if other != budget},
    }


def _mean(waits: Sequence[float]) -> float | None:
    return round(sum(waits) / len(waits), 2) if waits else None


def _print(policies: Mapping[float, Replay], uniform: Replay, budget: float, trace: Trace) -> None:
    typer.echo(f"{'':24} {'requests/day':>12} {'mean':>8} {'median':>8} {'p95':>8}   minutes of waiting 等待分钟数")
    lines = [("uniform 均匀", uniform), *((f"plan 计划 {other:g}", replay) for other, replay in policies.items())]
    for name, replay in lines:
        typer.echo(
            f"{name:24} {replay.requests_a_day:>12.1f} {replay.mean:>8.2f} {replay.median:>8.2f} {replay.tail:>8.2f}"
        )
    policy = policies[budget]
    typer.echo(f"mean 1/{uniform.mean / policy.mean:.1f}, p95 1/{uniform.tail / policy.tail:.1f} of uniform polling")
    typer.echo(f"\n{'channel 频道':24} {'posts':>12} {'plan':>8} {'uniform':>8}   mean 平均")
    for name in trace.posts:
        if waits := policy.waits[name]:
            typer.echo(f"{name:24} {len(waits):>12} {_mean(waits):>8} {_mean(uniform.waits[name]):>8}")


def _draw(path: Path, policy: Replay, uniform: Replay, budget: float) -> None:
    """Draw which share of posts was seen within how many minutes."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        fail("--plot draws with matplotlib, which is not installed: pip install 'noticefeeds[plot]'")
    figure = Figure(figsize=(7.2, 4.2), dpi=120, layout="constrained")
    axes = figure.subplots()
    for name, replay, colour in (("uniform", uniform, "#c0504d"), ("plan", policy, "#0b5fa5")):
        waits = sorted(wait for each in replay.waits.values() for wait in each)
        label = f"{name}: mean {replay.mean:.1f}, p95 {replay.tail:.1f} min"
        axes.step(waits, [(place + 1) / len(waits) for place in range(len(waits))], color=colour, label=label)
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xlim(0, max(uniform.tail * 4, 10))
    axes.set_ylim(0, 1)
    axes.set_xlabel("minutes from publication to notice")
    axes.set_ylabel("share of posts")
    axes.set_title(f"{budget:g} requests a day, {len(policy.waits)} channels")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    try:
        figure.savefig(path, format="png")
    except OSError as fault:
        fail(f"{path}: {fault.strerror}")
