"""Who is subscribed to a feed is found by its name; what is looked for again and again has its index.

Readers are not held up. Whoever writes subscriptions with the version before must have stopped: it does not know the
table that is filled here.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0026"
branch_labels = None
depends_on = None

_STALE = sa.text("version != published_version")
_TO_TARGETS = sa.text("next_at IS NOT NULL AND medium <> 'mail'")
_BATCH = 20_000
_FILL = """
    INSERT INTO subscription_feed (feed, subscriber_id, subscription_id)
    SELECT named.value, s.subscriber_id, s.id FROM subscription s, {expand}(s.feeds) named
    WHERE s.id > :after AND s.id <= :until
    AND (s.ended_at IS NULL OR s.ended_reason IN ('unsubscribed', 'moved', 'undone'))
    ON CONFLICT DO NOTHING
"""


_INDEXES: tuple[tuple[str, str, str, sa.TextClause | None], ...] = (
    ("ix_event_created_at", "event", "created_at", None),
    ("ix_subscription_confirmed_at", "subscription", "confirmed_at", None),
    ("ix_feed_stale", "feed", "name", _STALE),
    ("ix_delivery_targets_due", "delivery", "next_at", _TO_TARGETS),
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _upgrade()
        return
    with op.get_context().autocommit_block():  # nothing is locked for longer than a batch; all of it can be done twice
        _upgrade(postgresql_concurrently=True)


def _upgrade(**how: Any) -> None:
    op.create_table(
        "subscription_feed",
        sa.Column("feed", sa.Text(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscriber.id"), primary_key=True),
        sa.Column("subscription_id", sa.Integer(), sa.ForeignKey("subscription.id"), primary_key=True),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    here = op.get_bind()
    expand = "json_each" if here.dialect.name == "sqlite" else "json_array_elements_text"
    fill = sa.text(_FILL.format(expand=expand))
    last = here.scalar(sa.text("SELECT max(id) FROM subscription")) or 0
    for after in range(0, last, _BATCH):
        here.execute(fill, {"after": after, "until": after + _BATCH})
    for name, table, column, where in _INDEXES:
        op.drop_index(name, table, if_exists=True, **how)  # one whose making was cut off is there, and of no use
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where, **how)


def downgrade() -> None:
    op.drop_index("ix_delivery_targets_due", "delivery")
    op.drop_index("ix_feed_stale", "feed")
    op.drop_index("ix_subscription_confirmed_at", "subscription")
    op.drop_index("ix_event_created_at", "event")
    op.drop_table("subscription_feed")
