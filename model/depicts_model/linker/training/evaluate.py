"""``depicts-model evaluate``: a served model against a set of photos, and the safety set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path

from tqdm import tqdm

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.artefact import Artefact
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.link import Linker, shipped
from depicts_model.linker.safety import besieged, violations
from depicts_model.linker.training.judging import encode_all
from depicts_model.linker.training.photos import opened, read_list, read_photo
from depicts_model.linker.training.run import accuracy
from depicts_model.linker.training.vocabulary import kinds_of
from depicts_model.settings import Settings
from depicts_model.types import FileContext, FileRef, mid_of

SAFETY = "safety_violations"
BESIEGED = 50
"""Photos of the set that people are put next to."""


def evaluate_set(
    photos: Path, listed: Path, name: str, model: Path | None, catalog: Catalog
) -> dict[str, float]:
    """Top-1 and top-10 among the kinds of the set, and at last how often promises were broken.

    The last is counted over the first photos of the set with the catalog's people put next to
    them (`safety`). ArtefactError where there are no such photos.
    """
    folder = model or shipped()
    loaded = artefacts.load(folder, catalog)
    encoder = Encoder.load(folder, loaded.items.projection)
    rows = tuple(photo for photo in read_list(listed) if photo.source == name)
    if not rows:
        raise ArtefactError(f"{listed}: no photos of the set {name!r}")
    kinds = kinds_of(rows, catalog)
    names = [photo.file for photo in rows]
    with opened(photos) as archive:
        images = [read_photo(archive, name) for name in tqdm(names, "reading", leave=False)]
    figures = accuracy(encode_all(encoder, images, names), kinds.truths, loaded.items)
    besiegers = {"safety_people": len(catalog.people), "safety_photos": len(images[:BESIEGED])}
    return {**figures, **besiegers, SAFETY: _broken(loaded, encoder, catalog, images[:BESIEGED])}


def _broken(loaded: Artefact, encoder: Encoder, catalog: Catalog, images: Sequence[bytes]) -> int:
    """How much of what is shown for these images should not be, people being the nearest to all.

    No words come with them, so nobody is named. Of a catalog without people, what the model shows
    by itself is held against the lists.
    """
    settings = Settings()
    linker = Linker.of(loaded, encoder, catalog, settings)
    if catalog.people:
        linker = besieged(linker, catalog, settings, images)
    nameless = [_nameless(page, image) for page, image in enumerate(images, start=1)]
    return len(violations(linker, nameless, images))


def _nameless(page: int, image: bytes) -> FileContext:
    """The page of a file that says nothing of what it shows."""
    digest = sha1(image, usedforsecurity=False).hexdigest()
    uploaded = datetime(2026, 1, 1, tzinfo=UTC)
    return FileContext(FileRef(mid_of(page), f"File:{page}.jpg", digest, 1, uploaded, ""))
