"""Leases and notes: what processes that never meet leave for each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from depicts_model.store import schema
from depicts_model.store.transactions import Transactions
from depicts_model.store.upsert import upsert
from depicts_model.types import Noted

_LEASE: Final = schema.lease.c
_NOTE: Final = schema.note.c


class Notes(Transactions):
    """Who does a work that only one may do, and single facts under a name."""

    def hold(self, name: str, holder: str, at: datetime, seconds: float) -> bool:
        """Take the lease ``name`` until ``at`` + ``seconds``, or renew it.

        False while another one holds it and it has not run out: at ``at`` it has, if it ends then.
        One that ends later than twice ``seconds`` from ``at`` was taken by a clock that was wrong.
        """
        return self._write(_hold, name, holder, at, at + timedelta(seconds=seconds))

    def release(self, name: str, holder: str) -> None:
        """Give the lease back; nothing happens where another one holds it."""
        self._write(_release, name, holder)

    def note(self, name: str, value: Any, at: datetime) -> None:
        """Keep a fact under this name, in place of the one before; ``value``: fit for JSON."""
        row = {"name": name, "value": value, "at": at}
        self._write(upsert, schema.note, [row], ("name",), "value", "at")

    def noted(self, name: str) -> Noted | None:
        """The fact under this name, and when it was noted; None where there is none."""
        return self._read(_noted, name)


def _hold(connection: sa.Connection, name: str, holder: str, at: datetime, until: datetime) -> bool:
    row = {"name": name, "holder": holder, "until": until}
    upsert(connection, schema.lease, [row], ("name",))
    beyond = until + (until - at)
    free = (_LEASE.holder == holder) | (_LEASE.until <= at) | (_LEASE.until > beyond)
    taken = sa.update(schema.lease).where(_LEASE.name == name, free)
    return connection.execute(taken.values(holder=holder, until=until)).rowcount == 1


def _release(connection: sa.Connection, name: str, holder: str) -> None:
    own = (_LEASE.name == name) & (_LEASE.holder == holder)
    connection.execute(sa.delete(schema.lease).where(own))


def _noted(connection: sa.Connection, name: str) -> Noted | None:
    query = sa.select(_NOTE.value, _NOTE.at).where(_NOTE.name == name)
    row = connection.execute(query).one_or_none()
    return None if row is None else Noted(row.value, row.at)
