"""A lower precision serves only where it says the same."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import transformers

from depicts_model.errors import ArtefactError, ConfigurationError
from depicts_model.linker import artefact, precision
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.images import Preprocess
from depicts_model.linker.items import ItemTable
from depicts_model.linker.link import shipped
from depicts_model.linker.precision import lowered, probes
from depicts_model.settings import PRECISIONS, load

from .conftest import calibration, manifest, photo, table

PREPROCESS = Preprocess(32, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def test_the_probes_are_always_the_same_and_all_different() -> None:
    one, again = probes(PREPROCESS), probes(PREPROCESS)
    assert one.shape == (8, 3, 32, 32) and one.tobytes() == again.tobytes()
    assert len({image.tobytes() for image in one}) == 8


def test_bfloat16_says_nearly_the_same(model_dir: Path) -> None:
    full = Encoder.load(model_dir, table().projection)
    low = Encoder.load(model_dir, table().projection, precision="bfloat16")
    assert low.model.dtype == torch.bfloat16 and full.model.dtype == torch.float32
    (one, _), (other, _) = (encoder.encode([photo()]) for encoder in (full, low))
    assert other.dtype == np.float32 and one.tobytes() != other.tobytes()
    assert (one * other).sum() >= precision.LEAST
    assert low.encode([photo()])[0].tobytes() == other.tobytes()


def test_the_shipped_model_serves_in_every_precision() -> None:
    projection = ItemTable.read(shipped()).projection
    for name in PRECISIONS:
        assert Encoder.load(shipped(), projection, precision=name).dim == 256


class Drowned(torch.nn.Module):
    """A tower whose answers differ by far less than its offset: bfloat16 cannot tell them apart."""

    def __init__(self, offset: float, beside: float = 0.0) -> None:
        super().__init__()
        self.offset = torch.nn.Parameter(torch.tensor(offset))
        self.beside = beside
        """A number that all answers share."""

    @property
    def dtype(self) -> torch.dtype:
        return self.offset.dtype

    @property
    def device(self) -> torch.device:
        return self.offset.device

    def forward(self, pixel_values: torch.Tensor) -> object:
        seen = (pixel_values.mean(dim=(2, 3)) + self.offset) - self.offset
        shared = torch.full_like(seen[:, :1], self.beside)
        return SimpleNamespace(pooler_output=torch.cat([seen, shared], dim=1))


def test_a_precision_that_changes_the_vectors_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"precision bfloat16: cosine to float32 is .*0\.995"):
        lowered(Drowned(100.0), "bfloat16", PREPROCESS, None, tmp_path)
    with pytest.raises(ArtefactError, match="nan"):
        lowered(Drowned(float("nan")), "bfloat16", PREPROCESS, None, tmp_path)
    assert lowered(Drowned(0.0), "bfloat16", PREPROCESS, None, tmp_path).dtype == torch.bfloat16


def test_what_is_compared_is_what_the_items_meet(tmp_path: Path) -> None:
    """A tower that agrees with itself only in what the projection drops is refused."""
    tower, dropping = Drowned(100.0, beside=50.0), np.eye(4, 3, dtype=np.float32)
    lowered(tower, "bfloat16", PREPROCESS, None, tmp_path)
    with pytest.raises(ArtefactError, match="cosine"):
        lowered(tower, "bfloat16", PREPROCESS, dropping, tmp_path)


def test_an_unknown_precision_is_no_setting() -> None:
    with pytest.raises(ConfigurationError, match=r"^precision must be one of float32, bfloat16, "):
        load(None, {"DEPICTS_PRECISION": "int8"})


def test_naflex_towers_are_refused(model_dir: Path, tmp_path: Path) -> None:
    """They take patches with their shapes, not pixels."""
    config = transformers.Siglip2VisionConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_patches=4,
    )
    tower = transformers.Siglip2VisionModel(config)
    artefact.save(tmp_path / "m", tower, PREPROCESS, table(), calibration(), manifest())
    with pytest.raises(ArtefactError, match=r"vision/config\.json: "):
        Encoder.load(tmp_path / "m", table().projection)
