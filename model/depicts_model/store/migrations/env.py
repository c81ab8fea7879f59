"""What Alembic runs; the connection and its transaction come from ``engine.migrate``."""

from alembic import context

from depicts_model.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
