"""The ledger counts what ran, and finds where less was shown than is promised."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .ledger import LEAST, LOOKED_AT, WITHIN_MS, Ledger, faults, is_scenario, main, read, report

Json = dict[str, Any]


def spread(median: float, worst: float = 0) -> Json:
    return {"median": median, "worst": worst or median, "presses": 5}


def told(**change: Any) -> Json:
    """A report in which all is as it should be."""
    times = {"first": spread(WITHIN_MS)}
    checked = dict.fromkeys(LOOKED_AT, 1)
    good = {"count": LEAST, "failed": [], "checked": checked}
    return {**good, "press_to_chips_over_service_ms": times, **change}


def checked(**change: int) -> Json:
    return {"checked": {**dict.fromkeys(LOOKED_AT, 1), **change}}


def test_what_is_promised_is_enough() -> None:
    assert faults(told()) == []


FAULTS: tuple[tuple[Json, str], ...] = (
    ({"count": LEAST - 1}, f"{LEAST - 1} scenarios"),
    ({"failed": ["a_double_click"]}, "a_double_click failed"),
    ({"press_to_chips_over_service_ms": {"first": spread(WITHIN_MS + 0.1)}}, "first: "),
    ({"press_to_chips_over_service_ms": {}}, "no press was timed"),
    (checked(axe=0), "no axe looked at"),
    (checked(statements_ours=0), "no statements_ours"),
    (checked(statements_others=0), "no statements_others"),
)
IDS = ["too few", "failed", "too slow", "no times", "no axe", "nothing of ours", "nobody else's"]


@pytest.mark.parametrize(("change", "words"), FAULTS, ids=IDS)
def test_less_is_a_fault(change: Json, words: str) -> None:
    [fault] = faults(told(**change))
    assert fault.startswith(words)


def test_the_median_is_held_against_the_bound_and_not_the_worst() -> None:
    slow = {"first": spread(WITHIN_MS, worst=9 * WITHIN_MS)}
    assert faults(told(press_to_chips_over_service_ms=slow)) == []


def test_only_calls_are_scenarios_and_failures_of_their_surroundings_count() -> None:
    ledger = Ledger()
    for when in ("setup", "call", "teardown"):
        ledger.note("test_one", when, 1.26, "passed")
    ledger.note("test_two", "call", 0, "skipped")
    ledger.note("test_three", "call", 2, "failed")
    ledger.note("test_four", "call", 3, "passed")
    ledger.note("test_four", "teardown", 0, "failed")
    found = report(ledger)
    assert found["failed"] == ["three", "test_four: teardown"]
    assert found["scenarios"][0] == {"name": "one", "seconds": 1.3}
    assert (found["count"], found["seconds"]) == (3, 6.3)


def test_the_ledgers_of_all_workers_are_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, ms in (("gw0", 30.0), ("gw1", 10.0)):
        ledger = Ledger()
        ledger.note(f"test_{name}", "call", 1, "passed")
        ledger.counts.update(statements_ours=3)
        ledger.times["first"] = [ms]
        monkeypatch.setenv("PYTEST_XDIST_WORKER", name)
        ledger.write(tmp_path / "kept")
    kept = read(tmp_path / "kept")
    assert kept
    found = report(kept)
    assert [one["name"] for one in found["scenarios"]] == ["gw0", "gw1"]
    assert found["checked"] == {"statements_ours": 6}
    times = {"first": {"median": 20, "worst": 30, "presses": 2}}
    assert found["press_to_chips_over_service_ms"] == times


MODULES: tuple[tuple[str, list[str], bool], ...] = (
    ("tests.browser.test_gadget_saving", ["page", "scene"], True),
    ("tests.browser.test_languages", ["scene"], True),
    ("tests.browser.test_real_wiki", ["scene"], False),
    ("tests.browser.test_gadget_units", [], False),
)


@pytest.mark.parametrize(("module", "fixtures", "is_one"), MODULES)
def test_only_the_gadgets_tests_on_the_wiki_are_scenarios(
    module: str, fixtures: list[str], is_one: bool
) -> None:
    assert is_scenario(module, fixtures) is is_one


def full() -> Ledger:
    """All that is promised."""
    made = Ledger(counts=Counter(LOOKED_AT), times={"first": [1.0]})
    for number in range(LEAST):
        made.note(f"test_{number}", "call", 1, "passed")
    return made


def test_the_file_is_written_where_all_is_shown(tmp_path: Path) -> None:
    full().write(tmp_path / "kept")
    assert main(tmp_path / "kept", tmp_path / "bench.json") == 0
    found = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert found["count"] == LEAST
    ways = list(found["bytes_by_way"].values())
    assert ways == sorted(set(ways)) and ways[0] > 0


def test_the_file_stays_where_less_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = full()
    short.note("test_it", "call", 1, "failed")
    short.write(tmp_path / "kept")
    assert main(tmp_path / "kept", tmp_path / "bench.json") == 1
    assert capsys.readouterr().err == "gadget: it failed\n"
    assert not (tmp_path / "bench.json").exists()


def test_without_a_scenario_the_file_stays_and_it_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path, tmp_path / "bench.json") == 0
    assert "NO SCENARIO HAS RUN" in capsys.readouterr().err
    assert not (tmp_path / "bench.json").exists()
