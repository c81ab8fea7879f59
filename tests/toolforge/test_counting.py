"""Counts are made at most once a minute a filter, and are never of the day before."""

from __future__ import annotations

import pytest

from depicts_model.store import OutcomeFilter
from depicts_toolforge.counting import KEPT_SECONDS, MOST_KEPT, Counts
from tests.toolforge.conftest import DOG, Service

ALL = OutcomeFilter()


class Counter:
    """A store that remembers what it was asked, and a clock that stands still."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {"suggested": 1}
        self.asked: list[OutcomeFilter] = []
        self.now = 1000.0

    def count_files(self, wanted: OutcomeFilter) -> dict[str, int]:
        self.asked.append(wanted)
        return dict(self.files)


@pytest.fixture
def counter() -> Counter:
    return Counter()


def counts(counter: Counter) -> Counts:
    return Counts(counter, lambda: counter.now)


def test_a_minute_passes_between_two_counts(counter: Counter) -> None:
    kept = counts(counter)
    assert kept.of(ALL) == {"suggested": 1}
    counter.files["failed"] = 2
    counter.now += KEPT_SECONDS - 0.1
    assert kept.of(ALL) == {"suggested": 1} and counter.asked == [ALL]
    counter.now += 0.1
    assert kept.of(ALL) == {"suggested": 1, "failed": 2} and counter.asked == [ALL, ALL]


def test_the_first_file_is_counted_at_once(counter: Counter) -> None:
    kept, counter.files = counts(counter), {}
    assert kept.of(ALL) == {}
    counter.files = {"suggested": 1}
    assert kept.of(ALL) == {"suggested": 1}


def test_readers_do_not_fill_the_memory(counter: Counter) -> None:
    kept = counts(counter)
    asked = [OutcomeFilter(confidence=n / 1000) for n in range(1, MOST_KEPT + 2)]
    for one in asked:
        kept.of(one)
    before = len(counter.asked)
    kept.of(asked[-1])
    assert len(counter.asked) == before, "the newest are kept"
    kept.of(asked[0])
    assert len(counter.asked) == before + 1, "the oldest is not"


def test_two_readers_cost_one_count(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[OutcomeFilter] = []
    count = type(service.store).count_files

    def counted(store: object, wanted: OutcomeFilter) -> dict[str, int]:
        done.append(wanted)
        return count(service.store, wanted)

    monkeypatch.setattr(type(service.store), "count_files", counted)
    assert service.client.get("/gallery").status_code == 200
    assert service.client.get("/gallery?outcome=failed").status_code == 200
    assert done == [ALL]
    service.client.get(f"/gallery?item={DOG}")
    assert len(done) == 2
