"""Looking twice at what is strange: between comparing a list and recording what is new on it.

find     rows that are known ones under new addresses
  | suspect   no overlap, a flood, half a list
  | hold      keep all that is new until a later poll agrees, or the operator says what to do
  | prove     moved rows by their text, once their pages were read
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from feeds.decide.changes import Keyed, ListingChanges, fold_text
from feeds.decide.guard import Move, Place, Suspicion, agrees, find_moves, find_slid, is_recent, prove_moves, suspect
from feeds.flows.listings import Sighting
from feeds.model import Article, Portal, Verdict
from feeds.store import holds, notices
from feeds.store.engine import Database, Transaction
from feeds.store.holds import DISCARD, RELEASE, Hold
from feeds.store.portals import ChannelClaim

log = structlog.get_logger()

_BEHIND = 60
"""Rows behind those of the list that may have moved up with it."""


@dataclass(frozen=True)
class Guarded:
    """Guarded changes are what of a list's changes goes on, what is held, and why."""

    changes: ListingChanges
    moves: tuple[Move, ...] = ()
    """New rows that may be known ones; still among the new."""
    history: frozenset[str] = frozenset()
    """Keys of new rows that are recorded and told to nobody."""
    suspicion: Suspicion | None = None
    detail: str = ""
    held: tuple[Keyed, ...] = ()
    outcome: str | None = None
    """How an open hold ends. None: it stays, or there is none."""


async def guard_changes(
    database: Database, portal: Portal, claim: ChannelClaim, sighting: Sighting, changes: ListingChanges, now: datetime
) -> Guarded:
    """Return what goes on of a list's changes. A baseline holds nothing: it tells nobody anyway."""
    if sighting.verdict is not Verdict.LISTING:
        return Guarded(changes)
    async with database.read() as tx:
        habits = await holds.load_habits(tx, claim.id, now)
        places = await holds.load_places(tx, claim.id, portal.time_zone, len(sighting.items) + _BEHIND)
        hold = await holds.find_hold(tx, claim.id)
    if hold and hold.decision == DISCARD:
        return Guarded(changes, history=frozenset(keyed.key for keyed in changes.new), outcome="discarded")
    moves = _find_moves(portal, sighting, changes, places)
    if claim.baseline_at is None:
        return Guarded(changes, moves)
    if hold and hold.decision == RELEASE:
        return Guarded(changes, moves, outcome="released")
    moved = {move.keyed.key for move in moves}
    fresh = [keyed for keyed in changes.new if keyed.key not in moved]
    overlap = len(sighting.items) - len(fresh)
    slid: frozenset[str] = frozenset()
    if moves or changes.vanished:
        slid = find_slid(sighting.items, {keyed.key for keyed in fresh})
        fresh = [keyed for keyed in fresh if keyed.key not in slid]
    suspicion = suspect(sighting.items, fresh, overlap, habits, now, sighting.rows) if places else None
    if suspicion is None:
        return Guarded(changes, moves, history=slid, outcome="passed" if hold else None)
    if hold and _confirms(hold, suspicion, changes):
        old = frozenset(keyed.key for keyed in fresh if not is_recent(keyed, now))
        return Guarded(changes, moves, history=old | slid, outcome="confirmed")
    kept = ListingChanges(retitled=changes.retitled, unchanged=changes.unchanged)
    detail = _explain(suspicion, len(fresh), len(sighting.items), claim)
    return Guarded(kept, suspicion=suspicion, detail=detail, held=changes.new)


def _find_moves(portal: Portal, sighting: Sighting, changes: ListingChanges, places: list[Place]) -> tuple[Move, ...]:
    listed = {keyed.key for keyed in sighting.items}
    zone = ZoneInfo(portal.time_zone)
    days = {
        keyed.key: keyed.item.published.at.astimezone(zone).date() if keyed.item.published else None
        for keyed in changes.new
    }
    return find_moves(changes.new, [place for place in places if place.key not in listed], days)


def _confirms(hold: Hold, suspicion: Suspicion, changes: ListingChanges) -> bool:
    return hold.reason is suspicion and not suspicion.waits and agrees(hold.keys, changes.new)


def _explain(suspicion: Suspicion, fresh: int, rows: int, claim: ChannelClaim) -> str:
    """Return the sentence for the operator."""
    name = f"{claim.portal}/{claim.slug}"
    said = {
        Suspicion.NO_OVERLAP: f"none of the {rows} rows was ever seen: the list may have moved or be another one",
        Suspicion.FLOOD: f"{fresh} new rows at once, dated before the last poll: perhaps an archive",
        Suspicion.SHRUNK: f"only {rows} rows are left, less than half of before",
        Suspicion.MASS_MOVE: f"{fresh} rows may be known ones under new addresses, their texts cannot be compared",
    }[suspicion]
    wait = (
        f"`feeds holds release {name}` publishes them, `discard` only remembers them"
        if suspicion.waits
        else ("the next poll decides")
    )
    return f"{said}; {wait}"


async def prove(database: Database, claim: ChannelClaim, guarded: Guarded, read: Mapping[str, Article]) -> Guarded:
    """Return the guarded changes with the moves that are proven by text; `read` holds the new articles by key."""
    if not guarded.moves:
        return guarded
    same: dict[str, bool] = {}
    async with database.read() as tx:
        for move in guarded.moves:
            stored = await notices.load_article(tx, move.place.notice_id)
            article = read.get(move.keyed.key)
            if stored is not None and article is not None:
                same[move.keyed.key] = fold_text(stored.body) == fold_text(article.body)
    proven, must_look = prove_moves(guarded.moves, same)
    if must_look and guarded.outcome != "released" and claim.baseline_at is not None:
        held = tuple(move.keyed for move in guarded.moves)
        detail = _explain(Suspicion.MASS_MOVE, len(held), len(held), claim)
        return Guarded(ListingChanges(), suspicion=Suspicion.MASS_MOVE, detail=detail, held=guarded.changes.new)
    moved, gone = {move.keyed.key for move in proven}, {move.place.key for move in proven}
    changes = replace(
        guarded.changes,
        new=tuple(keyed for keyed in guarded.changes.new if keyed.key not in moved),
        vanished=tuple(key for key in guarded.changes.vanished if key not in gone),
    )
    return replace(guarded, changes=changes, moves=proven)


async def record_guarded(tx: Transaction, claim: ChannelClaim, guarded: Guarded, now: datetime) -> None:
    """Write what is held and why, or how a hold ended; and the new addresses of what moved."""
    for move in guarded.moves:
        await holds.rename_notice(tx, claim.portal, move.place.notice_id, move.keyed.key, move.keyed.item.url)
        await notices.join_channel(tx, move.place.notice_id, claim.id, move.keyed.item, now)
    if guarded.suspicion is not None:
        rows = [(keyed.key, keyed.item.title) for keyed in guarded.held]
        await holds.open_hold(tx, claim.id, guarded.suspicion, guarded.detail, rows, now)
    elif guarded.outcome is not None:
        await holds.close_hold(tx, claim.id, guarded.outcome, now)


def tell_operator(claim: ChannelClaim, guarded: Guarded) -> None:
    """Log what is held; at once, and as a warning where the operator must look."""
    if guarded.suspicion is None:
        return
    say = log.warning if guarded.suspicion.waits else log.info
    name = f"{claim.portal}/{claim.slug}"
    say("held", channel=name, reason=guarded.suspicion.value, rows=len(guarded.held), detail=guarded.detail)
