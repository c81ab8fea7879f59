"""Opening a database: the connection's manners, the migrations, and errors in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from depicts_model.errors import StoreError

BUSY_SECONDS: Final = 10
"""How long a writer waits for another one."""
_WRITES: Final = "depicts_writes"


def open_engine(url: str) -> sa.Engine:
    """An engine over a database at the newest schema; raises StoreError in one line."""
    engine = _engine(url)
    try:
        if not _is_newest(engine):
            migrate(engine, "head")
    except BaseException:
        engine.dispose()
        raise
    # a forked worker must not inherit this connection
    engine.dispose()
    return engine


def migrate(engine: sa.Engine, revision: str, up: bool = True) -> None:
    """Bring the schema to ``revision`` (``head``, ``base``, or an id), wholly or not at all."""
    move = command.upgrade if up else command.downgrade
    with writing(engine) as connection, _history() as config:
        config.attributes["connection"] = connection
        move(config, revision)


def _is_newest(engine: sa.Engine) -> bool:
    """An up-to-date database opens without waiting for whoever writes to it."""
    with reading(engine) as connection, _history() as config:
        now = MigrationContext.configure(connection).get_current_revision()
        return now == ScriptDirectory.from_config(config).get_current_head()


@contextmanager
def _history() -> Iterator[Config]:
    with as_file(files(__package__) / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        yield config


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: kept if the block ends, undone if it raises."""
    with _one_line(engine), engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads: one consistent view."""
    with _one_line(engine), engine.connect() as connection:
        yield connection


def _engine(url: str) -> sa.Engine:
    try:
        engine = sa.create_engine(url, pool_pre_ping=True)
    except (SQLAlchemyError, ImportError) as error:
        # the address may hold a password: it is not repeated here
        raise StoreError(f"database_url: {_line(error)}") from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_manners)
        sa.event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_manners(connection: Any, _record: object) -> None:
    """WAL: the service reads while the bot writes. Python must not begin on its own."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")


def _sqlite_begin(connection: sa.Connection) -> None:
    """A writer locks at once: it would deadlock if it read first and wanted to write then."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _one_line(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, CommandError) as error:
        where = engine.url.render_as_string(hide_password=True)
        raise StoreError(f"{where}: {_line(error)}") from error


def _line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split()) or type(cause).__name__
