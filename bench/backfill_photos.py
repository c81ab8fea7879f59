"""Photos for ``bench-backfill``, and the lists that name them.

Distinct JPEGs of 500 × 375: cuts of large scenes of noise with the spectrum of natural ones, laid
over each other, in colours of their own. A photo follows from its number and the seed alone, so
that what a shorter run has made serves a longer one. To make each scene anew, as `linking.photo`
does, would take a quarter of an hour for twenty thousand.
"""

from __future__ import annotations

import hashlib
import io
import math
import multiprocessing
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from PIL import Image

SEED: Final = 9
SIZE: Final = (500, 375)
QUALITY: Final = 85
SCENE: Final = 1536
"""Pixels of a scene's side: its cuts number a million."""
SCENES: Final = 3
AT_ONCE: Final = 100
DAMAGES: Final = ("truncated", "html", "empty", "missing")
PAGE: Final = b"<!DOCTYPE html><title>Too many requests</title><p>Our servers are busy.\n"
_UPLOADED: Final = datetime(2026, 1, 1, tzinfo=UTC)


def photos(folder: Path, count: int) -> list[Path]:
    """The first ``count`` photos, of which those are made that are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:06}.jpg" for number in range(count)]
    missing = [path for path in paths if not path.exists()]
    parts = [missing[n : n + AT_ONCE] for n in range(0, len(missing), AT_ONCE)]
    cores, way = len(os.sched_getaffinity(0)), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=way) as pool:
        list(pool.map(_write, parts))
    return paths


def _write(paths: Iterable[Path]) -> None:
    for path in paths:
        # whole or not at all: it is kept for the next run
        work = path.with_suffix(f".{os.getpid()}")
        work.write_bytes(photo(int(path.stem)))
        work.replace(path)


def photo(number: int) -> bytes:
    """The photo of this number."""
    rng = np.random.default_rng((SEED, number))
    share = rng.uniform(0.2, 0.8)
    # both have one spread: so has what is laid over each other
    cuts = share * _cut(rng) + math.sqrt(1 - share**2) * _cut(rng)
    colours = rng.uniform(30, 60, 3).astype(np.float32)
    pixels = rng.uniform(90, 160, 3).astype(np.float32) + colours * cuts
    stream = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


def _cut(rng: np.random.Generator) -> NDArray[np.float32]:
    """(375, 500, 3), mean 0 and deviation 1 about; mirrored half the time."""
    scene = _scenes()[rng.integers(SCENES)]
    left, top = rng.integers(SCENE - SIZE[0]), rng.integers(SCENE - SIZE[1])
    cut = scene[top : top + SIZE[1], left : left + SIZE[0]]
    return cut[:, ::-1] if rng.random() < 0.5 else cut


@cache
def _scenes() -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(SEED)
    across, down = np.fft.rfftfreq(SCENE), np.fft.fftfreq(SCENE)
    # amplitudes fall as 1 / frequency
    fall = 1 / np.maximum(np.hypot(across, down[:, None]), 1 / SCENE)
    scenes = []
    for _ in range(SCENES):
        noise = np.fft.rfft2(rng.standard_normal((3, SCENE, SCENE)))
        scene = np.fft.irfft2(noise * fall, s=(SCENE, SCENE)).transpose(1, 2, 0)
        scenes.append((scene / scene.std()).astype(np.float32))
    return scenes


def write_list(path: Path, paths: Sequence[Path]) -> Path:
    """A list of these files, each a file of its own; what is missing counts as any other."""
    sums = [_sum(one) for one in paths]
    if len({*sums}) != len(sums):
        raise AssertionError("photos that are alike")
    rows = {
        "mid": [f"M{number}" for number in range(1, len(paths) + 1)],
        "sha1": sums,
        "path": [str(one) for one in paths],
        "title": [f"File:A view of the harbour {number}.jpg" for number in range(len(paths))],
        "revision": [*range(1, len(paths) + 1)],
        "uploaded": pa.array([_UPLOADED] * len(paths), pa.timestamp("us", "UTC")),
    }
    pq.write_table(pa.table(rows), path)
    return path


def _sum(path: Path) -> str:
    data = path.read_bytes() if path.exists() else b""
    # the damaged ones may be alike: their names are not
    return hashlib.sha1(data or path.name.encode(), usedforsecurity=False).hexdigest()


def damage(paths: Sequence[Path], folder: Path, share: float) -> tuple[list[Path], list[int]]:
    """The same photos, but ``share`` of them damaged in each way in turn; and which ones."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    numbers = sorted(rng.choice(len(paths), round(share * len(paths)), replace=False).tolist())
    damaged = list(paths)
    for turn, number in enumerate(numbers):
        damaged[number] = _damaged(paths[number], folder, DAMAGES[turn % len(DAMAGES)])
    return damaged, numbers


def _damaged(path: Path, folder: Path, how: str) -> Path:
    place = folder / f"{path.stem}-{how}.jpg"
    data = path.read_bytes()
    told = {"truncated": data[: len(data) // 2], "html": PAGE + path.name.encode(), "empty": b""}
    if how in told:
        place.write_bytes(told[how])
    return place
