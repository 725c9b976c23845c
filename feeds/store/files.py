"""Files that notices link to: of which a copy is wanted, which is to be fetched next, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, insert, select, update

from feeds.model import Attachment, Validators
from feeds.store import claims
from feeds.store.articles import WATCHED
from feeds.store.engine import Transaction
from feeds.store.leisure import charge_portals
from feeds.store.schema import attachment, kept_file, notice, portal, wanted_file
from feeds.store.statements import Condition


@dataclass(frozen=True)
class Unfiled:
    """A notice that was read or revised since it was last looked through for files."""

    notice_id: int
    portal: str
    portal_id: int
    revision: int
    attachments: tuple[Attachment, ...]
    images: tuple[str, ...]


@dataclass(frozen=True)
class WantedFile:
    """A file of which a copy is wanted."""

    url: str
    name: str
    picture: bool
    problem: str | None = None
    """Why it will not be asked for. None: it will."""


@dataclass(frozen=True)
class FileClaim:
    """A file claim is the right to fetch a file until the lease ends, with what deciding needs to know."""

    id: int
    portal: str
    public_id: str
    url: str
    name: str
    fence: int
    tries: int
    """Failed ones in a row."""
    looks: int
    """Good ones since its notice was last revised."""
    validators: Validators
    sha256: str | None
    """Of the newest copy. None: none is kept."""


@dataclass(frozen=True)
class Copy:
    """What a file's bytes are."""

    sha256: str
    size: int
    type: str


async def list_unfiled(tx: Transaction, name: str, limit: int) -> list[Unfiled]:
    """Return notices of a portal whose files are not known to be wanted yet, the newest first."""
    behind = (notice.c.filed_revision < notice.c.revision, notice.c.article_read_at.is_not(None))
    own = select(portal.c.id).where(portal.c.name == name).scalar_subquery()
    query = select(notice).where(notice.c.portal_id == own, *behind).order_by(notice.c.id.desc()).limit(limit)
    rows = (await tx.execute(query)).all()
    files: dict[int, list[Attachment]] = {}
    mine = select(attachment).where(attachment.c.notice_id.in_([row.id for row in rows]))
    for row in await tx.execute(mine.order_by(attachment.c.notice_id, attachment.c.position)):
        files.setdefault(row.notice_id, []).append(Attachment(row.url, row.name, row.type))
    return [
        Unfiled(row.id, name, row.portal_id, row.revision, tuple(files.get(row.id, ())), tuple(row.images))
        for row in rows
    ]


async def want_files(tx: Transaction, one: Unfiled, wanted: Sequence[WantedFile], now: datetime) -> None:
    """Make a notice's files due, also those fetched before: it was revised, and they may be others by now.

    What it links to no more is fetched no more. Nothing happens if the notice was looked through or revised meanwhile.
    """
    here = and_(notice.c.id == one.notice_id, notice.c.revision == one.revision, notice.c.filed_revision < one.revision)
    if (await tx.execute(update(notice).where(here).values(filed_revision=one.revision))).rowcount == 0:
        return
    mine = wanted_file.c.notice_id == one.notice_id
    known = {row.url: row.id for row in await tx.execute(select(wanted_file.c.id, wanted_file.c.url).where(mine))}
    await tx.execute(update(wanted_file).where(mine).values(due=None))
    for each in wanted:
        state = {"due": None if each.problem else now, "problem": each.problem, "tries": 0, "looks": 0}
        facts = {"name": each.name, "picture": each.picture}
        if each.url in known:
            await tx.execute(update(wanted_file).where(wanted_file.c.id == known[each.url]).values(**state, **facts))
        else:
            owner = {"portal_id": one.portal_id, "notice_id": one.notice_id, "url": each.url, "fence": 0}
            await tx.execute(insert(wanted_file).values(**owner, **state, **facts))


