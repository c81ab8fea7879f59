"""Second looks: which files are due for one, in which order, and what one may replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from depicts_model.errors import StoreError
from depicts_model.store import OutcomeFilter, Store, aging
from depicts_model.store.engine import open_engine
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Verdict,
)
from tests.model.store.looking import all_outcomes, queue_of
from tests.model.store.values import SAID, V, decision, file_ref, suggested

NEWER = "tiny-2"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
SOON = datetime(2100, 1, 1, tzinfo=UTC)
UNSURE = NothingToSuggest(NothingReason.NOT_SURE)
DEPICTED = Skipped(SkipReason.HAS_DEPICTS)
DAY = timedelta(days=1)


def uploaded(number: int, days: int) -> FileRef:
    """A file that was uploaded so many days after the others."""
    file = file_ref(number)
    return replace(file, uploaded=file.uploaded + days * DAY)


def look(store: Store, *results: tuple[FileRef, Outcome], version: str = V) -> None:
    store.save_batch(store.start_run("bot", version, {}), version, results)


def look_again(
    store: Store, *results: tuple[FileRef, Outcome], looked: tuple[FileRef, ...] = ()
) -> int:
    return store.save_again(store.start_run("bot", V, {}), V, results, looked)


def mids(files: list[FileRef]) -> list[str]:
    return [str(file.mid) for file in files]


def told(store: Store, number: int) -> tuple[Outcome, str, str]:
    found = store.latest(Mid(f"M{number}"))
    assert found is not None
    return found.outcome, found.model_version, found.file.sha1[0]


def due(store: Store, limit: int = 99, version: str = V) -> list[str]:
    """As if nobody had looked at anything for long."""
    return mids(store.stale(version, SOON, SOON, limit))


def test_after_a_promotion_all_that_is_told_is_due_suggestions_first_newest_first(
    store: Store,
) -> None:
    look(store, (uploaded(1, 1), UNSURE), (uploaded(2, 2), suggested(2)))
    look(store, (uploaded(3, 3), suggested(3)), (uploaded(4, 4), Failed("broken")))
    look(store, (uploaded(5, 5), DEPICTED), (uploaded(6, 6), UNSURE))
    assert mids(store.stale(NEWER, LONG_AGO, LONG_AGO, 99)) == [], "all were just looked at"
    found = mids(store.stale(NEWER, LONG_AGO, SOON, 8))
    # the first two places are for who waits longest: of one moment, whoever
    assert sorted(found) == ["M1", "M2", "M3", "M4", "M5", "M6"]
    rest = [mid for mid in ("M3", "M2", "M6", "M1", "M5", "M4") if mid not in found[:2]]
    assert found[2:] == rest


def test_what_the_present_model_told_is_due_where_it_suggests_and_is_old(store: Store) -> None:
    look(store, (file_ref(1), suggested(1)), (file_ref(2), UNSURE), (file_ref(3), DEPICTED))
    assert mids(store.stale(V, LONG_AGO, SOON, 9)) == []
    assert mids(store.stale(V, SOON, LONG_AGO, 9)) == ["M1"]


def test_what_is_not_told_is_not_due(store: Store) -> None:
    """An older content's outcome, and an older model's."""
    look(store, (file_ref(1), suggested(1)), (file_ref(2), suggested(2)))
    look(store, (replace(file_ref(1, "b"), revision=99), UNSURE))
    look(store, (file_ref(2), suggested(2, version=NEWER)), version=NEWER)
    assert due(store) == ["M2"], "M2 is told by another model; of M1 the newest is nothing"
    assert sorted(due(store, version=NEWER)) == ["M1", "M2"]


def test_no_more_than_asked_for_and_who_waits_longest_is_among_them(store: Store) -> None:
    for number in range(1, 10):
        look(store, (uploaded(number, number), suggested(number)))
    look(store, (uploaded(10, 0), UNSURE))
    assert due(store, 4, NEWER) == ["M1", "M9", "M8", "M7"]
    assert due(store, 1, NEWER) == ["M1"]
    assert due(store, 0, NEWER) == []
    assert due(store, 99, NEWER)[-1] == "M10"


def test_however_often_models_are_promoted_nobody_waits_for_ever(store: Store) -> None:
    """Each round brings a model and as many newer files as it has places."""
    look(store, (uploaded(1, 0), UNSURE))
    for round_ in range(1, 9):
        version = f"model-{round_}"
        if "M1" in due(store, 4, version):
            return
        for file in store.stale(version, LONG_AGO, SOON, 4):
            look(store, (file, suggested(int(file.mid[1:]), version=version)), version=version)
        for number in range(10 * round_, 10 * round_ + 4):
            mine = suggested(number, version=version)
            look(store, (uploaded(number, number), mine), version=version)
    pytest.fail("M1 was never looked at again")


def test_what_was_looked_at_moves_on_whatever_it_came_to(store: Store) -> None:
    look(store, (file_ref(1), suggested(1)), (file_ref(2), suggested(2)))
    time.sleep(0.01)
    between = datetime.now(UTC)
    assert look_again(store, looked=(file_ref(1),)) == 0
    assert mids(store.stale(V, between, SOON, 9)) == ["M2"]
    assert mids(store.stale(V, SOON, SOON, 9)) == ["M2", "M1"], "the longest waiting first"
    assert told(store, 1) == (suggested(1), V, "a")
    stored = {one.file.mid: one.at for one in all_outcomes(store)}
    assert stored[Mid("M1")] < between, "when it was found stays true"


def test_a_look_that_failed_is_not_repeated_at_once(store: Store) -> None:
    other = suggested(1, version=NEWER)
    look(store, (file_ref(1), other), version=NEWER)
    time.sleep(0.01)
    between = datetime.now(UTC)
    look_again(store, looked=(file_ref(1),))
    assert told(store, 1) == (other, NEWER, "a"), "what the other model found stays"
    assert mids(store.stale(V, SOON, between, 9)) == []
    assert mids(store.stale(V, SOON, SOON, 9)) == ["M1"]


def test_depicts_withdraw_suggestions_and_back(store: Store) -> None:
    look(store, (file_ref(1), suggested(1)))
    assert look_again(store, (file_ref(1), DEPICTED)) == 1
    assert told(store, 1) == (DEPICTED, V, "a")
    assert (store.counts()["suggestions"], len(all_outcomes(store))) == (0, 1)
    sure = OutcomeFilter("suggested", Qid("Q146"))
    assert store.browse(sure, 9).outcomes == ()
    assert store.count_files(OutcomeFilter())["skipped"] == 1
    assert look_again(store, (file_ref(1), suggested(1))) == 1
    assert told(store, 1) == (suggested(1), V, "a")
    assert [one.file.mid for one in store.browse(sure, 9).outcomes] == ["M1"]
    assert store.done(V, [(Mid("M1"), "a" * 40)])


def test_the_first_look_replaces_nothing_final_still(store: Store) -> None:
    look(store, (file_ref(1), suggested(1)))
    look(store, (file_ref(1), DEPICTED))
    assert told(store, 1)[0] == suggested(1)


def test_overwritten_and_back_the_first_content_is_told_again(store: Store) -> None:
    first, second = file_ref(1), replace(file_ref(1, "b"), revision=90)
    look(store, (first, suggested(1)))
    look(store, (second, UNSURE))
    assert told(store, 1) == (UNSURE, V, "b")
    back = replace(first, revision=95, title="File:Renamed.jpg")
    assert look_again(store, looked=(back,)) == 0
    assert told(store, 1) == (suggested(1), V, "a")
    latest = store.latest(Mid("M1"))
    assert latest is not None and latest.file == back
    look(store, (replace(second, revision=99), UNSURE))
    assert told(store, 1) == (UNSURE, V, "b"), "a first look raises the revision, too"


def test_after_a_rollback_the_older_model_is_told_again_and_once_is_enough(store: Store) -> None:
    look(store, (file_ref(1), suggested(1)))
    newer = suggested(1, "Q144", version=NEWER)
    look(store, (file_ref(1), newer), version=NEWER)
    assert due(store) == ["M1"]
    look_again(store, looked=(file_ref(1),))
    assert told(store, 1) == (suggested(1), V, "a")
    assert mids(store.stale(V, LONG_AGO, SOON, 9)) == []
    assert store.prune(SOON, 99)["outcomes"] == 1
    assert told(store, 1) == (suggested(1), V, "a"), "what is told is not pruned"


def test_a_second_look_ends_requests_and_moves_its_checkpoint_or_does_nothing(
    store: Store,
) -> None:
    run = store.start_run("bot", V, {})
    for number in (1, 2):
        store.request(Mid(f"M{number}"))
    bad = replace(file_ref(2), uploaded=datetime(2026, 1, 1))
    for results, looked in (([(bad, UNSURE)], [file_ref(1)]), ([(file_ref(1), UNSURE)], [bad])):
        with pytest.raises(StoreError, match="a time without zone"):
            store.save_again(run, V, results, looked, ("overwrites", "9"))
        assert (store.counts()["files"], store.checkpoint("overwrites")) == (0, None)
        assert len(queue_of(store)) == 2
    store.save_again(run, V, [(file_ref(1), UNSURE)], [file_ref(2)], ("overwrites", "9"))
    assert (queue_of(store), store.checkpoint("overwrites")) == ([], "9")


def test_a_verdict_on_what_was_withdrawn_is_kept_without_confidence(store: Store) -> None:
    look(store, (file_ref(1), suggested(1)))
    store.add_decisions("before", [decision("Q146", Verdict.REJECTED)], V)
    look_again(store, (file_ref(1), DEPICTED))
    store.add_decisions("after", [decision("Q146", Verdict.ACCEPTED)], V)
    said = {(one.verdict, one.confidence) for one in store.decisions(Mid("M1"))}
    assert said == {(Verdict.REJECTED, 0.9), (Verdict.ACCEPTED, None)}
    assert SAID < SOON and store.prune(SOON, 99)["outcomes"] == 0


def test_what_is_told_of_many_files_and_what_a_model_found(store: Store) -> None:
    look(store, (file_ref(1), suggested(1)), (file_ref(2), UNSURE))
    look(store, (replace(file_ref(1, "b"), revision=99), DEPICTED))
    found = store.told_of([Mid("M1"), Mid("M2"), Mid("M3")])
    assert {mid: one.outcome for mid, one in found.items()} == {"M1": DEPICTED, "M2": UNSURE}
    asked = [(Mid("M1"), "a" * 40), (Mid("M2"), "b" * 40)]
    (pair, one), *rest = store.outcomes_of(V, asked).items()
    assert (pair, one.outcome, rest) == (asked[0], suggested(1), [])
    assert store.outcomes_of(NEWER, asked) == {}


QUESTIONS: dict[str, tuple[Callable[[sa.Connection], object], str]] = {
    "longest": (
        lambda connection: aging._longest(connection, [("suggested", V)], SOON, 9),
        "ix_told_looked",
    ),
    "newest": (
        lambda connection: aging._newest(connection, [("suggested", V)], "suggested", SOON, 9),
        "ix_told_uploaded",
    ),
    "models": (
        lambda connection: connection.execute(aging._next_version("suggested", "")).all(),
        "ix_told_",
    ),
}


@pytest.mark.parametrize(("ask", "index"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_each_question_goes_along_an_index_and_sorts_nothing(
    store: Store, url: str, ask: Callable[[sa.Connection], object], index: str
) -> None:
    kinds: list[Outcome] = [UNSURE, DEPICTED, Failed("broken")]
    look(store, *((uploaded(n, n), (*kinds, suggested(n))[n % 4]) for n in range(1, 400)))
    engine = open_engine(url)
    said: list[tuple[str, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *words: said.append(words[2:4]))
    with engine.connect() as connection:
        ask(connection)
        asked = said[-1]
        lite = url.startswith("sqlite")
        explain = "EXPLAIN QUERY PLAN" if lite else "EXPLAIN"
        plan = str(connection.exec_driver_sql(f"{explain} {asked[0]}", asked[1]).all())
    engine.dispose()
    assert "TEMP B-TREE" not in plan and "filesort" not in plan
    # the smallest of an index is read while MariaDB makes its plan
    assert index in plan or "Select tables optimized away" in plan
    assert "SCAN" not in plan
