"""The daemon: one process that schedules, works and serves, until it is told to stop.

SIGTERM and SIGINT drain what runs, within ten seconds, and lose nothing; SIGHUP reads the configuration again, and
keeps the old one where the new one has faults.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
import uvicorn

from feeds.config import Settings
from feeds.daemon.parts import Parts, open_parts, read_clock
from feeds.daemon.systemd import notify_systemd, watchdog_seconds
from feeds.daemon.ticks import WIDTHS, DueWork
from feeds.errors import ConfigError, FeedsError, PublishError, StorageFull
from feeds.schedule import Ticker
from feeds.serve.app import ServeContext, build_app
from feeds.store import portals as portal_rows
from feeds.work.local import LocalWork

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from feeds.model import Portal

log = structlog.get_logger()

DRAIN_SECONDS = 7.0
"""Time for running work after a signal; with the web server's own end it stays below ten seconds."""

Configuration = tuple[Settings, tuple["Portal", ...]]


@dataclass
class Running:
    """A daemon while it runs: what the demo and the tests hold on to."""

    parts: Parts
    port: int
    stop: asyncio.Event
    failure: str | None = None


class _Switch:
    """An ASGI app that can be replaced between two requests: a reload builds another one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class _Server(uvicorn.Server):
    """uvicorn without its own signals: the daemon has them."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


async def run_daemon(
    settings: Settings,
    portals: tuple[Portal, ...],
    role: str = "all",
    reread: Callable[[], Configuration] | None = None,
    on_ready: Callable[[Running], None] = lambda _: None,
    pace: float = 1.0,
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> str | None:
    """Run until a signal or `Running.stop`; return the reason if it had to end by itself, else None.

    `reread` gives the configuration anew for SIGHUP and may raise ConfigError; `pace` is the seconds between two ticks;
    `wrap` may put something before the web app (the demo shows its mails).
    """
    listener = _listen(settings) if role in ("all", "web") else None
    async with open_parts(settings, portals) as parts:
        running = Running(parts, listener.getsockname()[1] if listener else 0, asyncio.Event())
        crash = _crash_teller(running)
        work = LocalWork(WIDTHS, crash)
        ticks = DueWork(lambda: running.parts, work).list_ticks(pace) if role != "web" else {}
        ticker = Ticker(ticks, crash)
        switch = _Switch(_build_app(running))
        server, serving = _serve(wrap(switch), listener) if listener else (None, None)
        if serving:
            serving.add_done_callback(lambda _: running.stop.set())
        with _signals(running, lambda: asyncio.ensure_future(_reload(running, switch, reread))):
            ticker.start()
            await _until_listening(server, serving)
            notify_systemd("READY=1")
            on_ready(running)
            await _wait(running)
            await _stop(running, ticker, work)
            if server and serving:
                server.should_exit = True
                await serving
    return running.failure


async def _stop(running: Running, ticker: Ticker, work: LocalWork) -> None:
    """Begin nothing new, let what runs come to its end, and stop ticking."""
    notify_systemd("STOPPING=1")
    log.info("stopping", reason=running.failure or "asked to")
    ticker.pause()
    if not await work.drain(DRAIN_SECONDS):
        log.warning("some work was cut off; it is claimed in the database and comes due again")
    ticker.stop()
    await asyncio.sleep(0)


def _listen(settings: Settings) -> socket.socket:
    """Bind before anything else is opened: a taken port is the commonest mistake, and cheap to tell."""
    family = socket.AF_INET6 if ":" in settings.web.host else socket.AF_INET
    # The protocol is named: asyncio sets TCP_NODELAY on such sockets only, and without it an answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.web.host, settings.web.port))
    except OSError as fault:
        listener.close()
        address = f"{settings.web.host}:{settings.web.port}"
        raise FeedsError(f"cannot listen on {address}: {fault.strerror}; set another web.port") from fault
    listener.listen(512)
    listener.setblocking(False)
    return listener


def _serve(app: ASGIApp, listener: socket.socket) -> tuple[_Server, asyncio.Task[None]]:
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    return server, asyncio.ensure_future(server.serve(sockets=[listener]))


async def _until_listening(server: _Server | None, serving: asyncio.Task[None] | None) -> None:
    while server and serving and not server.started and not serving.done():  # noqa: ASYNC110 -- uvicorn has a flag only
        await asyncio.sleep(0.005)


def _build_app(running: Running) -> ASGIApp:
    parts = running.parts
    return build_app(
        ServeContext(
            database=parts.database,
            settings=parts.settings,
            portals=parts.portals,
            keyring=parts.keyring,
            templates=parts.templates,
            clock=read_clock,
            health=lambda: _describe_health(running),
        )
    )


def _describe_health(running: Running) -> Mapping[str, object]:
    return {"stopping": running.stop.is_set(), "failure": running.failure}


def _crash_teller(running: Running) -> Callable[[str, BaseException], None]:
    """Return what is done when work raises: a full disk ends the daemon, a bug is told and its work comes due again."""

    def tell(name: str, crash: BaseException) -> None:
        if isinstance(crash, StorageFull | PublishError):
            running.failure = str(crash)
            log.error("cannot write, stopping", work=name, problem=str(crash))
            running.stop.set()
        elif isinstance(crash, FeedsError):
            log.error("work failed", work=name, problem=str(crash))
        else:
            log.error("work crashed: this is a bug", work=name, exc_info=crash)

    return tell


@contextmanager
def _signals(running: Running, reload: Callable[[], object]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    wanted: dict[int, Callable[[], object]] = {
        signal.SIGTERM: running.stop.set,
        signal.SIGINT: running.stop.set,
        signal.SIGHUP: reload,
    }
    with suppress(ValueError, RuntimeError):  # not the main thread: whoever runs us there stops us by the event
        for number, action in wanted.items():
            loop.add_signal_handler(number, action)
    try:
        yield
    finally:
        with suppress(ValueError, RuntimeError):
            for number in wanted:
                loop.remove_signal_handler(number)


async def _reload(running: Running, switch: _Switch, reread: Callable[[], Configuration] | None) -> None:
    """Take a new configuration as a whole, or none of it."""
    if reread is None:
        return
    notify_systemd("RELOADING=1")
    try:
        settings, portals = reread()
    except ConfigError as faults:
        log.warning("configuration refused, the old one stays", faults=[str(fault) for fault in faults.faults])
    else:
        fixed = [name for name in ("store", "web") if getattr(settings, name) != getattr(running.parts.settings, name)]
        fixed += ["mail.relay"] if settings.mail.relay != running.parts.settings.mail.relay else []
        async with running.parts.database.write() as tx:
            await portal_rows.sync_portals(tx, portals, read_clock())
        running.parts = running.parts.reload(settings, portals)
        switch.app = _build_app(running)
        log.info("configuration reloaded", portals=len(portals), needs_restart=fixed or None)
    notify_systemd("READY=1")


async def _wait(running: Running) -> None:
    """Wait for the end, telling systemd's watchdog that the loop turns."""
    period = watchdog_seconds()
    while not running.stop.is_set():
        if period:
            notify_systemd("WATCHDOG=1")
        with suppress(TimeoutError):
            await asyncio.wait_for(running.stop.wait(), period)
