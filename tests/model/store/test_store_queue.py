"""The queue: who waits comes first, nothing is taken twice, and a dead worker loses nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from depicts_model.store import AGAIN, Store
from depicts_model.types import Mid
from tests.model.store.looking import queue_of

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_those_waited_for_come_first_and_nobody_moves_back(store: Store) -> None:
    assert [store.request(Mid(m), AGAIN) for m in ("M1", "M2", "M3")] == [1, 2, 3]
    assert store.request(Mid("M4")) == 1
    assert store.request(Mid("M2")) == 1
    assert store.request(Mid("M2"), AGAIN) == 1
    assert queue_of(store) == ["M2", "M4", "M1", "M3"]
    assert [store.place(Mid(m)) for m in ("M2", "M4", "M1", "M3", "M5")] == [1, 2, 3, 4, None]
    assert store.queue_length() == 4


def test_what_is_taken_is_due_again_later_and_counted(store: Store) -> None:
    for mid in ("M1", "M2", "M3"):
        store.request(Mid(mid))
    assert store.take_requests(2, NOW, MINUTE) == [("M3", 1), ("M2", 1)]
    assert store.take_requests(9, NOW, MINUTE) == [("M1", 1)]
    assert store.take_requests(9, NOW + MINUTE / 2, MINUTE) == []
    assert store.take_requests(2, NOW + MINUTE, MINUTE) == [("M3", 2), ("M2", 2)]
    assert store.queue_length() == 3
    store.drop_requests([Mid("M3"), Mid("M1"), Mid("M9")])
    store.request(Mid("M2"))
    assert store.take_requests(9, NOW + 2 * MINUTE, MINUTE) == [("M2", 3)]


def test_who_asks_again_is_first_and_the_last_are_forgotten(store: Store) -> None:
    for mid in ("M1", "M2", "M3"):
        assert store.request(Mid(mid)) == 1
    assert store.place(Mid("M1")) == 3
    assert store.place(Mid("M1"), NOW + timedelta(days=9999)) is None, "not since then"
    assert store.request(Mid("M1")) == 1
    store.request(Mid("M8"), AGAIN)
    store.request(Mid("M9"), AGAIN)
    assert queue_of(store) == ["M1", "M3", "M2", "M8", "M9"]
    assert store.request(Mid("M4"), most=3) == 1
    assert queue_of(store) == ["M4", "M1", "M3"]


def test_a_file_asked_for_again_while_it_is_looked_at_is_not_taken_twice(store: Store) -> None:
    store.request(Mid("M1"), AGAIN)
    assert store.take_requests(9, NOW, MINUTE) == [("M1", 1)]
    assert store.request(Mid("M1")) == 1
    assert store.take_requests(9, NOW, MINUTE) == []


def test_what_was_taken_by_a_clock_that_was_an_hour_ahead_does_not_wait_an_hour(
    store: Store,
) -> None:
    store.request(Mid("M1"))
    assert store.take_requests(9, NOW + timedelta(hours=1), MINUTE) == [("M1", 1)]
    assert store.take_requests(9, NOW, MINUTE) == [("M1", 2)]
    assert store.take_requests(9, NOW, MINUTE) == []


def test_many_takers_at_once_share_the_queue(store: Store) -> None:
    for number in range(40):
        store.request(Mid(f"M{number + 1}"))
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: store.take_requests(5, NOW, MINUTE), range(24)))
    mids = [mid for one in taken for mid, _ in one]
    assert sorted(mids) == sorted(f"M{n + 1}" for n in range(40))
