"""Checks of the ledger are kept, attempts say whether they repeat something, a restored database is known as one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_REPEATED = """
    UPDATE attempt SET repeats = true WHERE number > 1 AND EXISTS (
        SELECT 1 FROM attempt AS before
        WHERE before.delivery_id = attempt.delivery_id AND before.number < attempt.number AND before.ended_at IS NULL
    )
"""


def upgrade() -> None:
    sums = ("expected", "accepted", "live", "waiting", "failed", "suppressed", "unaccounted")
    op.create_table(
        "tally",
        sa.Column("event_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in sums),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name="fk_tally_event_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_tally"),
    )
    wrong = sa.text("unaccounted <> 0")
    op.create_index("ix_tally_wrong", "tally", ["event_id"], sqlite_where=wrong, postgresql_where=wrong)
    op.create_table(
        "ledger_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("checked_at", Utc(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("round_ended_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_check"),
    )
    op.create_table(
        "epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("beat_at", Utc(), nullable=False),
        sa.Column("told_until", Utc(), nullable=True),
        sa.Column("held_until", Utc(), nullable=True),
        sa.Column("discards", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_epoch"),
    )
    op.add_column("delivery", sa.Column("retried_at", Utc(), nullable=True))
    lost = sa.text("state IN ('failed', 'expired')")
    op.create_index("ix_delivery_lost", "delivery", ["id"], sqlite_where=lost, postgresql_where=lost)
    op.add_column("attempt", sa.Column("repeats", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_REPEATED)
    op.create_index(
        "ix_attempt_repeats",
        "attempt",
        ["delivery_id"],
        sqlite_where=sa.text("repeats = 1"),
        postgresql_where=sa.text("repeats"),
    )


def downgrade() -> None:
    op.drop_index("ix_attempt_repeats", "attempt")
    op.drop_column("attempt", "repeats")
    op.drop_index("ix_delivery_lost", "delivery")
    op.drop_column("delivery", "retried_at")
    op.drop_table("epoch")
    op.drop_table("ledger_check")
    op.drop_index("ix_tally_wrong", "tally")
    op.drop_table("tally")
