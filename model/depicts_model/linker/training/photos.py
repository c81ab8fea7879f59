"""The photographs: listed, decoded, hashed, and split so that no near-duplicate straddles."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from depicts_model.errors import ArtefactError
from depicts_model.linker.training.knobs import Knobs

TRAIN, CALIBRATION, THRESHOLDS, TEST, LEFT_OUT = range(5)
ROLES = ("train", "calibration", "thresholds", "test", "left out")


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: a file, the items it shows (alternatives), its set, its certainty."""

    file: str
    items: tuple[str, ...]
    label: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Photos:
    """All photos in memory. ``pixels``: (n, side, side, 3) uint8; ``hashes``: (n,) uint64."""

    listed: tuple[Listed, ...]
    pixels: NDArray[np.uint8]
    hashes: NDArray[np.uint64]
    roles: NDArray[np.uint8]

    def rows(self, role: int) -> NDArray[np.intp]:
        """Row numbers of the photos with this role."""
        return np.flatnonzero(self.roles == role)


def read_list(path: Path) -> tuple[Listed, ...]:
    """The rows of a photo list with the columns file, items, label, set, confidence."""
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            return tuple(_listed(row) for row in csv.DictReader(lines))
    except OSError as error:
        raise ArtefactError(f"{path}: {error.strerror}") from None
    except KeyError as error:
        raise ArtefactError(f"{path}: no column {error}") from None


def _listed(row: dict[str, str]) -> Listed:
    items = tuple(row["items"].split("|"))
    return Listed(row["file"], items, row["label"], row["set"], row["confidence"])


def _decode(data: bytes, side: int) -> tuple[NDArray[np.uint8], int]:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    bits = imagehash.phash(image).hash.flatten()
    small = image.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(small), int(np.packbits(bits).view(">u8")[0])


def perceptual_hash(image: Image.Image) -> int:
    """The 64-bit DCT hash (Zauner 2010) of an image, as an unsigned integer."""
    return int(np.packbits(imagehash.phash(image).hash.flatten()).view(">u8")[0])


def load(zip_path: Path, list_path: Path, cache: Path, knobs: Knobs) -> Photos:
    """Decode every listed photo of the zip; kept in ``cache`` for the next start."""
    listed = read_list(list_path)
    kept = cache / f"photos-{knobs.stored_side}.npz"
    if not kept.exists():
        _keep(kept, zip_path, listed, knobs.stored_side)
    with np.load(kept) as arrays:
        pixels, hashes = arrays["pixels"], arrays["hashes"]
    return Photos(listed, pixels, hashes, np.zeros(len(listed), np.uint8))


def _keep(kept: Path, zip_path: Path, listed: Sequence[Listed], side: int) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.empty((len(listed), side, side, 3), np.uint8)
    hashes = np.empty(len(listed), np.uint64)
    with zipfile.ZipFile(zip_path) as archive, ThreadPoolExecutor(2) as pool:
        read = (archive.read(photo.file) for photo in listed)
        decoded = pool.map(lambda data: _decode(data, side), read)
        for row, (image, code) in enumerate(tqdm(decoded, "photos", len(listed), smoothing=0)):
            pixels[row], hashes[row] = image, code
    unfinished = kept.with_suffix(".part.npz")
    np.savez(unfinished, pixels=pixels, hashes=hashes)
    unfinished.rename(kept)


def near(
    left: NDArray[np.uint64], right: NDArray[np.uint64], bits: int
) -> Iterable[tuple[int, NDArray[np.intp]]]:
    """For each row of ``left``: the rows of ``right`` within ``bits`` bits (Hamming)."""
    for start in range(0, len(left), 512):
        block = left[start : start + 512, None] ^ right[None, :]
        close = np.bitwise_count(block) <= bits
        for offset in np.flatnonzero(close.any(axis=1)):
            yield start + int(offset), np.flatnonzero(close[offset])


def split(photos: Photos, test_set: str, excluded: NDArray[np.uint64], knobs: Knobs) -> Photos:
    """Give each photo a role; clusters of near-duplicates stay together.

    ``test_set`` and everything near to it, and everything near to an ``excluded`` hash, takes
    part in nothing but the test.
    """
    roles = np.full(len(photos.listed), TRAIN, np.uint8)
    is_test = np.array([photo.source == test_set for photo in photos.listed], dtype=bool)
    forbidden = np.concatenate([photos.hashes[is_test], excluded])
    for _, rows in near(forbidden, photos.hashes, knobs.duplicate_bits):
        roles[rows] = LEFT_OUT
    roles[is_test] = TEST
    free = np.flatnonzero(roles == TRAIN)
    lots = np.random.default_rng(knobs.seed).random(len(free))
    clusters = _clusters(photos.hashes[free], knobs.duplicate_bits)
    share = knobs.calibration_share
    roles[free[lots[clusters] < share]] = CALIBRATION
    roles[free[lots[clusters] < share / 2]] = THRESHOLDS
    return Photos(photos.listed, photos.pixels, photos.hashes, roles)


def _clusters(hashes: NDArray[np.uint64], bits: int) -> NDArray[np.intp]:
    """For each row its cluster's lowest row: connected components of the near-duplicates."""
    parent = np.arange(len(hashes))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = int(parent[row])
        return row

    for row, others in near(hashes, hashes, bits):
        for other in others:
            a, b = root(row), root(int(other))
            parent[max(a, b)] = min(a, b)
    return np.array([root(row) for row in range(len(hashes))])
