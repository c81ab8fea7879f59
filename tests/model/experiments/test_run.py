"""Systems on works, from a folder of photos to the report, with encoders of the test's own."""

from __future__ import annotations

import colorsys
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from depicts_model.cli import main
from depicts_model.errors import ConfigurationError
from depicts_model.linker.experiments import ours
from depicts_model.linker.experiments import run as running
from depicts_model.linker.experiments import settings as shapes
from depicts_model.linker.experiments import towers as shelf
from depicts_model.linker.experiments.data import ENCODER, NEEDED
from depicts_model.linker.experiments.extras import RAW
from depicts_model.linker.experiments.figures import comparisons
from depicts_model.linker.experiments.results import Run
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.systems import NAMES, by_name
from depicts_model.linker.experiments.told import lines, settings_named
from depicts_model.linker.experiments.work import Vectors

from .runs import runs
from .works import small_work

KINDS = 10
EACH = 12


class Toy:
    """Two towers of one space: colours, and the first number in words, a kind's."""

    name = "toy"
    joined = True
    minilm = False

    def __init__(self, model: Path) -> None:
        assert model.is_file()

    def images(self, images: Sequence[Image.Image]) -> Vectors:
        found = [np.asarray(image, np.float32).mean(axis=(0, 1)) - 127 for image in images]
        return np.array(found, dtype=np.float32)

    def texts(self, texts: Sequence[str]) -> Vectors:
        kinds = [int(re.findall(r"\d+", text)[0]) for text in texts]
        colours = np.array([colour(kind) for kind in kinds]) - 127
        result: Vectors = (colours / np.linalg.norm(colours, axis=1, keepdims=True)).astype("f4")
        return result


def colour(kind: int) -> tuple[float, ...]:
    return tuple(255 * one for one in colorsys.hsv_to_rgb(kind / KINDS, 0.9, 0.9))


def photo(kind: int, number: int) -> bytes:
    draw = np.random.default_rng((kind, number))
    coarse = np.array(colour(kind)) + draw.normal(0, 60, (5, 5, 3))
    image = Image.fromarray(coarse.clip(0, 255).astype(np.uint8)).resize((48, 48))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "encoders").mkdir()
    (folder / ENCODER).write_bytes(b"toy")
    qids = [f"Q{1000 + kind}" for kind in range(KINDS)]
    rows = ["file,items,label,set,confidence"]
    with zipfile.ZipFile(folder / "photos.zip", "w") as archive:
        for kind, qid in enumerate(qids):
            for number in range(EACH):
                name = f"made/{kind}-{number}.png"
                archive.writestr(name, photo(kind, number))
                rows.append(f"{name},{qid},x,made,high")
    (folder / "photos.csv").write_text("\n".join(rows) + "\n")
    head = "qid,label,description,visual,p31,p279,broader_wordnet,broader_other"
    items = [f"{qid},kind {kind},,1,,,," for kind, qid in enumerate(qids)]
    (folder / "items.csv").write_text("\n".join([head, *items]) + "\n")
    return folder


def evaluate(photos: Path, out: Path, *words: str) -> Result:
    asked = ["evaluate", "--photos", str(photos), "--out", str(out), *words]
    return CliRunner().invoke(main, asked)


