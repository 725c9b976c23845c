"""Webhooks and chat robots are told beside mailboxes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "target",
        sa.Column("subscriber_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("registered_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name="fk_target_subscriber_id"),
        sa.PrimaryKeyConstraint("subscriber_id", name="pk_target"),
    )
    waiting = sa.text("next_at IS NOT NULL AND medium <> 'mail'")
    op.create_index(
        "ix_delivery_targets", "delivery", ["subscriber_id", "id"], sqlite_where=waiting, postgresql_where=waiting
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_targets", "delivery")
    op.drop_table("target")
