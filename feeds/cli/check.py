"""`feeds check`: is the configuration right? Every fault at once."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from feeds.config import find_config, load_configuration
from feeds.errors import ConfigError, Fault
from feeds.model import Portal


def check(
    config: Annotated[Path | None, typer.Option("--config", help="配置文件 · the configuration file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="一个 JSON 值 · one JSON value")] = False,
) -> None:
    """检查配置，一次列出全部错误。 Checks the configuration and names every fault at once.

    Exit code 0: right. 2: faults, each as file: key: found; allowed; nearest spelling.

    Example: feeds check --config /srv/noticefeeds/feeds.toml
    """
    path, portals, faults = _look(config)
    if as_json:
        typer.echo(json.dumps(_describe(portals, faults), ensure_ascii=False))
    elif faults:
        _say_faults(faults)
    else:
        _say_right(path, portals)
    if faults:
        raise typer.Exit(2)


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
