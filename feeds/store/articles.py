"""Articles: which pages are due to be read, and what reading them gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, select, update

from feeds.model import Article, Attachment, Moment, Precision, Verdict
from feeds.store import claims
from feeds.store.archive_pages import take_out
from feeds.store.engine import Transaction
from feeds.store.leisure import charge_portals
from feeds.store.schema import attachment, channel, membership, notice, portal, revision
from feeds.store.statements import AnyRow, Condition

WATCHED = (
    select(membership.c.notice_id)
    .join_from(membership, channel)
    .where(membership.c.notice_id == notice.c.id, channel.c.retired_at.is_(None))
    .correlate(notice)
    .exists()
)
"""Some channel of the configuration lists it or did: what is watched no more is read no more."""


@dataclass(frozen=True)
class ArticleClaim:
    """An article claim is the right to read a notice's page until the lease ends, with what deciding needs to know."""

    notice_id: int
    public_id: str
    portal: str
    channels: tuple[str, ...]
    """Slugs of the watched channels that list it or did, in order of first sight; never empty."""
    url: str
    fence: int
    tries: int
    """Failed readings in a row."""
    has_title: bool
    history: bool
    item_title: str
    first_seen_at: datetime
    read_at: datetime | None
    fingerprint: str | None
    revision: int
    withdrawn: bool
    gone_count: int
    live_memberships: int
    """Watched channels whose list it did not vanish from."""
    witnessed_at: datetime | None = None
    """When a list that has or had it was last seen, of those that answer well. None: none of them does now."""
    at_leisure: bool = False
    """Nobody waits for it: it is read again in case something changed in silence."""


async def claim_articles(
    tx: Transaction, now: datetime, lease: timedelta, limit: int, but: Sequence[int] = ()
) -> list[ArticleClaim]:
    """Take notices whose page is due, `but` some; nobody else gets them until the lease ends. News before history."""
    order = [notice.c.history.asc()]
    wanted = [WATCHED, *claims.spare(claims.ARTICLES, but)]
    ids = await claims.claim_rows(tx, claims.ARTICLES, (now, lease), limit, wanted, order)
    return await _load_claims(tx, ids, at_leisure=False)


async def claim_rereadings(
    tx: Transaction,
    now: datetime,
    lease: timedelta,
    limit: int,
    gaps: Mapping[str, timedelta],
    but: Sequence[int] = (),
) -> list[ArticleClaim]:
    """Take notices to be read again at leisure, at most one of each portal, and charge it to the portal's share.

    `gaps` holds the time that one re-reading uses up, by portal; others get none. News before history, young before
    old: what was just published is corrected soonest. Skipped are a portal that somebody else is charging,
    and the notices in `but`.
    """
    others = claims.spare(claims.REREADINGS, but)
    due = and_(notice.c.portal_id == portal.c.id, notice.c.reread_due <= now, notice.c.article_due.is_(None), *others)
    waiting = select(notice.c.id).where(due).correlate(portal).exists()
    ids: list[int] = []
    for row in await charge_portals(tx, portal.c.reread_until, gaps, now, limit, (waiting,)):
        wanted = [notice.c.portal_id == row.id, notice.c.article_due.is_(None), WATCHED, *others]
        order = [notice.c.history.asc(), notice.c.first_seen_at.desc()]
        ids += await claims.claim_rows(tx, claims.REREADINGS, (now, lease), 1, wanted, order)
    return await _load_claims(tx, ids, at_leisure=True)


async def retake_articles(
    tx: Transaction, rows: Sequence[claims.Handed], until: datetime, *, at_leisure: bool
) -> list[ArticleClaim]:
    """Take notices over whose claims were handed on; left out is what somebody else has, or what nobody lists."""
    ids = await claims.retake_rows(tx, claims.REREADINGS if at_leisure else claims.ARTICLES, rows, until)
    watched = list(await tx.scalars(select(notice.c.id).where(notice.c.id.in_(ids), WATCHED)))
    return await _load_claims(tx, watched, at_leisure=at_leisure)


async def _load_claims(tx: Transaction, ids: Sequence[int], *, at_leisure: bool) -> list[ArticleClaim]:
    query = select(notice, portal.c.name.label("portal_name")).join_from(notice, portal).where(notice.c.id.in_(ids))
    found = {row.id: row for row in await tx.execute(query)}
    places: dict[int, list[AnyRow]] = {}
    for place in await tx.execute(
        select(membership, channel.c.slug, channel.c.polled_at, channel.c.listed_at)
        .join_from(membership, channel)
        .where(membership.c.notice_id.in_(ids), channel.c.retired_at.is_(None))
        .order_by(membership.c.first_seen_at, channel.c.position)
    ):
        places.setdefault(place.notice_id, []).append(place)
    return [_read_claim(found[notice_id], places[notice_id], at_leisure=at_leisure) for notice_id in ids]


