"""Experiments on a checkpoint: both towers share a space, and no projection is fitted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from depicts_model.linker.checkpoint import Checkpoint
from depicts_model.linker.experiments.towers import Joined
from depicts_model.linker.images import to_tensor
from depicts_model.linker.towers import forward


def test_both_towers_of_a_checkpoint_are_as_it_has_them(checkpoint_dir: Path) -> None:
    towers = Joined.read(checkpoint_dir, "toy")
    whole = Checkpoint.read(checkpoint_dir)
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (70, 40, 30, 3), dtype=np.uint8)
    images = [Image.fromarray(one) for one in pixels]
    seen, said = towers.images(images), towers.texts(["a cat", "a dog", "a toll bridge"])
    assert seen.shape == (70, whole.dim) and said.shape == (3, whole.dim)
    alone = forward(whole.vision(), to_tensor(images[66:67], whole.preprocess))
    np.testing.assert_allclose(seen[66], alone[0], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(said, whole.encode_texts(["a cat", "a dog", "a toll bridge"]))
    np.testing.assert_allclose(np.linalg.norm(said, axis=1), 1, rtol=1e-5)
    assert towers.joined and not towers.minilm and towers.name == "toy"
