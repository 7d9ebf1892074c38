"""Alembic's entry: the tables are the sum of the rooms' tables, the address comes from whoever upgrades."""

from alembic import context
from sqlmodel import SQLModel

from passerelle.app.tables import ROOMS_WITH_TABLES
from passerelle.foundation.database import Database

if not ROOMS_WITH_TABLES:
    raise SystemExit("No room has tables.")

_url = context.config.get_main_option("sqlalchemy.url") or context.get_x_argument(as_dictionary=True)["url"]
_database = Database(_url)

with _database.engine.execution_options(writes=True).connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=_database.is_sqlite,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
_database.close()
