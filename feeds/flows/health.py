"""How channels fare, and telling the operator once when one turns ill and once when it is well.

learn     once a day, how long each channel is usually silent
  | judge     every channel, by its last polls and its own silence
  | gather    what the operator does not know, all of a portal's at once
  | note      that it is told, before anything goes out: a restart tells nothing twice
  | send      one mail for each portal; what the relay does not take is tried again
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby
from zoneinfo import ZoneInfo

import structlog

from feeds.config import Settings
from feeds.decide.health import Condition, find_news, judge_health, learn_patience
from feeds.model import Health, Portal
from feeds.render.dkim import DkimKey, sign_message
from feeds.render.message import Envelope, build_message, find_address
from feeds.render.operator import HealthNews, write_health
from feeds.send.relay import Relay
from feeds.store import health, shares
from feeds.store.engine import Database

log = structlog.get_logger()

_AGE = timedelta(days=1)
_AT_ONCE = 20
_MEMORY = timedelta(days=3 * 365)
"""A channel of quarterly resolutions shows a dozen gaps in it."""


@dataclass(frozen=True)
class Watching:
    """What watching over channels needs: the composition root makes one."""

    database: Database
    relay: Relay
    portals: Mapping[str, Portal]
    settings: Settings
    clock: Callable[[], datetime]
    dkim_keys: Sequence[DkimKey] = ()


async def watch_health(watching: Watching) -> int:
    """Judge every channel and tell the operator what is new; return how many mails the relay took."""
    await learn_silence(watching)
    await judge_channels(watching)
    return await tell_operator(watching)


async def learn_silence(watching: Watching) -> None:
    """Learn how long the channels of a few portals are usually silent."""
    now = watching.clock()
    async with watching.database.read() as tx:
        names = await health.find_unlearned(tx, now - _AGE, _AT_ONCE)
    for name in names:
        if name not in watching.portals:
            continue
        zone = ZoneInfo(watching.portals[name].time_zone)
        async with watching.database.read() as tx:
            posts = await shares.load_posts(tx, name, now - _MEMORY, zone)
        times = {slug: [post.at for post in each] for slug, each in posts.items()}
        patience = {slug: await asyncio.to_thread(learn_patience, each, zone) for slug, each in times.items()}
        async with watching.database.write() as tx:
            await health.save_patience(tx, name, patience, now)


async def judge_channels(watching: Watching) -> None:
    """Write how each channel fares, where that changed."""
    now = watching.clock()
    async with watching.database.write() as tx:
        for one in await health.load_conditions(tx):
            if one.portal not in watching.portals:
                continue
            judged = judge_health(one, now, ZoneInfo(watching.portals[one.portal].time_zone))
            if judged is not None and judged is not one.before:
                await health.save_health(tx, one.id, judged, now)
                log.info("health", channel=one.id, before=one.before, now=judged.value)


async def tell_operator(watching: Watching) -> int:
    """Send one mail for each portal with news; return how many the relay took. Nobody is told without an address."""
    recipient = watching.settings.admin.mail
    if recipient is None:
        return 0
    now = watching.clock()
    async with watching.database.write() as tx:
        conditions = await health.load_conditions(tx)
        news = {
            name: [one for one in find_news(list(each), now) if await health.save_told(tx, one, now)]
            for name, each in groupby(conditions, lambda one: one.portal)
            if name in watching.portals
        }
        named = await health.name_channels(tx, [one.id for each in news.values() for one in each])
    return sum([await _tell(watching, name, each, named, recipient) for name, each in news.items() if each])


async def _tell(
    watching: Watching,
    name: str,
    news: Sequence[Condition],
    named: Mapping[int, tuple[str, str | None]],
    recipient: str,
) -> int:
    """Send the mail on one portal; 0: the relay did not take it, and it is news again."""
    portal, base = watching.portals[name], watching.settings.site.base_url
    titles = {channel.name: channel.title for channel in portal.channels}
    told = [
        HealthNews(channel, titles.get(channel, channel), one.before or Health.HEALTHY, problem)
        for one in news
        for channel, problem in [named[one.id]]
    ]
    sender = find_address(watching.settings.mail.from_)
    identity = sha256(repr([(one.id, one.before, one.since) for one in news]).encode()).hexdigest()[:32]
    envelope = Envelope(
        sender=sender,
        recipient=recipient,
        from_header=watching.settings.mail.from_,
        reply_to=None,
        date=watching.clock().astimezone(ZoneInfo(watching.settings.site.time_zone)),
        message_id=f"<health.{identity}@{sender.rpartition('@')[2]}>",
    )
    body = build_message(write_health(portal.title, told, f"{base}/status"), envelope, None)
    reply = await watching.relay.send(sender, recipient, sign_message(body, watching.dkim_keys))
    log.info("told the operator", portal=name, channels=len(news), reply=f"{reply.code or '-'} {reply.text}"[:200])
    if reply.accepted or reply.in_doubt:
        return int(reply.accepted)
    async with watching.database.write() as tx:
        for one in news:
            await health.restore_told(tx, one)
    return 0
