"""A model is written whole or not at all, and comes back as it was."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact
from depicts_model.linker.items import ItemTable

from .conftest import LEAVES, PREPROCESS, calibration, manifest, save, table
from .world import ZOO, q


def test_what_is_saved_comes_back_in_order(tmp_path: Path) -> None:
    original = table()
    back = np.array([3, 0, 4, 1, 2])
    mixed = ItemTable(
        tuple(LEAVES[i] for i in back),
        original.vectors[back],
        original.log_prior[back],
        original.known[back],
        np.arange(5, dtype=np.int32)[back],
        original.projection,
    )
    written = save(tmp_path / "m", mixed)
    read = artefact.load(tmp_path / "m", ZOO)
    assert read.manifest == written and set(written.hashes) == set(artefact.REQUIRED)
    assert read.items.qids == LEAVES and read.items.n_train.tolist() == [0, 1, 2, 3, 4]
    assert np.allclose(read.items.vectors, original.vectors, atol=1e-3)
    assert read.calibration == calibration() and read.preprocess == PREPROCESS
    assert read.items.projection is not None and original.projection is not None
    assert np.allclose(read.items.projection, original.projection, atol=1e-2)


def test_hubness_and_prototypes_are_kept_with_their_items(tmp_path: Path) -> None:
    looks = np.zeros((5, 6), dtype=np.float32)
    looks[[0, 3]] = np.eye(6, dtype=np.float32)[:2]
    white = np.diag(np.arange(1, 7)).astype(np.float32)
    full = replace(table(), hub=np.arange(5.0), prototypes=looks, whitening=white)
    save(tmp_path / "m", full)
    read = artefact.load(tmp_path / "m", ZOO).items
    order = [full.qids.index(qid) for qid in read.qids]
    assert read.hub is not None and np.array_equal(read.hub, np.arange(5.0)[order])
    assert read.prototypes is not None and np.array_equal(read.prototypes, looks[order])
    assert read.whitening is not None and np.array_equal(read.whitening, white)


def test_the_same_model_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    assert save(tmp_path / "a").hashes == save(tmp_path / "b").hashes


def test_an_interrupted_save_leaves_the_old_model(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    before = save(folder)

    class FullDisk:
        def half(self) -> FullDisk:
            return self

        def save_pretrained(self, folder: Path) -> None:
            folder.mkdir()
            (folder / "config.json").write_text("{}")
            raise OSError(28, "No space left on device")

    with pytest.raises(ArtefactError, match="No space left on device"):
        artefact.save(folder, FullDisk(), PREPROCESS, table(), calibration(), manifest())
    assert artefact.load(folder, ZOO).manifest == before
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model whose second save was killed between its renames."""
    folder = tmp_path / "m"
    save(folder)
    real = Path.rename

    def dying(self: Path, target: Path) -> Path:
        if target == folder:
            raise KeyboardInterrupt
        return real(self, target)

    with monkeypatch.context() as dead:
        dead.setattr(Path, "rename", dying)
        with pytest.raises(KeyboardInterrupt):
            save(folder, threshold=0.7)
    assert not folder.exists()
    return folder


def test_a_kill_between_the_renames_costs_no_model(killed: Path) -> None:
    assert artefact.load(killed, ZOO).calibration.display_threshold == 0.5
    assert [path.name for path in killed.parent.iterdir()] == ["m"]


def test_a_save_after_such_a_kill_leaves_one_model(killed: Path) -> None:
    save(killed, threshold=0.9)
    assert artefact.load(killed, ZOO).calibration.display_threshold == 0.9
    assert [path.name for path in killed.parent.iterdir()] == ["m"]


def test_a_reader_who_may_not_put_it_back_finds_none(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(ArtefactError, match=r"manifest\.json: missing; no model there"):
        artefact.load(killed, ZOO)


def test_what_a_kill_after_the_renames_left_is_cleared_away(tmp_path: Path) -> None:
    save(tmp_path / "m")
    shutil.copytree(tmp_path / "m", tmp_path / ".m.old")
    save(tmp_path / "m", threshold=0.7)
    assert artefact.load(tmp_path / "m", ZOO).calibration.display_threshold == 0.7
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_new_save_replaces_the_old_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "m"
    save(folder)
    save(folder, threshold=0.7)
    assert artefact.load(folder, ZOO).calibration.display_threshold == 0.7
    assert [path.name for path in folder.parent.iterdir()] == ["m"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArtefactError, match="cannot be written"):
        save(tmp_path / "file" / "m")


def test_further_files_are_kept_and_hashed(tmp_path: Path) -> None:
    from transformers import ResNetConfig, ResNetModel

    tower = ResNetModel(ResNetConfig(embedding_size=8, hidden_sizes=[8], depths=[1]))
    extra = {"cards/report.json": b"{}"}
    artefact.save(tmp_path / "m", tower, PREPROCESS, table(), calibration(), manifest(), extra)
    assert "cards/report.json" in artefact.load(tmp_path / "m", None).manifest.hashes
    assert next(tower.parameters()).dtype.itemsize == 4, "the caller's model stays as it was"


def test_calibration_without_support_list_supports_all() -> None:
    assert replace(calibration(), supported=None).supported_nodes() is None
    some = replace(calibration(), supported={q(4): 19, q(3): 20}, min_support=20)
    assert some.supported_nodes() == frozenset({q(3)})
