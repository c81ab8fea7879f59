"""Between two requests of one program is a rest, in which another may ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from depicts_bot import turns
from depicts_bot.turns import LOOK, REST, InTurn, Rest, Turns, connected
from depicts_bot.wiki import Json
from depicts_model.errors import WikiError
from depicts_model.store import Store

ANSWER: Final = 2.0
"""Seconds that the wiki takes; longer than any rest."""


@dataclass
class Clock:
    """Goes on where somebody sleeps, or works."""

    now: float = 1000.0

    def pass_by(self, seconds: float) -> None:
        assert seconds >= 0.0
        self.now += seconds


@dataclass
class Slow:
    """A wiki that takes its time; satisfies ``depicts_bot.wiki.Wiki``."""

    clock: Clock
    fault: WikiError | None = None
    high_limits: bool = False
    api: str = "http://wiki.test/w/api.php"
    times: list[tuple[float, float]] = field(default_factory=list)
    """When each request began and ended."""

    def ask(self, **parameters: str) -> Json:
        began = self.clock.now
        self.clock.pass_by(ANSWER)
        self.times.append((began, self.clock.now))
        if self.fault:
            raise self.fault
        return {}

    def pauses(self) -> list[float]:
        """Seconds between an end and the next beginning."""
        ends = [ended for _, ended in self.times]
        begins = [began for began, _ in self.times[1:]]
        return [began - ended for ended, began in zip(ends, begins, strict=False)]


@pytest.fixture
def wiki(monkeypatch: pytest.MonkeyPatch) -> Slow:
    clock = Clock()
    monkeypatch.setattr(turns, "time", SimpleNamespace(sleep=clock.pass_by))
    monkeypatch.setattr(turns, "monotonic", lambda: clock.now)
    return Slow(clock)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


@pytest.fixture
def in_turn(wiki: Slow, store: Store) -> InTurn:
    return connected(lambda: wiki, store)


def test_who_waits_looks_twice_in_a_rest() -> None:
    assert REST > 2 * LOOK


def test_requests_are_a_rest_apart(wiki: Slow, in_turn: InTurn) -> None:
    for _ in range(3):
        in_turn.ask(action="query")
    assert wiki.times[0][0] == 1000.0, "the first waits for nobody"
    assert wiki.pauses() == pytest.approx([REST, REST])


def test_so_they_are_after_one_that_fails(wiki: Slow, in_turn: InTurn) -> None:
    wiki.fault = WikiError("network", "nobody there", 5)
    for _ in range(2):
        with pytest.raises(WikiError):
            in_turn.ask(action="query")
    assert wiki.pauses() == pytest.approx([REST])


@pytest.mark.parametrize(
    ("work", "pause"),
    [
        pytest.param(REST / 3, REST, id="shorter"),
        pytest.param(REST, REST, id="as long"),
        pytest.param(10 * REST, 10 * REST, id="longer"),
    ],
)
def test_other_work_counts_as_rest(wiki: Slow, in_turn: InTurn, work: float, pause: float) -> None:
    in_turn.ask(action="query")
    wiki.clock.pass_by(work)
    in_turn.ask(action="query")
    assert wiki.pauses() == pytest.approx([pause])


def test_who_serves_people_needs_no_rest(wiki: Slow, store: Store) -> None:
    in_turn = InTurn(wiki, Turns(store), False, rest=Rest(0.0))
    for _ in range(3):
        in_turn.ask(action="query")
    assert wiki.pauses() == [0.0, 0.0]
