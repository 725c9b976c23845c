"""WebSub hubs, and what each was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed", sa.Column("digest", sa.String(64), nullable=True))
    op.add_column("feed", sa.Column("changed_version", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "hub",
        sa.Column("url", sa.String(2000), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
    )
    op.create_table(
        "hub_ping",
        sa.Column("hub", sa.String(2000), sa.ForeignKey("hub.url"), primary_key=True),
        sa.Column("feed", sa.String(160), sa.ForeignKey("feed.name"), primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("hub_ping")
    op.drop_table("hub")
    op.drop_column("feed", "changed_version")
    op.drop_column("feed", "digest")
