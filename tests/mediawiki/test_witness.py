"""The witness sees what no save may do; else its silence would say nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.claims import depicts_claim

from .witness import Witness

Json = dict[str, Any]

THEIRS, OURS = "M1$0f4e0b8c-51a3-4c1c-9d3a-000000000001", "M1$0f4e0b8c-51a3-8c1c-ad3a-000000000002"
CAT, TABLE = "Q146", "Q14748"


def statement(number: str, item: str, **more: Any) -> Json:
    return {**depicts_claim(item), "id": number, **more}  # type: ignore[arg-type]


def entity(*statements: Json) -> Json:
    # an emptied MediaInfo says [] where it means {}
    return {"id": "M1", "statements": {"P180": list(statements)} if statements else []}


@pytest.fixture
def witness() -> Witness:
    """Somebody else has said that there is a cat."""
    made = Witness()
    made.note(entity(statement(THEIRS, CAT)))
    return made


def test_ours_beside_theirs_is_no_fault(witness: Witness) -> None:
    assert witness.faults(entity(statement(THEIRS, CAT), statement(OURS, TABLE))) == []
    assert witness.seen == {"ours": 1, "others": 1}


CHANGES: tuple[Json, ...] = (
    {"rank": "preferred"},
    {"mainsnak": depicts_claim(TABLE)["mainsnak"]},  # type: ignore[arg-type]
    {"qualifiers": {"P1": []}},
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_changed_statement_of_others_is_a_fault(witness: Witness, change: Json) -> None:
    [fault] = witness.faults(entity(statement(THEIRS, CAT, **change)))
    assert fault.startswith(THEIRS)


@pytest.mark.parametrize(
    "now", [entity(), entity(statement(OURS, CAT)), {"id": "M1", "missing": ""}],
    ids=["emptied", "replaced by ours", "no entity"],
)  # fmt: skip
def test_a_removed_statement_of_others_is_a_fault(witness: Witness, now: Json) -> None:
    [fault] = witness.faults(now)
    assert fault.startswith(THEIRS)
    assert fault.endswith("is None")


def test_ours_that_states_what_another_does_is_a_fault(witness: Witness) -> None:
    [fault] = witness.faults(entity(statement(THEIRS, CAT), statement(OURS, CAT)))
    assert fault.startswith(OURS)


def test_ours_twice_is_a_fault_of_both() -> None:
    twice = entity(statement(OURS, TABLE), statement(f"{OURS[:-1]}3", TABLE))
    assert len(Witness().faults(twice)) == 2


def test_what_others_state_twice_is_theirs() -> None:
    made, twice = Witness(), entity(statement(THEIRS, CAT), statement(f"{THEIRS[:-1]}3", CAT))
    made.note(twice)
    assert made.faults(twice) == []


def test_the_same_item_of_another_property_is_another_statement(witness: Witness) -> None:
    snak = {**depicts_claim(CAT)["mainsnak"], "property": "P6243"}  # type: ignore[arg-type]
    there = entity(statement(THEIRS, CAT), statement(OURS, CAT, mainsnak=snak))
    assert witness.faults(there) == []


def test_what_is_noted_later_counts(witness: Witness) -> None:
    later = statement(f"{THEIRS[:-1]}3", TABLE)
    witness.note(entity(statement(THEIRS, CAT), later))
    assert witness.faults(entity(statement(THEIRS, CAT), later)) == []
    assert len(witness.faults(entity(statement(THEIRS, CAT)))) == 1


def test_what_was_lost_before_somebody_added_something_stays_a_fault(witness: Witness) -> None:
    now = entity(statement(f"{THEIRS[:-1]}3", TABLE))
    witness.note(now)
    [fault] = witness.faults(now)
    assert fault.startswith(THEIRS) and fault.endswith("is None")
