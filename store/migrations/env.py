"""What Alembic runs: the migrations, on the connection and in the transaction of store/upgrade.py."""

from alembic import context

from store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite can't alter most of a table; a batch copies it instead.
    render_as_batch=True,
)
context.run_migrations()
