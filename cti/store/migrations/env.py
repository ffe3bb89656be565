"""Alembic executes this file for every command; the connection comes from `cti.store.database`."""

from alembic import context

from cti.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
