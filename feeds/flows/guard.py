"""Looking twice at what is strange: between comparing a list and recording what is new on it.

find     rows that are known ones under new addresses
  | suspect   no overlap, a flood, half a list
  | hold      keep all that is new until a later poll agrees, or the operator says what to do
  | prove     moved rows by their text, once their pages were read
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from feeds.decide.changes import Keyed, ListingChanges
from feeds.decide.folding import fold_text
from feeds.decide.guard import (
    ChannelHabits,
    Move,
    Place,
    Suspicion,
    agrees,
    find_moves,
    find_slid,
    is_recent,
    prove_moves,
    suspect,
)
from feeds.flows.listings import Sighting
from feeds.model import Article, Portal, Verdict
from feeds.store import holds, notices
from feeds.store.engine import Database, Transaction
from feeds.store.holds import DISCARD, Hold
from feeds.store.notices import KnownNotice
from feeds.store.portals import ChannelClaim

log = structlog.get_logger()

_BEHIND = 60
"""Rows behind those of the list that may have moved up with it."""


@dataclass(frozen=True)
class Seen:
    """What a poll saw: the list, what is new on it, and the notices that are known under the keys of its rows."""

    sighting: Sighting
    changes: ListingChanges
    known: Mapping[str, KnownNotice]


@dataclass(frozen=True)
class Guarded:
    """Guarded changes are what of a list's changes goes on, what is held, and why."""

    changes: ListingChanges
    moves: tuple[Move, ...] = ()
    """New rows that may be known ones; still among the new until they are proven."""
    back: tuple[Move, ...] = ()
    """Known rows that are listed under a former address again."""
    history: frozenset[str] = frozenset()
    """Keys of new rows that are recorded and told to nobody."""
    suspicion: Suspicion | None = None
    detail: str = ""
    held: tuple[Keyed, ...] = ()
    hold: Hold | None = None
    """The hold that was open before this poll. None: there was none."""
    decided: frozenset[str] = frozenset()
    """Keys of rows that the operator, or a second poll, has decided upon."""
    outcome: str | None = None
    """How the open hold ends. None: it stays, or there is none."""
    resting: bool = False
    """The hold stays as it is: only the first page was looked at, and it shows nothing else."""


async def guard_changes(database: Database, portal: Portal, claim: ChannelClaim, seen: Seen, now: datetime) -> Guarded:
    """Return what goes on of a list's changes, moves not proven yet. A baseline holds nothing: it tells nobody."""
    sighting, changes = seen.sighting, seen.changes
    if sighting.verdict is not Verdict.LISTING:
        return Guarded(changes)
    if hold := sighting.hold:
        held = tuple(keyed for keyed in changes.new if keyed.key in hold.keys)
        return Guarded(ListingChanges(), suspicion=hold.reason, detail=hold.detail, held=held, hold=hold, resting=True)
    async with database.read() as tx:
        habits = await holds.load_habits(tx, claim.id, now)
        places = await holds.load_places(tx, claim.id, portal.time_zone, len(sighting.items) + _BEHIND)
        hold = await holds.find_hold(tx, claim.id)
    moves = _find_moves(portal, seen, places)
    guarded = Guarded(changes, moves, _find_back(seen), hold=hold)
    if claim.baseline_at is None:
        return replace(guarded, outcome="passed" if hold else None)
    if hold and hold.decision:
        history = hold.keys if hold.decision == DISCARD else frozenset()
        outcome = "discarded" if hold.decision == DISCARD else "released"
        guarded = replace(guarded, history=history, decided=hold.keys, outcome=outcome)
    tentative = [move.keyed.key for move in moves]
    return _judge(guarded, claim, seen, places, tentative, habits, now)


def _find_moves(portal: Portal, seen: Seen, places: Sequence[Place]) -> tuple[Move, ...]:
    listed = {notice.notice_id for notice in seen.known.values()}
    zone = ZoneInfo(portal.time_zone)
    days = {
        keyed.key: keyed.item.published.at.astimezone(zone).date() if keyed.item.published else None
        for keyed in seen.changes.new
    }
    return find_moves(seen.changes.new, [place for place in places if place.notice_id not in listed], days)


