"""Channels keep how they fare, since when, and what the operator was told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIMES = ("health_since", "told_ill_at", "patience_at")


def upgrade() -> None:
    op.add_column("channel", sa.Column("health", sa.String(16), nullable=True))
    op.add_column("channel", sa.Column("health_since", Utc(), nullable=True))
    op.add_column("channel", sa.Column("told_ill_at", Utc(), nullable=True))
    op.add_column("channel", sa.Column("patience", sa.Integer(), nullable=True))
    op.add_column("channel", sa.Column("patience_at", Utc(), nullable=True))


def downgrade() -> None:
    for name in ("patience", "health", *_TIMES):
        op.drop_column("channel", name)
