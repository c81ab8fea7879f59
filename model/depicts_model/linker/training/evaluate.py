"""``depicts-model evaluate``: a served model against a set of photos."""

from __future__ import annotations

from pathlib import Path

from tqdm import tqdm

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.link import shipped
from depicts_model.linker.training.judging import encode_all
from depicts_model.linker.training.photos import opened, read_list, read_photo
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
    names = [photo.file for photo in rows]
    with opened(photos) as archive:
        images = [read_photo(archive, name) for name in tqdm(names, "reading", leave=False)]
    return accuracy(encode_all(encoder, images, names), kinds.truths, loaded.items)
