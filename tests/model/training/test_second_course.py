"""The second course: what it learns from, and that it begins where the first one ended."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker.training.batches import Batch, Lessons
from depicts_model.linker.training.course import (
    FIRST,
    SECOND,
    first_course,
    present,
    second_course,
    seconds_of,
)
from depicts_model.linker.training.fit import TinyClip
from depicts_model.linker.training.knobs import Knobs, Polish
from depicts_model.linker.training.lot import Sources
from depicts_model.linker.training.mixing import cutmix, within
from depicts_model.linker.training.probe import shares_by_view
from depicts_model.linker.training.run import run
from depicts_model.linker.training.teacher import Answers
from tests.model.training.fits import KNOBS

KINDS, WIDTH = 3, 12


def features(rows: int, draw: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Two views of photos of three kinds, and the targets; the last photo is labelled wrongly."""
    kinds = np.arange(rows) % KINDS
    means = draw.uniform(20, 200, (KINDS, WIDTH))
    seen = means[kinds][:, None] + draw.normal(0, 12, (rows, 2, WIDTH))
    targets = np.eye(KINDS, dtype=np.float32)[kinds]
    targets[-1] = np.roll(targets[-1], 1)
    return seen.clip(0, 255).astype(np.uint8), targets


def test_no_photo_is_answered_for_by_a_discriminant_that_saw_it() -> None:
    """One photo's wrong label does not come back as what the teacher says of that photo."""
    seen, targets = features(60, np.random.default_rng(1))
    rows = np.arange(60)
    shares = shares_by_view(seen, targets, rows, seed=0)
    assert shares[-1, 0].argmax() != targets[-1].argmax()
    agree = shares[:-1].argmax(2) == targets[:-1].argmax(1)[:, None]
    assert agree.mean() > 0.95


def test_the_shares_sum_to_one_and_are_nothing_for_other_photos() -> None:
    seen, targets = features(60, np.random.default_rng(2))
    shares = shares_by_view(seen, targets, np.arange(40), seed=0)
    assert shares[:40].sum(2) == pytest.approx(1, abs=0.01)
    assert not shares[40:].any()


def test_the_teacher_is_never_surer_than_it_is_right() -> None:
    """Features that tell nothing give shares near to the prior, however small the covariance."""
    draw = np.random.default_rng(3)
    seen = draw.integers(0, 255, (90, 1, 40)).astype(np.uint8)
    targets = np.eye(KINDS, dtype=np.float32)[draw.integers(KINDS, size=90)]
    shares = shares_by_view(seen, targets, np.arange(90), seed=0)
    assert shares.max(2).mean() < 0.6


def batch(count: int = 40, strange: int = 3, size: int = 16) -> Batch:
    """Photos each of one grey, its number; what is said of each is its number, too."""
    tone = torch.arange(count + strange).float()
    said = torch.eye(count)
    return Batch(
        tone.view(-1, 1, 1, 1).expand(-1, 3, size, size).contiguous(), said, 50 * said, said.clone()
    )


def test_what_is_said_of_a_mixed_photo_is_mixed_by_its_areas() -> None:
    before = batch()
    after = cutmix(before, 1.0, np.random.default_rng(0))
    assert torch.equal(after.images[40:], before.images[40:]), "the strange stay as they are"
    areas = torch.stack([(after.images[:40, 0] == tone).float().mean((1, 2)) for tone in range(40)])
    assert after.targets.allclose(areas.T, atol=1e-5)
    assert after.features.allclose(areas.T, atol=1e-5)
    assert after.scores.softmax(-1).allclose(areas.T, atol=1e-4)
    assert (after.targets.max(1).values < 1).sum() > 20


def test_photos_that_are_not_mixed_are_left_alone() -> None:
    before = batch()
    after = cutmix(before, 0.0, np.random.default_rng(0))
    assert torch.equal(after.images, before.images)
    assert torch.equal(after.targets, before.targets)


def test_a_box_is_cut_within_the_one_that_the_teacher_saw() -> None:
    outer = np.tile(np.array([[0.2, 0.1, 0.5, 0.8]], np.float32), (200, 1))
    inner = within(outer, 0.75, np.random.default_rng(0))
    assert (inner[:, :2] >= outer[:, :2] - 1e-6).all()
    assert (inner[:, :2] + inner[:, 2:] <= outer[:, :2] + outer[:, 2:] + 1e-6).all()
    assert (inner[:, 2:] >= 0.75 * outer[:, 2:] - 1e-6).all()
    assert inner.std(0).min() > 0.01


def lessons(photos: int = 40) -> Lessons:
    """Grey photos of two kinds; the teacher's features say that all are of the second."""
    draw = np.random.default_rng(0)
    answers = Answers(
        np.tile(np.array([0, 0, 1, 1], np.float32), (photos, 2, 1)),
        np.zeros((photos, 2, 5), np.uint8), np.ones((photos, 2, 4), np.uint8), 1.0, 1.0,
    )  # fmt: skip
    said = np.zeros((photos, 2, 2), np.float16)
    said[:, :, 1] = 1
    return Lessons(
        draw.integers(0, 255, (photos, 16, 16, 3)).astype(np.uint8),
        np.eye(2, dtype=np.float32)[np.zeros(photos, int)],
        answers, np.arange(photos), np.arange(0), said,
    )  # fmt: skip


