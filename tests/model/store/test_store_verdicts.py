"""Decisions and requests: kept once, and nothing of the person who made them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from depicts_model.store import Store, schema
from depicts_model.types import Mid, NothingReason, NothingToSuggest, Verdict
from tests.model.store.values import V, decision, file_ref


def test_no_column_could_name_a_person() -> None:
    columns = {c.name for table in schema.metadata.tables.values() for c in table.columns}
    assert not columns & {"user", "user_name", "username", "ip", "address", "agent", "cookie"}
    assert {c.name for c in schema.decision.columns} == {
        *("id", "mid", "sha1", "qid", "verdict", "key", "at", "revision", "model_version")
    }


def test_a_replayed_decision_is_stored_once(store: Store) -> None:
    made = [decision("Q146", Verdict.ACCEPTED, revision=9), decision("Q144", Verdict.SKIPPED)]
    assert store.add_decisions("key-1", made, V) == 2
    assert store.add_decisions("key-1", made, V) == 0
    assert store.add_decisions("key-1", [*made, decision("Q5", Verdict.REJECTED)], V) == 1
    assert store.decisions(Mid("M1"))[:2] == made


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
    assert [store.request(Mid(m)) for m in ("M5", "M3", "M5", "M4", "M3")] == [1, 2, 1, 3, 2]
    assert store.pending_requests(2) == ["M5", "M3"]


def test_a_file_that_was_looked_at_leaves_the_queue(store: Store) -> None:
    store.request(Mid("M1"))
    store.request(Mid("M2"))
    run = store.start_run("bot", V, {})
    store.save_batch(run, V, [(file_ref(1), NothingToSuggest(NothingReason.NOT_SURE))])
    assert store.pending_requests(9) == ["M2"]
    assert store.request(Mid("M2")) == 1


def test_many_askers_at_once_make_one_row(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(store.request, [Mid("M7")] * 40))
    assert places == [1] * 40
    assert store.counts()["requests"] == 1
