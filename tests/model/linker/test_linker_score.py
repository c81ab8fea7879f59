"""An item's score: each term by its formula, missing as missing, and more evidence never less."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from depicts_model.linker import approved as caches
from depicts_model.linker.approved import Approved
from depicts_model.linker.fit_scores import Terms, fit_scorer
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged
from depicts_model.linker.score import Scorer, Weights, hubness, prototypes, whitening

from .world import q, steady

UNIT = np.eye(4, dtype=np.float32)
ROWS = {q(n + 1): n for n in range(4)}
PRIOR = np.log(np.array([0.4, 0.3, 0.2, 0.1]))


def images(seed: int, count: int, dim: int = 4) -> NDArray[np.float32]:
    found: NDArray[np.float32] = (
        np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    )
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


def full(weights: Weights) -> Scorer:
    """Every term at work; the last two items have no prototype."""
    some = prototypes(UNIT, images(1, 3), [[0], [1], [0]])
    cache = Approved.of(images(2, 5), [[q(1)], [q(2), q(4)], [q(9)], [], [q(1)]], ROWS)
    return Scorer(UNIT, PRIOR, weights, hubness(UNIT, images(3, 30)), some, approved=cache)


WEIGHTS = Weights(20.0, prior=0.5, hub=0.7, prototype=4.0, no_prototype=1.5, votes=0.8)


def test_scores_by_their_formula() -> None:
    image = np.array([[0.6, 0.8, 0.0, 0.0]], dtype=np.float32)
    scorer = Scorer(UNIT, PRIOR, Weights(5.0, prior=0.5))
    cosines = scorer.cosines(image)
    logits = scorer.logits(image, cosines)
    assert np.allclose(logits, 5 * image + 0.5 * PRIOR)
    assert np.allclose(scorer.probabilities(logits), np.exp(logits) / np.exp(logits).sum())
    assert np.allclose(scorer.cosines(0.5 * image), image), "an image's length is no evidence"


def test_the_terms_of_an_item_add_up_to_its_logit() -> None:
    scorer, some = full(WEIGHTS), images(5, 6)
    logits = scorer.logits(some, scorer.cosines(some))
    for at in range(6):
        for row in range(4):
            terms = scorer.terms(some[[at]], row)
            assert {*terms} == {"similarity", "hub", "prototype", "votes", "prior"}
            assert sum(terms.values()) == pytest.approx(logits[at, row], abs=1e-4)
    bare = Scorer(UNIT, PRIOR, WEIGHTS)
    assert {*bare.terms(some[[0]], 0)} == {"similarity", "prior"}, "what is not there adds nothing"


def test_an_item_without_a_prototype_has_the_constant_for_missing_and_not_zero() -> None:
    scorer, some = full(WEIGHTS), images(5, 6)
    assert all(scorer.terms(some[[at]], 3)["prototype"] == 1.5 for at in range(6))
    assert scorer.prototypes is not None and not scorer.prototypes[2:].any()


def test_a_prototype_of_few_images_leans_on_the_item_s_own_vector() -> None:
    one = prototypes(UNIT, UNIT[[1]], [[0]], shrink=4.0)[0]
    many = prototypes(UNIT, np.repeat(UNIT[[1]], 400, axis=0), [[0]] * 400, shrink=4.0)[0]
    assert one @ UNIT[0] > 0.9 > 0.1 > many @ UNIT[0]
    assert np.linalg.norm(one) == pytest.approx(1)


def test_hubness_is_the_mean_of_the_nearest_images() -> None:
    some = images(3, 40)
    slow = [np.sort(some @ row)[-16:].mean() for row in UNIT]
    assert np.allclose(hubness(UNIT, some), slow, atol=1e-6)
    assert np.allclose(hubness(UNIT, some[:3]), (some[:3] @ UNIT.T).mean(axis=0), atol=1e-6)
    with pytest.raises(ValueError, match="at least one image"):
        hubness(UNIT, some[:0])


def test_hubness_of_many_images_is_the_same_and_takes_no_more_memory() -> None:
    """The whole matrix of cosines would be 16 MB in double floats."""
    items, many = images(21, 500, 8), images(22, 4_000, 8)
    slow = np.sort(many @ items.T, axis=0)[-16:].mean(axis=0)
    found, most = _peak(lambda: hubness(items, many))
    assert np.allclose(found, slow, atol=1e-6)
    assert most < 4e6


def _peak(what: Callable[[], Any]) -> tuple[Any, int]:
    """What it gives, and the most bytes that it held at a time."""
    tracemalloc.start()
    try:
        return what(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_fit_holds_single_floats_of_one_set_of_images_at_a_time() -> None:
    """One such matrix of 1,000 images and 2,000 items is 8 MB: cosines and prototypes are two."""
    text, count = images(23, 2_000, 8), 1_000
    some = images(24, count, 8)
    known = np.ones(len(text), dtype=bool)
    qids = tuple(q(n + 1) for n in range(len(text)))
    prior = np.full(len(text), -np.log(len(text)), np.float32)
    items = ItemTable(qids, text, prior, known, known.astype(np.int32))
    truths = tuple(frozenset({q(n + 1)}) for n in range(count))
    judged = Judged(some, truths, np.ones(count))
    scorer = Scorer(text, prior.astype(np.float64), Weights(20.0), prototypes=text)
    _, most = _peak(lambda: fit_scorer(scorer, (), items, judged, judged))
    assert most < 4 * 8e6


def test_votes_by_the_slow_definition() -> None:
    store, shown = images(2, 200), [[q(1 + n % 4), q(1 + n % 3)] for n in range(200)]
    cache = Approved.of(store, shown, ROWS)
    assert cache is not None
    for image in images(4, 5):
        cosines = store @ image
        slow = np.zeros(4)
        for at in np.argsort(-cosines)[: caches.NEAREST]:
            for row in {ROWS[item] for item in shown[at]}:
                slow[row] += np.exp(-caches.SHARPNESS * (1 - cosines[at]))
        assert np.allclose(cache.votes(image[None])[0], slow, atol=1e-5)


def test_a_large_cache_is_searched_by_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "EXACT", 500)
    store = images(2, 3000)
    cells = Approved.of(store, [[q(1)]] * 3000, ROWS)
    assert cells is not None and type(cells.index).__name__ == "IndexIVFFlat"
    found = cells.votes(store[:20])
    assert (found[:, 0] >= 0.99).all(), "an approved image votes for its own items"


def test_only_known_items_of_known_images_vote() -> None:
    assert Approved.of(images(1, 2), [[q(77)], []], ROWS) is None


positive = st.floats(0, 3)


@steady
@given(st.integers(0, 3), st.integers(0, 1000), positive)
def test_evidence_for_an_item_never_lowers_its_probability(
    row: int, seed: int, more: float
) -> None:
    """A nearer vector, a lower hubness, a higher prior, a prototype's photo, an approved image."""
    image = images(seed, 1)
    scorer = full(WEIGHTS)

    def chance(changed: Scorer) -> float:
        return float(changed.probabilities(changed.logits(image, changed.cosines(image)))[0, row])

    before = chance(scorer) - 1e-6
    nearer = UNIT.copy()
    nearer[row] += more * image[0]
    nearer[row] /= np.linalg.norm(nearer[row])
    assert chance(replace(scorer, vectors=nearer)) >= before
    one = np.arange(4) == row
    assert scorer.hub is not None and chance(replace(scorer, hub=scorer.hub - more * one)) >= before
    assert chance(replace(scorer, log_prior=PRIOR + more * one)) >= before
    assert scorer.prototypes is not None
    looks = scorer.prototypes.copy()
    looks[row] = image[0]
    assert chance(replace(scorer, prototypes=looks)) >= before, "nearer than any, or than none"
    approved = Approved.of(image, [[q(row + 1)]], ROWS)
    unheard = chance(replace(scorer, approved=None)) - 1e-6
    assert chance(replace(scorer, approved=approved)) >= unheard


