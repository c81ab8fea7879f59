"""People: never from pixels, and from words only by a full name that nobody else bears."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.claims import HUMAN
from depicts_model.linker.head import Evidence
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.masks import Rules
from depicts_model.linker.page import Page
from depicts_model.linker.people import nameable
from depicts_model.linker.reasons import neighbours, reasons
from depicts_model.linker.rules import Rule
from depicts_model.linker.select import Selector
from depicts_model.linker.words import Words
from depicts_model.types import NothingReason, Qid, SkipReason

from .test_linker_select import LEAVES, NAMES, RULES, seen, selector
from .test_linker_words import context
from .world import ZOO, World, q, steady

ADA, CARL, PRIMATE, SOLDIER = q(42), q(43), q(50), q(51)
PEOPLE = frozenset({ADA, CARL})
WORLD = replace(
    ZOO,
    edges={**ZOO.edges, PRIMATE: (q(1),), HUMAN: (PRIMATE,), SOLDIER: (HUMAN,)}
    | {ADA: (HUMAN,), CARL: (HUMAN, SOLDIER)},
    labels={**ZOO.labels, ADA: "Ada Lovelace", CARL: "Carl von Linné", PRIMATE: "primate"},
    people=PEOPLE,
    never_suggest=frozenset({HUMAN, SOLDIER}),
    withhold=frozenset({HUMAN}),
)
ITEMS = (*LEAVES, ADA, CARL)
OPEN = replace(WORLD, withhold=frozenset())
"""Where no withheld class hides what the rule about people does."""


def told(rule: Selector, evidence: Evidence, *names: Qid) -> Evidence:
    """The evidence after words named these items."""
    named = {rule.hierarchy.index[name]: "file name" for name in names}
    return replace(evidence, page=Page(named))


def shares(**of: float) -> list[float]:
    """Probabilities of ITEMS; the rest goes to the tabby."""
    found = dict.fromkeys(ITEMS, 0.0) | {Qid(name): share for name, share in of.items()}
    found[q(4)] += 1 - sum(found.values())
    return [found[item] for item in ITEMS]


# --- never


@pytest.mark.slow
@steady
@given(st.data())
def test_no_person_appears_whose_full_name_is_not_in_the_words(data: st.DataObject) -> None:
    world = data.draw(st.sampled_from([WORLD, OPEN]))
    name: Rule = data.draw(st.sampled_from(NAMES))
    rule = selector(world, ITEMS, Rules(data.draw(st.sampled_from([0.05, 0.6])), 0.0, rule=name))
    raw = np.random.default_rng(data.draw(st.integers(0, 9999))).exponential(size=len(ITEMS)) ** 3
    names = data.draw(st.frozensets(st.sampled_from([*rule.hierarchy.nodes])))
    evidence = told(rule, seen(rule, (raw / raw.sum()).tolist()), *names)
    found = rule.choose(evidence)
    for choice in found if isinstance(found, tuple) else ():
        assert choice.qid not in {HUMAN, SOLDIER}
        assert choice.qid not in PEOPLE - names
        assert not (names & PEOPLE and choice.qid in WORLD.ancestors(HUMAN))
        near = neighbours(choice, evidence, rule, ())
        assert not {*near.more_general, *near.more_specific} & {HUMAN, SOLDIER, *PEOPLE}


@pytest.mark.parametrize("named", [(), (HUMAN,), (SOLDIER,), (CARL,), (PRIMATE, q(4))])
def test_neither_kin_nor_somebody_else_speaks_for_a_person(named: tuple[Qid, ...]) -> None:
    rule = selector(OPEN, ITEMS)
    found = rule.choose(told(rule, seen(rule, shares(Q42=0.95)), *named))
    assert not isinstance(found, tuple) or ADA not in {choice.qid for choice in found}


def test_words_alone_bring_no_person() -> None:
    rule = selector(WORLD, ITEMS)
    found = rule.choose(told(rule, seen(rule, shares(Q42=0.1)), ADA))
    assert isinstance(found, tuple)
    assert [choice.qid for choice in found] == [q(4)]


def test_who_is_named_yet_not_sure_is_not_called_a_primate() -> None:
    rule = selector(WORLD, ITEMS, replace(RULES, threshold=0.6, specificity_floor=0.0))
    shown = shares(Q42=0.35, Q43=0.35)
    assert rule.choose(seen(rule, shown)) is SkipReason.WITHHELD
    found = rule.choose(told(rule, seen(rule, shown), ADA, CARL))
    assert found is NothingReason.NEVER_SUGGEST


def test_other_people_beside_the_named_one_hold_the_image_back() -> None:
    rule = selector(WORLD, ITEMS)
    one = seen(rule, shares(Q42=0.7, Q43=0.2))
    assert rule.choose(told(rule, one, ADA)) is SkipReason.WITHHELD
    assert rule.choose(told(rule, seen(rule, shares(Q42=0.7)), CARL)) is SkipReason.WITHHELD


@pytest.mark.parametrize(
    "barred",
    [{"never_suggest": frozenset({HUMAN, ADA})}, {"withhold": frozenset({ADA})}],
    ids=["never suggested", "withheld"],
)
def test_a_list_that_names_a_person_bars_them(barred: dict[str, Any]) -> None:
    rule = selector(replace(OPEN, **barred), ITEMS)
    found = rule.choose(told(rule, seen(rule, shares(Q42=0.95)), ADA))
    assert not isinstance(found, tuple) or ADA not in {choice.qid for choice in found}


def test_a_person_who_was_never_judged_is_not_shown() -> None:
    rule = selector(WORLD, ITEMS, supported=frozenset({HUMAN, q(4)}))
    found = rule.choose(told(rule, seen(rule, shares(Q42=0.95)), ADA))
    assert not isinstance(found, tuple)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({ADA: "Ada Lovelace"}, {ADA, CARL}),
        ({ADA: "Prince"}, {CARL}),
        ({ADA: "50 Cent"}, {CARL}),
        ({ADA: "毛泽东"}, {CARL}),
        ({ADA: "J. S."}, {CARL}),
        ({ADA: "CARL VON LINNÉ"}, set()),  # two of one name
        ({ADA: "carl  von-Linné"}, set()),
        ({ADA: "Siamese cat", q(6): "Siamese cat"}, {CARL}),  # or a thing of that name
    ],
)
def test_only_a_full_name_that_nobody_else_bears_counts(
    labels: dict[Qid, str], expected: set[Qid]
) -> None:
    world = replace(WORLD, labels={**WORLD.labels, **labels})
    assert nameable(world, (*ITEMS, HUMAN), "en") == expected


def test_a_namesake_whom_the_model_does_not_know_counts_too() -> None:
    other = q(77)
    world = replace(
        WORLD,
        edges={**WORLD.edges, other: (HUMAN,)},
        people=PEOPLE | {other},
        labels={**WORLD.labels, other: "Ada Lovelace"},
    )
    assert nameable(world, ITEMS, "en") == {CARL}


class German(World):
    """Ada is called by one word in German, and so is nobody else by two."""

    def label(self, qid: Qid, language: str = "en") -> str | None:
        return "Ada" if (qid, language) == (ADA, "de") else super().label(qid, language)


def test_of_a_person_the_full_name_alone_counts_in_every_language() -> None:
    world = German(WORLD.edges, labels=WORLD.labels, people=PEOPLE, languages=("de", "en"))
    assert nameable(world, ITEMS, "de") == PEOPLE
    hierarchy = Hierarchy.from_catalog(world, ITEMS)
    words = Words.of(world, hierarchy, np.ones(len(hierarchy.nodes), bool), "de")
    for title, named in (("Ada", set()), ("Ada Lovelace", {ADA}), ("Siamese", {q(6)})):
        found = words.named(context(f"File:{title}.jpg"))["file_name"]
        assert {hierarchy.nodes[node] for node in found} == named


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({ADA: "Ada Lovelace"}, PEOPLE),
        ({ADA: "The two", CARL: "The two"}, frozenset[Qid]()),
        ({ADA: "The_cat", q(3): "The cat"}, {CARL}),
    ],
)
def test_a_category_that_two_state_names_neither(
    stated: dict[Qid, str], expected: frozenset[Qid]
) -> None:
    assert nameable(replace(WORLD, stated=stated), ITEMS, "en") == expected


# --- what counts as a name in a text

JAMES, JIM = q(44), q(45)
TWO = replace(
    WORLD,
    edges={**WORLD.edges, JAMES: (HUMAN,), JIM: (HUMAN,), q(60): (q(1),), q(61): (q(1),)},
    labels={**WORLD.labels, JAMES: "James Brown", JIM: "James Browning"}
    | {q(60): "brown bear", q(61): "Ada Lovelace Bridge"},
    people=PEOPLE | {JAMES, JIM},
)


def spoken(
    world: World, title: str, *categories: str, lost: frozenset[Qid] = frozenset()
) -> set[Qid]:
    """What a file of this title and these categories names; nothing of what is ``lost``."""
    hierarchy = Hierarchy.from_catalog(world, (*ITEMS, JAMES, JIM, q(60), q(61)))
    open_to = np.array([qid not in lost for qid in hierarchy.nodes])
    words = Words.of(world, hierarchy, open_to, "en")
    found = words.named(context(f"File:{title}.jpg", categories=categories))
    return {hierarchy.nodes[node] for nodes in found.values() for node in nodes}


def test_a_name_is_told_from_one_that_only_ends_in_another_way() -> None:
    assert nameable(TWO, (*ITEMS, JAMES, JIM), "en") == PEOPLE | {JAMES, JIM}
    assert spoken(TWO, "JAMES_BROWN 1968") == {JAMES}
    assert spoken(TWO, "James Browning") == {JIM}
    assert spoken(TWO, "James Browns") == set()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("James, Brown bear at the zoo", {q(60)}),
        ("James Brown bear", {q(60)}),
        ("James - Brown", set()),
        ("James (Brown)", set()),
        ("James. Brown", set()),
        ("James-Brown, 1968", {JAMES}),
        ("Ada Lovelace Bridge", {q(61)}),
        ("Ada Lovelace, James Brown", {ADA, JAMES}),
        ("Carl von Linné and James Brown", {CARL, JAMES}),
    ],
)
def test_a_name_runs_neither_across_punctuation_nor_into_a_thing(
    title: str, expected: set[Qid]
) -> None:
    assert spoken(TWO, title) == expected


CREDITED = (
    "Brown bear by James Brown",
    "Brown bear by Sir James Brown",
    "Brown bear, author: James Brown",
    "Brown bear © James Brown",
    "Brown bear (c) James Brown",
    "© James Brown - brown bear",
    "Brown bear, Copyright 2019 James Brown",
    "Brown bear von James Brown",
    "Brown bear par James Brown",
    "Brown bear por James Brown",
    "Brown bear di James Brown",
    "Brown bear by Ada Lovelace and James Brown",
)


@pytest.mark.parametrize("title", CREDITED)
def test_who_made_the_picture_is_not_in_it(title: str) -> None:
    assert spoken(TWO, title) == {q(60)}
    assert spoken(TWO, "DSC 1", title) == {q(60)}


def test_the_maker_beside_whoever_is_shown_is_told_apart() -> None:
    assert spoken(TWO, "Ada Lovelace © James Brown") == {ADA}
    for category in ("Photographs by James Brown", "Works by James Brown", "Files by James Brown"):
        assert spoken(TWO, "Ada Lovelace", category) == {ADA}


def test_a_stated_category_of_somebodys_works_does_not_name_them() -> None:
    stated = {JAMES: "Paintings by James Brown", CARL: "Carl von Linné", ADA: "Countess"}
    world = replace(TWO, stated=stated)
    assert spoken(world, "DSC", "Paintings by James Brown") == set()
    assert spoken(world, "DSC", "Carl von Linné", "Countess") == {CARL, ADA}


def test_a_longer_name_of_somebody_whom_words_may_not_name_covers_a_shorter_one() -> None:
    world = replace(TWO, labels={**TWO.labels, JIM: "James Brown Smith"})
    assert spoken(world, "James Brown Smith", lost=frozenset({JIM})) == set()


def test_a_person_without_a_label_for_the_reader_is_not_shown() -> None:
    """The name that words give is of another language, and no reader is told of “Q42”."""

    class Foreign(World):
        def label(self, qid: Qid, language: str = "en") -> str | None:
            return "Ada Lovelace" if (qid, language) == (ADA, "fr") else None

    world = Foreign(WORLD.edges, people=PEOPLE, languages=("en", "fr"))
    assert nameable(world, ITEMS, "en") == {ADA}
    rule = selector(world, ITEMS)
    assert not rule.masks.people.any()


# --- what is shown


@pytest.mark.parametrize("name", NAMES)
def test_a_person_whom_words_name_and_pixels_bear_out_is_shown(name: Rule) -> None:
    rule = selector(WORLD, ITEMS, replace(RULES, rule=name))
    evidence = told(rule, seen(rule, shares(Q42=0.9)), ADA)
    found = rule.choose(evidence)
    assert isinstance(found, tuple)
    (ada,) = found
    assert ada.qid == ADA
    assert reasons(ada, evidence, rule, ITEMS, demo=False) == (
        "“Ada Lovelace” stands in its file name (90%)",
    ), "nobody's looks are told"


def test_what_is_beside_the_named_person_is_still_found() -> None:
    rule = selector(WORLD, ITEMS, replace(RULES, threshold=0.3))
    found = rule.choose(told(rule, seen(rule, shares(Q42=0.4)), ADA))
    assert isinstance(found, tuple)
    assert {choice.qid for choice in found} == {ADA, q(4)}
