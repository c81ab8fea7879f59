"""What a model may learn from: nothing without an edit behind it."""

from __future__ import annotations

from datetime import timedelta

from depicts_model.store import Store
from depicts_model.types import Claim, Mid, Qid, RefusalState, Verdict
from tests.model.store.values import SAID, V, decision, file_ref, suggested


def test_only_what_an_edit_confirmed_is_told(store: Store) -> None:
    run = store.start_run("bot", V, {})
    store.save_batch(run, V, [(file_ref(1), suggested(1))])
    store.add_decisions("one", [decision("Q146", Verdict.ACCEPTED, revision=70)], V)
    store.add_decisions("two", [decision("Q146", Verdict.ACCEPTED)], V)
    store.add_decisions("three", [decision("Q5", Verdict.ACCEPTED, revision=99)], V)
    store.add_decisions("four", [decision("Q146", Verdict.ACCEPTED, number=2, revision=71)], V)
    assert store.confirmed_decisions() == []
    at = SAID - timedelta(minutes=1)
    store.add_claims([Claim(Mid(f"M{n}"), Qid("Q146"), f"M{n}$x", 69 + n, at, V) for n in (1, 2)])
    (known, file), (unknown, nothing) = store.confirmed_decisions()
    assert (known.mid, known.qid, known.confirmed) == ("M1", "Q146", True)
    assert file == file_ref(1)
    assert (unknown.mid, nothing) == ("M2", None)


def test_every_refusal_is_told_with_its_state(store: Store) -> None:
    for number, state in enumerate(RefusalState, 1):
        store.settle("a" * 40, Qid(f"Q{number}"), state, SAID)
    assert [one.state for one in store.all_refusals()] == [*RefusalState]
