"""The VEL paper's rule on a hierarchy that can be followed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from depicts_model.catalog import Catalog
from depicts_model.dataset.edges import Edges, of_catalog, of_table
from depicts_model.dataset.rows import Told
from depicts_model.dataset.vel2024 import Vel2024
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid
from tests.model.dataset.sources import qids, row, table

Above = dict[int, dict[str, tuple[int, ...]]]


def edges(above: Above) -> Edges:
    made = {
        Qid(f"Q{child}"): {kind: qids(*parents) for kind, parents in kinds.items()}
        for child, kinds in above.items()
    }
    return Edges(made, {})


def rule(uses: dict[int, int], above: Above) -> Vel2024:
    return Vel2024({Qid(f"Q{number}"): count for number, count in uses.items()}, edges(above))


def left(rule: Vel2024, *things: tuple[int, ...] | int) -> list[tuple[str, ...]]:
    return [*rule.apply(row("a", *things), Told()).things]


def test_ten_uses_are_enough_and_nine_are_not() -> None:
    found = rule({1: 10, 2: 9, 3: 10}, {1: {"p279": (3,)}, 2: {"p279": (3,)}})
    assert left(found, 1) == [("Q1",)]
    assert left(found, 2) == [("Q3",)]


def test_nobody_above_is_used_enough_and_it_is_dropped() -> None:
    found = rule({1: 1, 2: 9}, {1: {"p279": (2,)}})
    assert left(found, 1) == left(found, 2) == []
    assert found.report() == {"items used": 2, "items rare": 2, "rare items dropped": 2}


def test_what_climbs_does_not_make_a_parent_frequent() -> None:
    """Nine of the one and nine of the other do not make their parent, of which there are nine."""
    found = rule({1: 9, 2: 9, 3: 9}, {1: {"p279": (3,)}, 2: {"p279": (3,)}})
    assert left(found, 1, 2, 3) == []


def test_three_steps_are_climbed_and_not_a_fourth() -> None:
    chain: Above = {1: {"p279": (2,)}, 2: {"p279": (3,)}, 3: {"p279": (4,)}, 4: {"p279": (5,)}}
    assert left(rule({1: 1, 4: 10, 5: 10}, chain), 1) == [("Q4",)]
    assert left(rule({1: 1, 5: 10}, chain), 1) == []


def test_the_nearest_step_counts_whatever_its_kind() -> None:
    above: Above = {1: {"p31": (2,), "p171": (3,)}, 2: {"p31": (4,)}}
    assert left(rule({1: 1, 3: 10, 4: 10}, above), 1) == [("Q3",)]


def test_at_one_step_p31_comes_before_p279_and_that_before_p171() -> None:
    above: Above = {1: {"p171": (4,), "p279": (3,), "p31": (2,)}}
    assert left(rule({1: 1, 2: 10, 3: 10, 4: 10}, above), 1) == [("Q2",)]
    assert left(rule({1: 1, 3: 10, 4: 10}, above), 1) == [("Q3",)]
    assert left(rule({1: 1, 4: 10}, above), 1) == [("Q4",)]


def test_wordnet_is_climbed_only_where_wikidata_leads_to_nothing() -> None:
    above: Above = {1: {"broader_wordnet": (2,), "p279": (3,)}, 3: {"p279": (4,)}}
    assert left(rule({1: 1, 2: 10, 4: 10}, above), 1) == [("Q4",)]
    found = rule({1: 1, 2: 10}, above)
    assert left(found, 1) == [("Q2",)]
    assert found.report()["rare items replaced by broader_wordnet at 1 hop"] == 1


def test_all_parents_of_a_step_take_its_place_once() -> None:
    found = rule({1: 1, 2: 10, 3: 10}, {1: {"p279": (3, 2)}})
    assert left(found, 1, 2) == [("Q2",), ("Q3",)]
    told = Told()
    found.apply(row("a", 1, 2), told)
    assert told.counts == {"rare uses replaced by p279 at 1 hop": 1}


def test_alternatives_stay_one_thing() -> None:
    found = rule({1: 1, 2: 10, 3: 10, 4: 10, 5: 1}, {1: {"p279": (2, 3)}})
    assert left(found, (1, 4)) == [("Q2", "Q3", "Q4")]
    assert left(found, (5, 4)) == [("Q4",)]
    assert left(found, (5,)) == []


def test_cycles_end() -> None:
    assert left(rule({1: 1}, {1: {"p279": (2,)}, 2: {"p279": (1,)}}), 1) == []


def test_edges_are_read_from_a_table_of_items(tmp_path: Path) -> None:
    text = "qid,label,p31,p279,broader_wordnet\nQ1,a,Q2|Q3,,Q9\nQ2,b,,Q2|Q4,\nQ5,c,,,\n"
    found = of_table(table(tmp_path, text, "items.csv"))
    assert found.parents(qids(1, 2), "p31") == qids(2, 3)
    assert found.parents(qids(2), "p279") == qids(4)  # not to itself
    assert found.parents(qids(1), "broader_wordnet") == qids(9)
    assert found.parents(qids(1, 5), "p171") == ()
    assert (found.said["of"], found.said["name"]) == ("table", "items.csv")


def test_the_catalogs_edges_have_their_kinds() -> None:
    with Catalog.open() as catalog:
        found = of_catalog(catalog)
        assert found.parents(qids(44), "broader_wordnet")
        kinds = {kind for above in found.above.values() for kind in above}
        assert kinds == {"p31", "p279", "broader_wordnet"}
        assert found.said == {"of": "catalog", "snapshot": catalog.snapshot}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("qid,label\nQ1,a\n", "line 1: no column of p31, p279, p171, broader_wordnet"),
        ("label,p31\na,Q1\n", "line 1: no column 'qid'"),
        ("qid,p31\nQ1,cat\n", "line 2: not an item id: 'cat'"),
    ],
)
def test_a_table_of_items_that_is_none_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ArtefactError) as caught:
        of_table(table(tmp_path, text, "items.csv"))
    assert str(caught.value).endswith(words)
