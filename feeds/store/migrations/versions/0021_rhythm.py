"""Pages count a feed's notices by the day, and list what was withdrawn, without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    shown, gone = sa.text("title IS NOT NULL"), sa.text("withdrawn_at IS NOT NULL")
    op.create_index(
        "ix_notice_published", "notice", ["portal_id", "published_at"], sqlite_where=shown, postgresql_where=shown
    )
    op.create_index("ix_notice_withdrawn", "notice", ["sort_at"], sqlite_where=gone, postgresql_where=gone)


def downgrade() -> None:
    op.drop_index("ix_notice_withdrawn", "notice")
    op.drop_index("ix_notice_published", "notice")
