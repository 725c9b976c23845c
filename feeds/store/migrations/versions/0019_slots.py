"""Subscribers choose the hour of their digests, and its zone. Who chose none keeps the site's.

What came back about a delivery is looked up, when nobody knows whether it was accepted.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("hour", sa.Integer(), nullable=True))
    op.add_column("subscription", sa.Column("time_zone", sa.String(64), nullable=True))
    op.add_column("alert_item", sa.Column("slot", sa.String(80), nullable=False, server_default=""))
    waits = sa.text("delivery_id IS NULL AND frequency <> 'immediate'")
    columns = ["frequency", "slot", "subscriber_id"]
    op.create_index("ix_alert_item_waits", "alert_item", columns, sqlite_where=waits, postgresql_where=waits)
    with op.batch_alter_table("digest_run") as run:
        run.add_column(sa.Column("slot", sa.String(80), nullable=False, server_default=""))
        run.drop_constraint("uq_digest_run_frequency_time_zone_window_end", type_="unique")
        run.create_unique_constraint(
            "uq_digest_run_frequency_slot_time_zone_window_end", ["frequency", "slot", "time_zone", "window_end"]
        )
    unfinished = sa.text("done_at IS NULL")
    op.create_index(
        "ix_digest_run_unfinished",
        "digest_run",
        ["window_end"],
        sqlite_where=unfinished,
        postgresql_where=unfinished,
    )
    op.create_index("ix_returned_mail_delivery_id", "returned_mail", ["delivery_id"])


def downgrade() -> None:
    op.drop_index("ix_returned_mail_delivery_id", "returned_mail")
    op.drop_index("ix_digest_run_unfinished", "digest_run")
    # What waits for a chosen hour waits for the site's again: the slot goes, the item stays.
    op.execute(
        "UPDATE delivery SET digest_run_id = NULL WHERE digest_run_id IN (SELECT id FROM digest_run WHERE slot <> '')"
    )
    op.execute("DELETE FROM digest_run WHERE slot <> ''")
    with op.batch_alter_table("digest_run") as run:
        run.drop_constraint("uq_digest_run_frequency_slot_time_zone_window_end", type_="unique")
        run.create_unique_constraint(
            "uq_digest_run_frequency_time_zone_window_end", ["frequency", "time_zone", "window_end"]
        )
        run.drop_column("slot")
    op.drop_index("ix_alert_item_waits", "alert_item")
    op.drop_column("alert_item", "slot")
    op.drop_column("subscription", "time_zone")
    op.drop_column("subscription", "hour")
