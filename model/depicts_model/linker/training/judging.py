"""The photos that judge a model, and the few of those learnt from that its scores look back to."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.fit_scores import Terms
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged, open_world
from depicts_model.linker.looks import looks
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.lot import Lot
from depicts_model.linker.training.photos import TRAIN, read_photo
from depicts_model.linker.training.textures import as_files, textures
from depicts_model.types import Qid

TEXTURES = 0.1
"""Textures beside the photos that judge, as a share of them."""
SAMPLE = 5
"""Photos of each kind for hubness and prototypes."""


def judged_photos(
    encoder: Encoder,
    archive: zipfile.ZipFile,
    lot: Lot,
    items: ItemTable,
    role: int,
    knobs: Knobs,
) -> Judged:
    """The photos of a role whose labels are sure, and textures that show nothing.

    They are weighted as an open world: every learnt kind counts the same, the photos of kinds
    that are not learnt together as much as those that are.
    """
    photos = lot.photos
    rows = [row for row in photos.rows(role) if photos.listed[row].confidence != "low"]
    truths = [lot.kinds.truths[row] for row in rows]
    made = list(_textures(photos.pixels[rows], round(TEXTURES * len(rows)), role, knobs))
    images = [*(read_photo(archive, photos.listed[row].file) for row in rows), *made]
    known = {qid for qid, learnt in zip(items.qids, items.known, strict=True) if learnt}
    weights = open_world([frozenset(truth & known) for truth in truths], len(made))
    vectors = encode_all(encoder, images, [photos.listed[row].file for row in rows])
    return Judged(vectors, (*truths, *[frozenset[Qid]()] * len(made)), weights)


def seen_terms(
    encoder: Encoder,
    archive: zipfile.ZipFile,
    lot: Lot,
    items: ItemTable,
    people: Collection[Qid],
    knobs: Knobs,
) -> list[Terms]:
    """What a few photos of each kind tell of its looks (`looks.looks`): to be tried in turn.

    The photos are of those that are learnt from, so that none of them judges.
    """
    rows = _few(lot, knobs)
    names = [lot.photos.listed[row].file for row in rows]
    vectors = encode_all(encoder, [read_photo(archive, name) for name in names], names)
    return looks(items, vectors, [lot.kinds.truths[row] for row in rows], people)


def _few(lot: Lot, knobs: Knobs) -> list[int]:
    """`SAMPLE` photos of each kind that is learnt, drawn at random."""
    draw = np.random.default_rng((knobs.seed, SAMPLE))
    taken: Counter[Qid] = Counter()
    rows: list[int] = []
    for row in draw.permutation(lot.photos.rows(TRAIN)).tolist():
        truth = lot.kinds.truths[row]
        if any(taken[qid] < SAMPLE for qid in truth):
            taken.update(truth)
            rows.append(row)
    return sorted(rows)


def encode_all(
    encoder: Encoder, images: Sequence[bytes], names: Sequence[str]
) -> NDArray[np.float32]:
    """Unit vectors (n, d); ArtefactError names a photo that cannot be read."""
    vectors, errors = encoder.encode(images)
    for row, error in errors.items():
        raise ArtefactError(f"{names[row]}: {error}")
    return vectors


def _textures(pixels: NDArray[np.uint8], count: int, seed: int, knobs: Knobs) -> Iterable[bytes]:
    draw = np.random.default_rng((knobs.seed, seed))
    some = torch.from_numpy(pixels[draw.integers(len(pixels), size=256)])
    return as_files(textures(some.permute(0, 3, 1, 2).float() / 255, count, draw))
