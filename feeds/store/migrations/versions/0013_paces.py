"""Providers have a pace of their own, and addresses that refuse for days are sent nothing more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE delivery SET tries = attempts")
    op.drop_index("ix_delivery_next_at", "delivery")
    op.create_index("ix_delivery_next_at_id", "delivery", ["next_at", "id"])
    asked = sa.text("subscription_id IS NOT NULL")
    op.create_index(
        "ix_delivery_confirmations", "delivery", ["next_at", "id"], sqlite_where=asked, postgresql_where=asked
    )
    op.add_column("attempt", sa.Column("provider", sa.String(255), nullable=True))
    op.add_column("attempt", sa.Column("reply_class", sa.String(16), nullable=True))
    op.create_index("ix_attempt_provider_started_at", "attempt", ["provider", "started_at"])
    op.create_table(
        "suppression",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("struck_at", Utc(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("suppressed_at", Utc(), nullable=True),
        sa.Column("expires_at", Utc(), nullable=True),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("lifted_at", Utc(), nullable=True),
        sa.Column("lifted_by", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name="fk_suppression_subscriber_id"),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_suppression"),
    )
    op.create_table(
        "pace",
        sa.Column("provider", sa.String(255), nullable=False),
        sa.Column("slowed_at", Utc(), nullable=False),
        sa.Column("paused_until", Utc(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.Float(), nullable=True),
        sa.Column("next_free_at", Utc(), nullable=True),
        sa.Column("broken_until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("provider", name="pk_pace"),
    )


def downgrade() -> None:
    op.drop_table("pace")
    op.drop_table("suppression")
    op.drop_index("ix_attempt_provider_started_at", "attempt")
    op.drop_column("attempt", "reply_class")
    op.drop_column("attempt", "provider")
    op.drop_index("ix_delivery_confirmations", "delivery")
    op.drop_index("ix_delivery_next_at_id", "delivery")
    op.create_index("ix_delivery_next_at", "delivery", ["next_at"])
    op.drop_column("delivery", "tries")
