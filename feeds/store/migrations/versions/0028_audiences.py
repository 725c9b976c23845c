"""Who is subscribed to a feed is found by its name; what is looked for again and again has its index.

Readers are not held up. Whoever writes subscriptions with the version before must have stopped: it does not know the
table that is filled here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0024"
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


def upgrade() -> None:
    op.create_table(
        "subscription_feed",
        sa.Column("feed", sa.Text(), primary_key=True),
        sa.Column("subscriber_id", sa.Integer(), sa.ForeignKey("subscriber.id"), primary_key=True),
        sa.Column("subscription_id", sa.Integer(), sa.ForeignKey("subscription.id"), primary_key=True),
        sqlite_with_rowid=False,
    )
    here = op.get_bind()
    expand = "json_each" if here.dialect.name == "sqlite" else "json_array_elements_text"
    fill = sa.text(_FILL.format(expand=expand))
    last = here.scalar(sa.text("SELECT max(id) FROM subscription")) or 0
    for after in range(0, last, _BATCH):
        here.execute(fill, {"after": after, "until": after + _BATCH})
    op.create_index("ix_event_created_at", "event", ["created_at"])
    op.create_index("ix_subscription_confirmed_at", "subscription", ["confirmed_at"])
    op.create_index("ix_feed_stale", "feed", ["name"], sqlite_where=_STALE, postgresql_where=_STALE)
    op.create_index(
        "ix_delivery_targets_due", "delivery", ["next_at"], sqlite_where=_TO_TARGETS, postgresql_where=_TO_TARGETS
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_targets_due", "delivery")
    op.drop_index("ix_feed_stale", "feed")
    op.drop_index("ix_subscription_confirmed_at", "subscription")
    op.drop_index("ix_event_created_at", "event")
    op.drop_table("subscription_feed")
