"""The demo: a replica portal, the daemon that watches it, and a subscriber, in one process on this machine.

replica    serves sixteen channels and plays its script
daemon     polls it, publishes feeds, mails; as `feeds run` does
subscriber signs up on the real page, confirms from the real mail
"""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from feeds.config import Settings
from feeds.daemon import Running, Stage, run_daemon
from feeds.daemon.logs import configure_logs
from feeds.daemon.parts import read_clock
from feeds.demo.archive import make_archive
from feeds.demo.configure import configure_replica
from feeds.demo.mailbox import show_mailbox
from feeds.demo.portal import ReplicaPortal
from feeds.demo.script import default_script, plan_events
from feeds.demo.server import serve_replica
from feeds.demo.visitor import subscribe_and_confirm
from feeds.errors import FeedsError
from feeds.flows.backfill import backfill_channel
from feeds.model import Portal
from feeds.store import portals as portal_rows

_SEED = 2022
_ADDRESS = "reader@example.com"
_PACE = 0.5


async def run_demo(
    port: int, portal_port: int, minutes: float | None, speed: float, more: Sequence[str] = ()
) -> str | None:
    """Run until Ctrl-C, or for `minutes`; return why it ended by itself, if it did. `more` events are played beside."""
    folder = Path("data") / f"demo-{port}"
    script = default_script(speed) + plan_events(more, speed)
    replica = ReplicaPortal(make_archive(_SEED, read_clock()), read_clock, script=script)
    told = _Console(replica.now)
    replica.on_event = told.tell_event
    configure_logs(tap=told.show)
    try:
        async with serve_replica(replica, port=portal_port) as address:
            _try_port(port)
            shutil.rmtree(folder, ignore_errors=True)
            settings, portals = configure_replica(folder, port, address, speed)
            return await _run_parts(settings, portals, replica, folder, minutes, speed)
    except OSError as fault:
        raise FeedsError(f"port {portal_port}: {fault.strerror}; try `PORT=... PORTAL_PORT=... make run`") from fault


def _try_port(port: int) -> None:
    """Raise FeedsError for a taken port, before the folder of whoever has it is touched."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as fault:
            raise FeedsError(f"port {port}: {fault.strerror}; try `PORT=... make run`") from fault


async def _run_parts(
    settings: Settings,
    portals: tuple[Portal, ...],
    replica: ReplicaPortal,
    folder: Path,
    minutes: float | None,
    speed: float,
) -> str | None:
    helpers: list[asyncio.Task[None]] = []

    def begin(running: Running) -> None:
        _greet(settings, portals[0], folder)
        helpers.append(asyncio.ensure_future(_play(replica, speed)))
        helpers.append(asyncio.ensure_future(_backfill(running)))
        helpers.append(asyncio.ensure_future(subscribe_and_confirm(settings.site.base_url, folder / "mail", _ADDRESS)))
        if minutes is not None:
            asyncio.get_running_loop().call_later(minutes * 60, running.stop.set)
        for helper in helpers:
            helper.add_done_callback(_tell_crash)

    def clock() -> datetime:
        return replica.now().astimezone(UTC)

    def wrap(app: Any) -> Any:
        return show_mailbox(app, folder / "mail")

    try:
        return await run_daemon(settings, portals, on_ready=begin, stage=Stage(_PACE, wrap, clock))
    finally:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        typer.echo("演示结束 · the demo has stopped")


def _greet(settings: Settings, portal: Portal, folder: Path) -> None:
    site = settings.site.base_url
    for line in (
        "",
        "  公告订阅 noticefeeds · 演示 demo",
        f"  网站 site           {site}/",
        f"  订阅源 a feed       {site}/feeds/{portal.name}/tzgg.atom",
        f"  邮件订阅 by mail    {site}/subscribe",
        f"  演示信箱 mailbox    {site}/mails",
        f"  状态 status         {site}/status",
        f"  仿真门户 portal     {portal.base_url}",
        f"  数据 data           {folder}/",
        "  Ctrl-C 结束 to stop",
        "",
    ):
        typer.echo(line)


async def _play(replica: ReplicaPortal, speed: float) -> None:
    """Let the portal's script run by the clock."""
    while True:
        await asyncio.sleep(0.5 / max(speed, 1))
        replica.advance(read_clock())


async def _backfill(running: Running) -> None:
    """Walk the archive of each channel once it has its baseline."""
    for channel in running.parts.portals[0].channels:
        state = None
        while state is None or state.baseline_at is None:
            await asyncio.sleep(0.5)
            async with running.parts.database.read() as tx:
                state = await portal_rows.load_channel(tx, channel.name)
        await backfill_channel(running.workshop.polling, state)


def _tell_crash(task: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        if crash := task.exception():
            typer.echo(f"demo: {crash!r}", err=True)


class _Console:
    """Prints what happens, a line each, from the daemon's own events, with the demo's time."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def tell_event(self, line: str) -> None:
        """Print what the portal does."""
        self._tell(f"门户 portal   {line}")

    def show(self, event: dict[str, Any]) -> None:
        """Print one event, if it is one a visitor cares about."""
        teller: Callable[[dict[str, Any]], str | None] | None = getattr(
            self, f"_{event['event'].replace(' ', '_')}", None
        )
        line = teller(event) if teller else None
        if line:
            self._tell(line)

    def _tell(self, line: str) -> None:
        typer.echo(f"{self._clock().astimezone():%H:%M:%S}  {line}")

    def _polled(self, event: dict[str, Any]) -> str:
        counts = [f"{name}={event[name]}" for name in ("new", "revised", "moved", "vanished") if event[name]]
        words = [event["verdict"], *counts, *(["基线 baseline"] if event["baseline"] else []), f"{event['took_ms']} ms"]
        return f"轮询 poll    {event['channel']:<20} {' '.join(words)} {event['problem'] or ''}"

    def _noticed(self, event: dict[str, Any]) -> str:
        return f"新  new      {event['channel']:<20} {event['title']}"

    def _revised(self, event: dict[str, Any]) -> str:
        return f"改  revised  {event['title']}（{'、'.join(event['changed'])}）"

    def _withdrawn(self, event: dict[str, Any]) -> str:
        return f"撤  withdrawn {event['title']}"

    def _restored(self, event: dict[str, Any]) -> str:
        return f"复  restored {event['title']}"

    def _mailed(self, event: dict[str, Any]) -> str:
        return f"邮件 mail    {event['state']:<10} {event['subject']}"
