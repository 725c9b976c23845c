"""Notices can be searched; the daemon indexes what is there, some at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_UNINDEXED = "indexed_version < version"
_WORDS = {
    "sqlite": (
        """CREATE VIRTUAL TABLE search_words USING fts5
        (words, content='', detail=none, columnsize=0, tokenize="ascii tokenchars ':/_-'")""",
    ),
    "postgresql": (
        "CREATE TABLE search_words (place BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_search_words_words ON search_words USING gin (words)",
    ),
}


def upgrade() -> None:
    op.add_column("notice", sa.Column("indexed_version", sa.Integer(), nullable=False, server_default="0"))
    where = sa.text(_UNINDEXED)
    op.create_index("ix_notice_unindexed", "notice", ["sort_at"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "search_entry",
        sa.Column("notice_id", sa.Integer(), sa.ForeignKey("notice.id"), primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.UniqueConstraint("place", name="uq_search_entry_place"),
    )
    op.create_index("ix_search_entry_rule_notice_id", "search_entry", ["rule", "notice_id"])
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    for statement in _WORDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE search_words")
    op.drop_table("search_state")
    op.drop_table("search_entry")
    op.drop_index("ix_notice_unindexed", "notice")
    op.drop_column("notice", "indexed_version")
