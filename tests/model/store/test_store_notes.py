"""Leases, notes, pauses and latencies: what processes that never meet leave for each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from depicts_model.errors import StoreError
from depicts_model.store import Store
from depicts_model.types import Latency, Noted, Pause, Qid

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_one_holds_a_lease_until_it_runs_out_or_is_given_back(store: Store) -> None:
    assert store.hold("worker", "a", NOW, 30)
    assert not store.hold("worker", "b", NOW + 29 * SECOND, 30)
    assert store.hold("other", "b", NOW, 30)
    assert store.hold("worker", "a", NOW + 29 * SECOND, 30)
    assert not store.hold("worker", "b", NOW + 58 * SECOND, 30)
    store.release("worker", "b")
    assert not store.hold("worker", "b", NOW + 58 * SECOND, 30)
    assert store.hold("worker", "b", NOW + 59 * SECOND, 30)
    assert not store.hold("worker", "a", NOW + 59 * SECOND, 30)
    store.release("worker", "b")
    assert store.hold("worker", "a", NOW, 30)


def test_a_lease_of_a_clock_that_was_an_hour_ahead_does_not_last_an_hour(store: Store) -> None:
    assert store.hold("worker", "a", NOW + timedelta(hours=1), 30)
    assert store.hold("worker", "b", NOW, 30)
    assert not store.hold("worker", "a", NOW + SECOND, 30)
    # clocks of two machines may differ by some seconds
    assert store.hold("other", "a", NOW + 20 * SECOND, 30)
    assert not store.hold("other", "b", NOW, 30)


def test_of_many_who_want_a_lease_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: store.hold("worker", f"w{n}", NOW, 30), range(24)))
    assert got.count(True) == 1


@pytest.mark.parametrize("value", [{"a": [1, None, "ß🐈\u202e"]}, [], None, 0, "text"])
def test_a_note_comes_back_as_it_was_and_the_last_one_counts(store: Store, value: object) -> None:
    assert store.noted("switch") is None
    store.note("switch", {"stopped": True}, NOW)
    store.note("switch", value, NOW + SECOND)
    assert store.noted("switch") == Noted(value, NOW + SECOND)
    assert store.noted("worker") is None


def test_a_class_is_paused_until_somebody_ends_it(store: Store) -> None:
    cats = Pause(Qid("Q146"), "12 of 40 reverted", 40, 12, NOW)
    dogs = Pause(Qid("Q144"), "‮🐕", 20, 9, NOW)
    for pause in (cats, dogs, cats):
        store.set_pause(pause)
    assert store.pauses() == {"Q144": dogs, "Q146": cats}
    assert store.end_pause(Qid("Q144"))
    assert not store.end_pause(Qid("Q144"))
    assert store.pauses() == {"Q146": cats}


def test_a_reason_that_is_too_long_is_refused_not_cut(store: Store, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("SQLite has no lengths")
    with pytest.raises(StoreError, match="Data too long for column 'reason'"):
        store.set_pause(Pause(Qid("Q146"), "x" * 70_000, 40, 12, NOW))


def test_latencies_add_up(store: Store) -> None:
    hour = timedelta(hours=1)
    some = [Latency(NOW, "suggestions", 3, 2), Latency(NOW, "suggestions", 5, 1)]
    store.count_latencies(some)
    store.count_latencies([*some, some[0], Latency(NOW + hour, "healthz", 0, 7)])
    store.count_latencies([])
    assert store.latencies(NOW) == [
        Latency(NOW, "suggestions", 3, 6),
        Latency(NOW, "suggestions", 5, 2),
        Latency(NOW + hour, "healthz", 0, 7),
    ]
    assert [one.route for one in store.latencies(NOW + hour)] == ["healthz"]


def test_two_workers_count_latencies_at_once(store: Store) -> None:
    rows = [Latency(NOW, route, n, 1) for route in ("a", "b") for n in range(5)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(store.count_latencies, [rows, rows[::-1]] * 20))
    assert [one.count for one in store.latencies(NOW)] == [40] * 10
