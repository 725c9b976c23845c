"""`feeds init DIR`: a configuration to start from."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from feeds.cli.context import EXIT_FAILED, ending_on_faults
from feeds.config.presets import CONTAINERS, ROLE_UNITS, UNIT, WEB_SERVERS, point_site, point_unit, read_presets


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="目录，不存在则创建 · folder, made if missing")],
) -> None:
    """写出一份起步配置：设置、门户预设、systemd 单元、网站服务器的站点、容器。 Writes a configuration to start from.

    Settings, presets of portals, systemd units, sites for nginx and Caddy, a container file and a compose file.

    Nothing is ever overwritten.

    Example: feeds init /srv/noticefeeds
    """
    folder = directory.absolute()
    with ending_on_faults():
        presets = read_presets()
    programs = Path(sys.executable).parent
    presets |= {name: point_unit(presets[name], folder, programs) for name in (UNIT, *ROLE_UNITS)}
    presets |= {name: point_site(presets[name], folder) for name in WEB_SERVERS}
    there = [folder / name for name in presets if (folder / name).exists()]
    if there:
        _refuse("已经存在，不会覆盖 · these exist already and are not overwritten:", there)
    try:
        _write_files(folder, presets)
    except OSError as fault:
        _refuse(f"无法写入 · cannot write: {fault.strerror}", [Path(fault.filename or folder)])
    _say_next(folder, list(presets))


def _write_files(folder: Path, texts: dict[Path, str]) -> None:
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    # The unit lets the daemon write here and nowhere else, so the folder must be there before the first start.
    (folder / "data").mkdir(mode=0o750, exist_ok=True)


def _refuse(problem: str, paths: list[Path]) -> None:
    typer.echo(problem, err=True)
    for path in paths:
        typer.echo(f"  {path}", err=True)
    raise typer.Exit(EXIT_FAILED)


def _say_next(folder: Path, names: list[Path]) -> None:
    config = shlex.quote(str(folder / "feeds.toml"))
    typer.echo("已写入 · written:")
    for name in names:
        typer.echo(f"  {folder / name}")
    typer.echo("接下来 · next:")
    typer.echo("  1. 编辑 feeds.toml：site.base_url、mail.relay、mail.from · edit these three in feeds.toml")
    typer.echo(
        "  2. portals/*.toml：删去不需要的，需要的写 enabled = true · remove what you do not want, enable what you do"
    )
    typer.echo(f"  3. feeds check --config {config}")
    typer.echo(f"  4. feeds run --config {config}")
    typer.echo(f"  5. 作为系统服务 · as a system service: {shlex.quote(str(folder / UNIT))}")
    sites = "  ".join(shlex.quote(str(folder / name)) for name in WEB_SERVERS)
    typer.echo(f"  6. 由 nginx 或 Caddy 发出订阅源 · to have nginx or Caddy hand out the feeds: {sites}")
    units = "  ".join(shlex.quote(str(folder / name)) for name in (*ROLE_UNITS, *CONTAINERS))
    typer.echo(f"  7. 分成几个进程、几台机器 · as several processes or machines (docs/deploying.md): {units}")
