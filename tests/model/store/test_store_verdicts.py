"""Decisions and requests: kept once, and nothing of the person who made them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from depicts_model.store import Store, schema, verdicts
from depicts_model.types import Mid, NothingReason, NothingToSuggest, Verdict
from tests.model.store.looking import queue_of
from tests.model.store.values import SAID, V, decision, file_ref


def test_no_column_could_name_a_person() -> None:
    columns = {c.name for table in schema.metadata.tables.values() for c in table.columns}
    assert not columns & {"user", "user_name", "username", "ip", "address", "agent", "cookie"}
    assert {c.name for c in schema.decision.columns} == {
        *("id", "mid", "sha1", "qid", "verdict", "key", "at", "revision", "model_version"),
        *("confidence", "confirmed", "issued", "used"),
    }


def test_a_replayed_decision_is_stored_once(store: Store) -> None:
    made = [decision("Q146", Verdict.ACCEPTED, revision=9), decision("Q144", Verdict.SKIPPED)]
    assert store.add_decisions("key-1", made, V) == 2
    assert store.add_decisions("key-1", made, V) == 0
    assert store.add_decisions("key-1", [*made, decision("Q5", Verdict.REJECTED)], V) == 1
    assert store.decisions(Mid("M1"))[:2] == made


def test_one_token_says_one_thing_of_an_item_the_last(store: Store) -> None:
    first = decision("Q146", Verdict.ACCEPTED, revision=9)
    last = replace(decision("Q146", Verdict.REJECTED), at=first.at + timedelta(hours=1))
    assert store.add_decisions("key-1", [first], V) == 1
    assert store.add_decisions("key-1", [last], V) == 1
    # the edit was saved in the dialog, whatever is said of the item
    kept = replace(last, revision=9)
    assert store.decisions(Mid("M1")) == [kept]
    assert store.add_decisions("key-2", [first, last], V) == 1
    assert store.decisions(Mid("M1")) == [kept, kept]


def test_a_verdict_is_used_once_under_a_key_however_late_it_comes_again(store: Store) -> None:
    words = ("rejected", "accepted", "rejected", "accepted", "skipped", "rejected")
    hours = enumerate(words)
    said = [replace(decision("Q146", Verdict(w)), at=SAID + timedelta(hours=n)) for n, w in hours]
    assert [store.add_decisions("key-1", [one], V) for one in said] == [1, 1, 0, 0, 1, 0]
    assert store.decisions(Mid("M1")) == [said[4]]
    # another person's is another
    assert store.add_decisions("key-2", [said[0]], V) == 1


def test_a_revision_is_set_once(store: Store) -> None:
    said = [decision("Q146", Verdict.REJECTED, revision=number) for number in (9, 10, None, 11)]
    said.append(decision("Q146", Verdict.SKIPPED))
    assert [store.add_decisions("key-1", [one], V) for one in said] == [1, 0, 0, 0, 1]
    assert store.decisions(Mid("M1")) == [replace(said[-1], revision=9)]
    # nor after it was cleared, nor with a verdict that was said before
    assert store.clear_older(SAID + timedelta(days=30)) == 1
    for verdict in (Verdict.SKIPPED, Verdict.REJECTED):
        assert store.add_decisions("key-1", [decision("Q146", verdict, revision=12)], V) == 0
    assert [one.revision for one in store.decisions(Mid("M1"))] == [None]


def test_of_very_many_decisions_the_newest_are_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "MOST", 3)
    for number in range(5):
        at = SAID + timedelta(hours=number)
        said = replace(decision("Q146", Verdict.ACCEPTED), at=at)
        store.add_decisions(f"key-{number}", [said], V)
    assert [one.at.hour for one in store.decisions(Mid("M1"))] == [2, 3, 4]


def test_a_revision_that_comes_later_is_added_and_never_lost(store: Store) -> None:
    early = decision("Q146", Verdict.ACCEPTED)
    saved = replace(early, at=early.at + timedelta(hours=1), revision=9)
    assert [store.add_decisions("key-1", [d], V) for d in (early, saved, early)] == [1, 1, 0]
    # at the time of the message that brought it: the edit was made before that
    assert store.decisions(Mid("M1")) == [saved]


def test_the_database_itself_holds_one_verdict_an_item_under_a_key() -> None:
    (unique,) = (c for c in schema.decision.constraints if isinstance(c, sa.UniqueConstraint))
    assert [column.name for column in unique.columns] == ["mid", "sha1", "qid", "key"]


def test_two_people_who_say_the_same_are_two(store: Store) -> None:
    no = [decision("Q146", Verdict.REJECTED)]
    assert store.add_decisions("key-1", no, V) == 1
    assert store.add_decisions("key-2", no, V) == 1
    assert store.decisions(Mid("M1")) == no * 2
    assert store.decisions(Mid("M2")) == []


def test_every_verdict_comes_back(store: Store) -> None:
    made = [decision(f"Q{n}", verdict) for n, verdict in enumerate(Verdict, 1)]
    assert store.add_decisions("key-1", made, V) == len(Verdict) == 6
    assert {d.verdict for d in store.decisions(Mid("M1"))} == set(Verdict)


def test_a_file_asked_for_often_waits_once(store: Store) -> None:
    assert [store.request(Mid(m)) for m in ("M5", "M3", "M5", "M4", "M3")] == [1] * 5
    assert [store.place(Mid(m)) for m in ("M3", "M4", "M5")] == [1, 2, 3]
    assert store.counts()["requests"] == 3


def test_the_place_of_a_file_is_told_without_asking_for_it(store: Store) -> None:
    store.request(Mid("M5"))
    store.request(Mid("M3"))
    assert [store.place(Mid(m)) for m in ("M3", "M5", "M4")] == [1, 2, None]
    assert store.counts()["requests"] == 2


def test_a_file_that_was_looked_at_leaves_the_queue(store: Store) -> None:
    store.request(Mid("M1"))
    store.request(Mid("M2"))
    run = store.start_run("bot", V, {})
    store.save_batch(run, V, [(file_ref(1), NothingToSuggest(NothingReason.NOT_SURE))])
    assert queue_of(store) == ["M2"]
    assert store.request(Mid("M2")) == 1


@pytest.mark.slow
def test_many_askers_at_once_make_one_row(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(store.request, [Mid("M7")] * 40))
    assert places == [1] * 40
    assert store.counts()["requests"] == 1


def test_a_picture_is_known_by_the_no_that_was_said_of_it(store: Store) -> None:
    run = store.start_run("bot", V, {})
    files = [file_ref(1), file_ref(2), file_ref(3, "b")]
    store.save_batch(run, V, [(file, NothingToSuggest(NothingReason.NOT_SURE)) for file in files])
    store.add_decisions("one", [decision("Q146", Verdict.REJECTED, number=2)], V)
    store.add_decisions("two", [decision("Q144", Verdict.REJECTED, number=2)], V)
    store.add_decisions("three", [decision("Q146", Verdict.ACCEPTED)], V)
    asked = ["a" * 40, "b" * 40, "c" * 40]
    assert store.refused_files(asked) == {"a" * 40: file_ref(2)}, "of M3 nobody said no"
    assert store.refused_files([]) == {}
