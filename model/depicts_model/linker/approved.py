"""Images whose items people approved: what is near one of them is likely to show the same.

    K_e = Σ over the nearest approved images that show e of exp(-β (1 - z·z_i))

A cache model after Tip-Adapter (Zhang et al. 2022, arXiv 2111.03930, eq. 6), kept to the nearest
images: an approval counts at once, before any training. It counts for the score alone: an item
that too few calibration photos showed has no support, and is not shown whatever its votes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.types import Qid

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]
NEAREST: Final = 32
"""Images that vote."""
SHARPNESS: Final = 5.5
"""β; the paper's own."""
EXACT: Final = 200_000
"""Up to as many images every one is compared; above, those in the nearest cells."""
PROBES: Final = 16
"""Cells looked into of those that a large cache is cut into."""


@dataclass(frozen=True, slots=True, eq=False)
class Approved:
    """M images with their items, ready to be searched."""

    index: Any
    """A faiss index over M unit vectors, by inner product."""
    shown: tuple[tuple[int, ...], ...]
    """For each image the rows of the items that it shows."""
    items: int
    """N, the model's items."""

    @classmethod
    def of(
        cls,
        images: Vectors,
        shown: Sequence[Sequence[Qid]],
        rows: Mapping[Qid, int],
        people: Collection[Qid] = (),
    ) -> Approved | None:
        """The cache of ``images`` (M, d), each showing items; None where none is left.

        ``rows``: the model's items. An item that the model does not know is passed over, and so
        is an image that shows no other. So are ``people``: a face that is like another says
        nothing that we may say.
        """
        heard = rows.keys() - {*people}
        known = [tuple(sorted({rows[q] for q in some if q in heard})) for some in shown]
        kept = [at for at, some in enumerate(known) if some]
        if not kept:
            return None
        unit = images[kept] / np.linalg.norm(images[kept], axis=1, keepdims=True)
        return cls(_index(unit.astype(np.float32)), tuple(known[at] for at in kept), len(rows))

    def votes(self, images: Vectors) -> Floats:
        """Votes (n, N) for each item by the images nearest to each of ``images`` (n, d)."""
        unit = images / np.maximum(np.linalg.norm(images, axis=1, keepdims=True), 1e-12)
        cosines, near = self.index.search(np.ascontiguousarray(unit), min(NEAREST, len(self.shown)))
        result = np.zeros((len(images), self.items))
        for image, (row_of_cosines, row) in enumerate(zip(cosines, near, strict=True)):
            for cosine, at in zip(row_of_cosines.tolist(), row.tolist(), strict=True):
                if at >= 0:  # faiss pads with -1 where the cells hold too few
                    result[image, list(self.shown[at])] += np.exp(-SHARPNESS * (1 - cosine))
        return result


def _index(unit: Vectors) -> Any:
    import faiss

    size, dim = unit.shape
    cells = round(4 * size**0.5)  # faiss's own guideline
    kind = "Flat" if size <= EXACT else f"IVF{cells},Flat"
    index: Any = faiss.index_factory(dim, kind, faiss.METRIC_INNER_PRODUCT)
    if size > EXACT:
        index.train(unit)
        index.nprobe = min(PROBES, cells)
    index.add(unit)
    return index
