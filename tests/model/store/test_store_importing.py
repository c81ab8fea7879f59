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


def test_of_two_revisions_at_once_the_newer_one_is_kept(url: str) -> None:
    older, newer = file_ref(1), replace(file_ref(1), revision=10**6, title="File:Moved.jpg")
    overwritten = replace(newer, sha1="b" * 40, revision=10**6 + 1)
    with Store.open(url) as store:
        run = store.start_run("import", V, {})
        assert store.import_batch(run, V, [(newer, NOTHING), (older, NOTHING)]) == [
            (newer, NOTHING)
        ]
        both = [(overwritten, NOTHING), (newer, NOTHING)]
        assert store.import_batch(run, V, both) == both[:1]
        found = store.latest(newer.mid)
        assert found is not None and found.file == overwritten


def test_a_thumbnail_that_is_known_stays(url: str) -> None:
    with Store.open(url) as store:
        run = store.start_run("bot", "v0", {})
        store.save_batch(run, "v0", [(file_ref(1), NOTHING)])
        bare = [(replace(file_ref(n), thumb_url=""), suggested(n)) for n in (1, 2)]
        store.import_batch(run, V, bare)
        told = store.told_of([file.mid for file, _ in bare])
        assert [told[file.mid].file for file, _ in bare] == [file_ref(1), bare[1][0]]
        assert told[file_ref(1).mid].outcome == suggested(1)


def test_a_page_that_nobody_has_seen_yet_hides_nothing(url: str) -> None:
    unseen = [replace(file_ref(n, "0"), revision=-1) for n in (1, 2)]
    gone = replace(file_ref(2), revision=0)
    failed = Failed("http-500: /1.jpg", 60.0)
    with Store.open(url) as store:
        run = store.start_run("bot", V, {})
        store.save_batch(run, V, [(file, failed) for file in unseen])
        store.save_batch(run, V, [(gone, Skipped(SkipReason.DELETED))])
        mine = [(file_ref(n, "b"), suggested(n)) for n in (1, 2)]
        assert store.import_batch(run, V, mine) == mine[:1]
        told = store.told_of([file.mid for file, _ in mine])
        assert [told[file.mid].file for file, _ in mine] == [mine[0][0], gone]
