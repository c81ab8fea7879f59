"""Opening a database: the connection's manners, the migrations, and errors in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from depicts_model.errors import StoreError
from depicts_model.store import schema
from depicts_model.store.transactions import WRITES, line_of, reading, writing

BUSY_SECONDS: Final = 10
"""How long a writer waits for another one."""
CONNECT_SECONDS: Final = 5
HELD: Final = 1
"""Connections that are kept between two questions, for who asks all the time: what needs more at
once opens and closes them. Everybody else keeps none: ToolsDB does not want idle ones.
"""
ANSWER_SECONDS: Final = 6
"""How long who is waited for waits for the server of a database: longer than for another writer,
and so short that a connection that is lost, and one that is not made, are less than half a minute.
"""
JOB_SECONDS: Final = 300
"""The same for a job that nobody waits for: its longest question takes a part of that."""
MIGRATION_SECONDS: Final = 60
"""How long a process waits for another one that changes the schema."""
LOCK: Final = sa.func.concat("depicts_model.", sa.func.database())
"""MariaDB's name for the right to change this schema."""
_SESSION: Final = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
    f" innodb_lock_wait_timeout = {BUSY_SECONDS // 2}, lock_wait_timeout = {MIGRATION_SECONDS}"
)
_URI: Final = "file:"
"""How a database begins that is named in SQLite's own words."""


def open_engine(url: str, answer_seconds: int | None = None, *, keep: bool = False) -> sa.Engine:
    """An engine over a database at the newest schema; raises StoreError in one line.

    ``answer_seconds``: a server that is silent for so long counts as lost; None: it is waited for.
    ``keep``: for who asks all the time; it keeps its connection.
    """
    engine = _engine(_parsed(url), answer_seconds=answer_seconds, keep=keep)
    with _disposed(engine):
        # an up-to-date database opens without waiting for whoever writes to it
        found, newest = _revisions(engine)
    if found != newest:
        _bring_up(url)
    return engine


def _bring_up(url: str) -> None:
    """To the newest schema, however long the server takes for it."""
    engine = _engine(_parsed(url))
    with _disposed(engine):
        migrate(engine, "head")


def open_to_read(url: str) -> sa.Engine:
    """An engine that writes nothing, over a database that is at the newest schema already.

    Raises StoreError in one line, also where there is no database yet or an older one.
    """
    engine = _engine(_parsed(url), read_only=True)
    with _disposed(engine):
        found, newest = _revisions(engine)
        if found != newest:
            where = engine.url.render_as_string(hide_password=True)
            fault = f"schema {found or 'missing'}, and this program reads {newest}"
            raise StoreError(f"{where}: {fault}; a run that writes brings an older one up to date")
    return engine


def is_missing(url: str) -> bool:
    """Whether opening this address would make a new database: SQLite without its file."""
    parsed = _parsed(url)
    name = parsed.database or ":memory:"
    if parsed.get_backend_name() != "sqlite" or name.startswith(_URI):
        return False
    return name == ":memory:" or not Path(name).exists()


@contextmanager
def _disposed(engine: sa.Engine) -> Iterator[None]:
    """No connection is left open: a forked worker must not inherit one."""
    try:
        yield
    finally:
        engine.dispose()


def migrate(engine: sa.Engine, revision: str, up: bool = True) -> None:
    """Bring the schema to ``revision`` (``head``, ``base``, or an id).

    Wholly or not at all in SQLite; cut off in MariaDB, the next call goes on.
    """
    # ten megabytes that a service does not need, whose schema is there
    from depicts_model.store.migrating import move

    with _alone(engine), writing(engine) as connection:
        move(connection, revision, up)


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[None]:
    """Nobody else changes this schema: MariaDB's changes of tables are no transaction.

    Who waited finds the work done. A migration that was cut off there is taken up again: each
    step of a revision passes over what is there already. The lock has a connection of its own, so
    that it is held until all is kept: or else the next one would not see the last step.
    """
    if engine.dialect.name == "sqlite":
        yield
        return
    with reading(engine) as connection:
        lock = connection.execute(sa.select(sa.func.get_lock(LOCK, MIGRATION_SECONDS)))
        if not lock.scalar_one():
            raise StoreError("another process has been changing the schema for a minute")
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.release_lock(LOCK)))


