"""The safety set of a catalog without people: what the model shows is looked at all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from depicts_model.linker import artefact
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.masks import Masks
from depicts_model.linker.training import evaluate

from .conftest import photo, save
from .world import ZOO


def test_what_may_never_be_shown_counts_without_people_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "m", threshold=0.05)
    world: Any = ZOO
    loaded = artefact.load(tmp_path / "m", world)
    parts = loaded, Encoder.load(tmp_path / "m", loaded.items.projection)
    images = [photo(seed) for seed in range(6)]
    assert not ZOO.people and evaluate._broken(*parts, world, images) == 0
    barred: Any = replace(ZOO, never_suggest=frozenset(ZOO.edges))
    monkeypatch.setattr(Masks, "open", property(lambda self: self.specific))
    assert evaluate._broken(*parts, barred, images) > 0
