"""Alembic's entry: runs the migrations on the connection that `feeds.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from feeds.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,  # a table that one step has locked is free before the next
    render_as_batch=True,  # SQLite cannot alter a table in place
)
with context.begin_transaction():
    context.run_migrations()
