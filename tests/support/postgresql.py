"""A PostgreSQL server of our own for the time of a test run: unix socket, no fsync, thrown away."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import psycopg

_USER = "passerelle"


class NoPostgresql(Exception):
    """There is no PostgreSQL on this machine: `make test` installs one (scripts/test-machine.sh)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresqlServer:
    """A server that listens on a unix socket."""

    folder: Path
    programs: Path

    def url(self, database: str) -> str:
        """The address of one of its databases, as SQLAlchemy wants it."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={self.folder}"

    def make(self, database: str, template: str = "template0") -> str:
        """Make a database, as a copy of another if one is named; returns its address."""
        self._order(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database and whoever is still connected to it."""
        self._order(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def start(self) -> None:
        """Start it and wait until it answers."""
        quick = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60"
        self._control("start", "-l", str(self.folder / "log"), "-o", f"-k {self.folder} -c listen_addresses='' {quick}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is a crash."""
        self._control("stop", "-m", mode)

    def _control(self, action: str, *options: str) -> None:
        _run_as_nobody_special(
            [str(self.programs / "pg_ctl"), action, "-D", str(self.folder / "data"), "-w", "-s", *options]
        )

    def _order(self, sql: str) -> None:
        with psycopg.connect(host=str(self.folder), user=_USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(sql.encode())


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A fresh server, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="passerelle-pg-"))
    server = PostgresqlServer(folder=folder, programs=_programs())
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run_as_nobody_special(
            [
                *(str(server.programs / "initdb"), "-D", str(folder / "data"), "-U", _USER, "-A", "trust"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
            ]
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    places = sorted(glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb") or ""]
    if not places[-1]:
        raise NoPostgresql(NoPostgresql.__doc__)
    return Path(places[-1]).parent


def _run_as_nobody_special(command: list[str]) -> None:
    """PostgreSQL refuses to run as root: root becomes the user its package made."""
    become = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*become, *command], check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/tmp")
