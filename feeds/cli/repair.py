"""`feeds add --repair PORTAL`: new recipes for a configured portal, shown as a difference of its file."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from feeds.cli.answer import Answer
from feeds.cli.context import EXIT_FAILED, EXIT_USAGE
from feeds.config import Settings, find_config
from feeds.config.load import load_portal, load_settings
from feeds.config.rewrite import rewrite_recipes
from feeds.config.save import replace_file
from feeds.config.write import find_portal_file, values_of
from feeds.errors import RewriteError
from feeds.model import Portal, Verdict

if TYPE_CHECKING:
    from feeds.flows.repair import Repair


def repair_portal(config: Path | None, name: str, *, yes: bool, as_json: bool) -> None:
    """Read a portal again, watched or not; show and, asked or with `yes`, write recipes that fit it today."""
    answer = Answer(as_json, {"name": name, "changed": False, "articles": "fit", "channels": []})
    with answer.ending_on_faults():
        configuration = find_config(config, os.environ)
        folder = configuration.parent / "portals"
        file = find_portal_file(folder, name)
        if file is None:
            known = ", ".join(sorted(one.stem for one in folder.glob("*.toml"))) or "none"
            answer.end(f"{name}: no such portal; portals: {known}", EXIT_USAGE)
        portal, settings = load_portal(file), load_settings(configuration, os.environ)
    repair = answer.run(_check(settings, portal))
    answer.facts = _describe(portal, repair)
    try:
        before = file.read_bytes().decode("utf-8-sig")
        after = rewrite_recipes(before, repair.listings, repair.articles) if repair.needed else before
        answer.facts["changed"] = after != before
        if not as_json:
            _show(repair, before, after, file)
        written = after != before and (yes or (not as_json and _confirm(file)))
        if written:
            replace_file(file, after)
            typer.echo(f"已写入 · written: {file}", err=as_json)
    except RewriteError as fault:
        answer.end("\n".join((f"{file}: {fault}", *_spell(repair))))
    except OSError as fault:
        answer.end(f"{file}: {fault.strerror}; 文件没有改动 · it is as it was")
    answer.give(str(file) if written else None)
    if any(check.listing.verdict is not Verdict.LISTING for check in repair.checks):
        raise typer.Exit(EXIT_FAILED)


def _spell(repair: Repair) -> list[str]:
    """Say what a person would have to write."""
    recipes = (("listing", repair.listings), ("article", repair.articles))
    return [
        f"  {slug}: {kind} = {values_of(recipe) if recipe else 'none'}"
        for kind, found in recipes
        for slug, recipe in found.items()
    ]


async def _check(settings: Settings, portal: Portal) -> Repair:
    from feeds.cli.add import Progress
    from feeds.daemon.visitor import open_client
    from feeds.flows.repair import check_portal

    async with open_client(settings) as client:
        return await check_portal(client, portal, Progress())


def _confirm(file: Path) -> bool:
    from feeds.cli.add import is_terminal

    if is_terminal():
        return typer.confirm(f"写入 {file} · write it?", default=True)
    typer.echo(f"没有写入 · nothing was written: --yes writes {file}", err=True)
    return False


def _show(repair: Repair, before: str, after: str, file: Path) -> None:
    for check in repair.checks:
        state = check.listing.verdict.value if not check.broken else "the recipe no longer fits; read without it"
        problem = f"  {check.listing.problem}" if check.listing.problem else ""
        typer.echo(f"  {check.channel.name:<28} {len(check.listing.items):>4}  {state}{problem}")
    if repair.articles:
        typer.echo(f"  articles of {', '.join(repair.articles)}: the recipe finds no body; they are read without it")
    for url in repair.odd:
        typer.echo(f"  {url}: the recipe finds no body here; it reads most others and stays")
    if after == before:
        typer.echo("没有要修的 · nothing to repair: every page that can be read is read as configured")
        return
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), str(file), f"{file} (new)", lineterm="")
    for line in lines:
        typer.echo(line)


def _describe(portal: Portal, repair: Repair) -> dict[str, object]:
    return {
        "name": portal.name,
        "changed": False,
        "articles": "misfit" if repair.articles else "fit",
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
