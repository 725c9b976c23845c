"""Published documents, for machines that have no folder in common."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("path", sa.Text(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("modified_at", Utc(), nullable=False),
        sa.Column("gz", sa.LargeBinary(), nullable=True),
        sa.Column("br", sa.LargeBinary(), nullable=True),
        sa.Column("zst", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_document_version", "document", ["version"], unique=True)
    op.create_table(
        "document_version",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "document_stamp",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("facts", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("document_stamp")
    op.drop_table("document_version")
    op.drop_table("document")
