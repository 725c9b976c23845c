"""`feeds check`: is the configuration right? Every fault at once."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import typer

from feeds.cli.context import EXIT_USAGE, ConfigOption, JsonOption, print_json
from feeds.config import find_config, load_configuration
from feeds.errors import ConfigError, Fault
from feeds.model import Portal


def check(
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """检查配置，一次列出全部错误。 Checks the configuration and names every fault at once.

    Exit code 0: right. 2: faults, each as file: key: found; allowed; nearest spelling.

    Example: feeds check --config /srv/noticefeeds/feeds.toml
    """
    path, portals, faults = _look(config)
    if as_json:
        print_json(_describe(portals, faults))
    elif faults:
        _say_faults(faults)
    else:
        _say_right(path, portals)
    if faults:
        raise typer.Exit(EXIT_USAGE)


def _look(config: Path | None) -> tuple[Path, tuple[Portal, ...], tuple[Fault, ...]]:
    """The file, and its portals or the faults."""
    path = config or Path()
    try:
        path = find_config(config, os.environ)
        _, portals = load_configuration(path, os.environ)
    except ConfigError as fault:
        return path, (), fault.faults
    return path, portals, ()


def _describe(portals: tuple[Portal, ...], faults: tuple[Fault, ...]) -> dict[str, object]:
    return {
        "ok": not faults,
        "faults": [asdict(fault) for fault in faults],
        "portals": [
            {"name": portal.name, "channels": [channel.slug for channel in portal.channels]} for portal in portals
        ],
    }


def _say_faults(faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        typer.echo(str(fault), err=True)
    typer.echo(f"{len(faults)} 处错误 · faults: {len(faults)}", err=True)


def _say_right(path: Path, portals: tuple[Portal, ...]) -> None:
    typer.echo(f"配置正确 · the configuration is right: {path}")
    for portal in portals:
        typer.echo(f"  {portal.name}: {portal.title}, {len(portal.channels)} 个频道 · channels")
    if not portals:
        typer.echo(f"  还没有门户 · no portal yet: {path.parent / 'portals'}/*.toml")
