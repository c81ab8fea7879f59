"""The model in the package: small, honest about itself, and never trained on what judges it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from depicts_model.catalog import Catalog
from depicts_model.dataset.duplicates import near, perceptual_hash
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.link import shipped
from depicts_model.linker.training.knobs import Knobs
from tests.sandbox.photos import path_of, read_table

LEARNT = ("train", "strangers", "calibration", "thresholds", "report")


@pytest.fixture(scope="module")
def listed() -> dict[str, NDArray[np.generic]]:
    with np.load(shipped() / "training.npz") as arrays:
        return dict(arrays)


def role(listed: dict[str, NDArray[np.generic]]) -> NDArray[np.generic]:
    found: NDArray[np.generic] = listed["role_names"][listed["roles"].astype(int)]
    return found


def test_the_image_tower_is_at_most_15_mb_and_half_precision() -> None:
    weights = shipped() / "vision" / "model.safetensors"
    assert weights.stat().st_size <= 15_000_000
    head = weights.read_bytes()[8 : 8 + int.from_bytes(weights.read_bytes()[:8], "little")]
    kinds = {tensor["dtype"] for name, tensor in json.loads(head).items() if name[0] != "_"}
    assert kinds <= {"F16", "I64"}


def test_it_says_that_it_is_the_demo_model() -> None:
    with Catalog.open(None) as catalog:
        loaded = artefacts.load(shipped(), catalog)
    assert loaded.manifest.demo
    assert loaded.manifest.metrics["test_top1"] >= 0.28
    card = (shipped() / "card.md").read_text(encoding="utf-8")
    assert "small model" in card and "What it cannot do" in card and "What it knows" in card


def test_the_test_set_took_no_part(listed: dict[str, NDArray[np.generic]]) -> None:
    names = listed["files"].astype(str)
    is_test = np.char.startswith(names, "tiny/val/")
    assert is_test.sum() == 10_000
    assert set(role(listed)[is_test]) == {"test"}
    assert "test" not in set(role(listed)[~is_test])


def test_nothing_near_to_the_test_set_took_part(listed: dict[str, NDArray[np.generic]]) -> None:
    hashes = listed["hashes"].astype(np.uint64)
    learnt = hashes[np.isin(role(listed), LEARNT)]
    tested = hashes[role(listed) == "test"]
    assert list(near(tested, learnt, Knobs().duplicate_bits)) == []


def test_nothing_near_to_the_demo_took_part(listed: dict[str, NDArray[np.generic]]) -> None:
    demo = [perceptual_hash(Image.open(path_of(row)).convert("RGB")) for row in read_table()]
    assert len(demo) >= 12
    learnt = listed["hashes"].astype(np.uint64)[np.isin(role(listed), LEARNT)]
    assert list(near(np.array(demo, np.uint64), learnt, Knobs().duplicate_bits)) == []


def test_the_shipped_model_was_fitted_with_these_knobs() -> None:
    """What `depicts-model fit` does is what made it: no knob more, none fewer."""
    card = shipped().joinpath("card.md").read_text("utf-8")
    rows = [f"| {name} | {value} |" for name, value in asdict(Knobs()).items()]
    recipe = card.partition("| knob | value |\n|---|---|\n")[2].partition("\n\n")[0]
    assert recipe.splitlines() == rows


def test_no_photo_is_shipped() -> None:
    package = Path(str(shipped())).parent
    assert not [p for p in package.rglob("*") if p.suffix in (".jpg", ".jpeg", ".png", ".zip")]
