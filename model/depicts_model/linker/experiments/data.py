"""Reads a folder of photos into works: photos.zip, photos.csv, items.csv, encoders/.

Features, words and hashes take minutes and are kept in a folder, by what they were made of.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from depicts_model.dataset.duplicates import clusters, perceptual_hash
from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments import settings as shapes
from depicts_model.linker.experiments.joint import Join, join
from depicts_model.linker.experiments.splits import (
    Items,
    check_parts,
    halves,
    parts,
)
from depicts_model.linker.experiments.towers import Towers
from depicts_model.linker.experiments.whitening import Spread, spread_of
from depicts_model.linker.experiments.work import Part, Truth, Work
from depicts_model.linker.experiments.world import World
from depicts_model.linker.score import unit
from depicts_model.linker.training import photos as lists

Vectors = NDArray[np.float32]
Rows = NDArray[np.intp]
ENCODER: Final = "encoders/mobilenet_v2_1.0_224_quant.tflite"
NEEDED: Final = ("photos.zip", "photos.csv", "items.csv", ENCODER)
"""What a folder of photos holds."""
UNSURE: Final = "low"
"""Photos of this confidence take no part."""
NEAR: Final = 6
"""Bits in which the perceptual hashes of near-duplicates may differ."""
CELL: Final = 112
"""Side of a photo in a mosaic, pixels; a place without a photo is grey."""
GREY: Final = (127, 127, 127)
BATCH: Final = 64
MOST: Final = 100
"""Photos of an item of E that tell of the spread within classes: common items do not outweigh."""
SPLIT: Final = 0
"""Seed of the split of photos in parts."""


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """All that the works are drawn from: n photos, N candidates."""

    archive: Path
    cache: Path
    towers: Towers
    world: World
    files: tuple[str, ...]
    sources: tuple[str, ...]
    shown: tuple[Truth, ...]
    raw: Vectors
    """(n, r)."""
    texts: Vectors
    """(N, d)."""
    clusters: Rows
    """(n,) near-duplicates share a number."""
    items: Items
    join: Join | None
    """None where the towers share a space."""
    telling: Rows
    """Numbers of the photos of E."""
    digest: str
    """Of photos, items and encoder."""

    @classmethod
    def read(cls, folder: Path, cache: Path, towers: Towers) -> Self:
        """Read ``folder``; what takes minutes is kept in ``cache``.

        Raises ArtefactError naming what is missing or damaged.
        """
        archive, world = folder / "photos.zip", World.read(folder / "items.csv")
        listed = lists.read_list(folder / "photos.csv")
        digest = _digest(lists.digest_of(archive, listed), folder / "items.csv", towers.name)
        cache.mkdir(parents=True, exist_ok=True)
        names = [photo.file for photo in listed]
        features = _kept(cache / f"photos-{digest}.npz", lambda: _look(archive, names, towers))
        words = [f"{a} {b}".strip() for a, b in zip(world.labels, world.descriptions, strict=True)]
        texts = _kept(cache / f"words-{digest}.npz", lambda: _words(words, towers))["texts"]
        kept = [at for at, photo in enumerate(listed) if _usable(photo, world)]
        shown = tuple(_truth(listed[at], world) for at in kept)
        named = [frozenset(world.items[row] for thing in truth for row in thing) for truth in shown]
        raw, items = features["raw"][kept], halves(named, world)
        telling = _telling(shown, items, world)
        return cls(
            archive=archive,
            cache=cache,
            towers=towers,
            world=world,
            files=tuple(listed[at].file for at in kept),
            sources=tuple(listed[at].source for at in kept),
            shown=shown,
            raw=raw,
            texts=texts,
            clusters=clusters(features["hashes"][kept], NEAR),
            items=items,
            join=None if towers.joined else _join(raw, shown, telling, texts),
            telling=telling,
            digest=digest,
        )

    def work(self, setting: shapes.Setting, seed: int) -> Work:
        """The work of one setting and seed; its photos show items of T alone."""
        here = np.array([at for at, truth in enumerate(self.shown) if self._works(truth)])
        near = self.clusters[here]
        # one split for all seeds: knobs are chosen on the first one's validation part
        roles = parts(near, [self.sources[at] for at in here], SPLIT)
        check_parts(near, roles)
        kinds = np.array([min(self.shown[at][0]) for at in here])
        drawn = [here[rows] for rows in _drawn(setting, kinds, roles, seed)]
        if setting == "multi":
            pasted = shapes.mosaics(drawn, seed)
            train, val, test = [
                self._mosaics(some, f"{seed}-{at}") for at, some in enumerate(pasted)
            ]
            # whole photos do not tell how mosaics of one item differ
            spread = None
        else:
            train, val, test = [self._part(rows) for rows in drawn]
            spread = self._spread()
        world = self.world
        texts = world.items, world.labels, world.descriptions, self.texts, world.parents()
        return Work(setting, seed, *texts, train, val, test, spread)

    def _works(self, truth: Truth) -> bool:
        rows = frozenset().union(*truth)
        return all(self.world.items[row] in self.items.working for row in rows)

    def _spread(self) -> Spread | None:
        """Within the items of E, by at most `MOST` photos of each."""
        kinds = np.array([min(self.shown[at][0]) for at in self.telling], dtype=np.intp)
        if not len(kinds):
            return None
        found, place, counts = np.unique(kinds, return_inverse=True, return_counts=True)
        order = np.argsort(place, kind="stable")
        nth = np.empty_like(order)
        nth[order] = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
        some = nth < MOST
        shares = np.eye(len(found), dtype=np.float32)[place[some]]
        return spread_of(self._joined(self.raw[self.telling[some]]), shares)

    def _joined(self, raw: Vectors) -> Vectors:
        return unit(raw) if self.join is None else self.join(raw)

    def _part(self, rows: Rows) -> Part:
        truths = tuple(self.shown[at] for at in rows)
        files = tuple(self.files[at] for at in rows)
        return Part(self._joined(self.raw[rows]), self.raw[rows], truths, files)

    def _mosaics(self, pasted: Sequence[tuple[int, ...]], name: str) -> Part:
        """Images pasted of photos (by number), named by their files with ``+`` between."""
        files = ["+".join(self.files[at] for at in some) for some in pasted]
        told = hashlib.sha256(repr(files).encode()).hexdigest()[:12]
        path = self.cache / f"mosaics-{name}-{told}-{self.digest}.npz"
        raw = _kept(path, lambda: _look(self.archive, files, self.towers))["raw"]
        truths = tuple(_union([self.shown[at] for at in some]) for some in pasted)
        return Part(self._joined(raw), raw, truths, tuple(files))


def folder_of(photos: Path, encoder: bool = True) -> Path:
    """The folder, if all that experiments need is in it; ArtefactError naming what is not.

    ``encoder``: whether the one beside the photos is needed.
    """
    for name in NEEDED if encoder else NEEDED[:-1]:
        if not (photos / name).is_file():
            raise ArtefactError(f"{photos / name}: no such file; experiments need the photos")
    return photos


def _drawn(
    setting: shapes.Setting, kinds: Rows, roles: NDArray[np.uint8], seed: int
) -> tuple[Rows, ...]:
    if setting == "balanced":
        return shapes.balanced(kinds, roles, seed)
    largest = shapes.LARGEST_OF_MULTI if setting == "multi" else shapes.LARGEST
    return shapes.vel_shaped(kinds, roles, seed, largest)


def _usable(photo: lists.Listed, world: World) -> bool:
    return photo.confidence != UNSURE and any(item in world.row for item in photo.items)


def _truth(photo: lists.Listed, world: World) -> Truth:
    return (frozenset(world.row[item] for item in photo.items if item in world.row),)


def _union(truths: Sequence[Truth]) -> Truth:
    """The things of several photos, each once; those that share an alternative are one."""
    things: list[frozenset[int]] = []
    for thing in (thing for truth in truths for thing in truth):
        same = [other for other in things if other & thing]
        things = [other for other in things if not other & thing]
        things.append(thing.union(*same))
    return tuple(things)


def _telling(shown: Sequence[Truth], items: Items, world: World) -> Rows:
    return np.flatnonzero([world.items[min(truth[0])] in items.joining for truth in shown])


def _join(raw: Vectors, shown: Sequence[Truth], telling: Rows, texts: Vectors) -> Join:
    first = np.array([min(shown[at][0]) for at in telling])
    return join(raw[telling], first, texts)


def _digest(photos: str, items: Path, towers: str) -> str:
    parts = (photos, hashlib.sha256(items.read_bytes()).hexdigest(), towers)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _words(words: Sequence[str], towers: Towers) -> dict[str, NDArray[Any]]:
    return {"texts": towers.texts(words)}


def _kept(path: Path, make: Callable[[], dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """The arrays at ``path``, made and put there whole where they are not."""
    if not path.exists():
        unfinished = path.with_suffix(".part.npz")
        arrays: dict[str, Any] = make()
        np.savez(unfinished, **arrays)
        unfinished.replace(path)
    with np.load(path) as arrays:
        return dict(arrays)


def _look(archive: Path, files: Sequence[str], towers: Towers) -> dict[str, NDArray[Any]]:
    """Features and perceptual hashes of photos, or of mosaics of those between ``+``."""
    raw, hashes = [], []
    with lists.opened(archive) as opened, ThreadPoolExecutor(2) as pool:
        read = ([(name, lists.read_photo(opened, name)) for name in f.split("+")] for f in files)
        images = iter(tqdm(pool.map(pasted, read), "images", len(files)))
        while some := list(islice(images, BATCH)):
            raw.append(towers.images(some))
            hashes += [perceptual_hash(image) for image in some]
    return {"raw": np.concatenate(raw), "hashes": np.array(hashes, np.uint64)}


def pasted(parts: Sequence[tuple[str, bytes]]) -> Image.Image:
    """One photo as it is; several in the places of a 2 × 2 mosaic, from the upper left."""
    images = [_opened(name, data) for name, data in parts]
    if len(images) == 1:
        return images[0]
    canvas = Image.new("RGB", (2 * CELL, 2 * CELL), GREY)
    for at, image in enumerate(images):
        cell = image.resize((CELL, CELL), Image.Resampling.BILINEAR)
        canvas.paste(cell, (at % 2 * CELL, at // 2 * CELL))
    return canvas


def _opened(name: str, data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data)).convert("RGB")
    except (OSError, SyntaxError) as error:
        raise ArtefactError(f"{name}: cannot be read as an image: {error}") from None
