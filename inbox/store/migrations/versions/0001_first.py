"""The first schema."""

from alembic import op

from inbox.store import schema
from inbox.store.models import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    Base.metadata.create_all(connection)
    for statement in schema.extras(connection.dialect.name):
        op.execute(statement)
