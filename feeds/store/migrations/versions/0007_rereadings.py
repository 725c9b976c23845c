"""Articles are read again at leisure, within a share of their portal's requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("portal", sa.Column("reread_until", Utc(), nullable=True))
    op.add_column("notice", sa.Column("reread_due", Utc(), nullable=True))
    op.create_index("ix_notice_portal_id_reread_due", "notice", ["portal_id", "reread_due"])


def downgrade() -> None:
    op.drop_index("ix_notice_portal_id_reread_due", "notice")
    op.drop_column("notice", "reread_due")
    op.drop_column("portal", "reread_until")
