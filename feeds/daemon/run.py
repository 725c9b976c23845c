"""The daemon: one process that schedules, works and serves, until it is told to stop.

SIGTERM and SIGINT drain what runs, within ten seconds, and lose nothing; SIGHUP reads the configuration again, and
keeps the old one where the new one has faults.
"""

from __future__ import annotations

import asyncio
import importlib
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from feeds.config import Settings
from feeds.daemon.copies import Copies, has_copies, keep_copying
from feeds.daemon.patience import enter_patiently, wait_for_stop
from feeds.daemon.ready import ReadyAnswers
from feeds.daemon.sealing import open_dkim_keys
from feeds.daemon.systemd import notify_systemd
from feeds.daemon.web import answer_requests, bind_listener
from feeds.errors import ConfigError, Fault, FeedsError, PublishError, StorageFull, StoreError
from feeds.serve.door import Door
from feeds.work.duty import Duty

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp

    from feeds.daemon.parts import Parts
    from feeds.daemon.workshop import Workshop
    from feeds.model import Portal
    from feeds.serve.feeds import FeedServer

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
    copies: Copies = field(default_factory=Copies)

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


@dataclass(frozen=True)
class Stage:
    """What a daemon runs on, where that is not the world as it is: the demo and the tests set it otherwise."""

    pace: float = 1.0
    """Seconds between two ticks."""
    wrap: Callable[[ASGIApp], ASGIApp] = lambda app: app
    """Puts something before the web app: the demo shows its mails."""
    clock: Callable[[], datetime] | None = None
    """None: the machine's."""
    on_stop: Callable[[], None] = lambda: None
    """Called when the stop begins: whose process it is may see to it that it ends in time."""


async def run_daemon(
    settings: Settings,
    portals: tuple[Portal, ...],
    duty: Duty = Duty(),
    reread: Callable[[], Configuration] | None = None,
    on_ready: Callable[[Running], None] = lambda _: None,
    stage: Stage = Stage(),
) -> str | None:
    """Run until a signal or `Running.stop`; return the reason if it had to end by itself, else None.

    `reread` gives the configuration anew for SIGHUP and may raise ConfigError.
    """
    listener = bind_listener(settings) if duty.serves else None
    door, stop, hung_up = Door(settings), asyncio.Event(), asyncio.Event()
    with _signals(stop.set, hung_up.set), _telling(stop, stage.on_stop):
        async with AsyncExitStack() as stack:
            answering = answer_requests(stage.wrap(door), listener, settings, stop.set, ready=ReadyAnswers(door))
            stop_answering = await stack.enter_async_context(answering)
            stack.callback(door.shut)
            # Beside a door that answers already: the database's libraries are most of what is loaded.
            await asyncio.to_thread(importlib.import_module, "feeds.daemon.site")
            from feeds.daemon.parts import open_parts

            opening = partial(open_parts, settings, portals, stage.clock, f"feeds {duty.role}")
            if listener and settings.publish.share:
                ready = partial(door.shut, ready=has_copies(settings.publish.dir))
                parts = await enter_patiently(stack, opening, stop, ready)
                if parts is None:
                    return None
            else:
                parts = await stack.enter_async_context(opening())
            stack.push_async_callback(stop_answering)  # before the parts are closed
            running = Running(parts, listener.getsockname()[1] if listener else 0, stop)
            await stack.enter_async_context(keep_copying(running.copies, parts, serves=listener is not None))
            door.open(_build_site(running))
            stay = partial(_stay, running, on_ready, hung_up, partial(_reload, running, door, reread))
            await (stay() if duty.role == "web" else _work(running, duty, stage.pace, stay))
    return running.failure


async def _work(running: Running, duty: Duty, pace: float, stay: Callable[[], Awaitable[None]]) -> None:
    """Open the workshop and tick. Its libraries are loaded here, beside a site that answers already."""
    await asyncio.to_thread(importlib.import_module, "feeds.daemon.working")
    from feeds.daemon.epoch import meet_epoch
    from feeds.daemon.working import find_shared_store, run_work
    from feeds.daemon.workshop import open_workshop

    parts = running.parts
    async with open_workshop(parts) as shop:
        running.shop = shop
        await meet_epoch(parts.database, parts.settings.site.secret_file, parts.clock)
        await shop.renew_feeds()
        url = find_shared_store(parts.database, parts.settings.store.url, parts.settings.work.engine)
        async with run_work(lambda: running.workshop, url, duty, pace, _crash_teller(running)):
            await stay()