@pytest.mark.parametrize("name", ["prior", "hub", "prototype", "votes"])
def test_weights_that_would_hold_evidence_against_an_item_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        replace(WEIGHTS, **{name: -0.1})
    with pytest.raises(ValueError, match="no_prototype must not weigh more"):
        replace(WEIGHTS, prototype=1.0)
    with pytest.raises(ValueError, match="similarity above 0"):
        Weights(0.0)


# --- the fit

SIZE, DIM = 12, 24


def _table(vectors: np.ndarray) -> ItemTable:
    return ItemTable(
        tuple(q(n + 1) for n in range(SIZE)),
        vectors,
        np.log(np.full(SIZE, 1 / SIZE)).astype(np.float32),
        np.ones(SIZE, bool),
        np.full(SIZE, 50, np.int32),
    )


def _photos(seed: int, shown: np.ndarray, noise: float, count: int = 900) -> Judged:
    """Photos near what their items look like."""
    draw = np.random.default_rng(seed)
    rows = draw.integers(0, SIZE, count)
    near = shown[rows] + noise * draw.normal(size=(count, DIM)) / np.sqrt(DIM)
    truths = tuple(frozenset({q(int(row) + 1)}) for row in rows)
    return Judged(near.astype(np.float32), truths, np.ones(count))


