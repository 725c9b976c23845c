"""What comes to people's mailboxes in the tests of this room: every mail that is due, through the real delivery."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select

from feeds.decide.sign_ups import sign_stamp
from feeds.flows.compose import Composing
from feeds.flows.deliver import Delivering, claim_due, deliver
from feeds.model import Subscription
from feeds.send.relay import Pool, open_relay
from feeds.send.sink import SinkMail, list_mails
from feeds.store.schema import metadata
from feeds.store.subscribers import find_subscriber, list_subscriptions
from tests.serve.town import KEYRING, Town, load_templates

HERE = {"sec-fetch-site": "same-origin"}
FORM = {"address": "su.kun@example.com", "feed": "linjiang/tzgg", "frequency": "daily", "changes": "yes"}
_CODE = re.compile(r"^\d{6}$", re.MULTILINE)


async def collect_mails(town: Town) -> list[SinkMail]:
    """Send what is due; return every mail that was ever sent, oldest first."""
    relay = open_relay(f"sink:{town.folder}/mail", Pool(1, 100))
    portals = {portal.name: portal for portal in town.portals}
    composing = Composing(
        town.settings.site, town.settings.mail, town.settings.alerts, portals, KEYRING, load_templates()
    )
    delivering = Delivering(town.database, relay, composing, lambda: town.now)
    while due := await claim_due(delivering, 50):
        for one in due:
            await deliver(delivering, one)
    await relay.close()
    return list_mails(town.folder / "mail")[::-1]


async def sign_up(town: Town, client: httpx.AsyncClient, **other: str) -> httpx.Response:
    """Send the form, filled in for half a minute, as a browser on our page does."""
    stamp = sign_stamp(KEYRING, town.now - timedelta(seconds=30), 0.5)
    return await client.post("/subscribe", data={**FORM, "stamp": stamp, **other}, headers=HERE)


async def subscriptions_of(town: Town, address: str) -> list[Subscription]:
    """Everything an address is or was subscribed to."""
    async with town.database.read() as tx:
        subscriber = await find_subscriber(tx, address)
        return await list_subscriptions(tx, subscriber.id, live_only=False) if subscriber else []


async def read_tables(town: Town) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    async with town.database.read() as tx:
        return {
            name: sorted((tuple(row) for row in await tx.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }


def find_code(mail: SinkMail) -> str:
    """The six digits in a confirmation mail."""
    (code,) = _CODE.findall(mail.text.replace("\r", ""))
    return str(code)


def find_erasure_link(mail: SinkMail) -> str:
    """The path of the link in the mail that asks whether to erase."""
    (link,) = [word for word in mail.text.split() if "/erase/" in word]
    return urlsplit(link).path


@asynccontextmanager
async def visit_from(town: Town, host: str) -> AsyncIterator[httpx.AsyncClient]:
    """Visit the application from an IP address, as a browser that keeps cookies."""
    transport = httpx.ASGITransport(town.build(), client=(host, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url=town.base_url) as client:
        yield client
