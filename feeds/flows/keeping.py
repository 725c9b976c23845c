"""Keeping copies of what notices link to: portals lose and replace their attachments.

want      the files of what was read or revised since
  | claim     one that is due, within the portal's share, after all articles
  | fetch     it, politely
  | check     what it is, by its bytes
  | put       the bytes into the vault: whole or not at all
  | record    the row that names them; what is over the budget is dropped, the longest kept first

Nobody waits for a copy: nothing of this holds up an article or an alert. Dying between any two steps loses nothing: a
claim comes due again, bytes that no row names are swept, a row whose bytes are gone has them fetched again.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from feeds.config import FileSettings, PollSettings
from feeds.decide.cadence import space_files
from feeds.decide.timing import is_quiet, retry_file
from feeds.fetch.addresses import parse_url
from feeds.fetch.client import PortalClient, check_target
from feeds.flows.poll import find_budget
from feeds.flows.strangers import leave_strangers
from feeds.model import Attachment, Fetched, FetchFailure, Portal
from feeds.read.kinds import FileKind, check_file
from feeds.read.links import file_ending, file_name
from feeds.store import claims, copies, files
from feeds.store.engine import Database
from feeds.store.files import Copy, FileClaim, Unfiled, WantedFile
from feeds.store.vault import PARTS, Vault
from feeds.work.tasks import HandOver, Row, keep_here, list_handed

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
"""Longer than a large file of a slow portal takes, and the wait for its turn."""
LOOK_AGAIN = timedelta(days=7)
"""After which a file is looked at once more: it may have been replaced without a word on its page."""
MOST_FILES = 60
"""Of one notice; attachments first."""
_AT_ONCE = 5
"""Notices of a portal that are looked through at a time."""
_YOUNG = timedelta(days=7)
"""Bytes that no row names may be about to be named for so long: longer than any lease."""
_LASTING = frozenset({"too large", "foreign host", "private address", "protocol", "robots"})
"""Failures that another try would not mend."""

STEPS = ("file.claimed", "file.fetched", "file.put", "file.recorded", "file.done")
"""Names given to `trace`, in order."""


@dataclass(frozen=True)
class Keeping:
    """What keeping copies needs: the composition root makes one."""

    database: Database
    client: PortalClient
    portals: Mapping[str, Portal]
    files: FileSettings
    poll: PollSettings
    vault: Vault
    clock: Callable[[], datetime]
    trace: Callable[[str], None] = lambda _: None


async def claim_due(keeping: Keeping, limit: int, hand_over: HandOver = keep_here) -> list[FileClaim]:
    """Take files that are due, at most one of each portal; nobody else gets them until the lease ends.

    None of a portal that opted out, or that is to be left alone at this hour.
    """
    now = keeping.clock()
    wanting = [one for one in keeping.portals.values() if one.files and keeping.files.keep]
    await _want_files(keeping, wanting, now)
    awake = [one for one in wanting if not is_quiet(now, one.quiet, ZoneInfo(one.time_zone))]
    gaps = {one.name: space_files(find_budget(one, keeping.poll)) for one in awake}
    if not gaps:
        return []
    async with keeping.database.write() as tx:
        claimed = await files.claim_files(tx, now, LEASE, limit, gaps)
        await hand_over(tx, claimed)
    return claimed


async def retake(keeping: Keeping, rows: Sequence[Row]) -> list[FileClaim]:
    """Take files over whose claims were handed on; left out is what somebody else has, or of portals unknown here."""
    now = keeping.clock()
    async with keeping.database.write() as tx:
        taken = await files.retake_files(tx, list_handed(rows), now + LEASE)
        return await leave_strangers(tx, claims.FILES, taken, lambda claim: claim.portal in keeping.portals, now)


async def renew(keeping: Keeping, rows: Sequence[Row]) -> None:
    """Have the leases of claims begin anew: their work takes long, or waits for its turn at a portal."""
    async with keeping.database.write() as tx:
        await claims.renew_rows(tx, claims.FILES, list_handed(rows), keeping.clock() + LEASE)


async def _want_files(keeping: Keeping, portals: Collection[Portal], now: datetime) -> None:
    """Make the files of notices due that were read or revised since they were last looked through; a few at a time."""
    async with keeping.database.read() as tx:
        unfiled = [one for each in portals for one in await files.list_unfiled(tx, each.name, _AT_ONCE)]
    if unfiled:
        async with keeping.database.write() as tx:
            for one in unfiled:
                await files.want_files(tx, one, _choose_files(keeping.portals[one.portal], one), now)


def _choose_files(portal: Portal, one: Unfiled) -> list[WantedFile]:
    """Return what a notice links to, each address once: attachments, then the pictures of its text."""
    pictures = (Attachment(url, file_name(url), "") for url in one.images)
    found: dict[str, WantedFile] = {}
    for file in (*one.attachments, *pictures):
        target = parse_url(file.url)
        if target is not None and file.url not in found and len(found) < MOST_FILES:
            refusal = check_target(portal, target, None)
            found[file.url] = WantedFile(file.url, file.name, not file.type, refusal.problem if refusal else None)
    return list(found.values())


async def keep_file(keeping: Keeping, claim: FileClaim) -> str | None:
    """Fetch one claimed file and keep what it is; return why it was not kept, None if it was or is as before."""
    keeping.trace("file.claimed")
    portal = keeping.portals[claim.portal]
    outcome = await keeping.client.get_file(portal, claim.url, keeping.files.most_bytes, claim.validators)
    keeping.trace("file.fetched")
    now = keeping.clock()
    if isinstance(outcome, FetchFailure):
        return await _fail(keeping, claim, outcome.problem, lasting=outcome.reason in _LASTING)
    if outcome.status == 304:
        async with keeping.database.write() as tx:
            await files.save_look(tx, claim, _plan_look(claim, now))
        return None
    if outcome.status != 200:
        return await _fail(keeping, claim, f"the portal answers {outcome.status}")
    ending = file_ending(claim.url) or file_ending(f"/{claim.name}")
    kind = await asyncio.to_thread(check_file, outcome.body, ending)
    if isinstance(kind, str):
        return await _fail(keeping, claim, f"not kept: it is {kind}")
    try:
        await _put(keeping, claim, outcome, kind, now)
    except OSError as fault:
        log.warning("a copy cannot be written", folder=str(keeping.vault.folder), problem=fault.strerror or str(fault))
        return await _fail(keeping, claim, f"the copy cannot be written: {fault.strerror or fault}")
    keeping.trace("file.done")
    return None


async def _put(keeping: Keeping, claim: FileClaim, fetched: Fetched, kind: FileKind, now: datetime) -> None:
    """Put the bytes there, then the row that names them. Raises OSError: then there is no row either."""
    vault, body = keeping.vault, fetched.body
    await _open_vault(keeping)
    name = await asyncio.to_thread(vault.put, body, now)
    keeping.trace("file.put")
    copy = Copy(name, len(body), kind.type)
    async with keeping.database.write() as tx:
        saved = await files.save_copy(tx, claim, copy, fetched.validators, _plan_look(claim, now), now)
    keeping.trace("file.recorded")
    if saved and name != claim.sha256:
        log.info("kept", notice=claim.public_id, url=claim.url, type=kind.type, bytes=len(body), again=claim.sha256)
    over = await _keep_to_budget(keeping)
    if saved and name not in over and vault.find(name) is None:
        # Somebody who dropped the same bytes took them away before our row was there.
        await asyncio.to_thread(vault.put, body, now)


async def _open_vault(keeping: Keeping) -> None:
    """Make a vault of the folder before the first copy. Raises OSError where there are copies, and it is none."""
    if await asyncio.to_thread(keeping.vault.is_ours):
        return
    async with keeping.database.read() as tx:
        many, _ = await copies.measure_files(tx)
    if many:
        raise OSError(errno.ENOENT, "the folder of copies is not there; is its disk mounted?")
    await asyncio.to_thread(keeping.vault.open_new)


async def _keep_to_budget(keeping: Keeping) -> Collection[str]:
    """Drop what was fetched longest ago while all is more than the budget; return the hashes of that."""
    async with keeping.database.read() as tx:
        _, size = await copies.measure_files(tx)
    if size <= keeping.files.budget:
        return ()
    async with keeping.database.write() as tx:
        over = await copies.drop_oldest(tx, keeping.files.budget, keeping.clock())
    log.info("the budget of copies is full: the oldest are dropped", files=len(over))
    await _remove(keeping, over)
    return over


def _plan_look(claim: FileClaim, now: datetime) -> datetime | None:
    """Return when to look once more; None: it was looked at twice since the notice was last revised, and rests."""
    return now + LOOK_AGAIN if claim.looks == 0 else None


async def _fail(keeping: Keeping, claim: FileClaim, problem: str, *, lasting: bool = False) -> str:
    due = retry_file(keeping.clock(), claim.tries, lasting=lasting)
    async with keeping.database.write() as tx:
        await files.save_failure(tx, claim, problem, due)
    log.info("not kept", notice=claim.public_id, url=claim.url, problem=problem)
    return problem


async def _remove(keeping: Keeping, names: Collection[str]) -> None:
    """Take bytes away that no row names."""
    if names:
        async with keeping.database.read() as tx:
            named = await copies.list_kept(tx, names)
        for name in names:
            if name not in named:
                await asyncio.to_thread(keeping.vault.remove, name)


async def tidy_files(keeping: Keeping) -> None:
    """Delete what portals have that opted out, and keep to the budget, which may be another one by now.

    Each minute another part of the vault is held against the rows.
    """
    part = PARTS[int(keeping.clock().timestamp() // 60) % len(PARTS)]
    try:
        await _leave_alone(keeping)
        await _keep_to_budget(keeping)
        await compare_part(keeping, part)
    except OSError as fault:
        log.warning("the copies cannot be looked through", part=part, problem=fault.strerror or str(fault))


async def _leave_alone(keeping: Keeping) -> None:
    opted_out = [one.name for one in keeping.portals.values() if not one.files]
    if opted_out:
        async with keeping.database.write() as tx:
            names = await copies.delete_files(tx, opted_out)
        if names:
            log.info("the copies of portals that opted out are deleted", portals=opted_out, files=len(names))
        await _remove(keeping, names)


async def compare_part(keeping: Keeping, part: str) -> tuple[int, int]:
    """Fetch again what rows name and is not there, sweep what is there and no row names; return how many of each.

    Where the folder is not the vault (a disk that is not mounted) nothing is lost, and nothing swept. Raises OSError.
    """
    now, vault = keeping.clock(), keeping.vault
    async with keeping.database.read() as tx:
        named = await copies.list_part(tx, part)
    if not await asyncio.to_thread(vault.is_ours):
        if named:
            log.error("the folder of copies is not there; is its disk mounted?", folder=str(vault.folder))
        return 0, 0
    there = await asyncio.to_thread(vault.list_part, part)
    lost = [name for name, size in named.items() if there.get(name) != size]
    again = 0
    if lost:
        async with keeping.database.write() as tx:
            again = await copies.drop_lost(tx, lost, now)
        log.warning("copies were lost; they are fetched again", files=len(lost), part=part)
    swept = await asyncio.to_thread(vault.sweep_part, part, frozenset(named), now - _YOUNG)
    return again, swept