def _find_back(seen: Seen) -> tuple[Move, ...]:
    """Return known rows whose former address is listed, and their present one is not."""
    listed = {notice.notice_id for notice in seen.known.values() if not notice.alias}
    former = [(keyed, seen.known[keyed.key]) for keyed in seen.sighting.items if keyed.key in seen.known]
    return tuple(
        Move(keyed, Place(notice.notice_id, keyed.key, keyed.item.title, None))
        for keyed, notice in former
        if notice.alias and notice.notice_id not in listed
    )


def _judge(
    guarded: Guarded,
    claim: ChannelClaim,
    seen: Seen,
    places: Sequence[Place],
    moved: Collection[str],
    habits: ChannelHabits,
    now: datetime,
) -> Guarded:
    """Return the guarded changes with what is held of them; `moved` are keys of rows that count as known."""
    sighting, hold = seen.sighting, guarded.hold
    own = {place.notice_id for place in places}
    foreign = {one.key for one in seen.changes.joined if seen.known[one.key].notice_id not in own}
    new = {keyed.key for keyed in guarded.changes.new} - set(moved) - guarded.decided
    slid = find_slid(sighting.items, new, len(guarded.changes.vanished) + len(moved)) if sighting.more else frozenset()
    fresh = [keyed for keyed in sighting.items if keyed.key in (new | foreign) - slid]
    strange = {keyed.key for keyed in fresh}
    overlap = sum(1 for keyed in sighting.items if keyed.key not in strange and not keyed.item.pinned)
    suspicion = suspect(sighting.items, fresh, overlap, habits, now, sighting.rows) if places else None
    if suspicion is Suspicion.SHRUNK and guarded.decided:
        suspicion = None  # who decided upon the rows saw how many there are
    if suspicion and hold and hold.reason.waits and not guarded.decided and hold.reason is not Suspicion.MOVED:
        suspicion = hold.reason  # what waits for the operator is not let go by a second poll
    history = guarded.history | slid
    if suspicion is None:
        return replace(guarded, history=history, outcome=guarded.outcome or ("passed" if hold else None))
    if hold and not guarded.decided and _confirms(hold, suspicion, guarded.changes):
        flood = suspicion is Suspicion.FLOOD
        old = frozenset(keyed.key for keyed in fresh if flood and not is_recent(keyed, now))
        return replace(guarded, history=history | old, outcome="confirmed")
    held = tuple(keyed for keyed in guarded.changes.new if keyed.key in strange)
    going = tuple(keyed for keyed in guarded.changes.new if keyed.key in guarded.decided)
    kept = ListingChanges(new=going, retitled=guarded.changes.retitled, unchanged=guarded.changes.unchanged)
    detail = _explain(suspicion, len(held), sighting.rows, claim)
    return replace(
        guarded, changes=kept, moves=(), back=(), history=history, suspicion=suspicion, detail=detail, held=held
    )


def _confirms(hold: Hold, suspicion: Suspicion, changes: ListingChanges) -> bool:
    return hold.reason is suspicion and not suspicion.waits and agrees(hold.keys, changes.new)


def _explain(suspicion: Suspicion, fresh: int, rows: int, claim: ChannelClaim) -> str:
    """Return the sentence for the operator."""
    name = f"{claim.portal}/{claim.slug}"
    said = {
        Suspicion.NO_OVERLAP: f"none of the {rows} rows was ever seen: the list may have moved or be another one",
        Suspicion.FLOOD: f"{fresh} new rows at once, dated before the last poll: perhaps an archive",
        Suspicion.SHRUNK: f"only {rows} rows are left, less than half of before",
        Suspicion.MOVED: f"{fresh} rows may be known ones under new addresses, their texts cannot be compared",
    }[suspicion]
    if not suspicion.waits:
        return f"{said}; the next poll decides"
    discard = "takes them for the known ones" if suspicion is Suspicion.MOVED else "only remembers them"
    return f"{said}; `feeds holds release {name}` publishes them, `discard` {discard}"


