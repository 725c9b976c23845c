"""Publishing claims the feeds that it writes.

Nobody is held up, and processes of the version before go on: they publish without claims, as they did.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feed", sa.Column("claimed_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("feed", "claimed_until")
