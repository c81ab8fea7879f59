"""The whole fit on a handful of generated pictures: it learns, resumes, and writes a model."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import open_world
from depicts_model.linker.link import Linker
from depicts_model.linker.training import course as courses
from depicts_model.linker.training import fit as fitting
from depicts_model.linker.training.evaluate import evaluate_set
from depicts_model.linker.training.lot import Sources
from depicts_model.linker.training.photos import JUDGING, ROLES
from depicts_model.linker.training.run import mark, run
from depicts_model.linker.training.textures import textures
from depicts_model.settings import Settings
from depicts_model.types import Qid
from tests.model.linker.conftest import PREPROCESS, calibration, table
from tests.model.training.fits import KNOBS

pytestmark = pytest.mark.slow


def test_a_fitted_model_is_served_and_judged(
    fitted: Path, sources: Sources, narrowed: Path
) -> None:
    with Catalog.open(narrowed) as catalog:
        linker = Linker.load(fitted / "model", catalog, Settings())
        assert linker.demo
        made = fitted / "model"
        figures = evaluate_set(sources.photos, sources.listed, "tiny/val", made, catalog)
    manifest = linker.artefact.manifest
    assert figures["test_candidates"] == 4
    assert figures["test_top1"] > 0.5, "four colours, by text vectors alone"
    assert manifest.metrics["test_top1"] == round(figures["test_top1"], 4)
    card = (fitted / "model" / "card.md").read_text()
    told = ("There was no teacher", "## Rules compared", "Banana (", "jellyfish (")
    assert all(words in card for words in told)
    assert "chosen on other photos than the calibrator and the threshold" in card


CHANGES: dict[str, Callable[[ItemTable], Any]] = {
    "vectors": lambda items: -items.vectors,
    "log_prior": lambda items: items.log_prior - 1,
    "known": lambda items: ~items.known,
    "n_train": lambda items: items.n_train + 1,
    "projection": lambda _: None,
    "hub": lambda items: np.ones(len(items.qids)),
    "prototypes": lambda items: items.vectors,
    "whitening": lambda items: np.eye(items.vectors.shape[1], dtype=np.float32),
}


def test_whatever_decides_what_is_suggested_makes_another_version() -> None:
    items, set_, tower = table(), calibration(), torch.nn.Linear(1, 1)
    assert set(CHANGES) == {f.name for f in fields(ItemTable)} - {"qids"}
    others = (
        *(replace(items, **{name: change(items)}) for name, change in CHANGES.items()),
        replace(items, qids=items.qids[::-1]),
    )
    marks = [
        mark(items, "one", set_, PREPROCESS, tower),
        mark(items, "two", set_, PREPROCESS, tower),
        mark(items, "one", calibration(0.6), PREPROCESS, tower),
        mark(items, "one", set_, replace(PREPROCESS, size=48), tower),
        mark(items, "one", set_, PREPROCESS, torch.nn.Linear(1, 1)),
        *(mark(other, "one", set_, PREPROCESS, tower) for other in others),
    ]
    assert len(set(marks)) == len(marks)
    assert mark(table(), "one", calibration(), PREPROCESS, tower) == marks[0]


def test_the_training_list_names_every_photo_and_its_role(fitted: Path) -> None:
    with np.load(fitted / "model" / "training.npz") as listed:
        roles = listed["role_names"][listed["roles"]]
        assert len(roles) == 500
        assert (roles[:40] == "test").all()
        judging = {ROLES[role] for role in JUDGING}
        assert set(roles[40:440]) == {"train", *judging}
        assert set(roles[440:]) == {"strangers", *judging}


def test_a_finished_fit_starts_nothing_anew(
    fitted: Path, sources: Sources, narrowed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "loss_of", lambda *_: pytest.fail("trained again"))
    with Catalog.open(narrowed) as catalog:
        manifest = run(sources, catalog, fitted / "again", fitted / "work", KNOBS)
        first = artefacts.load(fitted / "model", catalog).manifest
    assert manifest.hashes["vision/model.safetensors"] == first.hashes["vision/model.safetensors"]


def test_a_killed_fit_takes_up_again_and_ends_the_same(
    fitted: Path,
    sources: Sources,
    narrowed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, seen = courses.Course.save, []

    def dying(course: courses.Course, epochs_done: int, seconds: float) -> None:
        real(course, epochs_done, seconds)
        seen.append(epochs_done)
        if len(seen) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(courses.Course, "save", dying)
    with Catalog.open(narrowed) as catalog:
        with pytest.raises(KeyboardInterrupt):
            run(sources, catalog, tmp_path / "model", tmp_path / "work", KNOBS)
        assert not (tmp_path / "model").exists()
        resumed = run(sources, catalog, tmp_path / "model", tmp_path / "work", KNOBS)
        whole = artefacts.load(fitted / "model", catalog).manifest
    assert seen == [1, 2, 3], "no epoch twice"
    assert resumed.hashes["vision/model.safetensors"] == whole.hashes["vision/model.safetensors"]


def test_a_checkpoint_of_other_knobs_is_refused(
    fitted: Path, sources: Sources, narrowed: Path
) -> None:
    other = replace(KNOBS, weight_decay=1.0)
    with Catalog.open(narrowed) as catalog, pytest.raises(ArtefactError, match="other knobs"):
        run(sources, catalog, fitted / "no", fitted / "work", other)


def test_a_checkpoint_of_other_photos_is_refused(
    fitted: Path, sources: Sources, narrowed: Path, tmp_path: Path
) -> None:
    """Else the list of what took part would tell of photos that never did."""
    with zipfile.ZipFile(sources.photos) as archive:
        (tmp_path / "one.png").write_bytes(archive.read("100.png"))
    without = replace(sources, exclude=(tmp_path / "one.png",))
    fewer = replace(sources, listed=tmp_path / "fewer.csv")
    fewer.listed.write_text("\n".join(sources.listed.read_text().splitlines()[:-30]) + "\n")
    for other in (without, fewer):
        with Catalog.open(narrowed) as catalog, pytest.raises(ArtefactError, match="other photos"):
            run(other, catalog, fitted / "no", fitted / "work", KNOBS)
    assert not (fitted / "no").exists()


def test_textures_are_images_and_differ() -> None:
    import torch

    photos = torch.rand(4, 3, 40, 40)
    made = textures(photos, 30, np.random.default_rng(5))
    assert made.shape == (30, 3, 40, 40)
    assert float(made.min()) >= -0.2 and float(made.max()) <= 1.2
    assert len({tuple(image.flatten()[:50].tolist()) for image in made}) > 20


def test_an_open_world_weighs_kinds_evenly_and_strangers_as_much() -> None:
    cat, dog = frozenset({Qid("Q146")}), frozenset({Qid("Q144")})
    weights = open_world([cat, cat, cat, dog, frozenset(), frozenset()], 2)
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights[:4].sum() == pytest.approx(weights[4:6].sum())
    assert (weights[6:] == 1).all() and len(weights) == 8
