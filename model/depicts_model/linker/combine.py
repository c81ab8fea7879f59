"""From what pixels say to what pixels and the file's page say together.

    logit P(a | all) = b + w_0 logit P(a | pixels) + Σ_t c_t
    c_t = w_t x_t where term t is told of node a, m_t where it is missing; 0 ≤ m_t ≤ w_t

x_t is from 0 (the page speaks, and not of a) to 1. Missing is not 0: a file without a description
is not one whose description names something else. Since 0 ≤ m_t ≤ w_t, evidence for an item never
lowers its confidence, not even evidence that comes where there was none. Where the camera stood
only supports: m is 0, for a view reaches far, and an item's coordinates are one point of it.

Bayes' rule in its odds form gives the sum: given what is shown, pixels and terms are taken as
independent, and the fit corrects what is not so by smaller weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.logistic import Regression, logit
from depicts_model.linker.odds import probability

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

FILE_NAME: Final = "file_name"
CAPTION: Final = "caption"
DESCRIPTION: Final = "description"
CATEGORY: Final = "category"
PLACES_OF_WORDS: Final = (FILE_NAME, CAPTION, DESCRIPTION, CATEGORY)
WORDS: Final = "words"
"""The most that any place of words says: they repeat each other, being written by one hand."""
CAMERA: Final = "camera"
"""How near the camera stood to the item."""
TERMS: Final = (*PLACES_OF_WORDS, WORDS, CAMERA)

LEAST: Final = 0.01
"""Confidence from pixels below which the page is not heard: it supports, and never alone."""
DROPOUT: Final = 0.3
"""Share of the terms that the fit does not get to see, so that pixels alone still work."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a file's page says of the nodes by one term."""

    nodes: Rows
    """(k,), each once."""
    values: Floats
    """(k,), from 0 to 1."""
    everywhere: bool = True
    """True: of all other nodes it says 0; False: of those it says nothing."""

    def of(self, node: int) -> float:
        """The value for a node; NaN where nothing is said of it."""
        at = np.flatnonzero(self.nodes == node)
        if len(at):
            return float(self.values[at[0]])
        return 0.0 if self.everywhere else math.nan


@dataclass(frozen=True, slots=True)
class Combiner:
    """The weights, by term; a term that is not named weighs nothing."""

    bias: float = 0.0
    pixels: float = 1.0
    """w_0, above 0."""
    weights: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = {*self.weights, *self.missing} - {*TERMS}
        if unknown:
            raise ValueError(f"unknown term {min(unknown)!r}; there are {', '.join(TERMS)}")
        numbers = [self.bias, self.pixels, *self.weights.values(), *self.missing.values()]
        if not np.isfinite(numbers).all() or self.pixels <= 0:
            raise ValueError("a combiner's weights must be finite, and that of pixels above 0")
        for term in {*self.weights, *self.missing}:
            missing, weight = self.missing.get(term, 0.0), self.weights.get(term, 0.0)
            if not 0 <= missing <= weight or (missing and term == CAMERA):
                raise ValueError(f"{term}: needs 0 ≤ missing ≤ weight, of the camera missing 0")

    @property
    def only_adds(self) -> bool:
        """Whether a node that no term is told of keeps its confidence from pixels."""
        return self.bias == 0 and self.pixels == 1 and not any(self.missing.values())

    def confidence(self, pixels: Floats, told: Mapping[str, Told]) -> Floats:
        """Confidences from pixels (A,) and the terms of one file to confidences (A,)."""
        if not self.only_adds:
            logits = self.bias + self.pixels * logit(pixels)
            return probability(logits + self._added(pixels, told))
        # a page names a few nodes of thousands: the others' logarithms are spared
        nodes = nodes_told(told)
        here = {t: replace(what, nodes=nodes.searchsorted(what.nodes)) for t, what in told.items()}
        added = self._added(pixels[nodes], here)
        lifted, by = nodes[added > 0], added[added > 0]
        if not len(lifted):
            return pixels
        result, before = pixels.copy(), pixels[lifted]
        result[lifted] = np.maximum(before, probability(logit(before) + by))
        return result

    def _added(self, pixels: Floats, told: Mapping[str, Told]) -> Floats:
        """What the terms add to the log-odds of these nodes; ``told`` counts among them."""
        heard, added = pixels >= LEAST, np.zeros(len(pixels))
        for term in TERMS:
            self._add(added, term, told.get(term), heard)
        return added

    def _add(self, logits: Floats, term: str, told: Told | None, heard: NDArray[np.bool_]) -> None:
        missing = self.missing.get(term, 0.0)
        if told is None or not told.everywhere:
            logits += missing
        if told is not None:
            nodes, value = told.nodes, self.weights.get(term, 0.0) * told.values
            absent = 0.0 if told.everywhere else missing
            logits[nodes] += np.where(heard[nodes], value, np.minimum(value, missing)) - absent

    def contributions(
        self, node: int, pixels: float, told: Mapping[str, Told]
    ) -> dict[str, float | None]:
        """What each term of any weight adds to the log-odds of ``node``, by name.

        ``pixels``: the node's confidence from pixels. None where the term is missing and nothing
        is added for that.
        """
        heard = pixels >= LEAST
        return {t: self._one(t, node, heard, told.get(t)) for t in TERMS if self.weights.get(t)}

    def _one(self, term: str, node: int, heard: bool, told: Told | None) -> float | None:
        value, missing = math.nan if told is None else told.of(node), self.missing.get(term, 0.0)
        if math.isnan(value):
            return missing or None
        added = self.weights[term] * value
        return added if heard else min(added, missing)


UNFITTED: Final = Combiner(weights={WORDS: math.log(10), CAMERA: math.log(3)})
"""Constants, for want of judged files with pages of their own: that words name what is shown is
taken to be ten times as likely where it is shown as where it is not, and a camera beside it three
times; a further place that repeats the words counts for nothing, and silence neither way.
"""


