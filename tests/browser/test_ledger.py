"""The ledger counts what ran, and finds where less was shown than is promised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .ledger import LEAST, WITHIN_MS, Ledger, faults, report

Json = dict[str, Any]


def spread(median: float, worst: float = 0) -> Json:
    return {"median": median, "worst": worst or median, "presses": 5}


def told(**change: Any) -> Json:
    """A report in which all is as it should be."""
    times = {"first": spread(WITHIN_MS)}
    good = {"count": LEAST, "failed": [], "press_to_chips_over_service_ms": times}
    return {**good, **change}


def test_what_is_promised_is_enough() -> None:
    assert faults(told()) == []


FAULTS: tuple[tuple[Json, str], ...] = (
    ({"count": LEAST - 1}, f"{LEAST - 1} scenarios"),
    ({"failed": ["a_double_click"]}, "a_double_click failed"),
    ({"press_to_chips_over_service_ms": {"first": spread(WITHIN_MS + 0.1)}}, "first: "),
)


@pytest.mark.parametrize(("change", "words"), FAULTS, ids=["too few", "failed", "too slow"])
def test_less_is_a_fault(change: Json, words: str) -> None:
    [fault] = faults(told(**change))
    assert fault.startswith(words)


def test_the_median_is_held_against_the_bound_and_not_the_worst() -> None:
    slow = {"first": spread(WITHIN_MS, worst=9 * WITHIN_MS)}
    assert faults(told(press_to_chips_over_service_ms=slow)) == []


def test_only_calls_are_scenarios_and_failures_of_their_surroundings_count(tmp_path: Path) -> None:
    ledger = Ledger()
    for when in ("setup", "call", "teardown"):
        ledger.note("test_one", when, 1.26, "passed")
    ledger.note("test_two", "call", 0, "skipped")
    ledger.note("test_three", "call", 2, "failed")
    ledger.note("test_four", "call", 3, "passed")
    ledger.note("test_four", "teardown", 0, "failed")
    ledger.counts.update(statements_ours=3)
    ledger.times["first"] = [30, 10, 20]
    ledger.write(tmp_path / "kept.json")
    found = report(json.loads((tmp_path / "kept.json").read_text()))
    assert found["failed"] == ["three", "test_four: teardown"]
    assert found["scenarios"][0] == {"name": "one", "seconds": 1.3}
    assert found["checked"] == {"statements_ours": 3}
    assert found["press_to_chips_over_service_ms"] == {
        "first": {"median": 20, "worst": 30, "presses": 3}
    }
    assert found["count"] == 3
