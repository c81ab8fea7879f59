"""What is read ahead comes in its order, and no further ahead than a killed run may lose."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event, active_count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depicts_bot import ahead
from depicts_bot.ahead import AHEAD, reading
from depicts_bot.work import nothing

Part = tuple[int, int]
SIZES = st.lists(st.integers(1, 6), max_size=6)


def wait_until(condition: object) -> None:
    assert callable(condition)
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.001)


@dataclass
class Watched:
    """Batches of these sizes, and what was read and begun of them."""

    sizes: list[int]
    begun: list[Part] = field(default_factory=list)
    read: int = 0

    def batches(self) -> Iterator[list[Part]]:
        for number, size in enumerate(self.sizes):
            self.read += 1
            yield [(number, place) for place in range(size)]

    def begin(self, part: Part) -> Part:
        self.begun.append(part)
        return part


@settings(deadline=None, max_examples=60)
@given(SIZES)
def test_in_order_and_never_too_far(sizes: list[int]) -> None:
    watched, seen = Watched(sizes), list[Part]()
    with reading(watched.batches(), watched.begin, nothing) as parts:
        for part in parts:
            seen.append(part)
            # those before it are finished, and it is not
            assert len(watched.begun) - len(seen) < AHEAD
    assert seen == [(n, place) for n, size in enumerate(sizes) for place in range(size)]


def test_the_next_is_begun_while_one_is_in_hand() -> None:
    watched = Watched([3, 3])
    with reading(watched.batches(), watched.begin, nothing) as parts:
        assert next(parts) == (0, 0)
        wait_until(lambda: watched.begun == [(0, 0), (0, 1)])
        assert (next(parts), next(parts)) == ((0, 1), (0, 2))
        wait_until(lambda: watched.begun[-1] == (1, 0))
        time.sleep(0.02)
        assert (watched.begun[-1], watched.read) == ((1, 0), 2)


@pytest.mark.parametrize(
    ("size", "asked_for", "read"), [(1, 1, 1), (2, 1, 1), (2, 2, 2), (3, 1, 1), (3, 2, 2)]
)
def test_a_batch_is_read_once_some_of_the_last_is_finished(
    size: int, asked_for: int, read: int
) -> None:
    """Whoever is killed then has to read one batch again, not two."""
    watched = Watched([size, 1])
    with reading(watched.batches(), watched.begin, nothing) as parts:
        for _ in range(asked_for):
            next(parts)
        wait_until(lambda: watched.read >= read)
        time.sleep(0.05)
        assert watched.read == read


def test_an_error_comes_after_what_was_begun() -> None:
    def breaking() -> Iterator[list[int]]:
        yield [1, 2]
        raise ValueError("the wiki is away")

    seen = list[int]()
    with reading(breaking(), str, nothing) as parts, pytest.raises(ValueError, match="away"):
        for part in parts:
            seen.append(int(part))
    assert seen == [1, 2]


@pytest.mark.slow
def test_who_waits_for_the_wiki_looks_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch may be thrown while a request takes minutes."""
    monkeypatch.setattr(ahead, "MEANWHILE", 0.01)
    asked = Event()

    def slow() -> Iterator[list[int]]:
        asked.wait(10)
        yield [1]

    def thrown() -> None:
        raise ValueError("the switch")

    with reading(slow(), str, thrown) as parts, pytest.raises(ValueError, match="the switch"):
        next(parts)
    with reading(slow(), str, asked.set) as parts:
        assert list(parts) == ["1"]


def test_a_batch_without_parts_is_passed_by() -> None:
    with reading(iter([[], [1], []]), str, nothing) as parts:
        assert list(parts) == ["1"]


def test_who_goes_away_leaves_no_thread_behind() -> None:
    threads = active_count()
    for _ in range(20):
        watched = Watched([4, 4, 4])
        with reading(watched.batches(), watched.begin, nothing) as parts:
            next(parts)
        assert watched.read == 1
    assert active_count() == threads
