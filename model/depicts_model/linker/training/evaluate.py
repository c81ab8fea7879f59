"""``depicts-model evaluate``: a served model against a set of photos."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tqdm import tqdm

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.link import shipped
from depicts_model.linker.training.photos import read_list
from depicts_model.linker.training.run import accuracy
from depicts_model.linker.training.vocabulary import kinds_of


def evaluate_set(
    photos: Path, listed: Path, name: str, model: Path | None, catalog: Catalog
) -> dict[str, float]:
    """Top-1 and top-10 among the kinds of the set; ArtefactError where there are no such photos."""
    folder = model or shipped()
    loaded = artefacts.load(folder, catalog)
    encoder = Encoder.load(folder, loaded.items.projection)
    rows = tuple(photo for photo in read_list(listed) if photo.source == name)
    if not rows:
        raise ArtefactError(f"{listed}: no photos of the set {name!r}")
    kinds = kinds_of(rows, catalog)
    try:
        with zipfile.ZipFile(photos) as archive:
            images = [archive.read(photo.file) for photo in tqdm(rows, "reading", leave=False)]
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ArtefactError(f"{photos}: {error}") from None
    vectors, _ = encoder.encode(images)
    return accuracy(vectors, kinds.truths, loaded.items)
