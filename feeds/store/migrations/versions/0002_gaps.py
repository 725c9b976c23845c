"""Channels remember a gap that a walk down their list had to leave, and the title under which each lists a notice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("gap", sa.Text(), nullable=True))
    op.add_column("membership", sa.Column("item_title", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE membership SET item_title = "
        "(SELECT notice.item_title FROM notice WHERE notice.id = membership.notice_id)"
    )


def downgrade() -> None:
    op.drop_column("membership", "item_title")
    op.drop_column("channel", "gap")
