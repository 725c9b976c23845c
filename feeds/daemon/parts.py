"""The parts of a running installation, put together once and taken apart in reverse."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import jinja2

from feeds import __version__
from feeds.config import Settings
from feeds.daemon.secret import open_keyring
from feeds.daemon.templates import load_templates
from feeds.decide.tokens import Keyring
from feeds.errors import ConfigError, Fault
from feeds.fetch.client import PortalClient
from feeds.flows.alert import Alerting
from feeds.flows.compose import Composing
from feeds.flows.deliver import Delivering
from feeds.flows.poll import Polling
from feeds.flows.publish import Publishing
from feeds.model import Portal
from feeds.send.relay import Relay, open_relay
from feeds.store import portals as portal_rows
from feeds.store.engine import Database, open_database


def read_clock() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Parts:
    """What the commands and the daemon work with."""

    settings: Settings
    portals: tuple[Portal, ...]
    database: Database
    keyring: Keyring
    templates: jinja2.Environment
    polling: Polling
    publishing: Publishing
    alerting: Alerting
    delivering: Delivering

    def reload(self, settings: Settings, portals: tuple[Portal, ...]) -> Parts:
        """Return parts for another configuration over the same database, client, relay and cache."""
        named = {portal.name: portal for portal in portals}
        composing = replace(self.delivering.composing, site=settings.site, mail=settings.mail, portals=named)
        return replace(
            self,
            settings=settings,
            portals=portals,
            polling=replace(self.polling, portals=named, settings=settings.poll),
            publishing=Publishing(self.database, named, settings.site, settings.publish, self.publishing.clock),
            alerting=replace(self.alerting, site=settings.site, settings=settings.alerts),
            delivering=replace(self.delivering, composing=composing),
        )


@asynccontextmanager
async def open_parts(
    settings: Settings,
    portals: tuple[Portal, ...],
    clock: Callable[[], datetime] = read_clock,
    trace: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Parts]:
    """Open database, client and relay, bring the configured portals into the store, and close all in reverse."""
    async with AsyncExitStack() as stack:
        keyring = open_keyring(settings.site.secret_file)
        database = await open_database(settings.store.url)
        stack.push_async_callback(database.close)
        async with database.write() as tx:
            await portal_rows.sync_portals(tx, portals, clock())
        client = await stack.enter_async_context(
            PortalClient(user_agent=name_ourselves(settings), clock=time.monotonic, jitter=random.random)
        )
        relay = _open_relay(settings)
        stack.push_async_callback(relay.close)
        templates = load_templates()
        named = {portal.name: portal for portal in portals}
        composing = Composing(settings.site, settings.mail, named, keyring, templates)
        yield Parts(
            settings=settings,
            portals=portals,
            database=database,
            keyring=keyring,
            templates=templates,
            polling=Polling(database, client, named, settings.poll, clock, random.random, trace),
            publishing=Publishing(database, named, settings.site, settings.publish, clock, trace),
            alerting=Alerting(database, settings.site, settings.alerts, clock, trace),
            delivering=Delivering(database, relay, composing, clock),
        )


def _open_relay(settings: Settings) -> Relay:
    try:
        return open_relay(settings.mail.relay)
    except ValueError as fault:
        allowed = "smtp://, smtps://, smtp+starttls:// or sink:DIR, as in the comments of feeds.toml"
        raise ConfigError((Fault("feeds.toml", "mail.relay", str(fault), allowed),)) from None


def name_ourselves(settings: Settings) -> str:
    """Return the User-Agent that portals see: honest, with an address to complain to."""
    contact = settings.site.contact or settings.site.base_url
    return settings.poll.user_agent or f"noticefeeds/{__version__} (+{contact})"
