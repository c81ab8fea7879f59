"""What linking costs beyond the encoder: from JPEG files to suggestions, with the whole linker.

The model is random and of the size of ViT-B/32, over 18,500 items of the real graph: times depend
on sizes, not on what the weights know. The calibration is generous, so that nearly every image
gets suggestions, with reasons and neighbours, as a photo of a known thing does.
"""

from __future__ import annotations

import io
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.graphs import real
from bench.items import qid, word, write_catalog
from bench.measure import TIMING, Figure, ratio
from depicts_model.catalog import Catalog
from depicts_model.linker import artefact
from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.images import Preprocess
from depicts_model.linker.items import ItemTable
from depicts_model.linker.link import Linker
from depicts_model.linker.score import Weights
from depicts_model.settings import Settings
from depicts_model.types import FileContext, FileRef, Manifest, Outcome, Suggested, mid_of

ITEMS: Final = 18_500
DIM: Final = 512
SIDE: Final = 224
"""Pixels of ViT-B/32's input."""
BATCH: Final = 8
FILES: Final = 32
"""Files of one call; the bot hands over up to 50."""
PHOTO: Final = (500, 375)
QUALITY: Final = 85
CALIBRATION: Final = Calibration(
    weights=Weights(similarity=100.0, prior=1.0, hub=0.3),
    calibrator=Calibrator(-9.0, 0.8, {"nearness": 6.0, "agreement": 9.4}),
    display_threshold=0.3,
    specificity_floor=3.0,
    target_precision=0.8,
)
"""With the features of the shipped model's, and a lower bar."""
CONDITIONS: Final = (
    f"random ViT-B/32 in single floats, batch {BATCH}, {FILES} JPEGs of {PHOTO[0]} × {PHOTO[1]}"
    f" at quality {QUALITY}, {ITEMS:,} items; {TIMING}"
)


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """A linker with its input; three ways to go through it, each over all FILES."""

    linker: Linker
    pages: Iterator[list[FileContext]]
    """Pages of FILES files, other words each time: stems are remembered."""
    photos: list[bytes]
    tensors: Any
    """(FILES, 3, SIDE, SIDE), torch."""

    def link(self) -> list[Outcome]:
        """JPEG files to suggestions, as the bot calls it."""
        return self.linker.link(next(self.pages), self.photos)

    def encode(self) -> None:
        """JPEG files to vectors."""
        self.linker.encoder.encode(self.photos)

    def forward(self) -> None:
        """Ready tensors to vectors, BATCH at a time."""
        import torch

        with torch.inference_mode():
            for batch in self.tensors.split(BATCH):
                self.linker.encoder.model(pixel_values=batch)


def overhead() -> Iterator[Figure]:
    """All of linking as a multiple of encoding."""
    with work() as made:
        times, encode, link = ratio(made.encode, made.link)
        baseline = f"encoding alone, {_each(encode)} of {_each(link)}"
        where = f"linking as a multiple of encoding; {CONDITIONS}"
        yield Figure("pipeline_overhead", times, "times", baseline, where, 1.05, at_most=True)


def throughput() -> Iterator[Figure]:
    """The rate of linking as a share of the raw tower's."""
    with work() as made:
        share, link, forward = ratio(made.link, made.forward)
        baseline = f"forward passes on ready tensors, {_each(forward)} of {_each(link)}"
        where = f"rate from JPEG files to suggestions; {CONDITIONS}"
        yield Figure("linking_throughput", share, "of their rate", baseline, where, 0.85)


def _each(seconds: float) -> str:
    return f"{1e3 * seconds / FILES:.3g} ms a file"


@contextmanager
def work() -> Iterator[Work]:
    """The model and its catalog in a folder of their own, loaded as the bot loads them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        write_catalog(real(), path / "catalog.sqlite")
        with Catalog.open(path / "catalog.sqlite") as catalog:
            _write_model(path / "model", catalog)
            linker = Linker.load(path / "model", catalog, Settings())
            encoder = replace(linker.encoder, batch_size=BATCH)
            yield _work(replace(linker, encoder=encoder))


def _work(linker: Linker) -> Work:
    import torch

    rng = np.random.default_rng(0)
    photos = [photo(rng) for _ in range(FILES)]
    shape = (FILES, 3, SIDE, SIDE)
    tensors = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    made = Work(linker, map(_pages, itertools.count()), photos, tensors)
    found = made.link()
    if sum(isinstance(outcome, Suggested) for outcome in found) < 0.9 * FILES:
        raise AssertionError(f"{found[0]}: too few images get suggestions to time them")
    return made


def photo(rng: np.random.Generator) -> bytes:
    """A JPEG whose spectrum falls like that of natural scenes: amplitude as 1 / frequency."""
    width, height = PHOTO
    across, down = np.fft.rfftfreq(width), np.fft.fftfreq(height)
    fall = 1 / np.maximum(np.hypot(across, down[:, None]), 1 / width)
    noise = np.fft.rfft2(rng.standard_normal((3, height, width)))
    scene = np.fft.irfft2(noise * fall, s=(height, width))
    scene = 128 + 50 * scene / scene.std()
    pixels = scene.clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()


def _pages(call: int) -> list[FileContext]:
    return [_page(FILES * call + n) for n in range(FILES)]


def _page(number: int) -> FileContext:
    uploaded = datetime(2026, 1, 1, tzinfo=UTC)
    title = f"File:A {word(97 * number)} in the harbour, seen from the old bridge {number}.jpg"
    file = FileRef(mid_of(number + 1), title, "0" * 40, 1, uploaded, "")
    text = {"en": f"The harbour in the evening, with a {word(31 * number)} and many other things"}
    return FileContext(file, text, ("Harbours", "Evenings in 2025", "Bridges"))


def _write_model(folder: Path, catalog: Catalog) -> None:
    import torch
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    config = CLIPVisionConfig(
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        image_size=SIDE,
        patch_size=32,
        projection_dim=DIM,
    )
    tower = CLIPVisionModelWithProjection(config)
    preprocess = Preprocess(SIDE, (0.48, 0.46, 0.41), (0.27, 0.26, 0.28), crop="center")
    manifest = Manifest("bench", "random ViT-B/32", "none", {}, catalog.snapshot, {}, {}, {})
    artefact.save(folder, tower, preprocess, _items(len(catalog.qids)), CALIBRATION, manifest)


def _items(count: int) -> ItemTable:
    rng = np.random.default_rng(1)
    rows = np.sort(rng.choice(count, ITEMS, replace=False))
    vectors: NDArray[np.float32] = rng.standard_normal((ITEMS, DIM), dtype=np.float32)
    return ItemTable(
        qids=tuple(qid(row) for row in rows.tolist()),
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        log_prior=np.full(ITEMS, -np.log(ITEMS), dtype=np.float32),
        known=np.ones(ITEMS, dtype=bool),
        n_train=np.full(ITEMS, 10, dtype=np.int32),
        hub=rng.uniform(0, 0.05, ITEMS),
    )
