"""The recorded traffic of a real wiki, replayed: the contract of the embedded one."""

from __future__ import annotations

import copy
import csv
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from . import entity
from .changed import Mapping
from .conftest import API
from .hashes import sha1
from .replay import Pair, Replay, pair_of, read_pairs, read_stretches
from .world import DEFAULT_TAG, PASSWORDS, read_world, world_of

RECORDING, SEED, MORE = API / "recorded.jsonl", API / "seed.json", API / "seed_more.json"
PAIRS = read_pairs(RECORDING)
STRETCHES = read_stretches(API / "groups.csv")
SIZES_HANG_ON_IDS = {94, 274}
"""Lines that tell sizes in bytes, which longer page ids change."""


def not_replayed() -> dict[int, str]:
    with (API / "not_replayed.csv").open(encoding="utf-8", newline="") as lines:
        return {int(row["line"]): row["reason"] for row in csv.DictReader(lines)}


def found(pairs: list[Pair], key: str) -> Iterator[str]:
    """Every error code, or every name of a message, in the answers."""
    for pair in pairs:
        yield from _codes(pair.answer) if key == "code" else _names(pair.answer)


def _codes(answer: Any) -> Iterator[str]:
    for error in [answer.get("error"), *answer.get("errors", [])]:
        if error:
            yield error["code"]


def _names(part: Any) -> Iterator[str]:
    for one in part.values() if isinstance(part, dict) else part:
        if isinstance(one, (dict, list)):
            yield from _names(one)
    if isinstance(part, dict) and "messages" in part:
        yield from (message["name"] for message in part["messages"])


@pytest.fixture(scope="module")
def outcomes() -> dict[int, list[str]]:
    """The differences of every line."""
    replay = Replay(read_world(SEED, MORE), SEED.read_text() + MORE.read_text())
    return replay.run(PAIRS, STRETCHES)


def test_the_table_of_groups_covers_every_line_once() -> None:
    lines = [line for stretch in STRETCHES for line in stretch.lines]
    assert lines == [pair.line for pair in PAIRS]
    begins = [stretch for stretch in STRETCHES if {"do": "reset"} in stretch.before]
    assert [stretch.group for stretch in begins] == list(range(1, len(begins) + 1))


def test_every_line_holds_that_is_not_excused(outcomes: dict[int, list[str]]) -> None:
    failed = {line: told for line, told in outcomes.items() if told and line not in not_replayed()}
    assert failed == {}
    assert len(outcomes) - len(not_replayed()) >= 290


def test_no_line_is_excused_that_holds(outcomes: dict[int, list[str]]) -> None:
    assert [line for line in not_replayed() if not outcomes[line]] == []
    assert all(not_replayed().values())


@pytest.mark.parametrize(("key", "least"), [("code", 24), ("name", 20)])
def test_every_code_and_every_message_is_among_those_that_hold(
    outcomes: dict[int, list[str]], key: str, least: int
) -> None:
    holding = [pair for pair in PAIRS if not outcomes[pair.line]]
    assert set(found(holding, key)) == set(found(PAIRS, key))
    assert len(Counter(found(PAIRS, key))) >= least


@pytest.mark.slow
def test_the_same_story_holds_in_a_changed_world() -> None:
    """Other item, page, revision, log and user numbers, other names, titles, labels and times."""
    seed, more = json.loads(SEED.read_text()), json.loads(MORE.read_text())
    moved = ["File:Hubble Deep Field (moved).jpg"]
    mapping = Mapping([file["title"] for file in seed["files"]] + moved)
    rows = [mapping.tree(json.loads(line)) for line in RECORDING.read_text().splitlines()]
    pairs = [pair_of(line, row) for line, row in enumerate(rows, 1)]
    more |= {"passwords": PASSWORDS, "tags": [DEFAULT_TAG]}
    changed_seed, changed_more = mapping.tree(seed), mapping.tree(more)
    world = world_of(changed_seed, changed_more)
    replay = Replay(world, json.dumps(changed_seed) + json.dumps(changed_more))
    stretches = [replace(one, before=mapping.tree(one.before)) for one in STRETCHES]
    told = replay.run(pairs, stretches)
    excused = {*not_replayed(), *SIZES_HANG_ON_IDS}
    assert {line: some for line, some in told.items() if some and line not in excused} == {}


@pytest.mark.parametrize("spoil", [
    lambda answer: answer["claim"].pop("rank"),
    lambda answer: answer["claim"].update(rank="preferred"),
    lambda answer: answer["claim"]["mainsnak"].update(hash="0" * 40),
    lambda answer: answer.update(more=1),
    lambda answer: answer["pageinfo"].update(lastrevid="26"),
])  # fmt: skip
def test_a_wrong_answer_does_not_pass(spoil: Any) -> None:
    """The comparison can fail: line 8 with one thing spoilt."""
    pairs = copy.deepcopy(PAIRS[:8])
    spoil(pairs[7].answer)
    replay = Replay(read_world(SEED, MORE), SEED.read_text())
    stretch = replace(STRETCHES[0], lines=range(1, 9))
    assert len(replay.run(pairs, [stretch])[8]) == 1


def test_a_statement_id_may_not_stand_for_two() -> None:
    """Line 14 lists two statements; the other way round they are not those of lines 8 and 13."""
    pairs = copy.deepcopy(PAIRS[:14])
    pairs[13].answer["entities"]["M2"]["statements"]["P180"].reverse()
    replay = Replay(read_world(SEED, MORE), SEED.read_text())
    stretch = replace(STRETCHES[0], lines=range(1, 15))
    assert len(replay.run(pairs, [stretch])[14]) == 2


def test_the_digest_of_a_slot_is_the_recorded_one() -> None:
    """Line 274's SHA-1, from line 275's entity: the replay itself cannot compare it."""
    told = PAIRS[274].answer["entities"]["M14"]
    made = {key: told[key] for key in ("type", "id", "labels", "descriptions", "statements")}
    slot = PAIRS[273].answer["query"]["pages"][0]["revisions"][0]["slots"]["mediainfo"]
    assert sha1(entity.slot_text(made)) == slot["sha1"]
    assert entity.slot_size(made) == slot["size"]


def test_the_server_does_not_know_the_recording() -> None:
    """Only tests and the replayer name it."""
    home = Path(__file__).parent
    own = {"test_replay.py", "replay.py", "changed.py"}
    sources = [path for path in home.rglob("*.py") if path.name not in own]
    assert len(sources) > 20
    assert [path.name for path in sources if "recorded" + ".jsonl" in path.read_text()] == []
