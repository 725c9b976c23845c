"""Addresses may be blanked and are asked only so often; sign-ups have codes; subscriptions may move to an address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from feeds.store.utc import Utc

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscriber") as subscriber:
        subscriber.alter_column("address", existing_type=sa.String(320), nullable=True)
        subscriber.add_column(sa.Column("address_hash", sa.String(64), nullable=True))
        subscriber.add_column(sa.Column("asks", sa.Integer(), nullable=False, server_default="0"))
        subscriber.add_column(sa.Column("asked_at", Utc(), nullable=True))
        subscriber.create_unique_constraint("uq_subscriber_address_hash", ["address_hash"])
    with op.batch_alter_table("subscription") as subscription:
        subscription.add_column(sa.Column("asked_at", Utc(), nullable=True))
        subscription.add_column(sa.Column("code_tries", sa.Integer(), nullable=False, server_default="0"))
        subscription.add_column(sa.Column("taken_from", sa.Integer(), nullable=True))
        subscription.create_foreign_key("fk_subscription_taken_from", "subscriber", ["taken_from"], ["id"])
        subscription.create_index("ix_subscription_asked_at", ["asked_at"])
        subscription.create_index("ix_subscription_taken_from", ["taken_from"])
    asked = "SELECT max(created_at) FROM delivery WHERE delivery.subscription_id = subscription.id"
    op.execute(f"UPDATE subscription SET asked_at = ({asked})")  # noqa: S608 -- our own words
    mine = "FROM subscription WHERE subscriber_id = subscriber.id"
    waiting = "asked_at IS NOT NULL AND confirmed_at IS NULL AND ended_at IS NULL"
    op.execute(
        f"UPDATE subscriber SET asked_at = (SELECT max(asked_at) {mine}),"  # noqa: S608 -- our own words
        f" asks = (SELECT count(*) {mine} AND {waiting})"
    )


def downgrade() -> None:
    op.drop_index("ix_subscription_taken_from", "subscription")
    op.drop_index("ix_subscription_asked_at", "subscription")
    with op.batch_alter_table("subscription") as subscription:
        subscription.drop_constraint("fk_subscription_taken_from", type_="foreignkey")
        for name in ("taken_from", "code_tries", "asked_at"):
            subscription.drop_column(name)
    # An address that was blanked cannot come back: what is left of it keeps its row.
    op.execute("UPDATE subscriber SET address = 'blanked-' || id || '@invalid' WHERE address IS NULL")
    with op.batch_alter_table("subscriber") as subscriber:
        subscriber.drop_constraint("uq_subscriber_address_hash", type_="unique")
        for name in ("asked_at", "asks", "address_hash"):
            subscriber.drop_column(name)
        subscriber.alter_column("address", existing_type=sa.String(320), nullable=False)
