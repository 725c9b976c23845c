"""`feeds add --repair PORTAL`: new recipes for a configured portal, shown as a difference of its file."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, fail, open_configuration, print_json, run_async
from feeds.config.write import find_portal_faults, rewrite_recipes
from feeds.model import Portal, Verdict

if TYPE_CHECKING:
    from feeds.flows.repair import Repair


def repair_portal(config: Path | None, name: str, *, yes: bool, as_json: bool) -> None:
    """Read a portal again; show and, asked or with `yes`, write recipes that fit it today."""
    import os

    from feeds.config import find_config

    _, portals = open_configuration(config)
    portal = next((one for one in portals if one.name == name), None)
    if portal is None:
        fail(f"{name}: no such portal; portals: {', '.join(one.name for one in portals) or 'none'}", EXIT_USAGE)
    file = _find_file(find_config(config, os.environ).parent / "portals", portal)
    repair = run_async(_check(portal))
    before = file.read_bytes().decode("utf-8-sig")
    after = _rewrite(before, repair) if repair.needed else before
    if as_json:
        print_json(_describe(portal, repair, changed=after != before))
    else:
        _show(repair, before, after, file)
    if after != before and (yes or (not as_json and _confirm(file))):
        file.write_text(after, encoding="utf-8", newline="\n")
        typer.echo(f"已写入 · written: {file}", err=as_json)
    if any(check.listing.verdict is not Verdict.LISTING for check in repair.checks):
        raise typer.Exit(EXIT_FAILED)


def _find_file(folder: Path, portal: Portal) -> Path:
    """Return the file that a portal stands in: usually it has its name."""
    import tomllib

    files = sorted(folder.glob("*.toml"), key=lambda file: file.stem != portal.name)
    return next(
        file for file in files if tomllib.loads(file.read_bytes().decode("utf-8-sig"))["portal"]["name"] == portal.name
    )


async def _check(portal: Portal) -> Repair:
    import random
    import time

    from feeds.cli.add import Progress
    from feeds.fetch.client import PortalClient
    from feeds.flows.repair import check_portal

    async with PortalClient(user_agent="noticefeeds add", clock=time.monotonic, jitter=random.random) as client:
        return await check_portal(client, portal, Progress())


def _rewrite(before: str, repair: Repair) -> str:
    listings = {check.channel.slug: check.recipe for check in repair.checks}
    after = rewrite_recipes(before, listings, repair.article, articles_too=repair.articles_broken)
    if faults := find_portal_faults(after):
        raise AssertionError(f"the file would be wrong, this is a bug: {faults}")
    return after


def _confirm(file: Path) -> bool:
    if sys.stdin.isatty():
        return typer.confirm(f"写入 {file} · write it?", default=True)
    typer.echo(f"没有写入 · nothing was written: --yes writes {file}", err=True)
    return False


def _show(repair: Repair, before: str, after: str, file: Path) -> None:
    for check in repair.checks:
        state = check.listing.verdict.value if not check.broken else "the recipe no longer fits; read without it"
        problem = f"  {check.listing.problem}" if check.listing.problem else ""
        typer.echo(f"  {check.channel.name:<28} {len(check.listing.items):>4}  {state}{problem}")
    if repair.articles_broken:
        typer.echo("  articles: the recipe finds no body; they are read without it")
    if after == before:
        typer.echo("没有要修的 · nothing to repair: every page that can be read is read as configured")
        return
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(file), f"{file} (new)", lineterm="")
    for line in lines:
        typer.echo(line)


def _describe(portal: Portal, repair: Repair, *, changed: bool) -> dict[str, object]:
    return {
        "name": portal.name,
        "changed": changed,
        "articles": "misfit" if repair.articles_broken else "fit",
        "channels": [
            {
                "slug": check.channel.slug,
                "verdict": check.listing.verdict.value,
                "fits": not check.broken,
                "items": len(check.listing.items),
                "problem": check.listing.problem,
            }
            for check in repair.checks
        ],
    }
