"""What is barred with all below it, by the raw hierarchy: roles and the body, whatever is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from depicts_model.catalog import Catalog
from depicts_model.catalog.barring import subtrees
from depicts_model.catalog.dump import Options, build_dump
from depicts_model.catalog.starter import build_table
from depicts_model.types import Qid
from tests.model.catalog import dumps
from tests.model.catalog.crawls import ROOT, crawled
from tests.model.catalog.services import graph_of, serving

WORDS = Path(__file__).parents[2] / "fixtures" / "catalog"
HEAD = "qid,label,visual,p31,p279,broader_wordnet,broader_other\n"
ROLES = ("Q10871364", "Q17504942", "Q17379560", "Q131186")
"""Baseball player, scuba diver, impersonator, choir."""
BODY = ("Q5880", "Q497", "Q42165", "Q9612", "Q148515", "Q16363", "Q193818", "Q47038")
"""Vagina, anus, buttocks, uterus, ovary, shoulder, hip, cheek."""
THINGS = ("Q131696", "Q250", "Q46384", "Q39266", "Q50265665", "Q18281", "Q1172934")
"""Towel, keyboard, microphone, puppy, insulin, embroidery, wing: false chains lead to a person."""
OTHER_SENSE = {"Q138", "Q139", "Q505744", "Q516114", "Q2935", "Q3710", "Q156901"}
OTHER_SENSE |= {"Q952732", "Q1408712", "Q6556134", "Q7125049"}
"""Chess pieces, cards, a young cow, a unit, a flower, a cigarette, a kerb, a petal, a rope."""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """A catalog of an extract of the table of items: the ids, labels and edges of 1,279 of them."""
    out = tmp_path_factory.mktemp("barred") / "c.sqlite"
    build_table(WORDS / "barred_items.csv", out)
    with Catalog.open(out) as opened:
        yield opened


def test_what_lies_below_a_cut_class_is_barred(table: Catalog) -> None:
    named = {Qid(q) for q in (*ROLES, *BODY)}
    assert named <= table.never_suggest & table.personal
    assert not named & table.visual


def test_false_chains_bar_nothing(table: Catalog) -> None:
    assert {Qid(q) for q in THINGS} <= table.visual


@pytest.mark.parametrize("words", ["body_words.txt", "role_words.txt"])
def test_no_body_and_no_role_item_of_a_table_is_suggested(table: Catalog, words: str) -> None:
    told = (WORDS / words).read_text(encoding="utf-8").splitlines()
    labels = {q: (table.label(q) or "").casefold() for q in table.visual - OTHER_SENSE}
    assert {q: label for q, label in labels.items() if label in told} == {}


def built(folder: Path, *rows: str) -> Catalog:
    table, out = folder / "t.csv", folder / "c.sqlite"
    table.write_text(HEAD + "\n".join(rows) + "\n")
    build_table(table, out)
    return Catalog.open(out)


def test_humans_are_known_without_a_row_of_the_class(tmp_path: Path) -> None:
    with built(tmp_path, "Q42,Somebody,1,Q5,,,", "Q146,cat,1,,,,") as made:
        assert made.people == {"Q42"}
        assert made.visual == {"Q146"}


def test_a_root_bars_without_a_row_of_its_own(tmp_path: Path) -> None:
    with built(tmp_path, "Q900001,runner,1,,Q215627,,", "Q146,cat,1,,,,") as made:
        assert made.visual == {"Q146"}
        assert made.personal == {"Q900001"}


def test_an_instance_of_a_role_bars_what_is_below_it(tmp_path: Path) -> None:
    baker = "Q900001,baker,1,Q28640,,,"
    with built(tmp_path, baker, "Q900002,pastry baker,1,,Q900001,,") as made:
        assert made.visual == frozenset()
        assert made.personal == {"Q900001", "Q900002"}


STEPS = {
    1: [(2, False), (3, True)],
    2: [(4, True), (1, False)],
    3: [(5, False)],
    4: [(6, False), (7, True)],
    9: [(2, False), (8, False)],
}


def test_one_step_of_p31_and_no_second() -> None:
    found = subtrees([1, 9], lambda item: STEPS.get(item, []))
    assert found.items == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 8: 9}
    assert found.classes == {1: 1, 2: 1, 9: 9, 8: 9}
    assert found.root(70, [3]) is None  # an instance of an instance
    assert found.root(70, [8]) == 9


PROFESSION, PERSON, METACLASS, CUT = 28640, 215627, 19361238, 35120
JOBS = {
    "an instance of a role": [
        dumps.item(PROFESSION, "profession"),
        dumps.item(900001, "baker", [dumps.to("P31", PROFESSION)]),
        dumps.item(900002, "pastry baker", [dumps.to("P279", 900001)]),
    ],
    "through a dropped metaclass": [
        dumps.item(PERSON, "person"),
        dumps.item(900001, "athlete", [dumps.to("P279", PERSON), dumps.to("P31", METACLASS)]),
        dumps.item(900002, "runner", [dumps.to("P279", 900001)]),
    ],
    "through a cut class": [
        dumps.item(PERSON, "person"),
        dumps.item(CUT, "entity", [dumps.to("P279", PERSON)]),
        dumps.item(900002, "runner", [dumps.to("P279", CUT)]),
    ],
}


@pytest.mark.parametrize("way", JOBS)
def test_a_dump_bars_what_its_raw_class_graph_has_below_a_role(tmp_path: Path, way: str) -> None:
    source, out = tmp_path / "d.json", tmp_path / "c.sqlite"
    source.write_text(dumps.dump([*JOBS[way], dumps.item(146, "cat")]))
    build_dump(source, out, Options(("en",), 1, 2))
    with Catalog.open(out) as made:
        assert made.visual == {"Q146"}
        assert Qid("Q900002") in made.never_suggest & made.personal


@pytest.mark.slow
@pytest.mark.parametrize("way", JOBS)
def test_a_service_bars_the_same(tmp_path: Path, way: str) -> None:
    """Everything stands below a super-entity, else it would not be asked for."""
    *above, below = JOBS[way]
    below["claims"]["P279"].append(dumps.to("P279", ROOT))
    entities = [dumps.item(ROOT, "animal"), *above, below]
    entities.append(dumps.item(146, "cat", [dumps.to("P279", ROOT)]))
    with serving(graph_of(entities)) as service:
        crawled(service, tmp_path / "c.sqlite")
    below["claims"]["P279"].pop()
    with Catalog.open(tmp_path / "c.sqlite") as made:
        assert made.visual == {"Q146"}
        assert Qid("Q900002") in made.never_suggest & made.personal
