"""What a channel lists keeps when it was not there yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("membership", sa.Column("unseen_at", Utc(), nullable=True))


def downgrade() -> None:
    op.drop_column("membership", "unseen_at")
