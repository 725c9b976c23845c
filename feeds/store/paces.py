"""The paces of mail providers, shared by every process, and what their newest attempts came to."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select

from feeds.mailboxes import Pace, ReplyClass
from feeds.store.engine import Transaction
from feeds.store.schema import attempt, pace
from feeds.store.statements import AnyRow, put_row


async def load_paces(tx: Transaction, since: datetime) -> dict[str, Pace]:
    """Return the paces that were slowed lately, by provider; in a writing transaction nobody else changes them."""
    query = select(pace).where(pace.c.slowed_at > since).order_by(pace.c.provider).with_for_update()
    return {row.provider: _read_pace(row) for row in await tx.execute(query)}


async def list_paces(tx: Transaction, since: datetime) -> list[Pace]:
    """Return the paces that were slowed lately, for the operator."""
    query = select(pace).where(pace.c.slowed_at > since).order_by(pace.c.provider)
    return [_read_pace(row) for row in await tx.execute(query)]


async def find_pace(tx: Transaction, provider: str) -> Pace | None:
    """Return a provider's pace, to be changed in this transaction; None: it never said anything."""
    query = select(pace).where(pace.c.provider == provider).with_for_update()
    row = (await tx.execute(query)).one_or_none()
    return _read_pace(row) if row else None


async def save_pace(tx: Transaction, changed: Pace) -> None:
    """Record a provider's pace."""
    await put_row(tx, pace, asdict(changed))


async def count_accepted(tx: Transaction, provider: str, since: datetime) -> int:
    """Return how many mails a provider took that were begun after a time."""
    taken = (attempt.c.provider == provider, attempt.c.started_at > since, attempt.c.reply_class == ReplyClass.OK.value)
    return int((await tx.execute(select(func.count()).select_from(attempt).where(*taken))).scalar_one())


async def count_refused(tx: Transaction, provider: str, since: datetime, newest: int) -> tuple[int, int]:
    """Return how many of a provider's newest attempts since a time there are, and how many of them met a 5xx."""
    theirs = (
        select(attempt.c.reply_code)
        .where(attempt.c.provider == provider, attempt.c.started_at > since)
        .order_by(attempt.c.started_at.desc())
        .limit(newest)
    )
    codes = (await tx.scalars(theirs)).all()
    return len(codes), sum(code is not None and code >= 500 for code in codes)


def _read_pace(row: AnyRow) -> Pace:
    return Pace(**row._asdict())
