"""Transactions: begun, kept or undone, and tried again where the database asks for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from depicts_model.errors import StoreError, UnsureError

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[Concatenate[sa.Connection, P], T]

WRITES: Final = "depicts_writes"
"""The execution option of a connection that is going to write."""
RETRIES: Final = 5
WAIT_SECONDS: Final = 0.05
"""The longest wait before the first retry; it doubles with each."""
PATIENCE_SECONDS: Final = 10
"""After that nothing is tried again: whoever waits for an answer would not get it."""
_UNDONE: Final = {1205, 1213}
"""MariaDB's lock wait timeout, of which the server undoes the statement and we the rest, and its
deadlock, of which it undoes all."""
_LOST: Final = {1927, 2006, 2013, 4031}
"""The connection is gone: killed, closed, lost, idle for too long."""


class Transactions:
    """A database, and work that is done in it: each piece wholly or not at all.

    What a piece of work does must bear being done again: it is, after a deadlock or a lost
    connection, as long as nothing of it can have been kept.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def _read(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Carry out work that only reads: one view in SQLite, one a statement in MariaDB."""

        def attempt() -> T:
            with self._engine.connect() as connection:
                return work(connection, *args, **options)

        return self._patiently(attempt)

    def _write(self, work: Work[P, T], *args: P.args, **options: P.kwargs) -> T:
        """Carry out work that writes: kept if it returns, undone if it raises."""

        def attempt() -> T:
            with self._engine.execution_options(**{WRITES: True}).connect() as connection:
                with connection.begin() as transaction:
                    done = work(connection, *args, **options)
                    _commit(connection, transaction)
                return done

        return self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], T]) -> T:
        until = time.monotonic() + PATIENCE_SECONDS
        with one_line(self._engine):
            for tried in range(RETRIES):
                try:
                    return attempt()
                except DBAPIError as error:
                    if not _undone(error) or time.monotonic() > until:
                        raise
                time.sleep(random.uniform(0, WAIT_SECONDS * 2**tried))  # noqa: S311 - no secret
            return attempt()


class _Unsure(Exception):  # noqa: N818 - a mark, never seen outside
    """The connection was lost while the database was told to keep the work."""


def _commit(connection: sa.Connection, transaction: sa.Transaction) -> None:
    """Where the connection is lost here, the work may be kept or not: it is not done again."""
    try:
        transaction.commit()
    except DBAPIError as error:
        if code_of(error) in _LOST:
            raise _Unsure from error
        # SQLite's goes on after that, and whoever had the connection next could begin none; a new
        # connection instead could not even be read by while the disk is full
        if not connection.invalidated:
            connection.connection.rollback()
        raise


def _undone(error: DBAPIError) -> bool:
    """Whether nothing of a transaction can have been kept, and another attempt makes sense."""
    return code_of(error) in _UNDONE | _LOST


def code_of(error: DBAPIError) -> int | None:
    """MariaDB's number of an error; None where there is none, as in SQLite."""
    args: tuple[object, ...] = getattr(error.orig, "args", ())
    first = args[0] if args else None
    return first if isinstance(first, int) else None


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: kept if the block ends, undone if it raises. No retries."""
    with one_line(engine), engine.execution_options(**{WRITES: True}).begin() as connection:
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads. No retries."""
    with one_line(engine), engine.connect() as connection:
        yield connection


@contextmanager
def one_line(engine: sa.Engine) -> Iterator[None]:
    """Every error of the database as a StoreError that names it, without its password."""
    where = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except _Unsure as error:
        raise UnsureError(f"{where}: connection lost while storing: kept or not") from error
    except SQLAlchemyError as error:
        raise StoreError(f"{where}: {line_of(error)}") from error


def line_of(error: Exception) -> str:
    """What the database says, in one line."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return " ".join(str(cause).split()) or type(cause).__name__
