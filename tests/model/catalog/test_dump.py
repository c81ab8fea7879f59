"""A catalog from a dump: what never gets in, and what is kept of the rest."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depicts_model.catalog import Catalog
from depicts_model.cli import main
from depicts_model.types import Qid
from tests.model.catalog import dumps
from tests.model.catalog.building import made, rows
from tests.model.catalog.crawls import q
from tests.model.catalog.dumps import CAT, FELIDAE, HUMAN, LION, MAMMAL, SOMEBODY, TABBY


@pytest.mark.parametrize(
    "number",
    [
        dumps.ENTITY,
        dumps.DISAMBIGUATION,
        dumps.HUMAN_DISAMBIGUATION,
        900007,
        900008,
        900009,
        dumps.TOPIC,
        900012,
    ],
)
def test_what_no_picture_shows_is_not_in(catalog: Path, number: int) -> None:
    with Catalog.open(catalog) as opened:
        assert q(number) not in opened.qids


def test_what_the_tables_name_is_in_even_as_a_metaclass(tmp_path: Path) -> None:
    """Else nothing would be below *profession*, and the jobs there would be suggested."""
    profession, job, metaclass = 28640, 900020, 19361238
    entities = [
        dumps.item(profession, "profession", [dumps.to("P31", metaclass)], image=False),
        dumps.item(job, "baker", [dumps.to("P279", profession)]),
        dumps.item(900021, "class of things", [dumps.to("P31", metaclass)]),
    ]
    out, _ = made(tmp_path, dumps.dump([*dumps.known(), *entities]))
    with Catalog.open(out) as opened:
        assert opened.ancestors(q(job)) == {q(profession)}
        assert q(job) in opened.never_suggest - opened.visual
        assert q(900021) not in opened.qids


def test_a_human_is_known_and_for_words_alone(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.people == {q(SOMEBODY), q(dumps.BAKER)}, "whatever class is preferred"
        assert q(dumps.NO_HUMAN) in opened.visual, "it was said in error"
        assert q(SOMEBODY) not in opened.never_suggest
        assert q(HUMAN) in opened.never_suggest & opened.personal
        assert q(SOMEBODY) not in opened.visual | opened.depictable
        assert q(HUMAN) in opened.ancestors(q(SOMEBODY))


def test_deprecated_statements_and_cut_classes_lead_nowhere(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.ancestors(q(CAT)) == {q(MAMMAL), q(dumps.ANIMAL)}
        assert opened.ancestors(q(TABBY)) == {q(CAT), q(MAMMAL), q(dumps.ANIMAL)}
        assert opened.edge_kinds(q(TABBY), q(CAT)) == ("p31",)


def test_a_class_without_label_still_leads_up(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.ancestors(q(LION)) == {q(FELIDAE), q(MAMMAL), q(dumps.ANIMAL)}
        assert q(FELIDAE) not in opened.visual
        assert {q(LION), q(CAT), q(TABBY)} <= opened.visual
        assert opened.label(q(CAT), "de") == "Katze"


def test_the_best_statement_counts(catalog: Path) -> None:
    query = "SELECT image, latitude, longitude, commons_category, taxon_name, sitelinks FROM detail"
    assert rows(catalog, f"{query} WHERE item = {TABBY}") == [
        ("best.jpg", 1.5, -2.25, "Tabby cats", None, 2)
    ]
    assert rows(catalog, f"{query} WHERE item = {LION}")[0][4] == "Panthera leo"
    assert rows(catalog, f"SELECT language, description FROM description WHERE item = {CAT}") == [
        ("en", "thing 146")
    ]


def test_other_names_are_kept_each_once(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.aliases(q(CAT)) == ("also 1", "also 146")
        assert opened.aliases(q(CAT), "de") == ()
    with Catalog.open() as starter:
        assert starter.aliases(q(CAT)) == ()
    told = CliRunner().invoke(main, ["catalog", "show", "Q146", "--catalog", str(catalog)])
    assert "also called: also 1, also 146" in told.stdout.splitlines()


def test_the_manifest_says_where_from(catalog: Path) -> None:
    manifest = {str(r[0]): r[1] for r in rows(catalog, "SELECT key, value FROM manifest")}
    assert manifest["source"] == "dump"
    assert manifest["languages"] == "de,en"
    assert manifest["date"] == "2026-05-04"
    assert manifest["source_items"] == "18"
    assert manifest["source_others"] == "3"


@pytest.mark.slow
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_byte(
    tmp_path: Path, seed: int, shuffle: random.Random
) -> None:
    entities = [*dumps.known(), *dumps.many(60, seed)]
    first = made(tmp_path, dumps.dump(entities))[0].read_bytes()
    shuffle.shuffle(entities)
    assert made(tmp_path, dumps.dump(entities))[0].read_bytes() == first


@pytest.mark.slow
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
def test_the_closure_is_what_the_edges_reach_and_no_peer_in_a_cycle(
    tmp_path: Path, seed: int
) -> None:
    entities = dumps.many(80, seed, ("P279", "P171", "P171"))
    reach = {Qid(e["id"]): reached(Qid(e["id"]), dumps.parents(entities)) for e in entities}
    out, _ = made(tmp_path, dumps.dump(entities))
    with Catalog.open(out) as opened:
        for qid in opened.qids:
            assert opened.ancestors(qid) == {a for a in reach[qid] if qid not in reach[a]}


def reached(start: Qid, parents: Mapping[Qid, set[Qid]]) -> set[Qid]:
    found: set[Qid] = set()
    waiting = [start]
    while waiting:
        fresh = parents[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found
