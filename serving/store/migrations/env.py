"""How Alembic runs the steps: on the connection it is handed, inside that connection's transaction."""

from alembic import context

from serving.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
