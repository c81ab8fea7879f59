"""Opening, and every way in which a database can refuse."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from depicts_model.errors import StoreError
from depicts_model.store import Store, schema
from depicts_model.store.engine import migrate, open_engine
from depicts_model.store.migrating import history
from depicts_model.store.transactions import writing
from depicts_model.types import Mid, NothingReason, NothingToSuggest
from tests.model.store.looking import queue_of
from tests.model.store.values import V, file_ref, suggested
from tests.watching import unwatched


def _damaged(path: Path) -> str:
    path.write_bytes(b"this is no database, and long enough to be read as one" * 40)
    return f"sqlite:///{path}"


def _cut_short(path: Path) -> str:
    Store.open(f"sqlite:///{path}").close()
    path.write_bytes(path.read_bytes()[:8192])
    return f"sqlite:///{path}"


def _newer(path: Path) -> str:
    Store.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    return f"sqlite:///{path}"


def _read_only(path: Path) -> str:
    sqlite3.connect(path).close()
    return f"sqlite:///file:{path}?mode=ro&uri=true"


def _foreign(path: Path) -> str:
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE file (name TEXT)")
        raw.execute("INSERT INTO file VALUES ('precious')")
    raw.close()
    return f"sqlite:///{path}"


REFUSED: dict[str, tuple[Callable[[Path], str], str]] = {
    "no such folder": (lambda p: f"sqlite:///{p}/x/y.sqlite", "unable to open database file"),
    "a folder": (lambda p: f"sqlite:///{p.parent}", "unable to open database file"),
    "damaged": (_damaged, "file is not a database"),
    "cut short": (_cut_short, "malformed"),
    "read-only": (_read_only, "readonly|unable to open"),
    "of a newer program": (_newer, "Can't locate revision identified by '9999'"),
    "another program's": (_foreign, "table file already exists"),
    "no address": (lambda p: "nonsense", "database_url: "),
    "unknown kind": (lambda p: "oracle9://x/y", "database_url: "),
    "port, a word": (lambda p: "mysql://u:hush@h:hush/d", "database_url: .*port must be a number"),
    "no driver named": (lambda p: "mysql://u:hush@h/d", r"database_url: .*say mysql\+pymysql://"),
    "driver not installed": (lambda p: "mysql+nosuch://u:hush@h/d", "database_url: "),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_opened_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    make, words = REFUSED[case]
    path = tmp_path / "store.sqlite"
    url = make(path)
    with pytest.raises(StoreError, match=words) as caught:
        Store.open(url)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


def _files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def _empty(path: Path) -> None:
    path.touch()


def _older(path: Path) -> None:
    Store.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0000'")
    raw.close()


def test_opened_to_read_it_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a store#1?.sqlite"
    url = sa.URL.create("sqlite", database=str(path)).render_as_string()
    assert Store.is_missing(url)
    with Store.open(url) as store:
        run = store.start_run("bot", V, {})
        store.save_batch(run, V, [(file_ref(1), suggested(1))], ("uploads", "1"))
    before = _files(tmp_path)
    assert list(before) == [path.name] and not Store.is_missing(url)
    with Store.open_to_read(url) as reader:
        assert (reader.checkpoint("uploads"), reader.counts()["suggestions"]) == ("1", 1)
        assert _files(tmp_path) == before
        for write in (lambda: reader.request(Mid("M2")), lambda: reader.finish_run(run, {})):
            with pytest.raises(StoreError, match="readonly"):
                write()
    assert _files(tmp_path) == before


def test_a_reader_sees_what_a_writer_has_only_in_its_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite"
    with Store.open(url) as writer:
        assert writer.request(Mid("M5")) == 1
        assert (tmp_path / "s.sqlite-wal").stat().st_size > 0
        with Store.open_to_read(url) as reader:
            assert queue_of(reader) == ["M5"]
            writer.request(Mid("M6"))
            assert sorted(queue_of(reader)) == ["M5", "M6"]


@pytest.mark.parametrize(("make", "found"), [(_empty, "missing"), (_older, "0000")])
def test_an_older_schema_is_not_mended_by_a_reader(
    tmp_path: Path, make: Callable[[Path], None], found: str
) -> None:
    make(tmp_path / "s.sqlite")
    before = _files(tmp_path)
    with pytest.raises(StoreError, match=rf"s\.sqlite: schema {found}.*0005"):
        Store.open_to_read(f"sqlite:///{tmp_path}/s.sqlite")
    assert _files(tmp_path) == before


def test_another_programs_tables_are_left_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "theirs.sqlite"
    with pytest.raises(StoreError):
        Store.open(_foreign(path))
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("file",)]
        assert raw.execute("SELECT * FROM file").fetchall() == [("precious",)]
    raw.close()


@pytest.fixture
def tiny_disk() -> Iterator[None]:
    """Every database opened meanwhile may grow to 60 pages, about what the empty one takes."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")

    sa.event.listen(sa.Engine, "connect", limit)
    yield
    sa.event.remove(sa.Engine, "connect", limit)


