"""Copies of attachments and pictures: which are wanted, and which are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_UNFILED = sa.text("filed_revision < revision AND article_read_at IS NOT NULL")
_STILL_KEPT = sa.text("dropped_at IS NULL")


def upgrade() -> None:
    op.add_column("portal", sa.Column("files_until", Utc(), nullable=True))
    op.add_column("notice", sa.Column("filed_revision", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_notice_unfiled", "notice", ["portal_id", "id"], sqlite_where=_UNFILED, postgresql_where=_UNFILED
    )
    op.create_table(
        "wanted_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("portal_id", sa.Integer(), sa.ForeignKey("portal.id"), nullable=False),
        sa.Column("notice_id", sa.Integer(), sa.ForeignKey("notice.id"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("picture", sa.Boolean(), nullable=False),
        sa.Column("due", Utc(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
    )
    op.create_index("ix_wanted_file_portal_id_due", "wanted_file", ["portal_id", "due"])
    op.create_index("ix_wanted_file_notice_id", "wanted_file", ["notice_id"])
    op.create_table(
        "kept_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("wanted_id", sa.Integer(), sa.ForeignKey("wanted_file.id"), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("fetched_at", Utc(), nullable=False),
        sa.Column("dropped_at", Utc(), nullable=True),
        sa.Column("dropped_for", sa.String(16), nullable=True),
    )
    op.create_index("ix_kept_file_wanted_id", "kept_file", ["wanted_id"])
    op.create_index("ix_kept_file_sha256", "kept_file", ["sha256"])
    op.create_index(
        "ix_kept_file_kept", "kept_file", ["fetched_at"], sqlite_where=_STILL_KEPT, postgresql_where=_STILL_KEPT
    )


def downgrade() -> None:
    op.drop_table("kept_file")
    op.drop_table("wanted_file")
    op.drop_index("ix_notice_unfiled", "notice")
    op.drop_column("notice", "filed_revision")
    op.drop_column("portal", "files_until")
