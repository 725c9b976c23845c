"""Overviews: when each is visited next, what it showed at the last visit, and of which channels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from feeds.decide.cadence import Share
from feeds.decide.overviews import Lead, may_hasten
from feeds.model import Portal, Validators
from feeds.store import claims
from feeds.store.engine import Transaction
from feeds.store.schema import channel, overview, portal
from feeds.store.shares import read_share
from feeds.store.statements import insert_new


@dataclass(frozen=True)
class OverviewClaim:
    """An overview claim is the right to visit an overview until the lease ends, with what was known of it before."""

    id: int
    portal: str
    url: str
    fence: int
    failures: int
    validators: Validators
    links: Mapping[str, Lead | None] | None
    """What it linked to, by key in page order, each perhaps a lead. None: it was never seen."""
    hit_at: datetime | None
    saved: float
    share: Share | None


@dataclass(frozen=True)
class OverviewResult:
    """An overview result is what a visit leaves. `links` None: nothing was seen."""

    polled_at: datetime
    next_poll: datetime
    problem: str | None
    validators: Validators = Validators()
    links: Mapping[str, Lead | None] | None = None
    shown: Sequence[str] = ()
    hit: bool = False


async def sync_overviews(tx: Transaction, portals: Sequence[Portal], now: datetime) -> None:
    """Make the rows say what the configuration says; a new one is due at once. Doing it twice changes nothing."""
    rows = await tx.execute(select(portal.c.id, portal.c.name))
    ids = {row.name: row.id for row in rows}
    kept: list[int] = []
    for one in portals:
        for url in one.overviews:
            values = {"portal_id": ids[one.name], "url": url, "next_poll": now}
            await tx.execute(insert_new(tx, overview).values(values))
            mine = (overview.c.portal_id == ids[one.name], overview.c.url == url)
            kept.append((await tx.scalars(select(overview.c.id).where(*mine))).one())
            await tx.execute(update(overview).where(*mine).values(retired_at=None))
    gone = (overview.c.id.not_in(kept), overview.c.retired_at.is_(None))
    await tx.execute(update(overview).where(*gone).values(retired_at=now))


async def claim_overviews(
    tx: Transaction, now: datetime, lease: timedelta, limit: int, but: Sequence[int] = ()
) -> list[OverviewClaim]:
    """Take overviews that are due, `but` some; nobody else gets them until the lease ends. Longest due first."""
    wanted = [overview.c.retired_at.is_(None), *claims.spare(claims.OVERVIEWS, but)]
    ids = await claims.claim_rows(tx, claims.OVERVIEWS, (now, lease), limit, wanted)
    return await _load_claims(tx, ids)


async def retake_overviews(tx: Transaction, rows: Sequence[claims.Handed], until: datetime) -> list[OverviewClaim]:
    """Take overviews over whose claims were handed on; left out is what somebody else has."""
    return await _load_claims(tx, await claims.retake_rows(tx, claims.OVERVIEWS, rows, until))


async def _load_claims(tx: Transaction, ids: Sequence[int]) -> list[OverviewClaim]:
    query = select(overview, portal.c.name, portal.c.saved).join(portal, portal.c.id == overview.c.portal_id)
    rows = {row.id: row for row in await tx.execute(query.where(overview.c.id.in_(ids)))}
    return [
        OverviewClaim(
            id=row.id,
            portal=row.name,
            url=row.url,
            fence=row.fence,
            failures=row.failures,
            validators=Validators(row.etag, row.last_modified),
            links=None if row.keys is None else {key: _read_lead(said) for key, said in row.keys.items()},
            hit_at=row.hit_at,
            saved=row.saved,
            share=read_share(row),
        )
        for row in (rows[overview_id] for overview_id in ids)
    ]


async def finish_overview(tx: Transaction, claim: OverviewClaim, result: OverviewResult) -> bool:
    """Write what a visit left; False, and nothing written, if the overview was claimed again meanwhile."""
    changed: dict[str, object] = {
        "polled_at": result.polled_at,
        "next_poll": result.next_poll,
        "problem": result.problem,
        "failures": overview.c.failures + 1 if result.problem else 0,
    }
    if result.links is not None:
        written = {key: [lead.since.isoformat(), lead.tries] if lead else 0 for key, lead in result.links.items()}
        changed |= {"keys": written, "shown": list(result.shown)}
        changed |= {"etag": result.validators.etag, "last_modified": result.validators.last_modified}
    if result.hit:
        changed["hit_at"] = result.polled_at
    held = claims.held(claims.OVERVIEWS, claim.id, claim.fence)
    return (await tx.execute(update(overview).where(held).values(changed))).rowcount == 1


def _read_lead(said: object) -> Lead | None:
    """Return the lead that was written as its time and its tries; a number is a link that was settled."""
    return Lead(datetime.fromisoformat(said[0]), said[1]) if isinstance(said, list) else None


async def hasten_channels(tx: Transaction, portal_name: str, slugs: Collection[str], now: datetime) -> frozenset[str]:
    """Make channels due at once; return those that are, also those that were so already.

    Left alone are those that were never seen, that fail (a server keeps its rest), that are being polled just now and
    that were hastened for nothing too often.
    """
    mine = (channel.c.slug.in_(slugs), channel.c.retired_at.is_(None))
    well = (channel.c.failures == 0, channel.c.baseline_at.is_not(None), channel.c.polled_fence == channel.c.fence)
    query = select(channel, portal.c.saved).join(portal).where(portal.c.name == portal_name, *mine, *well)
    rows = (await tx.execute(query)).all()
    later = [row for row in rows if row.next_poll > now]
    wanted = [row.id for row in later if may_hasten(row.hastened, row.hastened_at, row.saved, now)]
    changed = {"next_poll": now, "hastened": channel.c.hastened + 1, "hastened_at": now}
    hasten = update(channel).where(channel.c.id.in_(wanted), *well).values(changed).returning(channel.c.slug)
    return frozenset(row.slug for row in rows if row.next_poll <= now) | frozenset(await tx.scalars(hasten))


async def load_shown(tx: Transaction, portal_name: str, since: datetime) -> dict[str, AbstractSet[str]]:
    """Return a portal's overviews by address, each with the channels of which it shows rows.

    Only those that went well at the last visit and were visited after `since`: nobody is told by another.
    """
    query = select(overview.c.url, overview.c.shown).join(portal, portal.c.id == overview.c.portal_id)
    well = (overview.c.retired_at.is_(None), overview.c.failures == 0, overview.c.polled_at >= since)
    rows = await tx.execute(query.where(portal.c.name == portal_name, *well))
    return {row.url: frozenset(row.shown) for row in rows}
