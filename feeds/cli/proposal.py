"""A proposal on a terminal: the table, the choice, and the remarks that go into the file."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from feeds.cli.context import fail
from feeds.model import Channel, Portal, Verdict
from feeds.read.propose import Proposal, leave_out
from feeds.read.propose_channels import Sample

_RANGE = re.compile(r"\s*[-–—－~～至到]\s*")
_BETWEEN = re.compile(r"[\s,，、;；]+")
_WIDTH = 140
"""Columns of the table where there is no terminal."""


def show_proposal(proposal: Proposal) -> None:
    """Print what was found: the portal, its channels with rows, dates, way of reading, confidence and doubts."""
    portal = proposal.portal
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    console.print(f"{portal.title}  {portal.base_url}  ({portal.time_zone})", markup=False, highlight=False)
    console.print(f"identity: {'、'.join(portal.identity) or '-'}", markup=False, highlight=False)
    table = Table(
        "", "slug", "栏目 channel", "行 rows", "最新 newest", "读法 read", "把握 sure", "疑问 doubts", box=None
    )
    for number, (channel, sample) in enumerate(zip(portal.channels, proposal.samples, strict=True), start=1):
        facts = (
            len(sample.listing.items),
            _newest(sample, portal),
            name_way(channel, sample),
            f"{sample.confidence:.2f}",
        )
        cells = (number, channel.slug, channel.title, *facts, "; ".join(sample.doubts))
        table.add_row(*(escape(str(cell)) for cell in cells))
    console.print(table)
    if portal.overviews:
        shown = ", ".join(proposal.shown)
        typer.echo(f"  + overviews {', '.join(portal.overviews)}: 这一页一并看到 · one request to it watches {shown}")
    lists = [sample for sample in proposal.refused if sample.listing.verdict is Verdict.LISTING]
    for sample in lists:
        typer.echo(f"  - {sample.title}  {sample.url}: {sample.refused}")
    for note in proposal.notes:
        typer.echo(f"  ! {note}")


def choose_channels(proposal: Proposal, file: Path) -> Proposal:
    """Ask which channels to leave out, and whether to write; end without writing where the answer is no."""
    unwanted = _ask_numbers(len(proposal.samples))
    chosen = leave_out(proposal, {number - 1 for number in unwanted})
    if not chosen.samples:
        fail("一个都没有留下，没有写入 · none is left, nothing was written")
    if not typer.confirm(f"写入 {file} · write it?", default=True):
        fail("没有写入 · nothing was written")
    return chosen


def _ask_numbers(most: int) -> set[int]:
    """Ask which channels to leave out, again where the answer is not understood."""
    while True:
        text = typer.prompt(
            "不要哪些（编号，如 1 3-5）· which to leave out (numbers, as 1 3-5)", default="", show_default=False
        )
        numbers = parse_numbers(text, most)
        if not isinstance(numbers, str):
            return numbers
        typer.echo(f"{numbers}；编号从 1 到 {most} · numbers go from 1 to {most}", err=True)


def parse_numbers(text: str, most: int) -> set[int] | str:
    """Return the numbers that a text names, single or as 3-5; the part that names none, or one above `most`."""
    numbers: set[int] = set()
    for part in _BETWEEN.split(_RANGE.sub("-", text)):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not part:
            continue
        if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last) <= most):
            return part
        numbers |= {*range(int(first), int(last) + 1)}
    return numbers


def remark_channels(proposal: Proposal) -> dict[str, list[str]]:
    """Return the comment lines of each channel by slug: how it was read, and what is doubtful."""
    remarks: dict[str, list[str]] = {}
    for channel, sample in zip(proposal.portal.channels, proposal.samples, strict=True):
        lines = [
            f"{len(sample.listing.items)} rows, read by {name_way(channel, sample)}, confidence {sample.confidence:.2f}"
        ]
        lines += [f"? {' '.join(doubt.split())}" for doubt in sample.doubts]
        remarks[channel.slug] = lines
    return remarks


def name_way(channel: Channel, sample: Sample) -> str:
    """Say how a channel is read: by its recipe, by a content system's rules, or by what it looks like."""
    if channel.recipe.listing is not None:
        return "recipe"
    return "its looks" if sample.listing.family == "generic" else sample.listing.family


def _newest(sample: Sample, portal: Portal) -> str:
    days = [item.published.at for item in sample.listing.items if item.published]
    return f"{max(days).astimezone(ZoneInfo(portal.time_zone)):%Y-%m-%d}" if days else "-"