def nodes_told(told: Mapping[str, Told]) -> Rows:
    """The nodes that any term names, in order, each once."""
    # of pages most places name nothing, and of nothing `unique` takes a third of a millisecond
    parts = [what.nodes for what in told.values() if len(what.nodes)]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.intp)


def with_words(told: Mapping[str, Told]) -> dict[str, Told]:
    """``told`` with the term of all words, the largest value of any place for each node."""
    places = [told[place] for place in PLACES_OF_WORDS if place in told]
    if not places:
        return dict(told)
    nodes = nodes_told({place: told[place] for place in PLACES_OF_WORDS if place in told})
    values = np.zeros(len(nodes))
    for place in places:
        at = np.searchsorted(nodes, place.nodes)
        values[at] = np.maximum(values[at], place.values)
    return {**told, WORDS: Told(nodes, values)}


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """P judged pairs (file, node)."""

    pixels: Floats
    """(P,), confidence from pixels."""
    terms: Mapping[str, Floats]
    """(P,) by term, NaN where it is missing."""
    right: NDArray[np.bool_]
    """(P,): the file shows the node."""
    files: Rows
    """(P,): which file each pair is of; a term of a file is dropped from all its pairs."""
    weights: Floats
    """(P,), above 0."""


def fit_combiner(
    pairs: Pairs, dropout: float = DROPOUT, ridge: float = 1e-4, seed: int = 0
) -> Combiner:
    """Fit by penalised likelihood, w_t ≥ m_t ≥ 0 kept by its variables.

    The variables of a term are m_t, whose column is 1 where the term is missing and x where it
    is told, and w_t - m_t, whose column is x and 0 where it is missing; both at least 0. A term
    that the files hardly ever lack tells nothing of m_t so: it is then fitted, all else kept, on
    files that have lost this share of such terms (evidence dropout), so that pixels alone still
    work. Raises ValueError where the pairs are not of both outcomes.
    """
    if pairs.right.all() or not pairs.right.any():
        raise ValueError("a combiner is fitted on right and wrong pairs")
    names: list[str] = [term for term in TERMS if term in pairs.terms]
    columns = [logit(pairs.pixels)]
    for name in names:
        gone = np.isnan(pairs.terms[name])
        columns += [np.where(gone, 1.0, pairs.terms[name]), np.where(gone, 0.0, pairs.terms[name])]
    free = [True, *(name != CAMERA or column == 1 for name in names for column in (0, 1))]
    most = [math.inf if one else 0.0 for one in free]
    found = _minimise(np.stack(columns, axis=1), np.zeros(len(pairs.pixels)), most, pairs, ridge)
    bias, pixels, slopes = found[0], found[1], found[2:]
    missing = {name: slopes[2 * at] for at, name in enumerate(names)}
    weights = {name: slopes[2 * at] + slopes[2 * at + 1] for at, name in enumerate(names)}
    fitted = Combiner(bias, pixels, weights, missing)
    seldom = [n for n in names if n != CAMERA and np.isnan(pairs.terms[n]).mean() < dropout]
    return _without(fitted, pairs, seldom, dropout, ridge, seed) if seldom else fitted


def _without(
    fitted: Combiner,
    pairs: Pairs,
    seldom: Sequence[str],
    dropout: float,
    ridge: float,
    seed: int,
) -> Combiner:
    """``fitted`` with the missing's own weight of terms that are seldom missing."""
    seen = _dropped(pairs, seldom, dropout, np.random.default_rng(seed))
    offset = fitted.bias + fitted.pixels * logit(pairs.pixels)
    for name, values in seen.items():
        gone = np.isnan(values)
        absent = 0.0 if name in seldom else fitted.missing[name]
        offset = offset + np.where(gone, absent, fitted.weights[name] * np.nan_to_num(values))
    columns = np.stack([np.isnan(seen[name]).astype(np.float64) for name in seldom], axis=1)
    most = [fitted.weights[name] for name in seldom]
    found = _minimise(columns, offset, most, pairs, ridge, intercept=False)[1:]
    return replace(fitted, missing={**fitted.missing, **dict(zip(seldom, found, strict=True))})


def _dropped(
    pairs: Pairs, seldom: Sequence[str], dropout: float, draw: np.random.Generator
) -> dict[str, Floats]:
    """The terms, those that are seldom missing now missing from some files; words anew of them."""
    files = int(pairs.files.max()) + 1
    found = dict(pairs.terms)
    for name in seldom:
        gone = draw.random(files) < dropout
        found[name] = np.where(gone[pairs.files], np.nan, found[name])
    places = [found[place] for place in PLACES_OF_WORDS if place in found]
    if WORDS in found and places:
        found[WORDS] = np.fmax.reduce(places)  # NaN only where all are
    return found


def _minimise(
    x: Floats,
    offset: Floats,
    most: Sequence[float],
    pairs: Pairs,
    ridge: float,
    intercept: bool = True,
) -> list[float]:
    """Intercept and slopes from 0 to ``most`` of a penalised, weighted logistic regression.

    With an intercept the first column is that of pixels, which is not penalised.
    """
    share = pairs.weights / pairs.weights.sum()
    fit = Regression(x, pairs.right, share, ridge, 2 if intercept else 1, offset)
    free = None if intercept else 0.0
    least = [1e-3 if intercept else 0.0, *[0.0] * (x.shape[1] - 1)]
    bounds = [(free, free), *zip(least, most, strict=True)]
    start = [0.0, *(min(0.1, limit) for limit in most)]
    if intercept:
        start[1] = 1.0
    return [float(value) for value in fit.fit(start, bounds)]
