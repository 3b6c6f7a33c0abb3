"""How Alembic runs the steps: on the connection it is handed, inside that connection's transaction."""

from alembic import context

from serving.store.schema_selling import EVERY_TABLE

context.configure(connection=context.config.attributes["connection"], target_metadata=EVERY_TABLE)
context.run_migrations()
