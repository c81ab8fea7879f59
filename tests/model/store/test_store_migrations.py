"""From one revision to the next and back, with everything in it that can be in it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from depicts_model.errors import StoreError
from depicts_model.store import OutcomeFilter, Store, schema
from depicts_model.store.engine import LOCK, migrate, open_engine
from depicts_model.store.transactions import reading, writing
from depicts_model.types import (
    Claim,
    FileRef,
    Latency,
    Mid,
    NothingReason,
    NothingToSuggest,
    Pause,
    Qid,
    RefusalState,
    Skipped,
    SkipReason,
    Verdict,
)
from tests.model.store.values import V, decision, file_ref, suggested

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
UNSURE = NothingToSuggest(NothingReason.NOT_SURE)
KEPT = ("alembic_version", "checkpoint", "decision", "file", "outcome", "request", "run")
ODD = "File:‮🐈 \u2067قطة\u2069 <b>&amp; 𝔘𝔫𝔦.jpg"


@contextmanager
def migrating(url: str) -> Iterator[sa.Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


def fill(store: Store) -> None:
    """Files with several versions and models, decisions, requests: what revision 0001 holds."""
    for version in (V, "newer"):
        run = store.start_run("bot", version, {"limit": 5})
        both = suggested(1, "Q146", "Q144", version=version)
        titled = replace(file_ref(1), title=ODD)
        store.save_batch(run, version, [(titled, both), (file_ref(2), UNSURE)], ("uploads", "17"))
    # looked at last, and not the newest version; and a page that is gone
    store.save_batch(run, V, [(replace(file_ref(1, "b"), revision=5), UNSURE)])
    gone = replace(file_ref(3, "c"), revision=0), Skipped(SkipReason.DELETED)
    store.save_batch(run, V, [gone])
    store.save_batch(run, V, [(file_ref(3), suggested(3))])
    store.add_decisions("key-1", [decision("Q146", Verdict.ACCEPTED, revision=9)], V)
    store.request(Mid("M9"))


def fill_more(store: Store) -> None:
    # of another edit than the verdict names: it may clear nothing
    store.add_claims([Claim(Mid("M1"), Qid("Q146"), "M1$0", 8, NOW, V)])
    store.settle("a" * 40, Qid("Q1"), RefusalState.WAITING, NOW)
    store.set_pause(Pause(Qid("Q1"), "🐈", 20, 3, NOW))
    store.note("switch", {"stopped": False}, NOW)
    store.hold("worker", "a", NOW, 30)
    store.count_latencies([Latency(NOW, "a", 1, 2)])
    store.take_requests(1, NOW, NOW - NOW)


def rows(engine: sa.Engine, *names: str) -> dict[str, list[dict[str, Any]]]:
    found = sa.MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        tables = [found.tables[name] for name in names]
        made = {t.name: connection.execute(sa.select(t)).mappings().all() for t in tables}
    return {name: [dict(row) for row in told] for name, told in made.items()}


@pytest.mark.slow
def test_up_from_0001_the_same_is_told_as_before(url: str) -> None:
    with Store.open(url) as store:
        fill(store)
        latest = [store.latest(Mid(f"M{n}")) for n in (1, 2, 3)]
        page = store.browse(OutcomeFilter(), 9)
    with migrating(url) as engine:
        migrate(engine, "0001", up=False)
        migrate(engine, "head")
    with Store.open(url) as store:
        assert [store.latest(Mid(f"M{n}")) for n in (1, 2, 3)] == latest
        assert store.browse(OutcomeFilter(), 9) == page
        assert latest[0] is not None and latest[0].file.title == ODD
        (sure,) = store.browse(OutcomeFilter("suggested", None, 0.9), 9).outcomes
        assert sure.file.mid == "M1"
        assert store.take_requests(9, NOW, NOW - NOW) == [("M9", 1)]


@pytest.mark.slow
def test_down_and_up_again_nothing_of_0001_is_lost(url: str) -> None:
    with Store.open(url) as store:
        fill(store)
    with migrating(url) as engine:
        migrate(engine, "0001", up=False)
        before = rows(engine, *KEPT, "suggestion")
    with Store.open(url) as store:
        fill_more(store)
    with migrating(url) as engine:
        migrate(engine, "0001", up=False)
        assert rows(engine, *KEPT, "suggestion") == before
        migrate(engine, "base", up=False)
        assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}


@pytest.mark.slow
def test_up_from_0002_only_what_its_own_edit_confirms_is_confirmed(url: str) -> None:
    """That schema confirmed every acceptance of an item of which any claim was found."""
    with Store.open(url) as store:
        fill(store)
        for key, revision in (("key-2", 10), ("key-3", None)):
            store.add_decisions(key, [decision("Q146", Verdict.ACCEPTED, revision=revision)], V)
        store.set_pause(Pause(Qid("Q1"), "x" * 255, 20, 3, NOW))
    with migrating(url) as engine:
        migrate(engine, "0002", up=False)
        with writing(engine) as connection:
            claims = "INSERT INTO claim (mid, qid, statement, revision, at, model_version)"
            values = "VALUES ('M1', 'Q146', 'M1$0', 9, '2026-11-02 00:00:00', 'tiny-1')"
            connection.execute(sa.text(f"{claims} {values}"))
            connection.execute(sa.text("UPDATE decision SET confirmed = 1"))
        migrate(engine, "head")
    with Store.open(url) as store:
        made = {(one.revision, one.confirmed) for one in store.decisions(Mid("M1"))}
        # without a revision: as 0003 itself leaves a confirmed one, were it taken back
        assert made == {(9, True), (10, False), (None, True)}
        store.add_decisions("late", [decision("Q146", Verdict.ACCEPTED, revision=9)], V)
        assert sum(one.confirmed for one in store.decisions(Mid("M1"))) == 2
        long = Pause(Qid("Q2"), "🐈" * 1000, 20, 3, NOW)
        store.set_pause(long)
        assert store.pauses()[Qid("Q2")] == long
    with migrating(url) as engine:
        migrate(engine, "0002", up=False)
    with Store.open(url) as store:
        reasons = {pause.reason for pause in store.pauses().values()}
        assert reasons == {"x" * 255, "🐈" * 255}
        assert sum(one.confirmed for one in store.decisions(Mid("M1"))) == 2


@pytest.mark.slow
def test_up_from_0004_the_same_files_are_due_for_a_second_look(url: str) -> None:
    past, future = NOW.replace(year=2000), NOW.replace(year=2100)

    def due() -> dict[str, set[FileRef]]:
        return {v: set(store.stale(v, future, future, 9)) for v in (V, "newer", "next")}

    with Store.open(url) as store:
        fill(store)
        before = due()
    assert {v: len(files) for v, files in before.items()} == {V: 2, "newer": 2, "next": 3}
    with migrating(url) as engine:
        migrate(engine, "0004", up=False)
        migrate(engine, "head")
    with Store.open(url) as store:
        assert due() == before
        assert store.stale("next", past, past, 9) == [], "they were looked at when they were stored"


def test_a_wrong_row_of_told_is_impossible(url: str) -> None:
    """What is told of a file cannot be deleted under it, by whatever program."""
    with Store.open(url) as store:
        fill(store)
    with (
        migrating(url) as engine,
        pytest.raises(StoreError, match=r"(?i)foreign key"),
        writing(engine) as connection,
    ):
        connection.execute(sa.delete(schema.outcome))


class _CutOffError(Exception):
    pass


def _cut_off(engine: sa.Engine, revision: str, up: bool, after: int) -> bool:
    """Whether the migration was cut off: it ended before so many changes of the schema."""
    left = after

    def count(*words: Any) -> None:
        nonlocal left
        left -= words[2].split()[0] in ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE")
        if left < 0:
            raise _CutOffError

    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        migrate(engine, revision, up)
    except _CutOffError:
        return True
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    return False


@pytest.mark.slow
@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
def test_a_migration_cut_off_anywhere_is_taken_up_again(url: str, up: bool) -> None:
    """MariaDB keeps what was changed until then; SQLite nothing."""
    with Store.open(url) as store:
        fill(store)
        latest = store.latest(Mid("M1"))
    begin, end = ("0001", "head") if up else ("head", "0001")
    with migrating(url) as engine:
        migrate(engine, "0001", up=False)
        before, steps = rows(engine, *KEPT, "suggestion"), 0
        while True:
            migrate(engine, begin, up=not up)
            if not _cut_off(engine, end, up, steps):
                break
            migrate(engine, end, up)
            # every fourth: each costs two migrations
            steps += 4
        assert steps > 10
        if not up:
            assert rows(engine, *KEPT, "suggestion") == before
        migrate(engine, "head")
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, schema.metadata) == []
    with Store.open(url) as store:
        assert store.latest(Mid("M1")) == latest


@pytest.mark.slow
def test_who_changes_the_schema_is_alone_until_all_is_kept(maria: str) -> None:
    free: list[int] = []

    def look(_connection: sa.Connection) -> None:
        with migrating(maria) as other, reading(other) as connection:
            free.append(connection.execute(sa.select(sa.func.is_free_lock(LOCK))).scalar_one())

    with migrating(maria) as engine:
        sa.event.listen(engine, "commit", look)
        migrate(engine, "head")
    assert free and not any(free)


@pytest.mark.slow
def test_processes_that_open_an_older_database_at_once(url: str) -> None:
    with Store.open(url) as store:
        fill(store)
    with migrating(url) as engine:
        migrate(engine, "0001", up=False)
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: Store.open(url), range(4)))
    for store in stores:
        assert store.latest(Mid("M3")) is not None
        store.close()
