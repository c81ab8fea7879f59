"""A withheld class: it holds the image back, and where it does not it is still never shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from depicts_model.types import SkipReason

from .test_linker_select import RULES, chosen, seen, selector
from .world import ZOO, q

WITHHELD = replace(ZOO, withhold=frozenset({q(11)}))
"""The person, and with it the baker."""


@pytest.mark.parametrize(("each", "held"), [(0.04, True), (0.02, False)])
def test_a_withheld_class_holds_back_by_what_its_many_kinds_come_to(
    each: float, held: bool
) -> None:
    """None of the five is among the top results, and none is likely by itself."""
    kinds = tuple(q(n) for n in range(21, 26))
    world = replace(WITHHELD, edges={**ZOO.edges, **dict.fromkeys(kinds, (q(11),))})
    rule = selector(world, [q(4), q(7), q(10), *kinds])
    rest = 1 - 5 * each
    evidence = seen(rule, [0.4 * rest, 0.3 * rest, 0.3 * rest, *[each] * 5])
    assert not rule.masks.withheld[rule.hierarchy.node_of_item[evidence.ranked[:3]]].any()
    assert (rule.choose(evidence) is SkipReason.WITHHELD) is held


def test_a_withheld_item_too_slight_to_hold_the_image_back_is_not_shown_either() -> None:
    p, rules = [0.4, 0.0, 0.3, 0.21, 0.09], replace(RULES, threshold=0.05)
    assert chosen(selector(rules=rules), p) == [q(4), q(7), q(10), q(12)], "sure enough"
    assert chosen(selector(WITHHELD, rules=rules), p) == [q(4), q(7), q(10)]
