"""A teacher is asked once about a photo, and what it says is learnt from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depicts_model.catalog import Catalog
from depicts_model.linker.training import teacher as teaching
from depicts_model.linker.training.lot import Sources
from depicts_model.linker.training.run import run
from tests.model.training.fits import KNOBS, Counting

pytestmark = pytest.mark.slow


def test_a_killed_teacher_is_asked_only_what_is_missing(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (2500, 8, 8, 3), dtype=np.uint8)
    wanted = np.arange(2500) % 5 > 0
    whole = teaching.ask(Counting(), pixels, wanted, tmp_path / "a", KNOBS)
    work = tmp_path / "b"
    dying = Counting(dies_after=2 * 1500)
    with pytest.raises(KeyboardInterrupt):
        teaching.ask(dying, pixels, wanted, work, KNOBS)
    second = Counting()
    resumed = teaching.ask(second, pixels, wanted, work, KNOBS)
    assert second.asked == 2 * (wanted.sum() - 1000)
    assert (resumed.scores == whole.scores).all() and (resumed.features == whole.features).all()
    assert not whole.scores[~wanted].any(), "nobody was asked about the test"
    assert teaching.ask(third := Counting(), pixels, wanted, work, KNOBS) and third.asked == 0


def test_a_teacher_teaches(
    sources: Sources, narrowed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.tflite").write_bytes(b"stands in: the answers come from Counting")
    (tmp_path / "classes.txt").write_text("red thing\ngreen thing\nblue thing, azure\n")
    monkeypatch.setattr("depicts_model.linker.training.lot.MobileNet", lambda _: Counting())
    taught = replace(sources, teacher=tmp_path / "t.tflite", class_names=tmp_path / "classes.txt")
    with Catalog.open(narrowed) as catalog:
        run(
            taught,
            catalog,
            tmp_path / "model",
            tmp_path / "work",
            replace(KNOBS, epochs=1),
        )
    assert "t.tflite" in (tmp_path / "model" / "card.md").read_text()
