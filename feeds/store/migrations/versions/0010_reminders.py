"""Events may be reminders of a day; subscriptions ask for kinds, people, laws, reprints and reminders.

Who subscribed before was never asked about reminders and gets none; new subscriptions say what they want.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BEFORE = ("notice_id", "kind", "revision")


def upgrade() -> None:
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("about", sa.String(48), nullable=False, server_default=""))
        event.drop_constraint("uq_event_notice_id_kind_revision", type_="unique")
        event.create_unique_constraint("uq_event_notice_id_kind_revision_about", [*_BEFORE, "about"])
    for name in ("kinds", "people", "laws"):
        op.add_column("subscription", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("subscription", sa.Column("reprints", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("subscription", sa.Column("remind", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("appointed", sa.Column("since", Utc(), nullable=True))


def downgrade() -> None:
    op.drop_column("appointed", "since")
    for name in ("remind", "reprints", "laws", "people", "kinds"):
        op.drop_column("subscription", name)
    op.execute("DELETE FROM alert_item WHERE event_id IN (SELECT id FROM event WHERE kind = 'reminder')")
    op.execute("DELETE FROM event WHERE kind = 'reminder'")
    with op.batch_alter_table("event") as event:
        event.drop_constraint("uq_event_notice_id_kind_revision_about", type_="unique")
        event.create_unique_constraint("uq_event_notice_id_kind_revision", list(_BEFORE))
        event.drop_column("about")
