"""The whole fit on a handful of generated pictures: it learns, resumes, and writes a model."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image

from depicts_model.catalog import Catalog
from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.items import ItemTable
from depicts_model.linker.link import Linker
from depicts_model.linker.training import fit as fitting
from depicts_model.linker.training import teacher as teaching
from depicts_model.linker.training.batches import textures
from depicts_model.linker.training.evaluate import evaluate_set
from depicts_model.linker.training.judging import open_world
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.lot import Sources
from depicts_model.linker.training.run import mark, run
from depicts_model.settings import Settings
from depicts_model.types import Qid
from tests.model.linker.conftest import PREPROCESS, calibration, table

pytestmark = pytest.mark.slow

BANANA, APPLE, JELLYFISH, LION = "Q503", "Q89", "Q30178", "Q140"
KINDS = {BANANA: (230, 200, 40), APPLE: (200, 30, 40), JELLYFISH: (40, 60, 220), LION: (90, 70, 50)}
# kinds of few photos, strange to the model: two in training, two in judging
RARE = {
    "Q1093742": (160, 220, 120),
    "Q13191": (240, 130, 20),
    "Q41607": (128, 128, 128),
    "Q177": (250, 240, 230),
}
KNOBS = Knobs(
    stem_channels=8,
    channels=(8, 8, 16, 16),
    depths=(1, 1, 1, 1),
    dim=16,
    epochs=3,
    sizes=((1.0, 32),),
    min_photos=20,
    batch=32,
    stored_side=32,
    views=2,
    duplicate_bits=0,
    judging_share=0.6,
    teacher_weight=0.1,
)


def picture(colour: tuple[int, int, int], draw: np.random.Generator) -> bytes:
    """One colour with strong grain: kinds are told apart by colour, hashes by grain."""
    blocks = draw.normal(0, 40, (8, 8, 1)).repeat(6, axis=0).repeat(6, axis=1)
    pixels = np.clip(np.array(colour) + blocks, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("photos")
    draw = np.random.default_rng(0)
    rows = ["file,items,label,set,confidence"]
    with zipfile.ZipFile(folder / "photos.zip", "w") as archive:
        for number in range(500):
            qid = list(KINDS)[number % 4] if number < 440 else list(RARE)[number % 4]
            name = f"{number}.png"
            archive.writestr(name, picture((KINDS | RARE)[qid], draw))
            rows.append(f"{name},{qid},x,{'tiny/val' if number < 40 else 'made'},high")
    (folder / "photos.csv").write_text("\n".join(rows) + "\n")
    return Sources(folder / "photos.zip", folder / "photos.csv")


@dataclass
class Counting:
    """A teacher that says which third of the colours is strongest, and counts its questions."""

    asked: int = 0
    dies_after: int = 10**9
    classes: int = 3
    width: int = 4
    score_scale: float = 0.1
    feature_scale: float = 0.1

    def answer(
        self, pixels: NDArray[np.uint8], box: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        if self.asked == self.dies_after:
            raise KeyboardInterrupt
        self.asked += 1
        mean = pixels.mean((0, 1)).astype(np.uint8)
        return mean, np.append(mean, 1).astype(np.uint8)


@pytest.fixture(scope="module")
def fitted(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    with Catalog.open(None) as catalog:
        run(sources, catalog, folder / "model", folder / "work", KNOBS)
    return folder


def test_a_fitted_model_is_served_and_judged(fitted: Path, sources: Sources) -> None:
    with Catalog.open(None) as catalog:
        linker = Linker.load(fitted / "model", catalog, Settings())
        assert linker.demo
        made = fitted / "model"
        figures = evaluate_set(sources.photos, sources.listed, "tiny/val", made, catalog)
    manifest = linker.artefact.manifest
    assert figures["test_candidates"] == 4
    assert figures["test_top1"] > 0.5, "four colours, by text vectors alone"
    assert manifest.metrics["test_top1"] == round(figures["test_top1"], 4)
    card = (fitted / "model" / "card.md").read_text()
    told = ("There was no teacher", "## Rules compared", "is nominal", "Banana (", "jellyfish (")
    assert all(words in card for words in told)


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
        assert set(roles[40:440]) == {"train", "calibration", "thresholds", "report"}
        assert set(roles[440:]) == {"strangers", "calibration", "thresholds", "report"}


def test_a_finished_fit_starts_nothing_anew(
    fitted: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "loss_of", lambda *_: pytest.fail("trained again"))
    with Catalog.open(None) as catalog:
        manifest = run(sources, catalog, fitted / "again", fitted / "work", KNOBS)
        first = artefacts.load(fitted / "model", catalog).manifest
    assert manifest.hashes["vision/model.safetensors"] == first.hashes["vision/model.safetensors"]


def test_a_killed_fit_takes_up_again_and_ends_the_same(
    fitted: Path, sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = fitting.Course.save, []

    def dying(course: fitting.Course, epochs_done: int, seconds: float) -> None:
        real(course, epochs_done, seconds)
        seen.append(epochs_done)
        if len(seen) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(fitting.Course, "save", dying)
    with Catalog.open(None) as catalog:
        with pytest.raises(KeyboardInterrupt):
            run(sources, catalog, tmp_path / "model", tmp_path / "work", KNOBS)
        assert not (tmp_path / "model").exists()
        resumed = run(sources, catalog, tmp_path / "model", tmp_path / "work", KNOBS)
        whole = artefacts.load(fitted / "model", catalog).manifest
    assert seen == [1, 2, 3], "no epoch twice"
    assert resumed.hashes["vision/model.safetensors"] == whole.hashes["vision/model.safetensors"]


def test_a_checkpoint_of_other_knobs_is_refused(fitted: Path, sources: Sources) -> None:
    other = replace(KNOBS, weight_decay=1.0)
    with Catalog.open(None) as catalog, pytest.raises(ArtefactError, match="other knobs"):
        run(sources, catalog, fitted / "no", fitted / "work", other)


def test_a_checkpoint_of_other_photos_is_refused(
    fitted: Path, sources: Sources, tmp_path: Path
) -> None:
    """Else the list of what took part would tell of photos that never did."""
    with zipfile.ZipFile(sources.photos) as archive:
        (tmp_path / "one.png").write_bytes(archive.read("100.png"))
    without = replace(sources, exclude=(tmp_path / "one.png",))
    fewer = replace(sources, listed=tmp_path / "fewer.csv")
    fewer.listed.write_text("\n".join(sources.listed.read_text().splitlines()[:-30]) + "\n")
    for other in (without, fewer):
        with Catalog.open(None) as catalog, pytest.raises(ArtefactError, match="other photos"):
            run(other, catalog, fitted / "no", fitted / "work", KNOBS)
    assert not (fitted / "no").exists()


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
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.tflite").write_bytes(b"stands in: the answers come from Counting")
    (tmp_path / "classes.txt").write_text("red thing\ngreen thing\nblue thing, azure\n")
    monkeypatch.setattr("depicts_model.linker.training.lot.MobileNet", lambda _: Counting())
    taught = replace(sources, teacher=tmp_path / "t.tflite", class_names=tmp_path / "classes.txt")
    with Catalog.open(None) as catalog:
        run(
            taught,
            catalog,
            tmp_path / "model",
            tmp_path / "work",
            replace(KNOBS, epochs=1),
        )
    assert "t.tflite" in (tmp_path / "model" / "card.md").read_text()


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


TABLE = [
    (["--photos", "none.zip", "--list", "LIST"], "none.zip: No such file"),
    (["--photos", "LIST", "--list", "LIST"], "photos.csv: not a sound zip"),
    (["--photos", "CUT", "--list", "LIST"], "cut.zip: not a sound zip"),
    (["--photos", "ODD", "--list", "ODDLIST"], "odd.png: cannot be read as an image"),
    (["--photos", "ZIP", "--list", "ODDLIST"], "photos.zip: no odd.png in it"),
    (["--photos", "ZIP", "--list", "none.csv"], "none.csv: No such file"),
    (["--photos", "ZIP", "--list", "LIST", "--exclude", "LIST"], "cannot be read as an image"),
    (["--photos", "ZIP", "--list", "LIST", "--teacher", "x"], "go together"),
    (
        ["--photos", "ZIP", "--list", "LIST", "--teacher", "none.tflite", "--classes", "LIST"],
        "none.tflite: no such file",
    ),
    (
        ["--photos", "ZIP", "--list", "LIST", "--teacher", "LIST", "--classes", "LIST"],
        "photos.csv: not a TensorFlow Lite model",
    ),
    (
        ["--photos", "ZIP", "--list", "LIST", "--teacher", "LIST", "--classes", "none.txt"],
        "none.txt: cannot be read",
    ),
    (
        ["--photos", "ZIP", "--list", "LIST", "--work", "/dev/null/x"],
        "/dev/null/x: Not a directory",
    ),
    (["--photos", "ZIP", "--list", "LIST", "--work", "/dev/full"], "/dev/full: File exists"),
]


@pytest.fixture(scope="module")
def named(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "cut.zip").write_bytes(sources.photos.read_bytes()[:5000])
    (folder / "odd.csv").write_text("file,items,label,set,confidence\nodd.png,Q89,x,y,high\n")
    with zipfile.ZipFile(folder / "odd.zip", "w") as archive:
        archive.writestr("odd.png", b"\x89PNG and then nothing")
    return {
        "LIST": str(sources.listed),
        "ZIP": str(sources.photos),
        "CUT": str(folder / "cut.zip"),
        "ODD": str(folder / "odd.zip"),
        "ODDLIST": str(folder / "odd.csv"),
    }


@pytest.mark.parametrize(("arguments", "line"), TABLE, ids=[line for _, line in TABLE])
def test_nonsense_is_answered_in_one_line(
    arguments: list[str], line: str, named: dict[str, str], tmp_path: Path
) -> None:
    words = [named.get(word, word) for word in arguments]
    words = ["--work", str(tmp_path / "w"), *words, "--out", str(tmp_path / "m")]
    answer = CliRunner().invoke(main, ["fit", "--from-scratch", *words])
    assert answer.exit_code == 2, answer.output
    assert line in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("photos", "listed", "line"),
    [
        ("none.zip", "LIST", "none.zip: No such file"),
        ("CUT", "LIST", "cut.zip: not a sound zip"),
        ("ODD", "ODDLIST", "odd.png: "),
        ("ZIP", "ODDLIST", "no odd.png in it"),
        ("ZIP", "none.csv", "none.csv: No such file"),
    ],
)
def test_a_judge_of_nonsense_says_so_in_one_line(
    photos: str, listed: str, line: str, named: dict[str, str], fitted: Path
) -> None:
    name = "y" if listed == "ODDLIST" else "tiny/val"
    words = ["--photos", named.get(photos, photos), "--list", named.get(listed, listed)]
    model = ["--model", str(fitted / "model"), "--set", name]
    answer = CliRunner().invoke(main, ["evaluate", *words, *model])
    assert answer.exit_code == 2, answer.output
    assert line in answer.output
    assert "Traceback" not in answer.output
