"""Where writers meet, and where the connection breaks: MariaDB's own errors, really made."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from depicts_model.errors import StoreError, UnsureError
from depicts_model.store import Store, schema, transactions
from depicts_model.types import Mid
from tests import mariadb

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


@pytest.fixture
def opened(maria: str) -> Iterator[Store]:
    """As the worker opens it: what it keeps may be lost between two questions."""
    with Store.open(maria, keep=True) as store:
        yield store


def count_up(connection: sa.Connection, name: str) -> None:
    """Read and write one note, locked as a careful writer does."""
    note = schema.note.c
    query = sa.select(note.value).where(note.name == name).with_for_update()
    value = connection.execute(query).scalar_one() + 1
    connection.execute(sa.update(schema.note).where(note.name == name).values(value=value))


def kill(connection: sa.Connection, server: mariadb.Server) -> None:
    """End this connection on the server, as an operator or a restart does."""
    number = connection.execute(sa.select(sa.func.connection_id())).scalar_one()
    server.carry_out(f"KILL {number}")


def test_a_deadlock_is_tried_again_and_both_are_kept(opened: Store) -> None:
    for name in ("a", "b"):
        opened.note(name, 0, NOW)
    meet, tries = threading.Barrier(2), []

    def both(connection: sa.Connection, first: str, second: str) -> None:
        tries.append(first)
        count_up(connection, first)
        if len(tries) <= 2:
            meet.wait(20)
        count_up(connection, second)

    other = threading.Thread(target=lambda: opened._write(both, "b", "a"))
    other.start()
    opened._write(both, "a", "b")
    other.join()
    assert len(tries) == 3, "no deadlock was made"
    assert [noted.value for n in ("a", "b") if (noted := opened.noted(n))] == [2, 2]


def test_a_connection_killed_before_anything_was_kept_is_tried_again(
    opened: Store, server: mariadb.Server
) -> None:
    opened.note("a", 0, NOW)
    tries = []

    def work(connection: sa.Connection) -> None:
        count_up(connection, "a")
        tries.append(1)
        if len(tries) < 3:
            kill(connection, server)
        count_up(connection, "a")

    opened._write(work)
    noted = opened.noted("a")
    assert (len(tries), noted and noted.value) == (3, 2)


def test_a_connection_killed_while_reading_is_not_noticed(
    opened: Store, server: mariadb.Server
) -> None:
    opened.request(Mid("M1"))
    killed: list[int] = []

    def work(connection: sa.Connection) -> int:
        if not killed:
            killed.append(1)
            kill(connection, server)
        return connection.execute(
            sa.select(sa.func.count()).select_from(schema.request)
        ).scalar_one()

    assert opened._read(work) == 1


def test_a_connection_lost_while_keeping_is_told_and_not_tried_again(
    opened: Store, server: mariadb.Server
) -> None:
    opened.note("a", 0, NOW)
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(1)
        count_up(connection, "a")
        kill(connection, server)

    with pytest.raises(UnsureError, match="connection lost while storing: kept or not"):
        opened._write(work)
    assert len(tries) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("patience", "tried"), [(0, 1), (600, 3)])
def test_one_who_never_lets_go_is_waited_for_and_then_told_of(
    opened: Store, maria: str, monkeypatch: pytest.MonkeyPatch, patience: int, tried: int
) -> None:
    monkeypatch.setattr(transactions, "PATIENCE_SECONDS", patience)
    monkeypatch.setattr(transactions, "RETRIES", 2)
    opened.note("a", 0, NOW)
    quick = f"{maria}?init_command=SET SESSION innodb_lock_wait_timeout = 1"
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(1)
        count_up(connection, "a")

    with opened._engine.begin() as holder, Store.open(quick) as store:
        count_up(holder, "a")
        with pytest.raises(StoreError, match="Lock wait timeout exceeded"):
            store._write(work)
    assert len(tries) == tried
    opened._write(work)


def test_other_errors_are_not_tried_again(opened: Store) -> None:
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(1)
        connection.exec_driver_sql("SELECT nonsense FROM nowhere")

    for carry_out in (opened._write, opened._read):
        with pytest.raises(StoreError, match="nowhere") as caught:
            carry_out(work)
        assert "\n" not in str(caught.value)
    assert len(tries) == 2


def test_every_connection_is_strict_and_sees_what_was_kept(opened: Store) -> None:
    def settings(connection: sa.Connection) -> dict[str, Any]:
        row = connection.exec_driver_sql(
            "SELECT @@sql_mode AS mode, @@tx_isolation AS sees, @@character_set_connection AS told"
        ).mappings()
        return dict(row.one())

    assert opened._read(settings) == {
        "mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION",
        "sees": "READ-COMMITTED",
        "told": "utf8mb4",
    }


@pytest.mark.slow
def test_a_restarted_server_is_found_again_without_a_hand(
    opened: Store, server: mariadb.Server
) -> None:
    opened.request(Mid("M1"))
    server.stop(kill=True)
    try:
        with pytest.raises(StoreError, match="Can't connect") as caught:
            opened.request(Mid("M2"))
        assert "\n" not in str(caught.value)
    finally:
        server.start()
    opened.request(Mid("M2"))
    assert opened.queue_length() == 2


PROCESSES = sa.table("processlist", sa.column("db"), schema="information_schema")


def connections(observer: sa.Engine, url: str) -> int:
    """How many there are to this database."""
    ours = sa.select(sa.func.count()).where(PROCESSES.c.db == sa.make_url(url).database)
    with observer.connect() as connection:
        return int(connection.execute(ours).scalar_one())


@pytest.mark.parametrize(("keep", "left"), [(False, 0), (True, 1)])
def test_many_at_once_leave_no_idle_connection_but_that_of_the_worker(
    maria: str, server: mariadb.Server, keep: bool, left: int
) -> None:
    """Toolforge does not permit open connections to ToolsDB that are not in use."""
    together = threading.Barrier(4)

    def meet(connection: sa.Connection) -> None:
        connection.execute(sa.select(1))
        together.wait(20)

    observer = sa.create_engine(server.url("mysql"))
    with Store.open(maria, keep=keep) as store, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store._read(meet), range(4)))
        # a server takes a moment to notice that one is gone
        until = time.monotonic() + 20
        while connections(observer, maria) > left and time.monotonic() < until:
            time.sleep(0.01)
        assert connections(observer, maria) == left
    observer.dispose()


def test_a_connection_reads_no_certificates_unless_the_address_speaks_of_tls(
    maria: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That costs more than ten times what the rest of a connection does."""

    def read(*_: object, **__: object) -> None:
        raise RuntimeError("certificates are read")

    monkeypatch.setattr(ssl, "create_default_context", read)
    Store.open(maria).close()
    with pytest.raises(RuntimeError, match="certificates"):
        Store.open(f"{maria}?ssl_verify_cert=true")
