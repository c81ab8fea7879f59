"""What is held is reckoned from what was seen: one lost or doubled row, and it is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bench import faults
from bench.faults_client import Answer, fault_of
from bench.faults_ledger import Balance, Ledger, Seen, balance, held

PLACE = ("M1", "a" * 40, "Q146", "key")
FILE = ("M2", "b" * 40, "tiny-1")
PROBLEM = {"status": 503, "code": "unavailable"}
RIGHT = Seen({"200": 9}, {}, Balance(0, 0, 0), 0, 1.5, {"the fault was there": True})


def ledger() -> Ledger:
    made = Ledger()
    made.say(PLACE, "accepted")
    made.acknowledge(PLACE, "accepted")
    made.ask("M2")
    return made


def kept(*verdicts: str) -> list[tuple[str, str, str, str, str]]:
    return [(*PLACE, verdict) for verdict in verdicts]


def test_what_was_acknowledged_is_there_once() -> None:
    assert balance(ledger(), kept("accepted"), [FILE]) == Balance(0, 0, 0)


@pytest.mark.parametrize(
    ("verdicts", "files", "expected"),
    [
        ([], [FILE], Balance(1, 0, 0)),
        (["accepted", "accepted"], [FILE], Balance(0, 1, 0)),
        (["rejected"], [FILE], Balance(1, 0, 1)),
        (["accepted"], [], Balance(1, 0, 0)),
        (["accepted"], [FILE, FILE], Balance(0, 1, 0)),
    ],
)
def test_a_lost_or_doubled_row_is_not_held(
    verdicts: list[str], files: list[tuple[str, str, str]], expected: Balance
) -> None:
    found = balance(ledger(), kept(*verdicts), files)
    assert found == expected
    assert held(RIGHT) and not held(replace(RIGHT, balance=found))


def test_one_outcome_of_each_model_is_no_double() -> None:
    assert balance(ledger(), kept("accepted"), [FILE, (*FILE[:2], "tiny-2")]).doubled == 0


def test_a_verdict_that_was_never_acknowledged_may_be_kept_or_not() -> None:
    unsure = Ledger()
    unsure.say(PLACE, "accepted")
    for verdicts in ((), ("accepted",)):
        assert balance(unsure, kept(*verdicts), []) == Balance(0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"answers": {}},
        {"wrong": {"status 500": 1}},
        {"tracebacks": 1},
        {"recovered_s": None},
        {"recovered_s": 31.0},
        {"checks": {}},
        {"checks": {"the fault was there": False}},
    ],
)
def test_whatever_else_is_amiss_is_not_held(change: Mapping[str, Any]) -> None:
    assert not held(replace(RIGHT, **change))


def answer(status: int, told: object, kind: str = "application/json", **headers: str) -> Answer:
    return Answer(status, {"content-type": kind, **headers}, json.dumps(told).encode())


@pytest.mark.parametrize(
    ("given", "honest"),
    [
        (answer(200, {"mid": "M1"}), True),
        (answer(200, []), False),
        (answer(200, {"mid": "M1"}, "text/html"), False),
        (answer(503, PROBLEM, "application/problem+json", **{"retry-after": "30"}), True),
        (answer(503, PROBLEM, "application/problem+json"), False),
        (answer(503, PROBLEM, "text/html", **{"retry-after": "30"}), False),
        (answer(400, PROBLEM, "application/problem+json"), False),
        (answer(500, {**PROBLEM, "status": 500}, "application/problem+json"), False),
        (answer(404, {"status": 404, "code": "x", "a": "Traceback"}, "text/html"), False),
    ],
)
def test_an_answer_is_honest_or_not(given: Answer, honest: bool) -> None:
    assert (fault_of(given) == "") is honest


def test_there_are_enough_faults_and_each_has_a_name_of_its_own() -> None:
    names = [fault.name for fault in faults.FAULTS]
    assert len(names) == len({*names}) >= 22
    assert all(fault.expected for fault in faults.FAULTS)


def test_the_report_is_held_if_every_fault_is() -> None:
    row = {"fault": "x", "expected": "y", "seen": {}, "held": True}
    assert faults.report([row])["held"]
    assert not faults.report([row, {**row, "held": False}])["held"]
    assert not faults.report([])["held"]


def test_something_missing_or_misspelt_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(faults, "lacking", lambda: "needs mariadbd")
    assert faults.main([]) == 2
    assert capsys.readouterr().err == "error: needs mariadbd\n"
    monkeypatch.setattr(faults, "lacking", lambda: "")
    assert faults.main(["--only", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err


def test_what_was_last_tried_is_what_the_command_writes() -> None:
    if not faults.WRITTEN.exists():
        pytest.skip("make faults has not been run")
    told = json.loads(faults.WRITTEN.read_text(encoding="utf-8"))
    rows = told["faults"]
    names = [row["fault"] for row in rows]
    assert len(names) == len({*names}) >= 22
    assert {*names} <= {fault.name for fault in faults.FAULTS}
    assert all({"fault", "expected", "seen", "held"} <= {*row} for row in rows)
    assert told["held"] is all(row["held"] for row in rows)
