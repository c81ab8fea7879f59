"""A course of training: its batches, its checkpoint, and the device that it runs on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker.training.batches import Lessons
from depicts_model.linker.training.course import begun, present, seconds_of
from depicts_model.linker.training.fit import TinyClip
from depicts_model.linker.training.lot import Sources
from depicts_model.linker.training.run import run
from depicts_model.linker.training.teacher import Answers
from tests.model.training.fits import KNOBS


def test_an_epoch_shows_every_photo_once_and_needs_no_strangers() -> None:
    knobs = replace(
        KNOBS, views=2, batch=10, sizes=((1.0, 16),), texture_share=0.0, stranger_share=0.1
    )
    draw, photos = np.random.default_rng(0), 36
    boxes = np.tile(np.array([0, 0, 1, 1], np.float32), (photos, 2, 1))
    said = np.zeros((photos, 2, 5), np.uint8)
    lessons = Lessons(
        draw.integers(0, 255, (photos, 16, 16, 3)).astype(np.uint8),
        np.eye(photos, dtype=np.float32),
        Answers(boxes, said, said, 1.0, 1.0),
        np.arange(photos),
        np.arange(0),
    )
    batches = list(lessons.batches(0, knobs))
    assert lessons.steps(knobs) == len(batches) == 4
    assert torch.equal(torch.cat([batch.targets for batch in batches]).sum(0), torch.ones(photos))
    assert all(batch.images.shape == (10, 3, 16, 16) for batch in batches)


def tower() -> TinyClip:
    torch.manual_seed(0)
    return TinyClip(KNOBS, 8, 0)


def test_a_course_is_taken_up_whole_and_never_by_another(tmp_path: Path) -> None:
    model = tower()
    course = begun(tmp_path, model, 4, KNOBS, "photos")
    course.step((model.projection.weight**2).sum())
    course.save(1, 2.5)
    again = begun(tmp_path, tower(), 4, KNOBS, "photos")
    assert again.take_up() == (1, 2.5)
    assert seconds_of(tmp_path) == 2.5
    assert torch.equal(again.model.projection.weight, model.projection.weight)
    for one in (course, again):  # the next step needs the optimizer's and the schedule's state, too
        one.step((one.model.projection.weight**2).sum())
    assert torch.equal(again.model.projection.weight, model.projection.weight)
    with pytest.raises(ArtefactError, match=r"checkpoint\.pt: made from other knobs"):
        begun(tmp_path, tower(), 4, replace(KNOBS, batch=7), "photos").take_up()
    with pytest.raises(ArtefactError, match=r"checkpoint\.pt: made from other photos"):
        begun(tmp_path, tower(), 4, KNOBS, "others").take_up()


def test_a_device_that_is_not_there_is_named_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    nowhere = Sources(tmp_path / "no.zip", tmp_path / "no.csv")
    with Catalog.open(None) as catalog, pytest.raises(ArtefactError, match="cuda: torch finds no"):
        run(nowhere, catalog, tmp_path / "out", tmp_path / "work", KNOBS, "cuda")
    assert not list(tmp_path.iterdir())
    present("cpu")