async def prove(
    database: Database,
    portal: Portal,
    claim: ChannelClaim,
    seen: Seen,
    guarded: Guarded,
    read: Mapping[str, Article],
    now: datetime,
) -> Guarded:
    """Return the guarded changes with the moves that are proven by text; `read` holds the new articles by key.

    Rows that were taken for moved and are not are judged as new ones; those of which nothing can be said are held.
    """
    if not guarded.moves:
        return guarded
    async with database.read() as tx:
        compared = {move.keyed.key: await _compare_text(tx, move, read) for move in guarded.moves}
        habits = await holds.load_habits(tx, claim.id, now)
        places = await holds.load_places(tx, claim.id, portal.time_zone, len(seen.sighting.items) + _BEHIND)
    same = {key: equal for key, equal in compared.items() if equal is not None}
    proven, unknown = prove_moves(guarded.moves, same)
    if guarded.outcome == "discarded" and guarded.hold and guarded.hold.reason is Suspicion.MOVED:
        proven, unknown = guarded.moves, ()  # the operator says that they are the known ones
    unknown = tuple(move for move in unknown if move.keyed.key not in guarded.decided and claim.baseline_at is not None)
    moved, gone = {move.keyed.key for move in proven}, {move.place.key for move in (*proven, *unknown)}
    changes = replace(
        guarded.changes,
        new=tuple(keyed for keyed in guarded.changes.new if keyed.key not in moved),
        vanished=tuple(key for key in guarded.changes.vanished if key not in gone),
    )
    guarded = replace(guarded, changes=changes, moves=proven)
    refuted = any(equal is False for equal in compared.values())  # then the others are no known ground either
    tentative = moved if refuted else moved | {move.keyed.key for move in unknown}
    if claim.baseline_at is not None:
        guarded = replace(_judge(guarded, claim, seen, places, tentative, habits, now), moves=proven)
    if guarded.suspicion is None and unknown:
        held = tuple(move.keyed for move in unknown)
        going = tuple(keyed for keyed in guarded.changes.new if keyed not in held)
        detail = _explain(Suspicion.MOVED, len(held), seen.sighting.rows, claim)
        changes = replace(guarded.changes, new=going)
        outcome = guarded.outcome if guarded.decided else None
        return replace(guarded, changes=changes, suspicion=Suspicion.MOVED, detail=detail, held=held, outcome=outcome)
    return guarded


async def _compare_text(tx: Transaction, move: Move, read: Mapping[str, Article]) -> bool | None:
    """Tell whether a row that may have moved has the known notice's text; None where one of the two is not known."""
    stored, article = await notices.load_article(tx, move.place.notice_id), read.get(move.keyed.key)
    return None if stored is None or article is None else fold_text(stored.body) == fold_text(article.body)


async def record_guarded(tx: Transaction, claim: ChannelClaim, guarded: Guarded, now: datetime) -> None:
    """Write what is held and why, or how a hold ended; and the new addresses of what moved."""
    if guarded.resting and guarded.hold:
        await holds.see_hold(tx, guarded.hold.id, now)
        return
    for move in (*guarded.moves, *guarded.back):
        await holds.rename_notice(tx, claim.portal, move.place.notice_id, move.keyed.key, move.keyed.item.url)
        await notices.join_channel(tx, move.place.notice_id, claim.id, move.keyed.item, now)
    if guarded.outcome is not None:
        await holds.close_hold(tx, claim.id, guarded.outcome, now)
    if guarded.suspicion is not None:
        rows = [(keyed.key, keyed.item.title) for keyed in guarded.held]
        await holds.open_hold(tx, claim.id, guarded.suspicion, guarded.detail, rows, now)


def tell_operator(claim: ChannelClaim, guarded: Guarded) -> None:
    """Log what is held, once; as a warning where the operator must look."""
    if guarded.suspicion is None or (guarded.hold and guarded.hold.reason is guarded.suspicion):
        return
    say = log.warning if guarded.suspicion.waits else log.info
    name = f"{claim.portal}/{claim.slug}"
    say("held", channel=name, reason=guarded.suspicion.value, rows=len(guarded.held), detail=guarded.detail)
