"""The photographs: listed, decoded, hashed, and split so that no near-duplicate straddles."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from depicts_model.dataset.duplicates import clusters as clusters_of
from depicts_model.dataset.duplicates import near, perceptual_hash
from depicts_model.errors import ArtefactError
from depicts_model.linker.training.knobs import Knobs
from depicts_model.types import Qid, parse_qid

TRAIN, STRANGERS, WEIGHTS, TERMS, CALIBRATION, THRESHOLDS, REPORT, TEST, LEFT_OUT = range(9)
ROLES = (
    *("train", "strangers", "weights", "terms", "calibration", "thresholds", "report"),
    *("test", "left out"),
)
"""Weights and terms fit the score; calibration and thresholds, which chose nothing of it, what is
shown; the report is of photos that chose nothing at all."""
JUDGING = (WEIGHTS, TERMS, CALIBRATION, THRESHOLDS, REPORT)
COLUMNS = ("file", "items", "label", "set", "confidence")


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: a file, the items it shows (alternatives), its set, its certainty."""

    file: str
    items: tuple[Qid, ...]
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
    digest: str = ""
    """Of the list and the zip's contents."""

    def rows(self, role: int) -> NDArray[np.intp]:
        """Row numbers of the photos with this role."""
        return np.flatnonzero(self.roles == role)


def read_list(path: Path) -> tuple[Listed, ...]:
    """The rows of a photo list with the columns file, items, label, set, confidence.

    Raises ArtefactError naming the file and the line.
    """
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            return tuple(_listed(path, at, row) for at, row in enumerate(csv.DictReader(lines), 2))
    except OSError as error:
        raise ArtefactError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ArtefactError(f"{path}: not UTF-8: {error.reason}") from None


def _listed(path: Path, line: int, row: Mapping[str, str | None]) -> Listed:
    values = [row.get(column) for column in COLUMNS]
    for column, value in zip(COLUMNS, values, strict=True):
        if value is None:
            raise ArtefactError(f"{path}, line {line}: no {column!r}")
    file, items, label, source, confidence = (value or "" for value in values)
    try:
        return Listed(file, tuple(map(parse_qid, items.split("|"))), label, source, confidence)
    except ValueError as error:
        raise ArtefactError(f"{path}, line {line}: {error}") from None


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip of the photos; ArtefactError names it where it is none, or lacks a file."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except OSError as error:
        raise ArtefactError(f"{error.filename or path}: {error.strerror or error}") from None
    except zipfile.BadZipFile as error:
        raise ArtefactError(f"{path}: not a sound zip: {error}") from None


def read_photo(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one photo; ArtefactError names a photo that is listed but not there."""
    try:
        return archive.read(name)
    except KeyError:
        raise ArtefactError(f"{archive.filename}: no {name} in it, though it is listed") from None


def _decode(named: tuple[str, bytes], side: int) -> tuple[NDArray[np.uint8], int]:
    name, data = named
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, SyntaxError) as error:
        raise ArtefactError(f"{name}: cannot be read as an image: {error}") from None
    small = image.resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(small), perceptual_hash(image)


def digest_of(zip_path: Path, listed: Sequence[Listed]) -> str:
    """What the photos are: the list, and name, size and checksum of every file in the zip."""
    with opened(zip_path) as archive:
        index = [(info.filename, info.file_size, info.CRC) for info in archive.infolist()]
    return hashlib.sha256(repr((index, list(listed))).encode()).hexdigest()


def load(zip_path: Path, list_path: Path, cache: Path, knobs: Knobs) -> Photos:
    """Decode every listed photo of the zip; kept in ``cache`` for the next start."""
    listed = read_list(list_path)
    digest = digest_of(zip_path, listed)
    kept = cache / f"photos-{knobs.stored_side}-{digest[:16]}.npz"
    if not kept.exists():
        _keep(kept, zip_path, listed, knobs.stored_side)
    with np.load(kept) as arrays:
        pixels, hashes = arrays["pixels"], arrays["hashes"]
    return Photos(listed, pixels, hashes, np.zeros(len(listed), np.uint8), digest)


def _keep(kept: Path, zip_path: Path, listed: Sequence[Listed], side: int) -> None:
    pixels = np.empty((len(listed), side, side, 3), np.uint8)
    hashes = np.empty(len(listed), np.uint64)
    with opened(zip_path) as archive, ThreadPoolExecutor(2) as pool:
        read = ((photo.file, read_photo(archive, photo.file)) for photo in listed)
        decoded = pool.map(lambda named: _decode(named, side), read)
        for row, (image, code) in enumerate(tqdm(decoded, "photos", len(listed), smoothing=0)):
            pixels[row], hashes[row] = image, code
    unfinished = kept.with_suffix(".part.npz")
    np.savez(unfinished, pixels=pixels, hashes=hashes)
    unfinished.replace(kept)


def split(photos: Photos, test_set: str, excluded: NDArray[np.uint64], knobs: Knobs) -> Photos:
    """Give each photo a role; near-duplicates have one role, or are left out.

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
    clusters = clusters_of(photos.hashes[free], knobs.duplicate_bits)
    groups = _groups([photos.listed[row] for row in free], knobs)
    lots = np.random.default_rng(knobs.seed).random(len(free))[clusters]
    roles[free] = _roles(groups, lots, knobs)
    roles[free[_mixed(groups, clusters)]] = LEFT_OUT
    return replace(photos, roles=roles)


LEARNT, STRANGE_IN_TRAINING, STRANGE_IN_JUDGING = range(3)


def _groups(listed: Sequence[Listed], knobs: Knobs) -> NDArray[np.uint8]:
    """Whether each photo's kind is learnt; if not, on which side it is strange (by its number)."""
    counts = Counter(item for photo in listed for item in photo.items)
    groups = np.zeros(len(listed), np.uint8)
    for row, photo in enumerate(listed):
        if max(counts[item] for item in photo.items) < knobs.min_photos:
            groups[row] = 1 + int(min(photo.items)[1:]) % 2
    return groups


def _roles(groups: NDArray[np.uint8], lots: NDArray[np.float64], knobs: Knobs) -> NDArray[np.uint8]:
    share = knobs.judging_share
    shares = np.where(groups == STRANGE_IN_JUDGING, 1.0, share)
    parts = [lots < shares * part / 16 for part in (4, 9, 14, 15)]
    judging = np.select(parts, [REPORT, THRESHOLDS, CALIBRATION, WEIGHTS], TERMS)
    roles = np.where(lots < shares, judging, TRAIN)
    return np.where(groups == STRANGE_IN_TRAINING, STRANGERS, roles).astype(np.uint8)


def _mixed(groups: NDArray[np.uint8], clusters: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Photos of kinds that are not learnt, where a near-duplicate belongs to another group."""
    groups_of: dict[int, set[int]] = {}
    for group, cluster in zip(groups.tolist(), clusters.tolist(), strict=True):
        groups_of.setdefault(cluster, set()).add(group)
    several = np.array([len(groups_of[cluster]) > 1 for cluster in clusters.tolist()], dtype=bool)
    strange: NDArray[np.bool_] = several & (groups != LEARNT)
    return strange
