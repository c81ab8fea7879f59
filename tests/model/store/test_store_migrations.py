"""From one revision to the next and back, with everything in it that can be in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from depicts_model.store import OutcomeFilter, Store
from depicts_model.store.engine import migrate, open_engine
from depicts_model.store.transactions import writing
from depicts_model.types import (
    Claim,
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
    store.add_claims([Claim(Mid("M1"), Qid("Q146"), "M1$0", 9, NOW, V)])
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


def test_a_second_process_that_opens_meanwhile_finds_it_done(url: str) -> None:
    with migrating(url) as engine:
        migrate(engine, "0001", up=False)
        migrate(engine, "head")
        migrate(engine, "head")
    with Store.open(url) as store:
        assert store.ping() == "0002"


def test_a_wrong_row_of_told_is_impossible(url: str) -> None:
    """What is told of a file cannot be deleted under it, by whatever program."""
    with Store.open(url) as store:
        fill(store)
    with migrating(url) as engine:
        try:
            with writing(engine) as connection:
                connection.execute(sa.delete(sa.table("outcome")))
        except Exception as error:
            assert "foreign key" in str(error).casefold()
        else:
            raise AssertionError("deleted")