def test_terms_stay_only_where_they_pay() -> None:
    text, looks = images(11, SIZE, DIM), images(12, SIZE, DIM)
    items = _table(text)
    seen = _photos(1, looks, 0.5)
    rows = [[int(next(iter(truth))[1:]) - 1] for truth in seen.truths]
    useful = prototypes(text, seen.vectors, rows)
    fit, held = _photos(2, looks + text, 1.5), _photos(3, looks + text, 1.5)
    plain = Scorer(text, items.log_prior.astype(np.float64), Weights(20.0, votes=1.0))
    found = fit_scorer(plain, [{"prototypes": useful}], items, fit, held)
    assert found.prototypes is not None and found.weights.prototype > 1
    assert found.weights.votes == 1.0, "what nothing fits stays as it is"
    useless = prototypes(text, images(13, 60, DIM), [[n % SIZE] for n in range(60)], shrink=0)
    more: list[Terms] = [{"hub": np.zeros(SIZE)}, {"prototypes": useless}]
    nothing = fit_scorer(plain, more, items, fit, held)
    assert nothing.prototypes is None and nothing.hub is None


@pytest.mark.slow
def test_a_hub_is_found_out() -> None:
    text = images(11, SIZE, DIM)
    common = images(14, 1, DIM)[0]
    crooked = text.copy()
    crooked[0] = 0.6 * text[0] + 1.2 * common  # near to whatever
    crooked /= np.linalg.norm(crooked, axis=1, keepdims=True)
    items = _table(crooked)
    fit, held, other = (_photos(seed, text + common, 1.0) for seed in (2, 3, 4))
    plain = Scorer(crooked, items.log_prior.astype(np.float64), Weights(20.0))
    hub = hubness(crooked, other.vectors)
    found = fit_scorer(plain, [{"hub": hub}], items, fit, held)
    assert found.hub is not None and found.weights.hub > 0.2
    # a hundredth of it would pay at a weight of more than 1, which no hubness may have
    assert fit_scorer(plain, [{"hub": hub / 100}], items, fit, held).hub is None


def test_whitening_makes_photos_of_one_item_vary_alike() -> None:
    draw = np.random.default_rng(4)
    looks, rows = images(21, SIZE, DIM), draw.integers(0, SIZE, 2000)
    wild = np.linspace(0.02, 0.4, DIM)  # some directions tell of light and background only
    photos = (looks[rows] + wild * draw.normal(size=(2000, DIM))).astype(np.float32)
    shown = [[int(row)] for row in rows]
    white = whitening(photos, shown, shrink=0.0)
    unit = photos / np.linalg.norm(photos, axis=1, keepdims=True)
    inside = np.concatenate(
        [unit[rows == n] @ white - (unit[rows == n] @ white).mean(axis=0) for n in range(SIZE)]
    )
    assert np.allclose(np.cov(inside.T), np.eye(DIM), atol=0.15)
    with pytest.raises(ValueError, match="two images"):
        whitening(photos[:2], [[0], [1]])


def test_whitened_prototypes_stay_where_they_pay() -> None:
    draw = np.random.default_rng(4)
    text, looks = images(11, SIZE, DIM), images(12, SIZE, DIM)
    wild = np.linspace(0.02, 0.6, DIM)

    def photos(seed: int) -> Judged:
        plain = _photos(seed, looks, 0.0)
        noise = wild * draw.normal(size=plain.vectors.shape)
        return replace(plain, vectors=(plain.vectors + noise).astype(np.float32))

    seen, fit, held = photos(1), photos(2), photos(3)
    rows = [[int(next(iter(truth))[1:]) - 1] for truth in seen.truths]
    white = whitening(seen.vectors, rows)
    more = [
        {"prototypes": prototypes(text, seen.vectors, rows)},
        {"prototypes": prototypes(text @ white, seen.vectors @ white, rows), "whitening": white},
    ]
    items = _table(text)
    plain = Scorer(text, items.log_prior.astype(np.float64), Weights(20.0))
    found = fit_scorer(plain, more, items, fit, held)
    assert found.whitening is white and found.weights.prototype > 1