@pytest.mark.slow
def test_from_a_folder_of_photos_to_the_report(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (running, shelf):
        monkeypatch.setattr(module, "MobileNetMiniLm", Toy)
    monkeypatch.setattr(shapes, "MOSAICS", (12, 6))
    words = ("--systems", "zero-shot,random", "--seeds", "2")
    done = evaluate(photos, tmp_path, *words)
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    works = {(one["setting"], one["seed"], one["system"]) for one in told["runs"]}
    seeds = [("vel-shaped", 0), ("vel-shaped", 1), ("multi", 0), ("balanced", 0)]
    assert works == {(*work, name) for work in seeds for name in ("random", "zero-shot")}
    counts = {(one["setting"], one["seed"]): one for one in told["about"]["counts"]}
    assert counts.keys() == set(seeds)
    assert all(one["training"] > 0 and one["systems"] == 2 for one in counts.values())
    assert counts["multi", 0]["training"] == 12, "mosaics"
    assert told["about"]["facts"]["encoder"] == "toy"
    first = told["averages"]["vel-shaped"]
    assert first["zero-shot"]["R@1"]["value"] > first["random"]["R@1"]["value"]
    assert "vel-shaped: " in done.stdout and "2 seeds" in done.stdout
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<strong>kind " in page and "data:image/jpeg" in page
    assert str(tmp_path) not in page

    again = evaluate(photos, tmp_path, *words)
    assert again.stderr.count("there already") == 8
    assert again.stdout == done.stdout
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == page


@pytest.mark.slow
def test_all_brings_what_stands_beside_the_table(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (running, shelf):
        monkeypatch.setattr(module, "MobileNetMiniLm", Toy)
    done = evaluate(
        photos, tmp_path, "--systems", "all", "--seeds", "1", "--settings", "vel-shaped"
    )
    assert done.exit_code == 0, done.output
    assert "te-256 is left out" in done.stderr
    told = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    systems = {
        setting: {one["system"] for one in told["runs"] if one["setting"] == setting}
        for setting in ("vel-shaped", "vel-shaped, raw feature")
    }
    whole = systems["vel-shaped"]
    assert {name for name in NAMES if name != "te-256"} <= whole
    assert {f"ours {name}" for name in ours.ABLATIONS} <= whole
    assert systems["vel-shaped, raw feature"] == {*RAW}
    assert "left out: ours: too few photos to calibrate" in done.stderr
    assert told["tables"].keys() == {*running.TABLES}
    assert {row["mentions"] for row in told["tables"]["m3el, synthetic mentions"]} == {"synthetic"}


def test_a_missing_file_of_the_folder_is_one_line(photos: Path, tmp_path: Path) -> None:
    for name in NEEDED:
        folder = tmp_path / Path(name).name
        (folder / "encoders").mkdir(parents=True)
        for other in set(NEEDED) - {name}:
            (folder / other).write_bytes(b"")
        done = evaluate(folder, tmp_path / "out", "--systems", "all")
        assert done.exit_code == 2
        assert done.stderr == f"error: {folder / name}: no such file; experiments need the photos\n"
    assert not (tmp_path / "out").exists()


def test_a_system_sees_no_truth_and_is_timed() -> None:
    work = small_work()
    found = running.run_on(work, by_name("zero-shot"), by_name("zero-shot").knobs, Clock())
    assert isinstance(found, Run)
    assert found.truths == work.test.truths and found.items == work.items
    assert found.top.shape == (len(work.test), len(work.items))
    assert found.seconds >= 0 and not found.capped


def test_a_mosaic_is_pictured_as_it_was_seen(photos: Path) -> None:
    data = running.picture_of(photos / "photos.zip", "made/0-0.png+made/5-0.png")
    assert data is not None
    image = Image.open(io.BytesIO(data))
    assert image.size == (224, 224)
    assert image.getpixel((200, 200)) == (127, 127, 127)
    assert running.picture_of(photos / "photos.zip", "none.png") is None


def test_settings_are_named_once_and_the_nearest_is_told() -> None:
    assert settings_named("all") == ("vel-shaped", "multi", "balanced")
    assert settings_named("multi, vel-shaped,multi") == ("multi", "vel-shaped")
    with pytest.raises(ConfigurationError, match="'balance'; the nearest one is 'balanced'"):
        settings_named("balance")


def test_the_table_tells_every_figure_with_its_interval() -> None:
    told = list(lines(comparisons(runs())))
    assert told[0].startswith("small: ") and told[0].endswith("2 seeds")
    assert told[1].split() == ["R@1", "R@10", "mAP@10", "DivR@10"]
    rows = {line.split()[0]: line for line in told[2:]}
    assert rows.keys() >= {"ours", "v2v", "knn", "mlp-256", "top-k"}
    assert rows["v2v"].count("(") == 4
    partly = "ours over the best baseline that ran (1 of 3): R@1 "
    assert any(line.startswith(partly) for line in told)