async def claim_files(
    tx: Transaction, now: datetime, lease: timedelta, limit: int, gaps: Mapping[str, timedelta]
) -> list[FileClaim]:
    """Take files that are due, at most one of each portal, and charge it to the portal's share (`gaps`).

    None of a portal with articles to be read. Attachments before pictures, news before history, new before old.
    """
    due = and_(wanted_file.c.portal_id == portal.c.id, wanted_file.c.due <= now)
    waiting = select(wanted_file.c.id).where(due).correlate(portal).exists()
    unread = and_(notice.c.portal_id == portal.c.id, notice.c.article_due <= now, WATCHED)
    busy = select(notice.c.id).where(unread).correlate(portal).exists()
    history = select(notice.c.history).where(notice.c.id == wanted_file.c.notice_id).scalar_subquery()
    order = [wanted_file.c.picture, history, wanted_file.c.notice_id.desc()]
    ids: list[int] = []
    for row in await charge_portals(tx, portal.c.files_until, gaps, now, limit, (waiting, ~busy)):
        mine: list[Condition] = [wanted_file.c.portal_id == row.id]
        ids += await claims.claim_rows(tx, claims.FILES, (now, lease), 1, mine, order)
    return [await _load_claim(tx, file_id) for file_id in ids]


async def retake_files(tx: Transaction, rows: Sequence[claims.Handed], until: datetime) -> list[FileClaim]:
    """Take files over whose claims were handed on; left out is what somebody else has."""
    return [await _load_claim(tx, file_id) for file_id in await claims.retake_rows(tx, claims.FILES, rows, until)]


async def _load_claim(tx: Transaction, file_id: int) -> FileClaim:
    query = select(wanted_file, portal.c.name.label("portal_name"), notice.c.public_id)
    query = query.join_from(wanted_file, portal, wanted_file.c.portal_id == portal.c.id)
    query = query.join(notice, wanted_file.c.notice_id == notice.c.id)
    row = (await tx.execute(query.where(wanted_file.c.id == file_id))).one()
    newest = await find_newest(tx, file_id)
    return FileClaim(
        id=row.id,
        portal=row.portal_name,
        public_id=row.public_id,
        url=row.url,
        name=row.name,
        fence=row.fence,
        tries=row.tries,
        looks=row.looks,
        validators=Validators(row.etag, row.last_modified) if newest else Validators(),
        sha256=newest,
    )


async def find_newest(tx: Transaction, file_id: int) -> str | None:
    """Return the hash of a wanted file's newest copy that is kept; None: none is."""
    mine = (kept_file.c.wanted_id == file_id, kept_file.c.dropped_at.is_(None))
    query = select(kept_file.c.sha256).where(*mine).order_by(kept_file.c.id.desc()).limit(1)
    found: str | None = await tx.scalar(query)
    return found


async def save_copy(
    tx: Transaction, claim: FileClaim, copy: Copy, validators: Validators, due: datetime | None, now: datetime
) -> bool:
    """Record that a file was fetched; a copy that differs from the newest one is a further one. Look again at `due`.

    False, and nothing written, for a claim overtaken.
    """
    seen = {"etag": validators.etag, "last_modified": validators.last_modified}
    if not await save_look(tx, claim, due, seen):
        return False
    if await find_newest(tx, claim.id) != copy.sha256:
        facts = {"sha256": copy.sha256, "size": copy.size, "type": copy.type}
        await tx.execute(insert(kept_file).values(wanted_id=claim.id, fetched_at=now, **facts))
    return True


async def save_look(
    tx: Transaction, claim: FileClaim, due: datetime | None, seen: Mapping[str, object] | None = None
) -> bool:
    """Record that the portal has the file still, as we have it; False for a claim overtaken."""
    good = {"due": due, "tries": 0, "looks": claim.looks + 1, "problem": None, **(seen or {})}
    return (await tx.execute(update(wanted_file).where(_held(claim)).values(good))).rowcount == 1


async def save_failure(tx: Transaction, claim: FileClaim, problem: str, due: datetime | None) -> None:
    """Record why a file was not fetched or not kept, and when to try again; nothing for a claim overtaken."""
    bad = {"due": due, "tries": claim.tries + 1, "problem": problem}
    await tx.execute(update(wanted_file).where(_held(claim)).values(bad))


def _held(claim: FileClaim) -> Condition:
    return claims.held(claims.FILES, claim.id, claim.fence)
