"""Channels keep their share of the portal's requests, portals what they saved of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal", sa.Column("saved", sa.Float(), nullable=False, server_default="0"))
    op.add_column("portal", sa.Column("saved_at", Utc(), nullable=True))
    op.add_column("channel", sa.Column("hit_at", Utc(), nullable=True))
    op.create_table(
        "share",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("learned_at", Utc(), nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("followers", sa.Float(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("longest_seconds", sa.Float(), nullable=False),
        sa.Column("usual", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name="fk_share_channel_id"),
        sa.PrimaryKeyConstraint("channel_id", name="pk_share"),
    )


def downgrade() -> None:
    op.drop_table("share")
    op.drop_column("channel", "hit_at")
    op.drop_column("portal", "saved_at")
    op.drop_column("portal", "saved")
