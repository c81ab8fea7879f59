"""What is kept of a run: all of a batch or nothing, each outcome once, and as it was."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from depicts_model.errors import StoreError
from depicts_model.store import Store
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
)
from tests.model.store.looking import all_outcomes, queue_of
from tests.model.store.values import V, file_ref, results, suggested

Results = list[tuple[FileRef, Outcome]]
UNSURE = NothingToSuggest(NothingReason.NOT_SURE)


@pytest.fixture
def run(store: Store) -> int:
    return store.start_run("bot", V, {"limit": 5})


def broken(number: int) -> tuple[FileRef, Outcome]:
    """A result that no database takes."""
    return replace(file_ref(number), uploaded=datetime(2026, 1, 1)), UNSURE


def test_a_batch_with_one_bad_result_leaves_nothing(store: Store, run: int) -> None:
    store.request(Mid("M1"))
    batch = [(file_ref(1), suggested(1)), broken(2)]
    with pytest.raises(StoreError, match="a time without zone"):
        store.save_batch(run, V, batch, ("uploads", "17"))
    counts = store.counts()
    assert (counts["files"], counts["suggested"], counts["suggestions"]) == (0, 0, 0)
    assert store.checkpoint("uploads") is None
    assert queue_of(store) == ["M1"]


def test_the_newest_run_of_a_kind_tells_its_inputs(store: Store) -> None:
    assert store.last_inputs("bot") == {}
    for kind, inputs in (("bot", {"a": [1]}), ("bot", {"b": {"c": None}}), ("other", {"d": 2})):
        store.start_run(kind, V, inputs)
    assert store.last_inputs("bot") == {"b": {"c": None}}


def test_a_suggestion_for_another_file_is_refused(store: Store, run: int) -> None:
    with pytest.raises(StoreError, match=r"suggestion for M2 .* outcome of M1"):
        store.save_batch(run, V, [(file_ref(1), suggested(2))])
    assert store.latest(Mid("M1")) is None


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_that_would_not_come_back_is_refused(
    store: Store, run: int, number: float
) -> None:
    with pytest.raises(StoreError, match="retry_after is not a finite number"):
        store.save_batch(run, V, [(file_ref(1), Failed("http-429", number))])
    assert store.counts()["failed"] == 0


def test_an_unknown_run_stores_nothing(store: Store) -> None:
    with pytest.raises(StoreError):
        store.save_batch(99, V, [(file_ref(1), UNSURE)])
    assert store.counts()["files"] == 0


def test_a_final_outcome_is_never_overwritten(store: Store, run: int) -> None:
    assert store.save_batch(run, V, [(file_ref(1), suggested(1))]) == 1
    assert store.save_batch(run, V, [(file_ref(1), Failed("http-500", 9.0))]) == 0
    latest = store.latest(Mid("M1"))
    assert latest is not None and latest.outcome == suggested(1)


def test_a_replay_changes_nothing(store: Store, run: int) -> None:
    batch: Results = [(file_ref(1), suggested(1, "Q146", "Q144")), (file_ref(2), UNSURE)]
    assert store.save_batch(run, V, batch, ("uploads", "17")) == 2
    before = store.counts(), all_outcomes(store)
    assert store.save_batch(run, V, batch, ("uploads", "17")) == 0
    assert (store.counts(), all_outcomes(store)) == before


def test_the_same_file_twice_in_a_batch_is_one_outcome(store: Store, run: int) -> None:
    assert store.save_batch(run, V, [(file_ref(1), UNSURE), (file_ref(1), suggested(1))]) == 1
    assert store.counts()["suggestions"] == 0


def test_a_failure_to_be_retried_is_not_done_and_is_replaced(store: Store, run: int) -> None:
    pair = (Mid("M1"), "a" * 40)
    failed = [(file_ref(1), Failed("http-429", 30.0))]
    assert store.save_batch(run, V, failed) == 1
    assert store.done(V, [pair]) == set()
    soon, later = (datetime.now(UTC) + timedelta(seconds=seconds) for seconds in (20, 40))
    assert store.due(V, soon, 9) == []
    assert [failure.file for failure in store.due(V, later, 9)] == [file_ref(1)]
    assert store.save_batch(run, V, failed) == 0
    assert store.save_batch(run, V, [(file_ref(1), suggested(1))]) == 1
    assert store.done(V, [pair]) == {pair}
    assert store.due(V, later, 9) == []
    assert store.counts()["failed"] == 0


def test_who_waits_long_is_not_in_the_way_of_others(store: Store, run: int) -> None:
    waits = {1: 9e9, 2: 7200.0, 3: 30.0, 4: 60.0}
    for number, seconds in waits.items():
        store.save_batch(run, V, [(file_ref(number), Failed("busy", seconds))])
    hour = datetime.now(UTC) + timedelta(hours=1)
    assert [one.file.mid for one in store.due(V, hour, 9)] == ["M3", "M4"]
    assert [one.outcome for one in store.due(V, hour, 1)] == [Failed("busy", 30.0)]


def test_what_a_clock_that_was_ahead_stored_does_not_wait_until_then(
    store: Store, run: int
) -> None:
    store.save_batch(run, V, [(file_ref(1), Failed("busy", 7200.0))])
    assert store.due(V, datetime.now(UTC) - timedelta(days=30), 9)


def test_a_page_that_was_missed_is_not_done_and_when_is_told_anew(store: Store, run: int) -> None:
    missed = (file_ref(1, ""), Skipped(SkipReason.DELETED))
    assert store.save_batch(run, V, [missed]) == 1
    first = store.latest(Mid("M1"))
    assert store.done(V, [(Mid("M1"), "")]) == set()
    assert store.save_batch(run, V, [missed]) == 0, "the same once more"
    again = store.latest(Mid("M1"))
    assert first and again and first.at < again.at and again.outcome == first.outcome
    assert len(all_outcomes(store)) == 1


def test_a_failure_for_good_is_done(store: Store, run: int) -> None:
    store.save_batch(run, V, [(file_ref(1), Failed("corrupt image"))])
    assert store.done(V, [(Mid("M1"), "a" * 40)])
    assert store.due(V, datetime.now(UTC) + timedelta(days=9), 9) == []


def test_done_tells_versions_and_contents_apart(store: Store, run: int) -> None:
    store.save_batch(run, V, [(file_ref(1), UNSURE)])
    mine, other = (Mid("M1"), "a" * 40), (Mid("M1"), "b" * 40)
    assert store.done(V, [mine, other]) == {mine}
    assert store.done("tiny-2", [mine, other]) == set()
    assert store.done(V, []) == set()


def test_done_takes_more_pairs_than_a_statement_has_room_for(store: Store, run: int) -> None:
    store.save_batch(run, V, [(file_ref(n), UNSURE) for n in (3, 39_999)])
    pairs = [(Mid(f"M{n}"), "a" * 40) for n in range(1, 40_001)]
    assert {mid for mid, _ in store.done(V, pairs)} == {"M3", "M39999"}


def test_a_new_content_or_version_is_a_new_outcome_and_the_latest(store: Store, run: int) -> None:
    store.save_batch(run, V, [(file_ref(1), UNSURE)])
    store.save_batch(run, "tiny-2", [(file_ref(1), suggested(1, version="tiny-2"))])
    store.save_batch(run, V, [(file_ref(1, "b"), Skipped(SkipReason.HAS_DEPICTS))])
    latest = store.latest(Mid("M1"))
    assert latest is not None and latest.outcome == Skipped(SkipReason.HAS_DEPICTS)
    assert [r.model_version for r in all_outcomes(store)] == [V, "tiny-2", V]


def test_the_newest_version_of_a_file_is_told_whenever_it_was_stored(
    store: Store, run: int
) -> None:
    store.save_batch(run, V, [(replace(file_ref(1, "b"), revision=90), suggested(1))])
    store.save_batch(run, V, [(replace(file_ref(1), revision=80), Failed("overwritten"))])
    latest = store.latest(Mid("M1"))
    assert latest is not None and latest.outcome == suggested(1)
    assert [r.file.revision for r in all_outcomes(store)] == [80, 90]


def test_of_a_page_that_is_gone_nothing_older_is_told(store: Store, run: int) -> None:
    gone = replace(file_ref(1, "b"), revision=0)
    store.save_batch(run, V, [(gone, Skipped(SkipReason.DELETED))])
    store.save_batch(run, "tiny-2", [(file_ref(1), suggested(1, version="tiny-2"))])
    latest = store.latest(Mid("M1"))
    assert latest is not None and latest.outcome == Skipped(SkipReason.DELETED)


def test_a_renamed_file_keeps_its_outcome_under_the_new_name(store: Store, run: int) -> None:
    store.save_batch(run, V, [(file_ref(1), UNSURE)])
    store.save_batch(run, V, [(replace(file_ref(1), title="File:Tabby.jpg"), UNSURE)])
    latest = store.latest(Mid("M1"))
    assert latest is not None and latest.file.title == "File:Tabby.jpg"
    assert store.counts()["files"] == 1


def test_suggestions_come_back_in_their_order(store: Store, run: int) -> None:
    store.save_batch(run, V, [(file_ref(1), suggested(1, "Q9", "Q1", "Q5"))])
    latest = store.latest(Mid("M1"))
    assert latest is not None and isinstance(latest.outcome, Suggested)
    assert [s.qid for s in latest.outcome.suggestions] == ["Q9", "Q1", "Q5"]


def test_an_error_with_broken_characters_is_kept_readable(store: Store, run: int) -> None:
    store.save_batch(run, V, [(file_ref(1), Failed("bad name \udcff" + "x" * 5000))])
    latest = store.latest(Mid("M1"))
    assert latest is not None and isinstance(latest.outcome, Failed)
    assert latest.outcome.error.startswith(r"bad name \udcff")
    assert len(latest.outcome.error) == 2000


def test_runs_are_recorded_with_their_counts(store: Store, run: int) -> None:
    store.finish_run(run, {"listed": 3})
    with pytest.raises(StoreError, match="no run 99"):
        store.finish_run(99, {})
    assert store.counts()["runs"] == 1


SLOW_DISKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW_DISKS)
@given(result=results())
def test_any_outcome_comes_back_as_it_was(store: Store, result: tuple[FileRef, Outcome]) -> None:
    file, outcome = result
    version = f"v{store.counts()['runs']}"
    if isinstance(outcome, Suggested):
        outcome = Suggested(tuple(_by(version, s) for s in outcome.suggestions))
    run = store.start_run("bot", version, {})
    store.save_batch(run, version, [(file, outcome)])
    newest = all_outcomes(store)[0]
    assert (newest.file, newest.outcome) == (file, outcome)
    assert newest.model_version == version


def _by(version: str, suggestion: Suggestion) -> Suggestion:
    return replace(suggestion, model_version=version)


def test_times_leave_as_utc(store: Store, run: int, url: str) -> None:
    if not url.startswith("sqlite"):
        pytest.skip("looks into the SQLite file")
    store.save_batch(run, V, [(file_ref(1), UNSURE)])
    with sqlite3.connect(url.removeprefix("sqlite:///")) as raw:
        (text,) = raw.execute("SELECT uploaded FROM file").fetchone()
    raw.close()
    assert text == "2026-11-01 00:00:00.000000"
