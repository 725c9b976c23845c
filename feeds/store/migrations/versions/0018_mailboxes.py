"""What limits sign-ups counts every spelling of a mailbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("mailbox_hash", sa.String(64), nullable=True))
    op.create_index("ix_subscriber_mailbox_hash", "subscriber", ["mailbox_hash"])


def downgrade() -> None:
    op.drop_index("ix_subscriber_mailbox_hash", "subscriber")
    op.drop_column("subscriber", "mailbox_hash")
