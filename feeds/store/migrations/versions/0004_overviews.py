"""Pages that show what is new in several channels are visited too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("polled_fence", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE channel SET polled_fence = fence")  # whoever polls just now is overtaken at worst
    op.create_table(
        "overview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("next_poll", Utc(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("polled_at", Utc(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("keys", sa.JSON(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("hit_at", Utc(), nullable=True),
        sa.Column("retired_at", Utc(), nullable=True),
        sa.Column("learned_at", Utc(), nullable=True),
        sa.Column("rates", sa.JSON(), nullable=True),
        sa.Column("followers", sa.Float(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("longest_seconds", sa.Float(), nullable=True),
        sa.Column("usual", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["portal_id"], ["portal.id"], name="fk_overview_portal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_overview"),
        sa.UniqueConstraint("portal_id", "url", name="uq_overview_portal_id_url"),
    )
    op.create_index("ix_overview_next_poll", "overview", ["next_poll"])


def downgrade() -> None:
    op.drop_table("overview")
    op.drop_column("channel", "polled_fence")
