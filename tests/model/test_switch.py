"""The on-wiki switch: what it says, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from depicts_model.errors import ConfigurationError
from depicts_model.settings import Settings
from depicts_model.switch import LONGEST, ON, Switch, noted, parse, unreadable
from depicts_model.types import Qid
from tests.console import blocks

PAGE = Settings().switch_page
OPERATORS = Path(__file__).parents[2] / "docs" / "operators.md"


def test_what_the_page_says() -> None:
    text = '{"stopped": true, "reason": "too\\nmany cats", "paused": {"Q146": "see the talk"}}'
    assert parse(text, PAGE) == Switch(True, "too many cats", {Qid("Q146"): "see the talk"})
    assert parse("{}", PAGE) == ON == Switch(False, "", {})
    assert not parse('{"paused": {"Q146": "cats"}}', PAGE).stopped
    assert len(parse(json.dumps({"reason": "x" * 10**6}), PAGE).reason) == LONGEST


@pytest.mark.parametrize("switch", [ON, Switch(True, "why — 🐈", {Qid("Q1"): "x"})])
def test_a_note_brings_it_back(switch: Switch) -> None:
    assert noted(json.loads(json.dumps(switch.note()))) == switch


def test_the_example_of_the_operators_page_is_understood() -> None:
    _, example, *_ = blocks(OPERATORS.read_text(encoding="utf-8"), "json")
    switch = parse(example, PAGE)
    assert not switch.stopped and len(switch.paused) == 1


REFUSED = {
    "empty page": ("", "not JSON: "),
    "a list": ("[]", "must be an object, not []"),
    "misspelt key": (
        '{"stoped": true}',
        "unknown key 'stoped'; the nearest valid one is 'stopped'",
    ),
    "another case": ('{"Stopped": true}', "unknown key 'Stopped'"),
    "key twice": ('{"stopped": true, "stopped": false}', "'stopped' is given twice"),
    "a word for a flag": ('{"stopped": "yes"}', "stopped must be true or false, not 'yes'"),
    "a number for a flag": ('{"stopped": 0}', "stopped must be true or false, not 0"),
    "no text": ('{"reason": null}', "reason must be a text, not None"),
    "a list of items": ('{"paused": ["Q146"]}', "paused: must be an object, not ['Q146']"),
    "no item": ('{"paused": {"cat": "x"}}', "paused: not an item id: 'cat'"),
    "no reason": ('{"paused": {"Q146": " "}}', "Q146: the reason must be a text, not ' '"),
}


@pytest.mark.parametrize(("text", "fault"), REFUSED.values(), ids=REFUSED.keys())
def test_a_page_that_cannot_be_understood_stops_with_one_line(text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(text, PAGE)
    stopped = unreadable(caught.value)
    assert stopped.stopped and stopped.reason.startswith(f"{PAGE}: ") and fault in stopped.reason
    assert "\n" not in stopped.reason and len(stopped.reason) < 300
