"""`feeds check`: is the configuration right? Every fault at once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from feeds.cli.context import EXIT_FAILED, EXIT_USAGE, ConfigOption, JsonOption, print_json, run_async
from feeds.config import Settings, find_config, load_configuration
from feeds.errors import ConfigError, Fault
from feeds.model import Portal, Verdict


@dataclass(frozen=True)
class Visit:
    """A visit is one fetch of a channel's list page for `--online`; nothing is stored."""

    channel: str
    verdict: str
    items: int
    problem: str | None


def check(
    config: ConfigOption = None,
    online: Annotated[bool, typer.Option("--online", help="也访问每个频道 · visit each channel as well")] = False,
    as_json: JsonOption = False,
) -> None:
    """检查配置，一次列出全部错误。 Checks the configuration and names every fault at once.

    Exit code 0: right. 1: a channel cannot be read (--online). 2: faults, each as file: key: found; allowed; nearest.

    Example: feeds check --online --config /srv/noticefeeds/feeds.toml
    """
    path, settings, portals, faults = _look(config)
    visits = run_async(_visit(settings, portals)) if online and settings else []
    warnings = _find_warnings(settings, portals) if settings else []
    if as_json:
        visited = {"online": [asdict(visit) for visit in visits]} if online else {}
        print_json(_describe(portals, faults) | ({"warnings": warnings} if warnings else {}) | visited)
    elif faults:
        _say_faults(faults)
    else:
        _say_right(path, portals)
        for warning in warnings:
            typer.echo(f"  ! {warning}")
        _say_visits(visits)
    if faults:
        raise typer.Exit(EXIT_USAGE)
    if any(visit.verdict != Verdict.LISTING for visit in visits):
        raise typer.Exit(EXIT_FAILED)


def _look(config: Path | None) -> tuple[Path, Settings | None, tuple[Portal, ...], tuple[Fault, ...]]:
    """The file, its settings and portals; without settings its faults."""
    from feeds.daemon.sealing import open_dkim_keys

    path = config or Path()
    try:
        path = find_config(config, os.environ)
        settings, portals = load_configuration(path, os.environ)
        open_dkim_keys(settings.mail)
    except ConfigError as fault:
        return path, None, (), fault.faults
    return path, settings, portals, ()


def _find_warnings(settings: Settings, portals: Sequence[Portal]) -> list[str]:
    """What is allowed, and does something else than it says."""
    from feeds.daemon.sealing import open_dkim_keys
    from feeds.flows.habits import explain_overspending
    from feeds.flows.mail_names import explain_short_key

    said = [explain_overspending(portal, settings.poll) for portal in portals]
    maildir = (settings.mail.returned or "").removeprefix("maildir:")
    if maildir != (settings.mail.returned or "") and not Path(maildir, "new").is_dir():
        said.append(f"mail.returned: {maildir}: 还不是 maildir · no maildir yet: nothing that comes back is read")
    said += [f"mail.dkim: {explain_short_key(key)}" for key in open_dkim_keys(settings.mail) if key.is_short]
    return [warning for warning in said if warning]


async def _visit(settings: Settings, portals: Sequence[Portal]) -> list[Visit]:
    """The first list page of every channel, one after the other, under the portal's politeness."""
    from feeds.daemon.visitor import open_client
    from feeds.flows.listings import follow_data, read_page

    visits: list[Visit] = []
    async with open_client(settings) as client:
        for portal in portals:
            for channel in portal.channels:
                listing = await read_page(await client.get(portal, channel.data_url or channel.url), portal, channel)
                listing = await follow_data(client, portal, channel, listing)
                visits.append(Visit(channel.name, listing.verdict.value, len(listing.items), listing.problem))
    return visits


def _describe(portals: Sequence[Portal], faults: Sequence[Fault]) -> dict[str, object]:
    return {
        "ok": not faults,
        "faults": [asdict(fault) for fault in faults],
        "portals": [
            {"name": portal.name, "channels": [channel.slug for channel in portal.channels]} for portal in portals
        ],
    }


def _say_faults(faults: Sequence[Fault]) -> None:
    for fault in faults:
        typer.echo(str(fault), err=True)
    typer.echo(f"{len(faults)} 处错误 · faults: {len(faults)}", err=True)


def _say_right(path: Path, portals: Sequence[Portal]) -> None:
    typer.echo(f"配置正确 · the configuration is right: {path}")
    for portal in portals:
        typer.echo(f"  {portal.name}: {portal.title}, {len(portal.channels)} 个频道 · channels")
    if not portals:
        typer.echo(f"  还没有门户 · no portal yet: {path.parent / 'portals'}/*.toml")


def _say_visits(visits: Sequence[Visit]) -> None:
    for visit in visits:
        problem = f"  {visit.problem}" if visit.problem else ""
        typer.echo(f"  {visit.channel:<28} {visit.verdict:<18} {visit.items:>4}{problem}")
