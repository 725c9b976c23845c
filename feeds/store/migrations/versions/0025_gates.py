"""Gates of portals, their places and their robots.txt, for all machines that share the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portal_gate",
        sa.Column("portal", sa.String(64), primary_key=True),
        sa.Column("next_start", Utc(), nullable=False),
        sa.Column("gap_seconds", sa.Float(), nullable=False),
        sa.Column("closed_until", Utc(), nullable=True),
    )
    op.create_table(
        "portal_place",
        sa.Column("portal", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "portal_wish",
        sa.Column("portal", sa.String(64), primary_key=True),
        sa.Column("process", sa.String(64), primary_key=True),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
    )
    op.create_table(
        "robots",
        sa.Column("portal", sa.String(64), primary_key=True),
        sa.Column("origin", sa.String(300), primary_key=True),
        sa.Column("fetched_at", Utc(), nullable=True),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("closed", sa.Text(), nullable=True),
        sa.Column("asked_until", Utc(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("robots")
    op.drop_table("portal_wish")
    op.drop_table("portal_place")
    op.drop_table("portal_gate")
