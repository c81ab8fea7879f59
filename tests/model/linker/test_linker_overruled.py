"""Lists as an on-wiki page changes them: obeyed wherever an item may appear."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.claims import HUMAN
from depicts_model.linker.link import Linker
from depicts_model.linker.overruled import Overruled
from depicts_model.linker.reasons import neighbours
from depicts_model.overrides import NONE, Overrides
from depicts_model.settings import Settings
from depicts_model.types import Qid, Skipped, SkipReason, Suggested

from .conftest import photo, save
from .test_linker_link import Context
from .test_linker_select import LEAVES, chosen, seen, selector
from .world import ZOO, World, q, steady

SOLDIER, SOMEBODY = q(51), q(42)
LISTED = replace(
    ZOO,
    edges={**ZOO.edges, HUMAN: (), SOLDIER: (HUMAN,), SOMEBODY: (HUMAN,)},
    never_suggest=frozenset({HUMAN, SOLDIER, q(3), q(4), q(9)}),
    personal=frozenset({HUMAN, SOLDIER}),
    people=frozenset({SOMEBODY}),
    withhold=frozenset({HUMAN, q(10)}),
    too_general=frozenset({q(9)}),
    hidden=frozenset({q(3)}),
)
EVERYTHING = frozenset(LISTED.edges)
TABBY = [0.9, 0.02, 0.02, 0.03, 0.03]


def by(overrides: Overrides, world: World = LISTED) -> Overruled:
    return Overruled.by(world, overrides)


def test_no_override_makes_visual_what_tells_of_people_or_is_too_general_or_no_sight() -> None:
    facts = by(Overrides(allow=EVERYTHING, release=EVERYTHING))
    assert facts.never_suggest == {HUMAN, SOLDIER}
    assert facts.withhold == {HUMAN}
    assert facts.visual == LISTED.visual | {q(4)}
    assert not facts.visual & {HUMAN, SOLDIER, SOMEBODY, q(3), q(9)}


def test_no_override_frees_a_person_who_is_on_a_list_by_name() -> None:
    listed = LISTED.never_suggest | {SOMEBODY}
    world = replace(LISTED, never_suggest=listed, withhold=LISTED.withhold | {SOMEBODY})
    facts = by(Overrides(allow=EVERYTHING, release=EVERYTHING), world)
    assert SOMEBODY in facts.never_suggest and SOMEBODY in facts.withhold


def test_what_is_said_of_a_duplicate_holds_for_the_item_that_stands_for_it() -> None:
    twice = replace(ZOO, edges={**ZOO.edges, q(30): (q(3),)}, same={q(30): q(4)})
    named = frozenset({q(30)})
    barred = selector(by(Overrides(never_suggest=named), twice))
    assert chosen(barred, TABBY) == [q(3)]
    held = selector(by(Overrides(withhold=named), twice))
    assert held.choose(seen(held, TABBY)) is SkipReason.WITHHELD
    listed = replace(twice, never_suggest=frozenset({q(4)}))
    assert chosen(selector(by(Overrides(allow=named), listed)), TABBY) == [q(4)]
    holding = replace(twice, withhold=frozenset({q(4)}))
    assert chosen(selector(by(Overrides(release=named), holding)), TABBY) == [q(4)]


some = st.frozensets(st.sampled_from([*LISTED.edges]))


@steady
@given(some, some, some, some)
def test_whatever_people_write_the_promises_hold(
    never: frozenset[Qid], allow: frozenset[Qid], withhold: frozenset[Qid], release: frozenset[Qid]
) -> None:
    facts = by(Overrides(never, allow, withhold, release))
    assert never <= facts.never_suggest and withhold <= facts.withhold
    assert facts.visual <= LISTED.depictable
    assert not facts.visual & (facts.never_suggest | {HUMAN, SOLDIER, SOMEBODY, q(9)})
    assert {HUMAN, SOLDIER} <= facts.never_suggest and HUMAN in facts.withhold


def test_without_overrides_nothing_changes() -> None:
    facts = by(NONE)
    for name in ("visual", "never_suggest", "withhold", "people", "qids", "snapshot"):
        assert getattr(facts, name) == getattr(LISTED, name)
    assert [*facts.closure_rows()] == [*LISTED.closure_rows()]


def test_a_barred_item_is_nowhere() -> None:
    kittens = {q(n): (q(3),) for n in (20, 21)}
    world = replace(ZOO, edges={**ZOO.edges, **kittens})
    barred = Overrides(never_suggest=frozenset({q(4), q(2), q(20)}))
    rule = selector(by(barred, world))
    assert chosen(rule, TABBY) == [q(3)]
    evidence = seen(rule, [0.5, 0.4, 0.05, 0.03, 0.02])
    found = rule.choose(evidence)
    assert isinstance(found, tuple)
    near = neighbours(found[0], evidence, rule, ())
    assert near.more_specific == (q(6), q(21)) and near.more_general == (q(8), q(1))


def test_what_lies_below_a_barred_item_is_still_offered() -> None:
    world = replace(ZOO, edges={**ZOO.edges, q(20): (q(4),)})
    rule = selector(by(Overrides(never_suggest=frozenset({q(4)})), world))
    assert rule.may_show(q(20)) and not rule.may_show(q(4))


def test_an_allowed_item_comes_back() -> None:
    world = replace(ZOO, never_suggest=frozenset({q(4)}))
    assert chosen(selector(by(NONE, world)), TABBY) == [q(3)]
    assert chosen(selector(by(Overrides(allow=frozenset({q(4)})), world)), TABBY) == [q(4)]


def test_withholding_and_releasing() -> None:
    held = selector(by(Overrides(withhold=frozenset({q(3)})), ZOO))
    assert held.choose(seen(held, TABBY)) is SkipReason.WITHHELD
    world = replace(ZOO, withhold=frozenset({q(3)}))
    assert chosen(selector(by(Overrides(release=frozenset({q(3)})), world)), TABBY) == [q(4)]


def test_the_linker_obeys(tmp_path: Path, context: Context) -> None:
    save(tmp_path / "m", threshold=0.05)
    images = [photo(n) for n in range(10)]
    contexts = [context(n) for n in range(1, 11)]

    def shown(overrides: Overrides) -> list[Qid]:
        linker = Linker.load(tmp_path / "m", ZOO, Settings(), overrides)
        outcomes = linker.link(contexts, images)
        return [s.qid for o in outcomes if isinstance(o, Suggested) for s in o.suggestions]

    before = {*shown(NONE)}
    assert len(before) >= 2
    for qid in before:
        after = shown(Overrides(never_suggest=frozenset({qid})))
        assert after and qid not in after
    plain = Linker.load(tmp_path / "m", ZOO, Settings())
    linker = Linker.load(tmp_path / "m", ZOO, Settings(), Overrides(withhold=frozenset(LEAVES)))
    assert linker.link(contexts[:1], images[:1]) == [Skipped(SkipReason.WITHHELD)]
    # what is too general is the catalog's to say: barring kinds makes no class less general
    barring = Linker.load(tmp_path / "m", ZOO, Settings(), Overrides(never_suggest=EVERYTHING))
    below, still = (one.head.hierarchy.visual_below for one in (plain, barring))
    assert np.array_equal(below, still)
