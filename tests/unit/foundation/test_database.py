"""One way of writing and one way of reading, on both databases."""

from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text

from passerelle.conversation.tables import TimerRow
from passerelle.foundation.database import Database, DatabaseDown, table_of

_timers = table_of(TimerRow)
PARIS_IN_WINTER = timezone(timedelta(hours=1))


def a_timer(key, due_at):
    return TimerRow(key=key, conversation="c", event="check_back", due_at=due_at)


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(parts, clock):
    with parts.database.write() as session:
        session.add(a_timer("t", clock.now().astimezone(PARIS_IN_WINTER)))

    with parts.database.read() as session:
        kept = session.execute(select(_timers.c.due_at)).scalar()
    assert kept == clock.now()
    assert kept.utcoffset() == timedelta()


def test_a_moment_without_a_zone_is_refused(parts):
    naive = datetime(2026, 11, 23, 9, 0)  # noqa: DTZ001 - what must be refused

    with pytest.raises(Exception, match="without a time zone"):
        with parts.database.write() as session:
            session.add(a_timer("t", naive))


def test_a_transaction_that_fails_keeps_nothing(parts, clock):
    with suppress(ZeroDivisionError), parts.database.write() as session:
        session.add(a_timer("t", clock.now()))
        session.flush()
        raise ZeroDivisionError

    with parts.database.read() as session:
        assert session.execute(select(_timers)).first() is None


def test_sqlite_is_as_durable_as_it_can_be(sqlite_parts):
    with sqlite_parts.database.read() as session:
        found = [session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]

    assert found == ["wal", 2]


def test_a_database_that_is_away_has_one_name_for_it(tmp_path):
    away = Database(f"postgresql+psycopg://passerelle@/nowhere?host={tmp_path}")

    with pytest.raises(DatabaseDown):
        with away.read() as session:
            session.execute(text("SELECT 1"))


def test_a_read_only_disk_is_said_and_the_next_write_works(tmp_path):
    """Recovers alone when the disk does (F18)."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with database.write() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
        session.execute(text("PRAGMA query_only = ON"))

    with pytest.raises(DatabaseDown):
        with database.write() as session:
            session.execute(text("INSERT INTO t VALUES (1)"))
    with database.read() as session:
        session.execute(text("PRAGMA query_only = OFF"))
    with database.write() as session:
        session.execute(text("INSERT INTO t VALUES (2)"))
        assert session.execute(text("SELECT n FROM t")).scalars().all() == [2]
    database.close()
