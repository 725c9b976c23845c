"""Channels remember a gap that a walk down their list had to leave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("gap", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("channel", "gap")
