"""The daemon: one process that schedules, works and serves, until it is told to stop.

SIGTERM and SIGINT drain what runs, within ten seconds, and lose nothing; SIGHUP reads the configuration again, and
keeps the old one where the new one has faults.
"""

from __future__ import annotations

import asyncio
import importlib
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog
import uvicorn

from feeds.config import Settings
from feeds.daemon.parts import Parts, open_parts, read_clock
from feeds.daemon.systemd import notify_systemd, watchdog_seconds
from feeds.errors import ConfigError, FeedsError, PublishError, StorageFull
from feeds.serve.app import ServeContext, build_app
from feeds.store import portals as portal_rows

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from feeds.daemon.workshop import Workshop
    from feeds.model import Portal

log = structlog.get_logger()

Configuration = tuple[Settings, tuple["Portal", ...]]


@dataclass
class Running:
    """A daemon while it runs: what the demo and the tests hold on to."""

    parts: Parts
    port: int
    stop: asyncio.Event
    shop: Workshop | None = None
    """None until it is open, and for the role `web`."""
    failure: str | None = None

    @property
    def address(self) -> str:
        """Where it listens; `none` for a role that serves nothing."""
        return f"http://{self.parts.settings.web.host}:{self.port}" if self.port else "none"

    @property
    def workshop(self) -> Workshop:
        """The open workshop."""
        if self.shop is None:
            raise RuntimeError("this role has no workshop")
        return self.shop


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
        switch = _Switch(_build_app(running))
        with _signals(running, lambda: asyncio.ensure_future(_reload(running, switch, reread))):
            async with _serve(wrap(switch), listener, running):
                if role == "web":
                    await _stay(running, on_ready)
                else:
                    await _work(running, pace, on_ready)
    return running.failure


async def _work(running: Running, pace: float, on_ready: Callable[[Running], None]) -> None:
    """Open the workshop and tick. Its libraries are loaded here, beside a site that answers already."""
    await asyncio.to_thread(importlib.import_module, "feeds.daemon.ticks")
    from feeds.daemon.ticks import run_ticks
    from feeds.daemon.workshop import open_workshop

    async with open_workshop(running.parts) as shop:
        running.shop = shop
        await shop.renew_feeds()
        async with run_ticks(lambda: running.workshop, pace, _crash_teller(running)):
            await _stay(running, on_ready)


async def _stay(running: Running, on_ready: Callable[[Running], None]) -> None:
    """Say that we are ready, and wait for the end."""
    notify_systemd("READY=1")
    log.info("ready", address=running.address, portals=len(running.parts.portals))
    on_ready(running)
    await _wait(running)
    notify_systemd("STOPPING=1")
    log.info("stopping", reason=running.failure or "asked to")


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


@asynccontextmanager
async def _serve(app: ASGIApp, listener: socket.socket | None, running: Running) -> AsyncIterator[None]:
    """Answer requests while the block runs; without a listener there is nothing to answer."""
    if listener is None:
        yield
        return
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        proxy_headers=True,
        forwarded_allow_ips=list(running.parts.settings.web.trusted_proxies),
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    serving.add_done_callback(lambda _: running.stop.set())
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110 -- uvicorn has a flag only
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await serving


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
        # First the parts, then the rows: a tick must not claim a channel that its workshop does not know.
        running.parts = replace(running.parts, settings=settings, portals=portals)
        running.shop = running.shop.refit(running.parts) if running.shop else None
        switch.app = _build_app(running)
        async with running.parts.database.write() as tx:
            await portal_rows.sync_portals(tx, portals, read_clock())
        if running.shop:
            await running.shop.renew_feeds()
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
