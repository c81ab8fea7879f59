"""A model that was cut, edited, mixed or made of what cannot be is refused with one clear line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact
from depicts_model.linker.encoder import Encoder

from .conftest import LEAVES, PREPROCESS, calibration, table
from .world import ZOO

Damage = Callable[[Path], object]


def _edit(name: str, change: Callable[[dict[str, Any]], object]) -> Damage:
    def damage(folder: Path) -> None:
        values = json.loads((folder / name).read_text())
        change(values)
        (folder / name).write_text(json.dumps(values))

    return damage


def _cut(name: str) -> Damage:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-7])


def _lose(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


EDITED: dict[str, tuple[Damage, str]] = {
    "no folder": (shutil.rmtree, r"manifest\.json: missing"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), r"manifest\.json: missing"),
    "empty manifest": (lambda f: (f / "manifest.json").write_bytes(b""), "not a manifest"),
    "a manifest that is a list": (
        lambda f: (f / "manifest.json").write_text("[1]"),
        "not a manifest",
    ),
    "unknown key": (
        _edit("manifest.json", lambda m: m.update(colour=1)),
        "unknown key 'colour'",
    ),
    "key missing": (_edit("manifest.json", lambda m: m.pop("licences")), "not a manifest"),
    "hashes of the wrong kind": (
        _edit("manifest.json", lambda m: m.update(hashes=[])),
        "not a manifest",
    ),
    "other catalog": (
        _edit("manifest.json", lambda m: m.update(catalog_snapshot="1999")),
        "made for catalog '1999', but '2026-01-01-world' is loaded",
    ),
    "stray file": (
        lambda f: (f / "vision" / "adapter_config.json").write_text("{}"),
        "not listed",
    ),
    "calibration edited": (
        lambda f: (f / "calibration.json").write_text(calibration(0.01).to_json()),
        r"calibration\.json: cut short or changed",
    ),
}


CUT: dict[str, tuple[Damage, str]] = {
    f"{name} cut short": (_cut(name), f"{name}: cut short or changed") for name in artefact.REQUIRED
}


LOST: dict[str, tuple[Damage, str]] = {
    f"{name} missing": (_lose(name), f"{name}: missing") for name in artefact.REQUIRED
}


DAMAGE = EDITED | CUT | LOST


@pytest.mark.parametrize("case", DAMAGE)
def test_damage_is_named(case: str, model_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder)
    damage, expected = DAMAGE[case]
    damage(folder)
    with pytest.raises(ArtefactError, match=expected) as caught:
        artefact.load(folder, ZOO)
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)


UNFIT: dict[str, tuple[str, bytes, str]] = {
    "names": ("items.json", b'["Q4", "cat"]', "not an item id"),
    "names of another kind": ("items.json", b"{}", "not a list"),
    "fewer names": ("items.json", b'["Q4"]', "for 1 items"),
    "the same name twice": ("items.json", b'["Q4","Q4","Q6","Q7","Q10"]', "each once"),
    "arrays": ("items.safetensors", b"nonsense", r"items\.safetensors"),
    "calibration": ("calibration.json", b"{}", "unfit calibration"),
    "calibration's key": ("calibration.json", b'{"tau": 1}', "unknown key 'tau'"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_sound_hashes_do_not_excuse_unfit_content(
    case: str, model_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder)
    name, content, expected = UNFIT[case]
    (folder / name).write_bytes(content)
    right = artefact._hashes(folder)
    _edit("manifest.json", lambda m: m.update(hashes=right))(folder)
    with pytest.raises(ArtefactError, match=expected):
        artefact.load(folder, ZOO)


def _swap(name: str, edit: Callable[[Path], object]) -> Damage:
    """Another file of the name, and hashes put right."""

    def damage(folder: Path) -> None:
        edit(folder / name)
        right = artefact._hashes(folder)
        _edit("manifest.json", lambda m: m.update(hashes=right))(folder)

    return damage


def _other_weights(path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    weights = {name: np.asarray(array * 2) for name, array in load_file(path).items()}
    save_file(weights, path, {"format": "pt"})


def _speechless(path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    save_file({name: np.asarray(array) for name, array in load_file(path).items()}, path)


SWAPPED: dict[str, tuple[Damage, str]] = {
    "other weights": (
        _swap(artefact.WEIGHTS, _other_weights),
        r"another vision/model\.safetensors",
    ),
    "other configuration": (
        _swap(artefact.CONFIG, lambda p: p.write_text(p.read_text().replace("relu", "gelu"))),
        r"another vision/config\.json",
    ),
    "vectors that do not say": (
        _swap("items.safetensors", _speechless),
        r"items\.safetensors: does not say for which encoder and catalog",
    ),
    "other preprocessing": (
        _swap(
            artefact.PREPROCESS,
            lambda p: p.write_text(replace(PREPROCESS, size=48).to_json()),
        ),
        r"another vision/preprocessor\.json",
    ),
}


@pytest.mark.parametrize("case", SWAPPED)
def test_item_vectors_refuse_another_encoder_whatever_the_manifest_says(
    case: str, model_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder)
    damage, expected = SWAPPED[case]
    damage(folder)
    with pytest.raises(ArtefactError, match=expected):
        artefact.load(folder, ZOO)


def test_item_vectors_refuse_another_catalog_whatever_the_manifest_says(
    model_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_dir, folder)
    _edit("manifest.json", lambda m: m.update(catalog_snapshot="1999"))(folder)
    with pytest.raises(ArtefactError, match=r"items\.safetensors: .* made for another catalog"):
        artefact.load(folder, replace(ZOO, snapshot="1999"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"vectors": np.ones((5, 6), dtype=np.float32)}, "unit length"),
        ({"vectors": np.full((5, 6), np.nan, dtype=np.float32)}, "unit length"),
        ({"log_prior": np.zeros(4, dtype=np.float32)}, "log_prior"),
        ({"log_prior": np.full(5, -np.inf, dtype=np.float32)}, "finite"),
        ({"projection": np.ones((16, 5), dtype=np.float32)}, "projection"),
        ({"projection": np.full((16, 6), np.nan, dtype=np.float32)}, "projection"),
        ({"hub": np.zeros(4)}, "hub"),
        ({"whitening": np.zeros((5, 6), dtype=np.float32)}, "whitening"),
        ({"hub": np.full(5, np.nan)}, "hub"),
        ({"prototypes": np.zeros((5, 5), dtype=np.float32)}, "prototypes"),
        ({"prototypes": np.ones((5, 6), dtype=np.float32)}, "neither of unit length nor zero"),
        ({"n_train": np.full(5, -1, dtype=np.int32)}, "n_train"),
        ({"qids": LEAVES[:4]}, "for 4 items"),
    ],
)
def test_unfit_tables_cannot_be_made(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        replace(table(), **change)


@pytest.mark.parametrize(
    "change",
    [
        {"display_threshold": 0.0},
        {"display_threshold": 1.5},
        {"target_precision": 1.0},
        {"specificity_floor": -1.0},
    ],
)
def test_unfit_calibrations_cannot_be_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        replace(calibration(), **change)


def test_weights_that_do_not_fit_are_refused_not_filled_with_noise(
    model_dir: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = tmp_path / "m"
    shutil.copytree(model_dir, folder)
    weights = load_file(folder / artefact.WEIGHTS)
    name = max(weights)
    lost = {k: v for k, v in weights.items() if k != name}
    save_file(lost, folder / artefact.WEIGHTS, {"format": "pt"})
    with pytest.raises(ArtefactError, match="weights do not fit"):
        Encoder.load(folder)
    (folder / artefact.WEIGHTS).write_bytes(b"nonsense")
    with pytest.raises(ArtefactError, match="cannot be loaded"):
        Encoder.load(folder)
