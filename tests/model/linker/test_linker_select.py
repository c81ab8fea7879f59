"""What may never be shown first; then what is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.claims import HUMAN
from depicts_model.linker.facts import Facts
from depicts_model.linker.head import Evidence
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.masks import Rules, masks
from depicts_model.linker.reasons import neighbours, percent, reasons
from depicts_model.linker.rules import Rule
from depicts_model.linker.select import Choice, Selector
from depicts_model.types import NothingReason, Qid, SkipReason

from .world import ZOO, dags, q, related, steady

LEAVES = tuple(q(n) for n in (4, 6, 7, 10, 12))
RULES = Rules(threshold=0.6, specificity_floor=0.3)
NAMES: tuple[Rule, ...] = ("argmax", "threshold", "climb", "darts")


def selector(
    world: Facts = ZOO,
    items: Sequence[Qid] = LEAVES,
    rules: Rules = RULES,
    supported: frozenset[Qid] | None = None,
    vectors: np.ndarray | None = None,
) -> Selector:
    hierarchy = Hierarchy.from_catalog(world, items)
    bits = hierarchy.specificity(np.full(len(items), 100))
    marks = masks(world, hierarchy, bits, rules, supported)
    rows = np.eye(len(items), dtype=np.float32) if vectors is None else vectors
    return Selector(world, hierarchy, bits, marks, rules, rows)


def seen(rule: Selector, probabilities: Sequence[float]) -> Evidence:
    """Evidence whose confidence is its mass."""
    p = np.array([probabilities], dtype=np.float64)
    mass = rule.hierarchy.roll_up(p)
    return Evidence.of(p[0], p[0], mass[0], rule.hierarchy.surest(mass)[0], {})


def chosen(
    rule: Selector, probabilities: Sequence[float], existing: tuple[Qid, ...] = ()
) -> list[Qid]:
    found = rule.choose(seen(rule, probabilities), existing)
    assert isinstance(found, tuple), found
    return [choice.qid for choice in found]


# --- never


@pytest.mark.slow
@steady
@given(st.data())
def test_the_laws_of_what_is_shown(data: st.DataObject) -> None:
    world = data.draw(dags())
    some = st.frozensets(st.sampled_from(world.qids), max_size=3)
    world = replace(
        world,
        never_suggest=data.draw(some),
        hidden=data.draw(some),
        nameless=data.draw(some),
        withhold=data.draw(st.frozensets(st.sampled_from(world.qids), max_size=1)),
    )
    items = data.draw(st.lists(st.sampled_from(world.qids), min_size=1, unique=True))
    existing = tuple(data.draw(some))
    floor = data.draw(st.sampled_from([0.0, 0.5, 1.5]))
    threshold, name = data.draw(st.sampled_from([0.1, 0.4, 0.8])), data.draw(st.sampled_from(NAMES))
    rules = Rules(threshold, floor, max_suggestions=3, rule=name)
    rule = selector(world, items, rules)
    raw = np.random.default_rng(data.draw(st.integers(0, 9999))).exponential(size=len(items)) ** 2
    evidence = seen(rule, (raw / raw.sum()).tolist())
    found = rule.choose(evidence, existing)
    assert found == rule.choose(evidence, existing)
    if not isinstance(found, tuple):
        return
    shown = [choice.qid for choice in found]
    assert 1 <= len(shown) <= 3
    # Q5 is what it is on Wikidata: the human, which no picture may suggest.
    humans = {n for n in world.qids if n == HUMAN or HUMAN in world.ancestors(n)}
    barred = humans | world.never_suggest | world.hidden | world.nameless | world.withhold
    for n, qid in enumerate(shown):
        assert qid not in barred
        assert not any(related(world, qid, other) for other in shown[:n])
        assert qid not in existing
        assert not any(qid in world.ancestors(e) for e in existing)
        node = rule.hierarchy.index[qid]
        assert rule.specificity[node] >= floor
        assert found[n].confidence == evidence.confidence[node]
        assert name in ("argmax", "darts") or found[n].confidence >= threshold


def test_a_person_is_never_suggested_from_pixels() -> None:
    world = replace(ZOO, edges={**ZOO.edges, HUMAN: (), q(13): (HUMAN,)})
    rule = selector(world, [q(4), q(13)])
    assert rule.choose(seen(rule, [0.1, 0.9])) is NothingReason.NEVER_SUGGEST


def test_a_never_suggested_item_climbs_or_is_silent() -> None:
    rule = selector(replace(ZOO, never_suggest=frozenset({q(4)})))
    assert chosen(rule, [0.9, 0.02, 0.02, 0.03, 0.03]) == [q(3)]
    rule = selector(replace(ZOO, never_suggest=frozenset({q(11), q(12)})))
    assert rule.choose(seen(rule, [0, 0, 0, 0.1, 0.9])) is NothingReason.NEVER_SUGGEST


@pytest.mark.parametrize(
    ("p", "held"),
    [
        ([0.8, 0.04, 0.0, 0.0, 0.16], True),  # mass
        ([0.9, 0.02, 0.0, 0.0, 0.08], True),  # rank 2
        ([0.4, 0.3, 0.15, 0.08, 0.07], False),  # rank 5, little mass
        ([0.94, 0.02, 0.0, 0.0, 0.04], False),  # rank 2, but next to nothing
    ],
)
def test_a_withheld_class_holds_the_image_back(p: list[float], held: bool) -> None:
    rule = selector(replace(ZOO, withhold=frozenset({q(11)})))
    assert (rule.choose(seen(rule, p)) is SkipReason.WITHHELD) == held


@pytest.mark.parametrize(
    "barred",
    [
        {"never_suggest": frozenset({q(4)})},
        {"hidden": frozenset({q(4)})},
        {"nameless": frozenset({q(4)})},
        {"edges": {**ZOO.edges, HUMAN: (), q(4): (q(3), HUMAN)}},
    ],
    ids=["never suggested", "not visual", "without a label", "a human"],
)
def test_no_reason_names_what_may_not_be_shown(barred: dict[str, Any]) -> None:
    p = [0.5, 0.4, 0.05, 0.03, 0.02]
    for world, named in ((ZOO, True), (replace(ZOO, **barred), False)):
        rule = selector(world)
        evidence = seen(rule, p)
        found = rule.choose(evidence)
        assert isinstance(found, tuple)
        (cat,) = found
        assert (cat.qid, cat.climbed, LEAVES[cat.best]) == (q(3), True, q(4))
        said = " ".join(reasons(cat, evidence, rule, LEAVES, demo=False))
        assert "sure of the kind, not of which one" in said
        assert ("nearest: tabby, 50%" in said) is named
        assert ("tabby" in said or q(4) in said) is named


@pytest.mark.parametrize(
    ("share", "told"), [(1.0, "100%"), (0.999, "99%"), (0.699, "69%"), (0.29, "29%")]
)
def test_a_share_is_never_told_larger_than_it_is(share: float, told: str) -> None:
    assert percent(share) == told


def test_nothing_is_shown_where_no_threshold_was_found() -> None:
    rule = selector(rules=replace(RULES, threshold=None))
    assert rule.choose(seen(rule, [1, 0, 0, 0, 0])) is NothingReason.NOT_SURE


def test_an_unsupported_node_is_not_shown() -> None:
    rule = selector(supported=frozenset({q(3)}))
    assert chosen(rule, [0.9, 0.1, 0, 0, 0]) == [q(3)]


def test_what_was_never_judged_is_not_called_too_general() -> None:
    rule = selector(supported=frozenset())
    assert rule.choose(seen(rule, [0.9, 0.1, 0, 0, 0])) is NothingReason.NOT_SURE


def test_a_class_with_too_many_items_below_is_too_general() -> None:
    rule = selector(rules=replace(RULES, max_items_below=2))
    assert chosen(rule, [0.4, 0.4, 0.1, 0.05, 0.05]) == [q(3)]
    rule = selector(replace(ZOO, too_general=frozenset(q(n) for n in (1, 2, 3, 8))))
    assert rule.choose(seen(rule, [0.4, 0.4, 0.1, 0.05, 0.05])) is NothingReason.TOO_GENERAL
    rule = selector(rules=replace(RULES, max_items_below=1))
    assert rule.choose(seen(rule, [0.4, 0.4, 0.1, 0.05, 0.05])) is NothingReason.TOO_GENERAL


# --- redundancy


def test_existing_items_and_their_ancestors_are_not_repeated() -> None:
    rule = selector()
    tabby, kind = [0.9, 0.02, 0.02, 0.03, 0.03], [0.45, 0.4, 0.05, 0.05, 0.05]
    for p, existing in ((tabby, q(4)), (kind, q(3)), (kind, q(6))):
        assert rule.choose(seen(rule, p), (existing,)) is NothingReason.ALREADY_THERE


def test_a_statement_that_the_catalog_does_not_know_silences_us() -> None:
    """A certain tower says that it is a tower: only Wikidata knows."""
    rule = selector()
    evidence = seen(rule, [0.9, 0.02, 0.02, 0.03, 0.03])
    assert isinstance(rule.choose(evidence, (q(9),)), tuple)
    assert rule.choose(evidence, (q(9), q(243))) is NothingReason.ALREADY_THERE


def test_a_duplicate_of_an_existing_item_is_not_suggested() -> None:
    world = replace(ZOO, edges={**ZOO.edges, q(40): (q(3),)}, same={q(40): q(4)})
    rule = selector(world)
    evidence = seen(rule, [0.9, 0.02, 0.02, 0.03, 0.03])
    assert rule.choose(evidence, (q(40),)) is NothingReason.ALREADY_THERE


def test_a_descendant_of_an_existing_item_is_marked_more_specific() -> None:
    rule = selector()
    found = rule.choose(seen(rule, [0.9, 0.02, 0.02, 0.03, 0.03]), (q(9), q(3)))
    assert isinstance(found, tuple)
    assert [(c.qid, c.refines) for c in found] == [(q(4), q(3))]


def test_a_chip_to_refine_by_says_enough_as_a_suggestion_must() -> None:
    plain = selector()
    floor = float(plain.specificity[plain.hierarchy.index[q(3)]])
    rule = selector(rules=replace(RULES, specificity_floor=floor))
    evidence = seen(rule, [0.9, 0.02, 0.02, 0.03, 0.03])
    found = rule.choose(evidence)
    assert isinstance(found, tuple)
    assert neighbours(found[0], evidence, rule, ()).more_general == (q(3),), "no animal, no pet"


@pytest.mark.parametrize("existing", [(q(1), q(3), q(2)), (q(3), q(1)), (q(1), q(9), q(3))])
def test_more_specific_than_the_nearest_of_what_the_file_says(existing: tuple[Qid, ...]) -> None:
    rule = selector()
    found = rule.choose(seen(rule, [0.9, 0.02, 0.02, 0.03, 0.03]), existing)
    assert isinstance(found, tuple)
    assert [choice.refines for choice in found] == [q(3)]


def test_of_two_as_near_the_smaller_number_is_told() -> None:
    rule = selector()
    for existing in ((q(8), q(2)), (q(2), q(8))):
        found = rule.choose(seen(rule, [0.9, 0.02, 0.02, 0.03, 0.03]), existing)
        assert isinstance(found, tuple)
        assert [choice.refines for choice in found] == [q(2)]


# --- what is shown


def test_sure_of_the_item_shows_the_item_and_unsure_siblings_climb() -> None:
    rule = selector()
    assert chosen(rule, [0.9, 0.02, 0.02, 0.03, 0.03]) == [q(4)]
    found = rule.choose(seen(rule, [0.4, 0.3, 0.1, 0.1, 0.1]))
    assert isinstance(found, tuple)
    (one,) = found
    assert one == Choice(rule.hierarchy.index[q(3)], q(3), one.confidence, 0, climbed=True)
    assert one.confidence == pytest.approx(0.7)


def test_the_climb_of_a_sibling_does_not_hide_an_item_that_is_sure_enough() -> None:
    rule = selector(rules=replace(RULES, threshold=0.6))
    assert chosen(rule, [0.62, 0.36, 0.01, 0.005, 0.005]) == [q(4)], "the tabby, and not the cat"


@pytest.mark.parametrize(("narrow", "wide"), [(q(21), q(22)), (q(22), q(21))])
def test_of_two_parents_alike_near_the_more_specific_is_shown(narrow: Qid, wide: Qid) -> None:
    both = {q(n): (q(21), q(22)) for n in (23, 24)}
    world = replace(ZOO, edges={**ZOO.edges, q(21): (), q(22): (), **both, q(25): (wide,)})
    rule = selector(world, [q(7), q(10), q(23), q(24), q(25)], replace(RULES, starts=1))
    assert rule.masks.open[rule.hierarchy.index[wide]]
    assert chosen(rule, [0.02, 0.02, 0.5, 0.4, 0.06]) == [narrow]


def test_climbing_stops_at_the_floor() -> None:
    p = [0.3, 0.2, 0.3, 0.1, 0.1]  # cat .5, carnivore and pet .8
    bits = selector().specificity[selector().hierarchy.index[q(2)]]
    low = selector(rules=replace(RULES, specificity_floor=bits))
    assert chosen(low, p)[0] in (q(2), q(8))
    high = selector(rules=replace(RULES, specificity_floor=bits + 0.01))
    assert high.choose(seen(high, p)) is NothingReason.TOO_GENERAL


def test_nothing_is_sure() -> None:
    rule = selector(rules=replace(RULES, threshold=0.9))
    assert rule.choose(seen(rule, [0.2] * 5)) is NothingReason.NOT_SURE


def test_at_most_so_many_and_the_most_telling_first() -> None:
    rules = replace(RULES, threshold=0.1)
    p = [0.35, 0.0, 0.25, 0.2, 0.2]
    assert chosen(selector(rules=rules), p) == [q(4), q(7), q(10), q(12)]
    assert chosen(selector(rules=replace(rules, max_suggestions=2)), p) == [q(4), q(7)]


def test_near_duplicates_are_shown_once() -> None:
    rules = replace(RULES, threshold=0.1)
    near = np.eye(5, dtype=np.float32)
    near[1] = [0.96, 0.28, 0, 0, 0]
    p = [0.4, 0.35, 0.2, 0.05, 0.0]
    assert chosen(selector(rules=rules), p) == [q(4), q(6), q(7)]
    assert chosen(selector(rules=rules, vectors=near), p) == [q(4), q(7)]
    near[2] = near[0]  # as near, but of another parent and label
    assert chosen(selector(rules=rules, vectors=near), p) == [q(4), q(7)]
    twin = replace(ZOO, labels={**ZOO.labels, q(7): "Tabby"})
    assert chosen(selector(twin, rules=rules, vectors=near), p) == [q(4)]


def test_neighbours_that_the_model_does_not_know_are_held_to_the_same_promises() -> None:
    kittens = {q(n): (q(3),) for n in (20, 21, 22, 23, 24)}
    world = replace(
        ZOO,
        edges={**ZOO.edges, HUMAN: (), **kittens, q(25): (q(3), HUMAN), q(26): (q(3), q(24))}
        | {q(27): (q(3),)},
        people=frozenset({q(27)}),
        never_suggest=frozenset({q(20)}),
        hidden=frozenset({q(21)}),
        nameless=frozenset({q(22)}),
        withhold=frozenset({q(24)}),
    )
    rule = selector(world)
    evidence = seen(rule, [0.3, 0.5, 0.1, 0.05, 0.05])
    found = rule.choose(evidence)
    assert isinstance(found, tuple)
    (cat,) = found
    near = neighbours(cat, evidence, rule, (q(1),))
    assert near.more_specific == (q(6), q(4), q(23)), "by mass; the unknown one last"
    assert near.more_general == (q(2), q(8)), "not the animal, which the file says already"
