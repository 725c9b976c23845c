"""Notices keep the days that they appoint, for calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointed",
        sa.Column("notice_id", sa.Integer(), sa.ForeignKey("notice.id"), primary_key=True),
        sa.Column("role", sa.String(24), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
    )
    op.create_index("ix_appointed_day", "appointed", ["day"])
    op.add_column("notice", sa.Column("facts_rule", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_notice_facts_rule_id", "notice", ["facts_rule", "id"])


def downgrade() -> None:
    op.drop_index("ix_notice_facts_rule_id", "notice")
    op.drop_column("notice", "facts_rule")
    op.drop_index("ix_appointed_day", "appointed")
    op.drop_table("appointed")
