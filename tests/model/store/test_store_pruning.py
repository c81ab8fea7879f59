"""Retention: what tells nothing goes, and what people said or see never does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from depicts_model.store import AGAIN, Store, pruning, schema
from depicts_model.store.engine import open_engine
from depicts_model.store.transactions import writing
from depicts_model.types import Claim, Latency, Mid, Qid, RefusalState, Verdict
from tests.model.store.looking import queue_of
from tests.model.store.values import SAID, V, decision, file_ref, suggested

DAY = timedelta(days=1)
SOON = datetime.now(UTC) + DAY
"""Everything that is stored by these tests is older."""
NOTHING = dict.fromkeys(("outcomes", "decisions", "runs", "requests", "latencies"), 0)


LOOKED_AT = pruning._USELESS[:2]
"""Outcomes that are not told, acceptances that nothing confirms."""


def look(store: Store, version: str, *numbers: int) -> int:
    run = store.start_run("bot", version, {})
    store.save_batch(run, version, [(file_ref(n), suggested(n, version=version)) for n in numbers])
    store.finish_run(run, {})
    return run


@pytest.fixture
def full(store: Store) -> Store:
    """Two files looked at by three models, all six verdicts twice, with an edit, and the rest."""
    for version in ("old", "older", V):
        look(store, version, 1, 2)
    said = [decision(f"Q{n}", verdict) for n, verdict in enumerate(Verdict, 1)]
    store.add_decisions("key-1", said, V)
    store.add_decisions("key-2", [replace(one, revision=5) for one in said], V)
    store.add_claims([Claim(Mid("M1"), Qid("Q1"), "M1$1", 5, SAID, V)])
    store.settle("a" * 40, Qid("Q2"), RefusalState.DISMISSED, SOON - 99 * DAY)
    store.count_latencies([Latency(SOON - 99 * DAY, "a", n, 1) for n in range(3)])
    store.request(Mid("M8"))
    store.request(Mid("M9"), AGAIN)
    return store


def test_what_is_told_or_said_stays(full: Store) -> None:
    told = [full.latest(Mid(m)) for m in ("M1", "M2")]
    gone = full.prune(SOON, 99)
    assert gone == {"outcomes": 4, "decisions": 8, "runs": 2, "requests": 1, "latencies": 3}
    assert [full.latest(Mid(m)) for m in ("M1", "M2")] == told
    # behind these stands an edit; what anybody can send without one does not grow for ever
    kept = [d.verdict.value for d in full.decisions(Mid("M1")) if d.confirmed]
    assert kept == ["accepted", "rejected", "too-general", "too-specific"]
    assert len(full.decisions(Mid("M1"))) == 4
    assert len(full.claims(Mid("M1"))) == 1
    assert full.statistics().totals["suggestions"] == 2
    assert queue_of(full) == ["M9"]
    assert full.prune(SOON, 99) == NOTHING


def test_what_is_younger_stays(full: Store) -> None:
    before = full.counts()
    assert full.prune(SOON - 50 * DAY, 99) == {**NOTHING, "latencies": 3}
    assert full.counts() == before


def test_no_more_than_was_asked_for_goes(full: Store) -> None:
    assert full.prune(SOON, 3) == {**NOTHING, "outcomes": 3}
    assert full.prune(SOON, 4) == {**NOTHING, "outcomes": 1, "decisions": 3}
    assert full.prune(SOON, 0) == NOTHING


@pytest.mark.slow
def test_in_small_batches_all_of_it_goes(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 1)
    assert sum(full.prune(SOON, 99).values()) == 18


def test_the_newest_run_of_a_kind_stays_for_its_inputs(store: Store) -> None:
    for kind in ("bot", "harvest"):
        for number in (1, 2):
            store.finish_run(store.start_run(kind, V, {"number": number}), {})
    store.start_run("report", V, {})
    assert store.prune(SOON, 99)["runs"] == 2
    assert store.last_inputs("bot") == store.last_inputs("harvest") == {"number": 2}


def test_what_changes_between_finding_and_deleting_stays(store: Store, url: str) -> None:
    """A verdict that an edit confirms, an old outcome that is told again."""
    look(store, V, 1)
    look(store, "newer", 1)
    early = decision("Q146", Verdict.ACCEPTED)
    store.add_decisions("key-1", [early], V)
    engine = open_engine(url)
    found = {}
    with engine.connect() as connection:
        for useless in LOOKED_AT:
            (place,) = pruning._find(connection, useless, SOON, None, 9)
            found[useless.table.name] = place[1]
    store.add_claims([Claim(Mid("M1"), Qid("Q146"), "M1$1", 5, SAID, V)])
    store.add_decisions("key-1", [replace(early, revision=5)], V)
    with writing(engine) as connection:
        told = sa.update(schema.told).values(outcome_id=found["outcome"])
        connection.execute(told)
    with writing(engine) as connection:
        for useless in LOOKED_AT:
            assert pruning._delete(connection, useless, [found[useless.table.name]]) == 0
    engine.dispose()
