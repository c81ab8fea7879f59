"""How long answers took is counted without making anybody wait, and without saying who asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Thread

import pytest
from flask import Flask, Response

from depicts_model.errors import StoreError, UnsureError
from depicts_model.types import Latency
from depicts_toolforge import latencies
from depicts_toolforge.api import ALIVE
from depicts_toolforge.figures import BUCKETS, EDGES
from depicts_toolforge.latencies import FLUSH_SECONDS, Latencies

HOUR = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = HOUR.replace(minute=34, second=56)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Kept:
    """A store that may be told to fail."""

    def __init__(self) -> None:
        self.rows: list[list[Latency]] = []
        self.fails: StoreError | None = None

    def __call__(self, rows: Sequence[Latency]) -> None:
        if self.fails:
            raise self.fails
        self.rows.append(list(rows))


def made() -> tuple[Latencies, Kept, Clock]:
    kept, clock = Kept(), Clock()
    return Latencies(kept, clock, lambda: NOW), kept, clock


@pytest.mark.parametrize(
    ("took", "bucket"), [(0.0, 0), (1.0, 0), (1.1, 1), (25.0, 4), (1000.0, 9), (1e9, BUCKETS - 1)]
)
def test_an_answer_is_in_the_bucket_of_the_edge_that_it_reached(took: float, bucket: int) -> None:
    assert latencies.bucket(took) == bucket
    assert bucket == BUCKETS - 1 or took <= EDGES[bucket]


def test_counts_go_out_once_a_minute_and_once_only() -> None:
    counted, kept, clock = made()
    for _ in range(3):
        counted.add("/a", 3.0)
        counted.flush()
    assert kept.rows == []
    clock.seconds = FLUSH_SECONDS
    counted.flush()
    counted.flush()
    assert kept.rows == [[Latency(HOUR, "/a", 2, 3)]]
    counted.add("/a", 3.0)
    counted.flush()
    assert len(kept.rows) == 1, "a minute has not passed since"


def test_a_store_that_fails_is_no_readers_matter_and_nothing_is_lost() -> None:
    counted, kept, clock = made()
    kept.fails = StoreError("gone")
    counted.add("/a", 3.0)
    clock.seconds = FLUSH_SECONDS
    counted.flush()
    counted.add("/a", 3.0)
    kept.fails = None
    counted.flush()
    assert kept.rows == [], "it is not asked again at once"
    clock.seconds *= 2
    counted.flush()
    assert kept.rows == [[Latency(HOUR, "/a", 2, 2)]]


def test_what_the_store_may_have_kept_is_not_counted_twice() -> None:
    counted, kept, clock = made()
    kept.fails = UnsureError("lost")
    counted.add("/a", 3.0)
    clock.seconds = FLUSH_SECONDS
    counted.flush()
    kept.fails = None
    counted.add("/a", 3.0)
    clock.seconds *= 2
    counted.flush()
    assert kept.rows == [[Latency(HOUR, "/a", 2, 1)]]


def test_what_waits_for_a_store_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latencies, "MOST_KEPT", 2)
    counted, kept, clock = made()
    for route in ("/a", "/b", "/c", "/a"):
        counted.add(route, 0.1)
    clock.seconds = FLUSH_SECONDS
    counted.flush()
    assert kept.rows == [[Latency(HOUR, "/a", 0, 2), Latency(HOUR, "/b", 0, 1)]]


def test_many_threads_lose_nothing() -> None:
    counted, kept, clock = made()
    clock.seconds = FLUSH_SECONDS

    def work() -> None:
        for _ in range(500):
            counted.add("/a", 0.1)
            counted.flush()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clock.seconds *= 3
    counted.flush()
    assert sum(row.count for rows in kept.rows for row in rows) == 2000


def test_routes_are_counted_and_not_what_was_asked_for() -> None:
    counted, kept, clock = made()
    app = Flask("app")
    app.add_url_rule("/files/<mid>", "file", lambda mid: Response(mid))
    latencies.install(app, counted)
    clock.seconds = FLUSH_SECONDS
    client = app.test_client()
    assert client.get("/nowhere").status_code == 404
    # the counts go out when the answer is closed, that is: after it was sent
    answer = client.get("/files/M1?lang=de", buffered=False)
    assert kept.rows == []
    answer.close()
    ((row,),) = kept.rows
    assert (row.hour, row.route, row.count) == (HOUR, "/files/<mid>", 1)


def test_the_question_whether_the_process_lives_never_waits_for_the_store() -> None:
    counted, kept, clock = made()
    app = Flask("app")
    app.add_url_rule("/livez", ALIVE, lambda: Response("alive"))
    latencies.install(app, counted)
    counted.add("/a", 3.0)
    clock.seconds = FLUSH_SECONDS
    assert app.test_client().get("/livez").status_code == 200
    assert kept.rows == []
