"""Fits the calibrator, and where the judged images have pages the combiner, from judged pairs.

A pair is an image and a node that could be shown for it: one of the most probable items, or above
one. The pairs of an image share its weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.calibrate import Calibrator, fit_calibrator
from depicts_model.linker.combine import LEAST, TERMS, Combiner, Pairs, Told, fit_combiner
from depicts_model.linker.head import Evidence, Head
from depicts_model.linker.judged import Answers, Judged
from depicts_model.linker.select import Selector

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
STARTS: Final = 5
"""Pairs come from this many of the most probable items and their ancestors."""


def fit_head(
    raw: Head, selector: Selector, judged: Judged, answers: Answers, features: Sequence[str]
) -> Head:
    """``raw`` with a calibrator by these features, and with a combiner where there are pages.

    Raises ValueError where no pair is right, or none is wrong.
    """
    head = replace(raw, calibrator=_calibrator(raw, selector, judged, answers, features))
    if judged.pages is None:
        return head
    return replace(head, combiner=_combiner(head, selector, judged, answers))


def _calibrator(
    head: Head, selector: Selector, judged: Judged, answers: Answers, features: Sequence[str]
) -> Calibrator:
    mass, right, weight = [], [], []
    found: dict[str, list[float]] = {name: [] for name in features}
    each = zip(head.read(judged.vectors), judged.truths, judged.weights.tolist(), strict=True)
    for evidence, truth, share in each:
        nodes = _nodes(evidence, selector)
        mass += evidence.mass[nodes].tolist()
        right += _right(nodes, answers.nodes(truth))
        weight += [share / max(len(nodes), 1)] * len(nodes)
        for name, values in found.items():
            each_node = np.broadcast_to(evidence.features[name], evidence.mass.shape)
            values += each_node[nodes].tolist()
    arrays = {name: np.array(values) for name, values in found.items()}
    return fit_calibrator(np.array(mass), arrays, np.array(right, bool), np.array(weight))


def _combiner(head: Head, selector: Selector, judged: Judged, answers: Answers) -> Combiner:
    """Of the pairs whose pixels are heard at all."""
    pixels, right, weight, files = [], [], [], []
    terms: dict[str, list[float]] = {name: [] for name in TERMS}
    each = zip(
        head.read(judged.vectors, judged.pages), judged.truths, judged.weights.tolist(), strict=True
    )
    for file, (evidence, truth, share) in enumerate(each):
        nodes = [n for n in _nodes(evidence, selector) if evidence.pixels[n] >= LEAST]
        pixels += evidence.pixels[nodes].tolist()
        right += _right(nodes, answers.nodes(truth))
        weight += [share / max(len(nodes), 1)] * len(nodes)
        files += [file] * len(nodes)
        for name, values in terms.items():
            values += _told(evidence.page.terms.get(name), nodes)
    arrays = {name: np.array(values) for name, values in terms.items()}
    there = {name: values for name, values in arrays.items() if not np.isnan(values).all()}
    return fit_combiner(
        Pairs(
            np.array(pixels),
            there,
            np.array(right, bool),
            np.array(files, np.intp),
            np.array(weight),
        )
    )


def _told(told: Told | None, nodes: Sequence[int]) -> list[float]:
    """The values of a term for some nodes, NaN where it is missing."""
    return [np.nan if told is None else told.of(node) for node in nodes]


def _nodes(evidence: Evidence, selector: Selector) -> list[int]:
    """Nodes that could be shown: the most probable items' and their ancestors'."""
    top = evidence.ranked[:STARTS]
    starts = {int(n) for n in selector.hierarchy.node_of_item[top]}
    kin = starts.union(*(selector.hierarchy.ancestors(n).tolist() for n in starts))
    return [node for node in sorted(kin) if selector.masks.open[node]]


def _right(nodes: Sequence[int], true: frozenset[int]) -> list[bool]:
    return [node in true for node in nodes]
