"""Notices keep whom and which rules they act upon, for the register; days that left a text stay for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointed", sa.Column("struck_at", Utc()))
    op.create_index("ix_appointed_struck_at", "appointed", ["struck_at"])
    op.create_table(
        "person_act",
        sa.Column("notice_id", sa.Integer(), sa.ForeignKey("notice.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("post", sa.Text()),
        sa.Column("day", sa.Date()),
        sa.Column("meeting", sa.Text()),
        sa.Column("sentence", sa.Text(), nullable=False),
    )
    op.create_index("ix_person_act_name_day", "person_act", ["name", "day"])
    op.create_index("ix_person_act_day", "person_act", ["day"])
    op.create_table(
        "rule_effect",
        sa.Column("notice_id", sa.Integer(), sa.ForeignKey("notice.id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text()),
        sa.Column("effect", sa.String(16), nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("adopted", sa.Date()),
        sa.Column("approved", sa.Date()),
        sa.Column("in_force", sa.Date()),
        sa.Column("sentence", sa.Text(), nullable=False),
    )
    op.create_index("ix_rule_effect_name_day", "rule_effect", ["name", "day"])
    op.create_index("ix_rule_effect_day", "rule_effect", ["day"])


def downgrade() -> None:
    op.drop_table("rule_effect")
    op.drop_table("person_act")
    op.drop_index("ix_appointed_struck_at", "appointed")
    op.drop_column("appointed", "struck_at")
