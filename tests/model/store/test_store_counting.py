"""The public statistics: every verdict where it belongs, and a form in JSON that comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from depicts_model.statistics import Statistics, Tally
from depicts_model.store import Store
from depicts_model.types import Claim, Mid, Qid, RefusalState, Suggested, Verdict
from tests.model.store.values import SAID, V, decision, file_ref, suggested

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def offer(store: Store, number: int, **confidences: float) -> None:
    (made,) = suggested(number).suggestions
    parts = (replace(made, qid=Qid(q), confidence=c) for q, c in confidences.items())
    run = store.start_run("bot", V, {})
    store.save_batch(run, V, [(file_ref(number), Suggested(tuple(parts)))])


def test_nothing_yet_is_all_zeros(store: Store) -> None:
    found = store.statistics()
    assert found.verdicts == dict.fromkeys((v.value for v in Verdict), 0)
    assert (found.bins, found.unknown, found.items) == ((Tally(),) * 10, Tally(), ())
    assert set(found.totals.values()) == {0}


def test_verdicts_by_confidence_and_item(store: Store) -> None:
    offer(store, 1, Q1=0.7, Q2=0.699, Q3=1.0, Q4=0.0)
    said = {"Q1": "accepted", "Q2": "too-general", "Q3": "rejected", "Q4": "not-shown"}
    made = [decision(qid, Verdict(word), revision=5) for qid, word in said.items()]
    store.add_decisions("key-1", [*made, decision("Q9", Verdict.TOO_SPECIFIC)], V)
    store.add_decisions("key-2", [decision("Q1", Verdict.SKIPPED)], V)
    # without an edit, and with one that nobody made
    store.add_decisions("key-3", [decision("Q3", Verdict.REJECTED)], V)
    store.add_decisions("key-4", [decision("Q3", Verdict.ACCEPTED, revision=6)], V)
    store.add_claims([Claim(Mid("M1"), Qid("Q1"), "M1$1", 5, SAID, V)])
    found = store.statistics()
    assert found.bins[7] == Tally(shown=2, accepted=1, skipped=1, confirmed=1, saved=1)
    assert found.bins[6] == Tally(shown=1, too_general=1, refuted=1)
    assert found.bins[9] == Tally(shown=3, accepted=1, rejected=2, refuted=1)
    assert found.bins[0] == Tally()
    assert found.unknown == Tally(shown=1, too_specific=1)
    twice = {"accepted": 2, "rejected": 2}
    assert found.verdicts == dict.fromkeys((v.value for v in Verdict), 1) | twice
    assert found.items[1] == (Qid("Q1"), found.bins[7])
    assert [qid for qid, _ in found.items] == ["Q3", "Q1", "Q2", "Q9"]
    assert store.tallies([Qid("Q1"), Qid("Q77")]) == {
        "Q1": replace(found.bins[7], saved=0),
        "Q77": Tally(),
    }


def test_totals_and_the_way_through_json(store: Store) -> None:
    offer(store, 1, Q1=0.5)
    store.request(Mid("M2"))
    store.settle("a" * 40, Qid("Q1"), RefusalState.SHARED, NOW)
    store.settle("a" * 40, Qid("Q2"), RefusalState.DISMISSED, NOW)
    store.add_decisions("key-1", [decision("Q1", Verdict.ACCEPTED)], V)
    found = store.statistics()
    assert found.totals == {
        **{"files": 1, "suggested": 1, "nothing": 0, "skipped": 0, "failed": 0},
        **{"suggestions": 1, "decisions": 1, "claims": 0, "shared": 1, "waiting": 0},
        **{"requests": 1, "runs": 1},
    }
    assert Statistics.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_the_fifty_items_with_most_verdicts(store: Store) -> None:
    for key in ("a", "b"):
        qids = range(1, 61) if key == "a" else range(31, 41)
        store.add_decisions(key, [decision(f"Q{n}", Verdict.REJECTED) for n in qids], V)
    items = store.statistics().items
    assert len(items) == 50
    assert {tally.rejected for _, tally in items[:10]} == {2}
    assert {qid for qid, _ in items[:10]} == {f"Q{n}" for n in range(31, 41)}


def test_every_item_with_verdicts_is_told_of_for_its_classes(store: Store) -> None:
    made = [decision(f"Q{n}", Verdict.REJECTED) for n in range(1, 61)]
    store.add_decisions("key-1", [*made, decision("Q99", Verdict.NOT_SHOWN)], V)
    found = store.all_tallies()
    assert len(found) == 61
    assert (found[Qid("Q60")], found[Qid("Q99")]) == (Tally(shown=1, rejected=1), Tally())


def test_the_newest_runs_are_told(store: Store) -> None:
    first = store.start_run("bot", V, {})
    store.finish_run(first, {"listed": 3})
    store.start_run("harvest", "1", {})
    newest, oldest = store.last_runs(9)
    assert (newest.kind, newest.finished, newest.counts) == ("harvest", None, {})
    assert (oldest.id, oldest.counts) == (first, {"listed": 3})
    assert oldest.finished is not None and oldest.finished >= oldest.started
    assert store.last_runs(1, "bot") == [oldest]
