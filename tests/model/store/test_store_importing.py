"""What was worked out elsewhere never hides what is known better; on both databases."""

from __future__ import annotations

from dataclasses import replace

from depicts_model.store import Store
from depicts_model.types import Failed, NothingReason, NothingToSuggest, Skipped, SkipReason

from .values import V, file_ref, suggested

NOTHING = NothingToSuggest(NothingReason.NOT_SURE)


def test_what_is_new_is_kept_once(url: str) -> None:
    with Store.open(url) as store:
        run = store.start_run("import", V, {})
        results = [(file_ref(n), suggested(n)) for n in range(1, 8)]
        assert store.import_batch(run, V, results) == results
        assert store.import_batch(run, V, results) == []
        for file, outcome in results:
            found = store.latest(file.mid)
            assert found is not None and (found.file, found.outcome) == (file, outcome)
        assert store.import_batch(run, V, []) == []


def test_of_the_same_content_twice_the_first_final_outcome_stays(url: str) -> None:
    with Store.open(url) as store:
        run = store.start_run("import", V, {})
        file = file_ref(1)
        passing = Failed("http-500: /1.jpg", 60.0)
        store.import_batch(run, V, [(file, passing), (file, suggested(1)), (file, NOTHING)])
        found = store.latest(file.mid)
        assert found is not None and found.outcome == suggested(1)
        assert store.counts()["files"] == 1


def test_a_failure_to_be_retried_is_replaced(url: str) -> None:
    with Store.open(url) as store:
        run = store.start_run("bot", V, {})
        file = file_ref(1)
        store.save_batch(run, V, [(file, Failed("http-500: /1.jpg", 60.0))])
        assert store.import_batch(run, V, [(file, suggested(1))]) == [(file, suggested(1))]
        found = store.latest(file.mid)
        assert found is not None and found.outcome == suggested(1)


def test_a_newer_revision_and_a_page_that_is_gone_stay(url: str) -> None:
    with Store.open(url) as store:
        run = store.start_run("bot", "v2", {})
        moved = replace(file_ref(1), revision=10**6, title="File:Moved.jpg")
        gone = replace(file_ref(2), revision=0)
        store.save_batch(run, "v2", [(moved, NOTHING), (gone, Skipped(SkipReason.DELETED))])
        mine = [(file_ref(n), suggested(n)) for n in (1, 2, 3)]
        assert store.import_batch(run, V, mine) == mine[2:]
        told = store.told_of([file.mid for file, _ in mine])
        assert [told[file.mid].file for file, _ in mine] == [moved, gone, file_ref(3)]
