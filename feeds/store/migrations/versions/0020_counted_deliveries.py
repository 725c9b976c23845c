"""Deliveries are counted once, and those that were not accepted by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("counted_until", "counted"):
        op.add_column("ledger_check", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    unaccepted = sa.text("state <> 'accepted'")
    op.create_index("ix_delivery_open", "delivery", ["state"], sqlite_where=unaccepted, postgresql_where=unaccepted)


def downgrade() -> None:
    op.drop_index("ix_delivery_open", "delivery")
    for name in ("counted", "counted_until"):
        op.drop_column("ledger_check", name)
