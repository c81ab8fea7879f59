"""What images that were learnt from tell of items' looks: terms of a score, to be tried in turn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
from scipy import sparse

from depicts_model.linker.fit_scores import Terms
from depicts_model.linker.items import ItemTable
from depicts_model.linker.learnt import Lesson, learn
from depicts_model.linker.score import Vectors, hubness, prototypes, unit, whitening
from depicts_model.types import Qid

HUB_IMAGES: Final = 2_000
"""Images that hubness is measured on: it asks for a sample of what comes, not for all of it."""


def looks(
    items: ItemTable, images: Vectors, truths: Sequence[Collection[Qid]], people: Collection[Qid]
) -> list[Terms]:
    """Hubness; prototypes; prototypes whitened; those after they learnt to tell items apart.

    ``images`` (m, d), ``truths``: the items that each shows. None of ``people`` gets a prototype:
    nobody is told by their looks. Where no item has two images, nothing can be whitened.
    """
    row_of = {qid: row for row, qid in enumerate(items.qids) if qid not in people}
    shown = [sorted(row_of[q] for q in truth if q in row_of) for truth in truths]
    found: list[Terms] = [
        {"hub": hubness(items.vectors, _sample(images))},
        {"prototypes": prototypes(items.vectors, images, shown)},
    ]
    try:
        white = whitening(images, shown)
    except ValueError:
        return found
    seen, own = images @ white, prototypes(items.vectors @ white, images @ white, shown)
    found.append({"prototypes": own, "whitening": white})
    taught = _taught(own, unit(seen), shown, items.log_prior)
    return [*found, {"prototypes": taught, "whitening": white}]


def _sample(images: Vectors) -> Vectors:
    """At most `HUB_IMAGES` of them, drawn at random, the same in every run."""
    if len(images) <= HUB_IMAGES:
        return images
    rows = np.random.default_rng(HUB_IMAGES).choice(len(images), HUB_IMAGES, replace=False)
    found: Vectors = images[np.sort(rows)]
    return found


def _taught(
    own: Vectors, seen: Vectors, shown: Sequence[Sequence[int]], log_prior: Vectors
) -> Vectors:
    """The prototypes (N, d) after their course; an item without one stays without."""
    there = np.flatnonzero(own.any(axis=1))
    taking = [at for at, rows in enumerate(shown) if rows]
    shares = _shares([shown[at] for at in taking], there)
    result = own.copy()
    prior = log_prior[there].astype(np.float64)
    result[there] = learn(own[there], seen[taking], shares, prior, Lesson())
    return result


def _shares(shown: Sequence[Sequence[int]], there: Any) -> Any:
    """(m, C) CSR: an image's items share it evenly."""
    column = np.full(int(there.max()) + 1, -1)
    column[there] = np.arange(len(there))
    rows = np.repeat(np.arange(len(shown)), [len(some) for some in shown])
    columns = column[[row for some in shown for row in some]]
    values = np.array([1 / len(some) for some in shown for _ in some])
    return sparse.csr_array((values, (rows, columns)), shape=(len(shown), len(there)))
