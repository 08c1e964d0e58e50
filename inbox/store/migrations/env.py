"""Alembic's environment: ``store.schema`` hands the connection over, within its own transaction."""

from alembic import context

from inbox.store.models import Base
from inbox.store.models.base import tell_postgresql

tell_postgresql()
context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, transactional_ddl=False
)
context.run_migrations()
