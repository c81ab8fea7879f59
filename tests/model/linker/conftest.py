"""A small random model: a real ResNet tower, saved by the product's own `save`."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from depicts_model.linker import artefact
from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.images import Preprocess
from depicts_model.linker.items import ItemTable
from depicts_model.linker.score import Weights
from depicts_model.types import FileContext, FileRef, Manifest, Qid, mid_of

from .world import ZOO, World, q

LEAVES = tuple(q(n) for n in (4, 6, 7, 10, 12))
PREPROCESS = Preprocess(size=32, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))


def photo(seed: int = 0, size: tuple[int, int] = (60, 40), kind: str = "PNG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def table(qids: tuple[Qid, ...] = LEAVES, dim: int = 6, hidden: int = 16) -> ItemTable:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(len(qids), dim)).astype(np.float32)
    return ItemTable(
        qids=qids,
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        log_prior=np.full(len(qids), -np.log(len(qids)), dtype=np.float32),
        known=np.ones(len(qids), dtype=bool),
        n_train=np.full(len(qids), 100, dtype=np.int32),
        projection=rng.normal(size=(hidden, dim)).astype(np.float32),
    )


def calibration(threshold: float | None = 0.5) -> Calibration:
    return Calibration(
        weights=Weights(10.0, prior=0.5),
        calibrator=Calibrator(0.1, 1.0, {"nearness": 0.5}),
        display_threshold=threshold,
        specificity_floor=0.2,
        target_precision=0.8,
        supported=dict.fromkeys(ZOO.edges, 50),
        min_support=20,
    )


def manifest(snapshot: str = ZOO.snapshot) -> Manifest:
    return Manifest("tiny-test", "resnet", "none", {}, snapshot, {}, {}, {}, demo=True)


def save(folder: Path, table_: ItemTable | None = None, threshold: float | None = 0.5) -> Manifest:
    import torch
    from transformers import ResNetConfig, ResNetModel

    torch.manual_seed(3)
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    items = table_ or table()
    tower = ResNetModel(config)
    return artefact.save(folder, tower, PREPROCESS, items, calibration(threshold), manifest())


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound model for the world ZOO; read only."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save(folder)
    return folder


@pytest.fixture
def context() -> Callable[..., FileContext]:
    def build(page: int = 1, existing: tuple[Qid, ...] = ()) -> FileContext:
        uploaded = datetime(2026, 1, 1, tzinfo=UTC)
        file = FileRef(mid_of(page), f"File:{page}.png", "0" * 40, 1, uploaded, "")
        return FileContext(file, existing_depicts=existing)

    return build


@pytest.fixture
def zoo() -> World:
    return ZOO
