"""A model with random weights over the shipped catalog: real in every part, right in nothing.

For tests in which the pipeline is the subject, not what the model knows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from depicts_model.catalog import Catalog
from depicts_model.linker import artefact
from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.images import Preprocess
from depicts_model.linker.items import ItemTable
from depicts_model.linker.score import Weights
from depicts_model.types import Manifest, Qid

VERSION = "random-1"
DIM, HIDDEN = 6, 16


def save(folder: Path, demo: bool = True, version: str = VERSION) -> None:
    """Write the model to ``folder``."""
    import torch
    from transformers import ResNetConfig, ResNetModel

    with Catalog.open() as catalog:
        qids, snapshot = tuple(sorted(catalog.visual))[:200], catalog.snapshot
    torch.manual_seed(3)
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
    preprocess = Preprocess(size=32, mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
    manifest = Manifest(version, "resnet", "none", {}, snapshot, {}, {}, {}, demo)
    items = _items(qids)
    artefact.save(folder, ResNetModel(config), preprocess, items, _generous(qids), manifest)


def _items(qids: tuple[Qid, ...]) -> ItemTable:
    rng = np.random.default_rng(7)
    vectors = rng.normal(size=(len(qids), DIM)).astype(np.float32)
    return ItemTable(
        qids=qids,
        vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
        log_prior=np.full(len(qids), -np.log(len(qids)), dtype=np.float32),
        known=np.ones(len(qids), dtype=bool),
        n_train=np.full(len(qids), 100, dtype=np.int32),
        projection=rng.normal(size=(HIDDEN, DIM)).astype(np.float32),
    )


def _generous(qids: tuple[Qid, ...]) -> Calibration:
    """Sure of itself, so that some files get suggestions."""
    return Calibration(
        weights=Weights(40.0, prior=0.5),
        calibrator=Calibrator(2.0, 1.0, {}),
        display_threshold=0.2,
        specificity_floor=0.2,
        target_precision=0.8,
        supported=dict.fromkeys(qids, 50),
        min_support=20,
    )
