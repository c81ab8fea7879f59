"""What a page adds: by weights that the fit recovers, monotone, missing as missing, never alone."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from depicts_model.linker.camera import Places, distance
from depicts_model.linker.combine import (
    CAMERA,
    CAPTION,
    CATEGORY,
    DESCRIPTION,
    FILE_NAME,
    LEAST,
    PLACES_OF_WORDS,
    TERMS,
    UNFITTED,
    WORDS,
    Combiner,
    Pairs,
    Told,
    fit_combiner,
    with_words,
)
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.types import FileContext, FileRef, mid_of

from .world import ZOO, q, steady

NODES = 12
TRUE = Combiner(
    bias=-0.4,
    pixels=0.9,
    weights={
        FILE_NAME: 2.0,
        CAPTION: 1.6,
        DESCRIPTION: 1.2,
        CATEGORY: 2.4,
        WORDS: 2.3,
        CAMERA: 1.5,
    },
    missing={FILE_NAME: 0.3, CAPTION: 0.8, DESCRIPTION: 0.5, CATEGORY: 1.0},
)


def told(nodes: list[int], values: list[float], everywhere: bool = True) -> Told:
    return Told(np.array(nodes, dtype=np.intp), np.array(values), everywhere)


def generated(seed: int, files: int, each: int) -> Pairs:
    """Contexts that follow `TRUE`: half the terms of a file missing, the rest naming some nodes."""
    draw = np.random.default_rng(seed)
    file = np.repeat(np.arange(files), each)
    pixels = expit(draw.normal(-1.5, 1.5, files * each))
    terms = {}
    for term in (*PLACES_OF_WORDS, CAMERA):
        named = draw.random(files * each)
        x = named if term == CAMERA else (named < 0.3).astype(float)
        gone = (draw.random(files) < 0.5)[file]
        terms[term] = np.where(gone, np.nan, x)
    terms[WORDS] = np.fmax.reduce([terms[place] for place in PLACES_OF_WORDS])
    logits = TRUE.bias + TRUE.pixels * logit(pixels)
    for term, x in terms.items():
        absent = TRUE.missing.get(term, 0)
        logits += np.where(np.isnan(x), absent, TRUE.weights[term] * np.nan_to_num(x))
    right = draw.random(files * each) < expit(logits)
    return Pairs(pixels, terms, right, file, np.ones(files * each))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_fit_recovers_known_weights_within_20_percent(seed: int) -> None:
    """With evidence dropout as it is by default, and words beside the places that they are of."""
    found = fit_combiner(generated(seed, 40_000, 6))
    assert found.pixels == pytest.approx(TRUE.pixels, rel=0.2)
    assert {*found.weights} == {*TERMS}
    for term, weight in TRUE.weights.items():
        assert found.weights[term] == pytest.approx(weight, rel=0.2), term
    for term, weight in TRUE.missing.items():
        assert found.missing[term] == pytest.approx(weight, rel=0.2), term


def test_a_term_that_no_file_lacks_may_still_be_missing_later() -> None:
    """Without dropout nothing would be known of that."""
    draw = np.random.default_rng(5)
    x = (draw.random(20_000) < 0.5).astype(float)
    right = draw.random(20_000) < expit(-1 + 3 * x)
    pairs = Pairs(np.full(20_000, 0.5), {CAPTION: x}, right, np.arange(20_000), np.ones(20_000))
    found = fit_combiner(pairs)
    lonely = found.confidence(np.array([0.5]), {})[0]
    assert lonely == pytest.approx(right.mean(), abs=0.03)


def test_evidence_that_speaks_against_gets_no_weight() -> None:
    """In files where a name misleads, its weight is 0 and not below."""
    draw = np.random.default_rng(3)
    x = (draw.random(4000) < 0.5).astype(float)
    right = draw.random(4000) < np.where(x > 0, 0.2, 0.7)
    pairs = Pairs(np.full(4000, 0.5), {FILE_NAME: x}, right, np.arange(4000), np.ones(4000))
    assert fit_combiner(pairs).weights[FILE_NAME] == pytest.approx(0, abs=1e-6)


def test_pixels_alone_still_work_after_a_fit_with_dropout() -> None:
    pairs = generated(2, 4000, 4)
    fitted = fit_combiner(pairs, dropout=0.3)
    lonely = fitted.confidence(pairs.pixels, {})
    gone = np.all([np.isnan(x) for x in pairs.terms.values()], axis=0)
    assert gone.sum() > 200
    assert lonely[gone].mean() == pytest.approx(pairs.right[gone].mean(), abs=0.08)


def test_pairs_of_one_outcome_are_refused() -> None:
    pairs = Pairs(np.full(3, 0.5), {}, np.ones(3, bool), np.arange(3), np.ones(3))
    with pytest.raises(ValueError, match="right and wrong"):
        fit_combiner(pairs)


chances = st.lists(st.floats(0, 1), min_size=NODES, max_size=NODES)
shares = st.floats(0, 1)
parts = st.sampled_from([*PLACES_OF_WORDS, CAMERA])


@st.composite
def combiners(draw: st.DrawFn) -> Combiner:
    weights = {term: draw(st.floats(0, 4)) for term in TERMS}
    missing = {term: weights[term] * draw(shares) for term in TERMS if term != CAMERA}
    return Combiner(draw(st.floats(-1, 1)), draw(st.floats(0.2, 2)), weights, missing)


@st.composite
def pages(draw: st.DrawFn) -> dict[str, Told]:
    found = {}
    for term in TERMS:
        if term != WORDS and draw(st.booleans()):
            nodes = sorted(draw(st.sets(st.integers(0, NODES - 1))))
            values = [draw(shares) if term == CAMERA else 1.0 for _ in nodes]
            found[term] = told(nodes, values, everywhere=term != CAMERA)
    return found


@steady
@given(
    combiners(),
    pages(),
    chances,
    st.sampled_from([*PLACES_OF_WORDS, CAMERA]),
    st.integers(0, NODES - 1),
    shares,
)
def test_evidence_for_a_node_never_lowers_it(
    combiner: Combiner,
    page: dict[str, Told],
    pixels: list[float],
    term: str,
    node: int,
    more: float,
) -> None:
    """Be it a value that grows, or a term that comes where there was none."""
    before = combiner.confidence(np.array(pixels), with_words(page))
    old = page.get(term)
    values = {} if old is None else dict(zip(old.nodes.tolist(), old.values.tolist(), strict=True))
    values[node] = max(values.get(node, 0.0), more if term == CAMERA else 1.0)
    order = sorted(values)
    grown = page | {term: told(order, [values[n] for n in order], term != CAMERA)}
    after = combiner.confidence(np.array(pixels), with_words(grown))
    assert after[node] >= before[node] - 1e-9


@steady
@given(combiners(), pages(), chances)
def test_what_each_term_adds_is_the_whole_of_it(
    combiner: Combiner, page: dict[str, Told], pixels: list[float]
) -> None:
    full = with_words(page)
    sure = np.clip(np.array(pixels), LEAST / 2, 0.99)
    found = combiner.confidence(sure, full)
    for node in range(NODES):
        added = sum(v or 0 for v in combiner.contributions(node, sure[node], full).values())
        expected = combiner.bias + combiner.pixels * logit(sure[node]) + added
        assert logit(found[node]) == pytest.approx(expected, abs=1e-6)


@steady
@given(pages(), chances)
def test_the_constants_touch_only_what_the_page_supports(
    page: dict[str, Told], pixels: list[float]
) -> None:
    before = np.array(pixels)
    after = UNFITTED.confidence(before, with_words(page))
    assert (after >= before).all()
    supported = {int(n) for one in page.values() for n in one.nodes[one.values > 0]}
    for node in {*range(NODES)} - supported:
        assert after[node] == before[node]


def test_words_multiply_the_odds_once_however_often_they_are_said() -> None:
    pixels = np.array([0.5, 0.1, 0.5])
    one = with_words({FILE_NAME: told([0, 1], [1.0, 1.0])})
    more = with_words({place: told([0, 1], [1.0, 1.0]) for place in (FILE_NAME, CAPTION, CATEGORY)})
    for page in (one, more):
        after = UNFITTED.confidence(pixels, page)
        assert after == pytest.approx([10 / 11, 10 / 19, 0.5], rel=1e-6)


def test_a_page_alone_never_suffices() -> None:
    """However loud: what pixels do not show at all is not lifted."""
    loud = Combiner(weights=dict.fromkeys(TERMS, 50.0))
    page = with_words({place: told([0, 1], [1.0, 1.0]) for place in (FILE_NAME, CATEGORY)})
    after = loud.confidence(np.array([LEAST / 2, 0.3]), page)
    assert after[0] == pytest.approx(LEAST / 2) and after[1] > 0.99


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"weights": {"smell": 1.0}}, "unknown term 'smell'"),
        ({"weights": {FILE_NAME: -1.0}}, "file_name: needs 0 ≤ missing ≤ weight"),
        ({"missing": {CAPTION: 0.5}}, "caption: needs"),
        ({"pixels": 0.0}, "above 0"),
        ({"bias": float("nan")}, "finite"),
    ],
)
def test_unfit_combiners_cannot_be_made(values: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        Combiner(**values)  # type: ignore[arg-type]


# --- the camera

BERLIN, POTSDAM = (52.5163, 13.3777), (52.3906, 13.0645)


def test_the_distance_of_two_towns() -> None:
    one, other = np.radians(BERLIN), np.radians([POTSDAM])
    assert distance(one, other)[0] == pytest.approx(25.4, abs=0.5)
    assert distance(one, one[None])[0] == 0


def test_a_camera_supports_what_is_near_and_all_above_it() -> None:
    from dataclasses import replace

    world = replace(ZOO, places={q(4): BERLIN, q(7): POTSDAM})
    hierarchy = Hierarchy.from_catalog(world, (q(4), q(6), q(7), q(10)))
    places = Places.of(world, hierarchy)
    found = places.told((52.5163, 13.3787))
    assert found is not None and not found.everywhere
    values = {hierarchy.nodes[n]: v for n, v in zip(found.nodes, found.values, strict=True)}
    assert values.keys() == {q(4), q(7), *world.ancestors(q(4))}, "others have no place"
    assert values[q(7)] == 0 < 0.9 < values[q(4)] == values[q(3)]
    assert places.told(None) is None
    assert Places.of(ZOO, hierarchy).told(BERLIN) is None


def test_a_file_s_position_reaches_the_terms() -> None:
    from dataclasses import replace

    from depicts_model.linker.page import Reader
    from depicts_model.linker.words import Words

    world = replace(ZOO, places={q(4): BERLIN})
    hierarchy = Hierarchy.from_catalog(world, (q(4), q(7)))
    words = Words.of(world, hierarchy, np.ones(len(hierarchy.nodes), bool), "en")
    reader = Reader(words, Places.of(world, hierarchy))
    file = FileRef(mid_of(1), "File:1.jpg", "0" * 40, 1, datetime(2026, 1, 1, tzinfo=UTC), "")
    assert CAMERA in reader.read(FileContext(file, location=BERLIN)).terms
    assert CAMERA not in reader.read(FileContext(file)).terms
