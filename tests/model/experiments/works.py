"""A small synthetic work: kinds as blobs around their text vectors, some of them unseen."""

from __future__ import annotations

import numpy as np

from depicts_model.linker.experiments.whitening import Spread
from depicts_model.linker.experiments.work import Part, Truth, Vectors, Work
from depicts_model.types import Qid


def unit(vectors: np.ndarray) -> Vectors:
    """Rows brought to length 1."""
    result: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return result


def small_work(
    seed: int = 0, kinds: int = 12, unseen: int = 8, dim: int = 16, noise: float = 0.25
) -> Work:
    """``kinds`` with 2 to 25 training images, ``unseen`` candidates without; rows 0 and 1 are
    alternatives on half of the images of row 0.
    """
    draw = np.random.default_rng(seed)
    count = kinds + unseen
    centres = unit(draw.normal(size=(count, dim)))
    texts = unit(centres + 0.6 * unit(draw.normal(size=(count, dim))))
    uses = np.maximum(2, (25 / np.arange(1, kinds + 1) ** 0.83).astype(int))

    def part(name: str, share: float) -> Part:
        rows = np.repeat(np.arange(kinds), np.maximum(1, (uses * share).astype(int)))
        raw = centres[rows] + noise * draw.normal(size=(len(rows), dim))
        truths: list[Truth] = [
            (frozenset({0, 1}),) if row == 0 and at % 2 else (frozenset({int(row)}),)
            for at, row in enumerate(rows)
        ]
        files = tuple(f"{name}/{at}.jpg" for at in range(len(rows)))
        return Part(unit(raw), raw.astype(np.float32), tuple(truths), files)

    return Work(
        setting="small",
        seed=seed,
        items=tuple(Qid(f"Q{at + 1}") for at in range(count)),
        labels=tuple(f"kind {at}" for at in range(count)),
        descriptions=tuple("of a test" for _ in range(count)),
        texts=texts,
        parents=tuple((kinds,) if at < 3 else () for at in range(count)),
        train=part("train", 1.0),
        val=part("val", 0.5),
        test=part("test", 0.7),
        spread=Spread(np.diag(noise**2 * np.linspace(0.5, 1.5, dim)).astype(np.float32), 100),
    )