@pytest.mark.slow
@pytest.mark.usefixtures("tiny_disk")
def test_a_full_disk_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/s.sqlite") as store:
        run = store.start_run("bot", V, {})
        store.save_batch(run, V, [(file_ref(1), suggested(1))], ("uploads", "1"))
        many = [(file_ref(n), suggested(n)) for n in range(2, 2000)]
        with pytest.raises(StoreError, match=r"s\.sqlite: database or disk is full"):
            store.save_batch(run, V, many, ("uploads", "2"))
        assert store.counts()["files"] == 1
        assert store.checkpoint("uploads") == "1"
        assert store.save_batch(run, V, [(file_ref(2), suggested(2))]) == 1


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from depicts_model.store import Store
from tests.model.store.values import V, file_ref, suggested

left = int(sys.argv[2])
store = Store.open(sys.argv[1])
run = store.start_run("bot", V, {})
store.request("M1")

@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def die(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

store.save_batch(run, V, [(file_ref(n), suggested(n)) for n in range(1, 6)], ("uploads", "5"))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("statement", [2, 5, 8, 10, 99])
def test_killed_at_any_statement_it_kept_all_or_nothing(url: str, statement: int) -> None:
    code = [sys.executable, "-c", KILLED, url, str(statement)]
    root = Path(__file__).resolve().parents[3]
    environment = unwatched(os.environ)
    killed = subprocess.run(code, cwd=root, env=environment, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with Store.open(url) as store:
        counts = store.counts()
        kept = (counts["files"], counts["suggestions"], store.checkpoint("uploads"))
        assert kept == ((5, 5, "5") if statement == 99 else (0, 0, None))
        assert queue_of(store) == ([] if statement == 99 else ["M1"])
        run = store.start_run("bot", V, {})
        again = [(file_ref(n), suggested(n)) for n in range(1, 6)]
        assert store.save_batch(run, V, again) == (0 if statement == 99 else 5)


def test_the_migrations_build_the_very_tables_of_the_schema(url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


@pytest.mark.slow
def test_the_migrations_go_down_and_up_again(url: str) -> None:
    engine = open_engine(url)
    migrate(engine, "base", up=False)
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    migrate(engine, "head")
    assert set(schema.metadata.tables) <= set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_opening_again_keeps_what_is_there(url: str) -> None:
    unsure = NothingToSuggest(NothingReason.NOT_SURE)
    with Store.open(url) as store:
        run = store.start_run("bot", V, {})
        store.save_batch(run, V, [(file_ref(1), unsure)], ("uploads", "1"))
    with Store.open(url) as store:
        assert store.ping() == "0005"
        assert store.latest(Mid("M1")) is not None
        assert store.checkpoint("uploads") == "1"


def test_a_reader_is_not_held_up_by_a_writer(url: str) -> None:
    engine = open_engine(url)
    with writing(engine) as connection, Store.open(url) as reader:
        connection.execute(sa.delete(schema.file))
        assert reader.counts()["files"] == 0
    engine.dispose()


def test_keys_fit_the_smallest_limit_of_mariadb() -> None:
    for table in schema.metadata.tables.values():
        for constraint in table.constraints:
            columns = list(getattr(constraint, "columns", []))
            lengths = [getattr(c.type, "length", None) or 2 for c in columns]
            assert 4 * sum(lengths) <= 767, (table.name, constraint.name)


def test_the_newest_revision_is_known_without_reading_the_migrations() -> None:
    with history() as config:
        assert ScriptDirectory.from_config(config).get_current_head() == schema.NEWEST


@pytest.mark.slow
def test_a_database_at_the_newest_schema_opens_without_alembic(url: str) -> None:
    """Ten megabytes that the service does without."""
    Store.open(url).close()
    program = (
        "import sys; from depicts_model.store import Store; Store.open(sys.argv[1]).close();"
        "assert not {m for m in sys.modules if m.partition('.')[0] == 'alembic'}"
    )
    subprocess.run([sys.executable, "-c", program, url], check=True)


def test_a_store_goes_on_after_a_commit_that_failed(tmp_path: Path) -> None:
    def broken(connection: sa.Connection) -> None:
        """Found out at the end alone: SQLite leaves the transaction open then."""
        connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        connection.execute(sa.insert(schema.told).values(mid="M1", outcome_id=999))

    with Store.open(f"sqlite:///{tmp_path}/a.sqlite") as store:
        with pytest.raises(StoreError, match="FOREIGN KEY"):
            store._write(broken)
        run = store.start_run("crawl", V, {})
        store.save_batch(run, V, [(file_ref(1), suggested(1))])
        assert store.done(V, [(Mid("M1"), file_ref(1).sha1)])
