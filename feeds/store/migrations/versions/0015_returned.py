"""What comes back is recorded beside the mail that it is about, and each mail that came back counts once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("bounced", sa.String(8), nullable=True))
    op.add_column("delivery", sa.Column("bounced_at", Utc(), nullable=True))
    op.add_column("delivery", sa.Column("bounce_said", sa.Text(), nullable=True))
    op.add_column("delivery", sa.Column("complained_at", Utc(), nullable=True))
    op.add_column("suppression", sa.Column("reported", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "returned_mail",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("read_at", Utc(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_returned_mail_delivery_id"),
        sa.PrimaryKeyConstraint("mark", name="pk_returned_mail"),
    )
    op.create_index("ix_returned_mail_read_at", "returned_mail", ["read_at"])


def downgrade() -> None:
    op.drop_table("returned_mail")
    op.drop_column("suppression", "reported")
    for name in ("complained_at", "bounce_said", "bounced_at", "bounced"):
        op.drop_column("delivery", name)
