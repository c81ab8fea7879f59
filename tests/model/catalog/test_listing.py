"""The lists: people are for words alone, unless a row names them; what is personal is marked."""

from __future__ import annotations

from depicts_model.catalog import schema
from depicts_model.catalog.listing import barred, listed
from depicts_model.catalog.mending import Tables
from depicts_model.types import Qid

HUMAN, SOMEBODY, SOLDIER, ROOF, VEHICLE = map(Qid, ("Q5", "Q42", "Q4991371", "Q83180", "Q42889"))
STEPS = {5: [(42, True), (4991371, False)], 4991371: [(42, True)], 42889: [(7, False)]}


def below(item: int) -> list[tuple[int, bool]]:
    return STEPS.get(item, [])


def row(qid: Qid, scope: str = "item", personal: str = "no", kept: str = "yes") -> dict[str, str]:
    told = {"scope": scope, "personal": personal, "kept": kept}
    return {"qid": qid, "label": qid.lower(), "reason": f"why {qid}", **told}


def tables(*never: dict[str, str], withhold: tuple[Qid, ...] = ()) -> Tables:
    held = tuple({"qid": qid, "label": "", "kept": "yes", "reason": "held"} for qid in withhold)
    empty: dict[str, tuple[dict[str, str], ...]] = dict.fromkeys(Tables.__slots__, ())
    return Tables(**{**empty, "never_suggest": never, "withhold": held})


PEOPLE_CLASSES = tables(
    row(HUMAN, "subtree", personal="yes"), row(ROOF), row(VEHICLE, "subtree", kept="no")
)


def test_a_person_is_not_barred_for_being_one_and_a_role_is() -> None:
    never = barred(PEOPLE_CLASSES, below, {SOMEBODY})
    assert never.reasons == {HUMAN: "why Q5", ROOF: "why Q83180", SOLDIER: "below q5 (Q5)"}
    assert never.personal == {HUMAN, SOLDIER}


def test_a_subtree_is_personal_only_where_its_row_says_so() -> None:
    never = barred(tables(row(VEHICLE, "subtree"), row(ROOF, personal="yes")), below, ())
    assert never.reasons.keys() == {VEHICLE, Qid("Q7"), ROOF}
    assert never.personal == {ROOF}


def test_a_row_that_names_a_person_bars_them() -> None:
    never = barred(tables(row(SOMEBODY)), below, {SOMEBODY})
    assert never.reasons == {SOMEBODY: "why Q42"}


def test_the_lists_of_what_is_kept() -> None:
    never = barred(PEOPLE_CLASSES, below, {SOMEBODY})
    kept = frozenset({HUMAN, SOMEBODY, SOLDIER})
    rows = listed(kept, never, {ROOF: "wide"}, frozenset({SOMEBODY}), PEOPLE_CLASSES)
    found = {(row.list, row.qid) for row in rows}
    assert found == {
        (schema.NEVER_SUGGEST, HUMAN),
        (schema.NEVER_SUGGEST, SOLDIER),
        (schema.PERSONAL, HUMAN),
        (schema.PERSONAL, SOLDIER),
        (schema.PEOPLE, SOMEBODY),
    }
    assert all(row.reason for row in rows)
