"""The workshop: everything that polls, publishes, fans out and delivers, put together over the parts."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from feeds.config import Settings
from feeds.daemon.parts import Parts
from feeds.daemon.sealing import open_dkim_keys
from feeds.daemon.visitor import open_client, open_poster
from feeds.errors import ConfigError, Fault
from feeds.fetch.client import PortalClient
from feeds.fetch.post import Poster
from feeds.flows.alert import Alerting
from feeds.flows.compose import Composing
from feeds.flows.deliver import Delivering
from feeds.flows.health import Watching
from feeds.flows.hubs import Heralding, renew_hubs
from feeds.flows.keeping import Keeping
from feeds.flows.pacing import Pacing
from feeds.flows.poll import Polling
from feeds.flows.post import Posting
from feeds.flows.publish import renew_feeds
from feeds.flows.rendering import EntryCache, Publishing
from feeds.flows.returned import Returning
from feeds.send.chat import send_chat
from feeds.send.relay import Pool, Relay, open_relay
from feeds.send.returned import open_mailbox
from feeds.send.sightings import Search, open_search
from feeds.store.vault import Vault


@dataclass(frozen=True)
class Workshop:
    """What each flow needs, for one configuration."""

    polling: Polling
    publishing: Publishing
    heralding: Heralding
    alerting: Alerting
    delivering: Delivering
    posting: Posting
    watching: Watching
    keeping: Keeping
    returning: Returning | None
    """None: no mailbox is read."""

    async def renew_feeds(self) -> None:
        """Have every feed written anew if what they are rendered with has changed, or their files are gone.

        Hubs that were configured since count as told of all that is published already.
        """
        await renew_feeds(self.publishing)
        await renew_hubs(self.heralding)

    def refit(self, parts: Parts) -> Workshop:
        """Return a workshop for another configuration, over the same clients, relay and database."""
        return fit_workshop(parts, (self.polling.client, self.posting.poster), self.delivering.relay)


@asynccontextmanager
async def open_workshop(parts: Parts) -> AsyncIterator[Workshop]:
    """Open the clients for portals and targets and the relay for mails, and close them at the end."""
    relay = open_configured_relay(parts.settings)
    try:
        async with (
            open_client(parts.settings, parts) as client,
            open_poster(parts.settings) as poster,
        ):
            yield fit_workshop(parts, (client, poster), relay)
    finally:
        await relay.close()


def fit_workshop(parts: Parts, clients: tuple[PortalClient, Poster], relay: Relay) -> Workshop:
    """Give every flow its parts. Raises ConfigError if a key that signs mails cannot be used."""
    client, poster = clients
    settings, database, clock = parts.settings, parts.database, parts.clock
    portals = {portal.name: portal for portal in parts.portals}
    keys = open_dkim_keys(settings.mail)
    composing = Composing(settings.site, settings.mail, settings.alerts, portals, parts.keyring, parts.templates, keys)
    at_once = 8 * settings.mail.connections
    pacing = Pacing(urlsplit(settings.mail.relay).hostname or "", random.random)
    return Workshop(
        polling=Polling(database, client, portals, settings.poll, clock, random.random),
        publishing=Publishing(database, portals, settings.site, settings.publish, clock, cache=EntryCache()),
        heralding=Heralding(database, settings.site, settings.publish, poster, clock),
        alerting=Alerting(database, portals, settings.site, settings.alerts, clock),
        delivering=Delivering(database, relay, composing, clock, pacing, _open_search(settings), at_once=at_once),
        posting=Posting(database, composing, poster, send_chat, clock, random.random),
        watching=Watching(database, relay, portals, settings, clock, keys),
        keeping=Keeping(database, client, portals, settings.files, settings.poll, Vault(settings.files.dir), clock),
        returning=fit_returning(parts),
    )


def _open_search(settings: Settings) -> Search:
    mail = settings.mail
    return open_search(mail.relay, mail.relay_log, mail.sent_imap)


def fit_returning(parts: Parts) -> Returning | None:
    """Give the reading of mails that come back its parts; None: no mailbox for them is configured."""
    mail = parts.settings.mail
    if mail.returned is None or mail.bounce_domain is None:
        return None
    return Returning(parts.database, parts.keyring, mail.bounce_domain, parts.clock, open_mailbox(mail.returned))


def open_configured_relay(settings: Settings) -> Relay:
    """Return the relay of the configuration, nothing connected yet. Raises ConfigError if its address names none."""
    try:
        return open_relay(settings.mail.relay, Pool(settings.mail.connections, settings.mail.mails_per_connection))
    except ValueError as fault:
        allowed = "smtp://, smtps://, smtp+starttls://, spool:DIR or sink:DIR, as in the comments of feeds.toml"
        raise ConfigError((Fault("feeds.toml", "mail.relay", str(fault), allowed),)) from None
