"""The schema is the sum of the migrations, on both databases, there and back."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from sqlmodel import SQLModel

from passerelle.app.tables import migrate
from passerelle.foundation.config import ROOT
from passerelle.foundation.database import Database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request, tmp_path):
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    server = request.getfixturevalue("postgresql")
    database = Database(server.make("empty"))
    yield database
    database.close()
    server.drop("empty")


def config_for(database):
    config = Config(str(ROOT / "alembic.ini"))
    url = database.url.render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def tables(database):
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_exactly_the_tables_of_the_rooms(empty):
    migrate(empty)

    with empty.engine.connect() as connection:
        difference = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata
        )
    assert difference == []
    assert tables(empty) == set(SQLModel.metadata.tables)


def test_every_migration_can_be_taken_back_and_made_again(empty):
    migrate(empty)
    command.downgrade(config_for(empty), "base")

    assert tables(empty) == set()

    migrate(empty)

    assert tables(empty) == set(SQLModel.metadata.tables)


def test_migrating_twice_changes_nothing(empty):
    migrate(empty)
    migrate(empty)

    assert tables(empty) == set(SQLModel.metadata.tables)


def test_there_is_one_newest_migration():
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1


def test_every_migration_has_a_way_back():
    script = ScriptDirectory(str(ROOT / "migrations"))

    assert [revision.revision for revision in script.walk_revisions() if revision.module.downgrade is None] == []