def schema_revisions(url: str) -> tuple[str | None, str | None]:
    """The schema's revision, None where there is no schema, and the newest; changes nothing."""
    engine = _engine(_parsed(url))
    with _disposed(engine):
        return _revisions(engine)


def take_back(url: str, revision: str) -> None:
    """Take the schema back to an older revision. Raises StoreError where it is not one."""
    engine = _engine(_parsed(url))
    with _disposed(engine):
        migrate(engine, revision, up=False)


def _revisions(engine: sa.Engine) -> tuple[str | None, str | None]:
    """The schema's revision, None where there is no schema, and the newest one."""
    with reading(engine) as connection:
        if not sa.inspect(connection).has_table(schema.version.name):
            return None, schema.NEWEST
        found = connection.execute(sa.select(schema.version.c.version_num))
        return found.scalar_one_or_none(), schema.NEWEST


def _engine(
    url: sa.URL, read_only: bool = False, answer_seconds: int | None = None, keep: bool = False
) -> sa.Engine:
    with _address():
        # a connection that was lost meanwhile is found out by its use: the work is done again
        engine = sa.create_engine(url, **_manners(url, answer_seconds, keep))
    if engine.dialect.name == "sqlite" and read_only:
        sa.event.listen(engine, "do_connect", _sqlite_for_reading)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_reads if read_only else _sqlite_writes)
        sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _manners(url: sa.URL, answer_seconds: int | None, keep: bool) -> dict[str, Any]:
    """How a connection to MariaDB behaves; an option in the address goes before ours.

    Writers that meet see what was kept by those before them, and text that does not fit is an
    error everywhere, whatever the server was set up to do. No TLS unless the address speaks of it:
    PyMySQL would read all the system's certificates, 20 ms, for each connection, and check none.
    """
    if url.get_backend_name() not in ("mysql", "mariadb"):
        return {}
    options: dict[str, Any] = {
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_SECONDS,
        "init_command": _SESSION,
        "read_timeout": answer_seconds,
        "write_timeout": answer_seconds,
    }
    if not any(name.startswith("ssl") for name in url.query):
        options["ssl_disabled"] = True
    ours = {name: value for name, value in options.items() if name not in url.query}
    pool: dict[str, Any] = {"pool_size": HELD} if keep else {"poolclass": sa.NullPool}
    return {"isolation_level": "READ COMMITTED", "connect_args": ours, **pool}


def _parsed(url: str) -> sa.URL:
    with _address():
        return sa.make_url(url)


@contextmanager
def _address() -> Iterator[None]:
    """A database_url that cannot serve, in one line."""
    try:
        yield
    except ImportError:
        known = "mysql+pymysql://… for MariaDB, sqlite:///… for a file"
        raise StoreError(f"database_url: its driver is not here; say {known}") from None
    except SQLAlchemyError as error:
        # the address may hold a password: it is not repeated here
        raise StoreError(f"database_url: {line_of(error)}") from None
    except ValueError:
        # what Python says repeats the part that it could not read
        raise StoreError("database_url: not an address: the port must be a number") from None


def _sqlite_writes(connection: Any, _record: object) -> None:
    """WAL: the service reads while the bot writes."""
    _sqlite_manners(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")


def _sqlite_reads(connection: Any, _record: object) -> None:
    _sqlite_manners(connection)
    connection.execute("PRAGMA query_only = ON")


def _sqlite_manners(connection: Any) -> None:
    """Python must not begin a transaction on its own."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _sqlite_for_reading(
    _dialect: object, _record: object, names: list[Any], options: dict[str, Any]
) -> None:
    """SQLite would make files beside a database in WAL mode even for a reader.

    Told that nobody writes (``immutable``) it makes none. Where such a file is there, somebody
    may be writing: then the database is shared, as every reader shares it.
    """
    if not names[0].startswith(_URI):
        file = Path(names[0]).absolute()
        in_use = file.with_name(f"{file.name}-wal").exists()
        names[0] = f"{file.as_uri()}?mode=ro{'' if in_use else '&immutable=1'}"
    options["uri"] = True


def _sqlite_begin(connection: sa.Connection) -> None:
    """A writer locks at once: it would deadlock if it read first and wanted to write then."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
