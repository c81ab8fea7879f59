"""What a fit learns from and is judged by, read and made ready."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from depicts_model.catalog import Catalog
from depicts_model.dataset.duplicates import perceptual_hash
from depicts_model.errors import ArtefactError
from depicts_model.linker.training import photos as photo_lists
from depicts_model.linker.training import teacher as teaching
from depicts_model.linker.training.batches import Lessons
from depicts_model.linker.training.fit import Vocabulary
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.photos import STRANGERS, TRAIN, WEIGHTS, Photos
from depicts_model.linker.training.teacher import MobileNet, Silent
from depicts_model.linker.training.vocabulary import (
    Kinds,
    kinds_of,
    learnt,
    names_in,
    vocabulary,
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where everything is; a teacher comes with its class names, or not at all.

    ``exclude``: images whose near-duplicates are left out.
    """

    photos: Path
    listed: Path
    teacher: Path | None = None
    class_names: Path | None = None
    exclude: tuple[Path, ...] = ()
    test_set: str = "tiny/val"


@dataclass(frozen=True, slots=True)
class Lot:
    """All that is learnt from and judged by, made ready. ``digest`` names what is learnt from."""

    photos: Photos
    kinds: Kinds
    lessons: Lessons
    words: Vocabulary
    digest: str


def prepare(sources: Sources, catalog: Catalog, work: Path, knobs: Knobs) -> Lot:
    """Photos, split; what they are called; what the teacher says of those that are learnt."""
    # first, for a wrong path is told at once: reading and naming the photos takes minutes
    names = names_in(sources.class_names) if sources.class_names else []
    teacher = MobileNet(sources.teacher) if sources.teacher else Silent()
    excluded = [perceptual_hash(_opened(path)) for path in sources.exclude]
    loaded = photo_lists.load(sources.photos, sources.listed, work, knobs)
    photos = photo_lists.split(loaded, sources.test_set, np.array(excluded, np.uint64), knobs)
    rows, strangers = photos.rows(TRAIN), photos.rows(STRANGERS)
    kinds = kinds_of(photos.listed, catalog)
    known = learnt(kinds, rows)
    words = vocabulary(known, rows, names)
    who = teaching.digest_of(sources.teacher, knobs)
    asked = work / f"teacher-{photos.digest[:8]}-{who[:8]}"
    answers = teaching.ask(teacher, photos.pixels, photos.roles == TRAIN, asked, knobs)
    lessons = Lessons(photos.pixels, known.targets, answers, rows, strangers)
    # words, not their vectors: another machine's last bits would make them other words
    # who judges is nothing that is learnt from: it may be drawn anew for the same training
    learning = np.minimum(photos.roles, WEIGHTS)
    parts = (photos.digest, who, learning.tobytes(), known.labels, tuple(names))
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return Lot(photos, kinds, lessons, words, digest)


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path).convert("RGB")
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be read as an image: {error}") from None
