"""What a channel lists keeps when it was not there yet; channels keep how often they were polled for nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("membership", sa.Column("unseen_at", Utc(), nullable=True))
    op.add_column("channel", sa.Column("hastened", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("channel", sa.Column("hastened_at", Utc(), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "hastened_at")
    op.drop_column("channel", "hastened")
    op.drop_column("membership", "unseen_at")
