"""The pages of channels' archives, and which notices no page has as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_UNWRITTEN = sa.text("written_at IS NULL")


def upgrade() -> None:
    op.add_column("membership", sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_membership_unarchived",
        "membership",
        ["channel_id", "notice_id"],
        sqlite_where=sa.text("archived = 0"),
        postgresql_where=sa.text("archived = false"),
    )
    op.create_table(
        "archive_page",
        sa.Column("channel_id", sa.Integer(), sa.ForeignKey("channel.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("notice_ids", sa.JSON(), nullable=False),
        sa.Column("closed_at", Utc(), nullable=False),
        sa.Column("written_at", Utc(), nullable=True),
    )
    op.create_index(
        "ix_archive_page_unwritten",
        "archive_page",
        ["channel_id", "number"],
        sqlite_where=_UNWRITTEN,
        postgresql_where=_UNWRITTEN,
    )


def downgrade() -> None:
    op.drop_table("archive_page")
    op.drop_index("ix_membership_unarchived", "membership")
    op.drop_column("membership", "archived")