COURSE = replace(
    KNOBS, views=2, batch=10, sizes=((1.0, 16),), texture_share=0.0, stranger_share=0.0
)


def test_the_first_course_learns_the_labels_as_they_are() -> None:
    (first, *others) = lessons().batches(0, COURSE)
    assert len(others) == 3
    assert (first.targets == torch.tensor([1.0, 0.0])).all()


def test_the_second_course_learns_what_the_teachers_features_say() -> None:
    polish = Polish(epochs=1, batch=10, epoch_share=0.5, mix_share=0.0, probe_share=0.25)
    (first, *others) = lessons().batches(0, replace(COURSE, polish=polish).polishing)
    assert len(others) == 1, "half of the photos"
    assert first.targets.allclose(torch.tensor([0.75, 0.25]))


def tower() -> TinyClip:
    torch.manual_seed(0)
    return TinyClip(KNOBS, 8, 0)


def test_the_second_course_keeps_the_mean_of_its_weights(tmp_path: Path) -> None:
    model = tower()
    course = second_course(tmp_path, model, 4, KNOBS, "photos")
    seen = []
    for _ in range(3):
        course.step((model.projection.weight**2).sum())
        seen.append(model.projection.weight.detach().clone())
    kept = course.result().projection.weight
    mean = seen[0]
    for weight in seen[1:]:
        mean = mean.lerp(weight, 1 - KNOBS.polish.average)
    assert kept.allclose(mean)
    assert not kept.allclose(seen[-1])


def test_the_second_courses_rate_rises_stays_and_ends_at_nothing(tmp_path: Path) -> None:
    knobs = replace(KNOBS, polish=Polish(epochs=10, warm_up=0.2, cool_down=0.5))
    model = tower()
    course = second_course(tmp_path, model, 10, knobs, "photos")
    rates = []
    for _ in range(100):
        rates.append(course.optimizer.param_groups[0]["lr"])
        course.step((model.projection.weight**2).sum())
    top = knobs.polish.learning_rate
    assert rates[0] == pytest.approx(top / 20)
    assert rates[20:50] == pytest.approx([top] * 30)
    assert rates[-1] == pytest.approx(top / 50)
    assert rates == sorted(rates[:20]) + sorted(rates[20:], reverse=True)


def test_a_second_course_is_taken_up_whole(tmp_path: Path) -> None:
    model = tower()
    course = second_course(tmp_path, model, 4, KNOBS, "photos")
    course.step((model.projection.weight**2).sum())
    course.save(1, 2.5)
    again = second_course(tmp_path, tower(), 4, KNOBS, "photos")
    assert again.take_up() == (1, 2.5)
    assert torch.equal(again.result().projection.weight, course.result().projection.weight)
    assert torch.equal(again.model.projection.weight, model.projection.weight)
    assert again.schedule.state_dict()["last_epoch"] == 1


def test_another_second_course_leaves_the_first_as_it_is(tmp_path: Path) -> None:
    first_course(tmp_path, tower(), 4, KNOBS, "photos").save(3, 10.0)
    other = replace(KNOBS, polish=replace(KNOBS.polish, epochs=7))
    assert first_course(tmp_path, tower(), 4, other, "photos").take_up() == (3, 10.0)
    second_course(tmp_path, tower(), 4, KNOBS, "photos").save(1, 5.0)
    with pytest.raises(ArtefactError, match=f"{SECOND}: made from other knobs"):
        second_course(tmp_path, tower(), 4, other, "photos").take_up()
    with pytest.raises(ArtefactError, match=f"{FIRST}: made from other photos"):
        first_course(tmp_path, tower(), 4, KNOBS, "others").take_up()
    assert seconds_of(tmp_path) == 15.0


def test_a_device_that_is_not_there_is_named_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    nowhere = Sources(tmp_path / "no.zip", tmp_path / "no.csv")
    with Catalog.open(None) as catalog, pytest.raises(ArtefactError, match="cuda: torch finds no"):
        run(nowhere, catalog, tmp_path / "out", tmp_path / "work", KNOBS, "cuda")
    assert not list(tmp_path.iterdir())
    present("cpu")


def test_every_knob_of_the_second_course_reaches_it() -> None:
    """A knob that is only written into the card would be a lie."""
    told = Polish(
        epochs=9, epoch_share=0.1, batch=7, learning_rate=0.5, warm_up=0.3, mix_share=0.2,
        probe_share=0.6, zoom=0.4,
    )  # fmt: skip
    made = asdict(replace(Knobs(), polish=told).polishing)
    courses_own = ("cool_down", "average")
    assert all(made[name] == v for name, v in asdict(told).items() if name not in courses_own)