def _read_claim(row: AnyRow, places: list[AnyRow], *, at_leisure: bool) -> ArticleClaim:
    return ArticleClaim(
        notice_id=row.id,
        public_id=row.public_id,
        portal=row.portal_name,
        channels=tuple(place.slug for place in places),
        url=row.url,
        fence=row.article_fence,
        tries=row.article_tries,
        has_title=row.title is not None,
        history=row.history,
        item_title=row.item_title,
        first_seen_at=row.first_seen_at,
        read_at=row.article_read_at,
        fingerprint=row.fingerprint,
        revision=row.revision,
        withdrawn=row.withdrawn_at is not None,
        gone_count=row.gone_count,
        live_memberships=sum(place.vanished_at is None for place in places),
        at_leisure=at_leisure,
        witnessed_at=max((place.listed_at for place in places if _is_well(place)), default=None),
    )


def _is_well(place: AnyRow) -> bool:
    """Tell whether a channel's last poll saw a list and believed it."""
    return place.listed_at is not None and place.listed_at == place.polled_at


async def load_article(tx: Transaction, notice_id: int) -> Article | None:
    """Return the article as it was last read; None if it never was."""
    row = (await tx.execute(select(notice).where(notice.c.id == notice_id))).one_or_none()
    if row is None or row.article_read_at is None:
        return None
    return read_article_row(row, await load_attachments(tx, notice_id))


async def load_attachments(tx: Transaction, notice_id: int) -> tuple[Attachment, ...]:
    """Return a notice's attachments in the order of its page."""
    mine = select(attachment).where(attachment.c.notice_id == notice_id).order_by(attachment.c.position)
    return tuple(Attachment(row.url, row.name, row.type) for row in await tx.execute(mine))


async def save_article(
    tx: Transaction, claim: ArticleClaim, article: Article, fingerprint: str, reread: datetime | None, now: datetime
) -> bool:
    """Store a good reading, to be done again at `reread`; False, and nothing written, for a claim overtaken.

    The version rises only if something stored differs. The published time is frozen once it is known to the minute.
    The first reading belongs to the first revision: nobody was shown another text before.
    """
    row = (await tx.execute(select(notice).where(_held(claim)).with_for_update())).one_or_none()
    if row is None:
        return False
    changed = write_article(article, fingerprint, now)
    if article.title:
        changed["title"] = article.title
    changed |= _refine_moment(row, article.published, now)
    before = await load_attachments(tx, claim.notice_id)
    differs = before != article.attachments or any(
        getattr(row, name) != value for name, value in changed.items() if name not in _UNSEEN
    )
    state = {"article_due": None, "reread_due": reread, "article_tries": 0, "article_problem": None, "gone_count": 0}
    version = notice.c.version + (1 if differs else 0)
    await tx.execute(update(notice).where(_held(claim)).values(**changed, **state, version=version))
    if before != article.attachments:
        await write_attachments(tx, claim.notice_id, article.attachments)
    if row.article_read_at is None:
        first = and_(revision.c.notice_id == claim.notice_id, revision.c.number == 1)
        title = article.title or row.title or row.item_title
        await tx.execute(update(revision).where(first).values(title=title, body=article.body))
        await take_out(tx, claim.notice_id)
    return True


_UNSEEN = frozenset({"article_read_at", "fingerprint", "evidence"})
"""Columns of a reading that nobody is shown."""


def _refine_moment(row: AnyRow, published: Moment | None, now: datetime) -> dict[str, object]:
    """Return the published time as far as the article says it more exactly, and history's new place in feeds."""
    exact = published is not None and published.precision is not Precision.DAY
    if published is None or not (row.published_at is None or (row.published_precision == Precision.DAY and exact)):
        return {}
    changed: dict[str, object] = dict(write_moment(published))
    if row.history:
        changed["sort_at"] = published.at
        if row.revision == 1:
            changed["updated_at"] = min(published.at, now)
    return changed


async def save_article_failure(
    tx: Transaction,
    claim: ArticleClaim,
    problem: str,
    gone: bool,  # noqa: FBT001
    due: datetime | None,
    reread: datetime | None,
) -> bool:
    """Store that a reading failed; what was read before stays. False, and nothing written, for a claim overtaken.

    It is tried again at `due`, because somebody waits, or at `reread`, at leisure.
    """
    changed = {
        "article_due": due,
        "reread_due": reread,
        "article_tries": notice.c.article_tries + 1,
        "article_problem": problem,
        "gone_count": notice.c.gone_count + (1 if gone else 0),
    }
    return (await tx.execute(update(notice).where(_held(claim)).values(changed))).rowcount == 1