async def _stay(
    running: Running,
    on_ready: Callable[[Running], None],
    hung_up: asyncio.Event,
    reload: Callable[[], Awaitable[None]],
) -> None:
    """Say that we are ready, and wait for the end. A hang-up that came before is not forgotten."""
    notify_systemd("READY=1")
    log.info("ready", address=running.address, portals=len(running.parts.portals))
    on_ready(running)
    reloading = asyncio.ensure_future(_repeat(hung_up, reload))
    reloading.add_done_callback(partial(_end_with, running))
    try:
        await wait_for_stop(running.stop)
    finally:
        reloading.cancel()
        with suppress(asyncio.CancelledError):
            await reloading
    notify_systemd("STOPPING=1")
    log.info("stopping", reason=running.failure or "asked to")


def _end_with(running: Running, reloading: asyncio.Future[None]) -> None:
    """Stop because reloading ended; where it crashed that is the reason, even if the stop is cut short."""
    crash = None if reloading.cancelled() else reloading.exception()
    if crash is not None:
        running.failure = running.failure or str(crash)
    running.stop.set()


async def _repeat(asked: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work each time it was asked for, one after the other."""
    while await asked.wait():
        asked.clear()
        await work()


def _build_site(running: Running) -> FeedServer:
    from feeds.daemon.site import build_site

    def tell_health() -> dict[str, object]:
        return {"stopping": running.stop.is_set(), "failure": running.failure}

    return build_site(running.parts, tell_health, running.copies.find_standing)


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
def _signals(stop: Callable[[], object], reload: Callable[[], object]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    wanted: dict[int, Callable[[], object]] = {
        signal.SIGTERM: stop,
        signal.SIGINT: stop,
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


@contextmanager
def _telling(stop: asyncio.Event, on_stop: Callable[[], None]) -> Iterator[None]:
    """Have it told that the stop has begun."""
    waiting = asyncio.ensure_future(stop.wait())
    waiting.add_done_callback(lambda done: None if done.cancelled() else on_stop())
    try:
        yield
    finally:
        waiting.cancel()


async def _reload(running: Running, door: Door, reread: Callable[[], Configuration] | None) -> None:
    """Take a new configuration as a whole, or none of it."""
    from feeds.daemon.parts import sync_rows

    if reread is None:
        return
    notify_systemd("RELOADING=1")
    try:
        settings, portals = reread()
        _refuse_emptiness(running.parts.portals, portals)
        if running.shop:
            open_dkim_keys(settings.mail)
    except ConfigError as faults:
        log.warning("configuration refused, the old one stays", faults=[str(fault) for fault in faults.faults])
    else:
        fixed = [name for name in ("store", "web") if getattr(settings, name) != getattr(running.parts.settings, name)]
        fixed += ["mail.relay"] if settings.mail.relay != running.parts.settings.mail.relay else []
        # First the parts, then the rows: a tick must not claim a channel that its workshop does not know.
        running.parts = replace(running.parts, settings=settings, portals=portals)
        running.shop = running.shop.refit(running.parts) if running.shop else None
        door.open(_build_site(running))
        if running.port:
            await running.copies.begin(running.parts)
        try:
            await sync_rows(running.parts)
        except StoreError as fault:
            if not settings.publish.share or running.shop:
                raise
            log.warning("the portals are brought into the database by others", problem=str(fault))
        if running.shop:
            await running.shop.renew_feeds()
        log.info("configuration reloaded", portals=len(portals), needs_restart=fixed or None)
    notify_systemd("READY=1")


def _refuse_emptiness(before: tuple[Portal, ...], after: tuple[Portal, ...]) -> None:
    """Raise ConfigError where no portal is left: a folder that is not there, more likely than a wish.

    Every channel would begin anew when it is back, and what came between would be told to nobody.
    """
    if before and not after:
        raise ConfigError((Fault("portals", "*.toml", "no portal", "at least one; restart to begin without"),))
