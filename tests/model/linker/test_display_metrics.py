"""Figures of what is shown, on a small tree and by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from depicts_model.linker.display_metrics import (
    Shown,
    Verdict,
    display_figures,
    hierarchical,
    verdict,
)

TABBY, CAT, ANIMAL, DOG, OAK = range(5)
ABOVE = {
    TABBY: frozenset({CAT, ANIMAL}),
    CAT: frozenset({ANIMAL}),
    ANIMAL: frozenset[int](),
    DOG: frozenset({ANIMAL}),
    OAK: frozenset[int](),
}
BELOW = {TABBY: 0, CAT: 320, ANIMAL: 321, DOG: 3, OAK: 0}


@dataclass(frozen=True)
class Tree:
    def above(self, node: int) -> frozenset[int]:
        return ABOVE[node]

    def below(self, node: int) -> int:
        return BELOW[node]


def shown(*each: tuple[int, float, Verdict], images: int = 4) -> Shown:
    image, confidence, verdicts = zip(*each, strict=True) if each else ((), (), ())
    return Shown(
        images,
        np.array(image, np.intp),
        np.array(confidence, np.float64),
        np.array(verdicts, np.uint8),
    )


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (TABBY, Verdict.EXACT),
        (CAT, Verdict.ANCESTOR),
        (ANIMAL, Verdict.TOO_GENERAL),
        (DOG, Verdict.WRONG),
        (OAK, Verdict.WRONG),
    ],
)
def test_an_ancestor_with_more_than_320_items_below_is_too_general(
    node: int, expected: Verdict
) -> None:
    assert verdict(node, [{TABBY}], Tree()) is expected


def test_what_is_below_the_truth_is_wrong_and_an_alternative_is_exact() -> None:
    assert verdict(TABBY, [{CAT}], Tree()) is Verdict.WRONG
    assert verdict(DOG, [{OAK}, {TABBY, DOG}], Tree()) is Verdict.EXACT
    assert verdict(ANIMAL, [{ANIMAL}], Tree()) is Verdict.EXACT, "general, but so is the truth"


def test_the_shares_by_hand() -> None:
    """Two on one image, one on another, one on a third; the fourth gets none."""
    found = display_figures(
        shown(
            (0, 0.95, Verdict.EXACT),
            (0, 0.95, Verdict.WRONG),
            (1, 0.75, Verdict.ANCESTOR),
            (2, 0.75, Verdict.TOO_GENERAL),
        )
    )
    assert found["precision"] == 2 / 4
    assert found["exact"] == found["too general"] == 1 / 4
    assert found["coverage"] == 3 / 4
    assert found["ECE"] == pytest.approx((0.45 + 0.25) / 2)


def test_where_nothing_is_shown_nothing_is_precise() -> None:
    found = display_figures(shown())
    assert found.pop("coverage") == 0
    assert np.isnan(list(found.values())).all() and "precision" in found


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="none of 4"):
        shown((4, 0.5, Verdict.EXACT))
    with pytest.raises(ValueError, match="differ in length"):
        Shown(4, np.zeros(1, np.intp), np.zeros(2), np.zeros(1, np.uint8))


def test_hierarchical_figures_by_hand() -> None:
    """Shown cat and oak, true tabby: {cat, animal} of {cat, animal, oak} and of all three."""
    found = hierarchical([{CAT, OAK}], [[{TABBY}]], Tree())
    assert found == {"hP": 2 / 3, "hR": 2 / 3}


def test_of_alternatives_the_nearer_one_counts() -> None:
    found = hierarchical([{CAT}, set()], [[{OAK, TABBY}], [{OAK, TABBY}]], Tree())
    assert found["hP"] == 1
    assert found["hR"] == 2 / (3 + 1), "of the silent image the one with fewest ancestors"


def test_of_silence_there_is_no_hierarchical_precision() -> None:
    found = hierarchical([set()], [[{OAK}]], Tree())
    assert np.isnan(found["hP"]) and found["hR"] == 0