def _held(claim: ArticleClaim) -> Condition:
    return claims.held(claims.ARTICLES, claim.notice_id, claim.fence)


async def add_revision(
    tx: Transaction, notice_id: int, title: str, body: str, changed: tuple[str, ...], now: datetime
) -> int:
    """Record a significant change as the next revision; return its number. `updated` moves to now."""
    risen = {"revision": notice.c.revision + 1, "version": notice.c.version + 1, "updated_at": now}
    raised = update(notice).where(notice.c.id == notice_id).values(risen).returning(notice.c.revision)
    number = int((await tx.execute(raised)).scalar_one())
    state = {"seen_at": now, "title": title, "body": body, "changed": list(changed)}
    await tx.execute(insert(revision).values(notice_id=notice_id, number=number, **state))
    await take_out(tx, notice_id)
    return number


async def is_anothers(tx: Transaction, name: str, article: Article) -> bool:
    """Tell whether a notice of the portal at another address has the very title and text of an article."""
    text = (notice.c.title == article.title, notice.c.body == article.body)
    same = (portal.c.name == name, notice.c.url != article.url, *text)
    return await tx.scalar(select(notice.c.id).join(portal).where(*same).limit(1)) is not None


async def count_gone(tx: Transaction, name: str, tries: int) -> int:
    """Return how many notices of a portal have lately gone, without counting as withdrawn.

    Those that could not be read more often than `tries` times in a row are dead links that the portal keeps showing.
    """
    gone = (notice.c.gone_count > 0, notice.c.article_tries <= tries, notice.c.withdrawn_at.is_(None))
    shown = (portal.c.name == name, notice.c.title.is_not(None), WATCHED)
    return int(await tx.scalar(select(func.count()).select_from(notice).join(portal).where(*shown, *gone)) or 0)


async def set_withdrawn(tx: Transaction, notice_id: int, at: datetime | None) -> None:
    """Record that the portal withdrew a notice, or (None) that it stands again."""
    other = notice.c.withdrawn_at.is_(None) if at else notice.c.withdrawn_at.is_not(None)
    changed = {"withdrawn_at": at, "version": notice.c.version + 1}
    if (await tx.execute(update(notice).where(notice.c.id == notice_id, other).values(changed))).rowcount:
        await take_out(tx, notice_id)


def write_moment(moment: Moment | None) -> Mapping[str, object]:
    """Return the columns of a published time."""
    return {
        "published_at": moment.at if moment else None,
        "published_precision": moment.precision.value if moment else None,
        "published_origin": moment.origin if moment else None,
    }


def write_article(article: Article, fingerprint: str | None, now: datetime) -> dict[str, object]:
    """Return the columns of a reading, title and published time left out."""
    return {
        "article_read_at": now,
        "fingerprint": fingerprint,
        "editor": article.editor,
        "source": article.source,
        "author": article.author,
        "column_name": article.column,
        "number": article.number,
        "body": article.body,
        "body_html": article.body_html,
        "images": list(article.images),
        "evidence": dict(article.evidence),
    }


async def write_attachments(tx: Transaction, notice_id: int, attachments: Iterable[Attachment]) -> None:
    """Replace a notice's attachments."""
    await tx.execute(delete(attachment).where(attachment.c.notice_id == notice_id))
    rows = [
        {"notice_id": notice_id, "position": position, "url": one.url, "name": one.name, "type": one.type[:128]}
        for position, one in enumerate(attachments)
    ]
    if rows:
        await tx.execute(insert(attachment), rows)


def read_moment(row: AnyRow) -> Moment | None:
    """Return a notice row's published time."""
    if row.published_at is None:
        return None
    return Moment(row.published_at, Precision(row.published_precision), row.published_origin)


def read_article_row(row: AnyRow, attachments: tuple[Attachment, ...]) -> Article:
    """Return the article that a notice row holds."""
    return Article(
        url=row.url,
        verdict=Verdict.ARTICLE,
        title=row.title,
        published=read_moment(row),
        editor=row.editor,
        source=row.source,
        author=row.author,
        column=row.column_name,
        number=row.number,
        body=row.body,
        body_html=row.body_html,
        attachments=attachments,
        images=tuple(row.images),
        evidence=dict(row.evidence),
    )
