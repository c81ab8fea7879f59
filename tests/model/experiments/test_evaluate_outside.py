"""``evaluate --test-csv``: a served model on images from elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from depicts_model.cli import main
from depicts_model.cli_about import command_line, commit
from depicts_model.cli_evaluate import evaluate as evaluate_command
from depicts_model.dataset.pictures import hash_of
from depicts_model.errors import ArtefactError
from depicts_model.linker.display_metrics import Verdict
from depicts_model.linker.head import Evidence
from depicts_model.linker.kin import CatalogKin
from depicts_model.linker.link import Linker
from depicts_model.linker.retraining.lessons import Lesson
from depicts_model.linker.retraining.made_of import TRAINING, MadeOf
from depicts_model.linker.training import outside
from depicts_model.linker.training.judging import encode_all
from depicts_model.linker.training.outside import evaluate_outside, read_test_set
from depicts_model.linker.training.overlap import Overlap, overlap
from depicts_model.settings import Settings
from tests.model.linker.conftest import photo, save
from tests.model.linker.watched import Watched
from tests.model.linker.world import ZOO, q

IMAGES_OF = "the images of test.csv"
LEAVES = (4, 6, 7, 10, 12)
"""The items of the small model."""


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    (folder / "below").mkdir()
    for number in range(8):
        (folder / "below" / f"{number}.png").write_bytes(photo(number))
    (folder / "torn.png").write_bytes(photo(9)[:200])
    return folder


def table(folder: Path, *rows: str) -> Path:
    path = folder / "test.csv"
    path.write_text("\n".join(["file,items", *rows]) + "\n", encoding="utf-8")
    return path


def loaded(folder: Path) -> Linker:
    """A model that shows something of any image."""
    save(folder / "model", threshold=0.05)
    world: Any = ZOO
    return Linker.load(folder / "model", world, Settings())


def judged(folder: Path, rows: list[str]) -> Result:
    """The command on a table with these rows; the only image is ``below/0.png``."""
    (folder / "below").mkdir()
    (folder / "below" / "0.png").write_bytes(photo())
    path = table(folder, *rows)
    return evaluate("--test-csv", path, "--images", folder, "--out", folder / "out")


def evaluate(*words: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, words)])


def read(linker: Linker, path: Path) -> Evidence:
    (evidence,) = linker.read([path.read_bytes()])
    assert isinstance(evidence, Evidence)
    return evidence


# --- the table ---


def test_rows_of_one_file_are_things_and_bars_part_alternatives(
    tmp_path: Path, images: Path
) -> None:
    world: Any = ZOO
    rows = ["below/0.png,Q4|Q6", "below/1.png,Q7", "below/0.png,Q10", "below/0.png,Q10"]
    found = read_test_set(table(tmp_path, *rows), images, world)
    assert found.files == ("below/0.png", "below/1.png")
    assert found.truths == ((frozenset({q(4), q(6)}), frozenset({q(10)})), (frozenset({q(7)}),))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["below/0.png,Q146", "none.png,Q146"], "test.csv: line 3: no image"),
        (["below/0.png,cat"], "test.csv: line 2: not an item id: 'cat'"),
        (["below/0.png,"], "test.csv: line 2: not an item id: ''"),
        (["below/0.png,Q146|Q999999999"], "test.csv: line 2: Q999999999 is not in the catalog"),
        (["below/0.png,Q146,more"], "test.csv: line 2: wrong number of fields"),
        (["below/0.png"], "test.csv: line 2: wrong number of fields"),
        ([",Q146"], "test.csv: line 2: no image"),
        ([], "test.csv: no rows"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, rows: list[str], said: str) -> None:
    """Before a model is loaded, and nothing is written."""
    done = judged(tmp_path, rows)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_table_that_is_none_is_named(tmp_path: Path, images: Path) -> None:
    world: Any = ZOO
    with pytest.raises(ArtefactError, match=r"none\.csv: No such file"):
        read_test_set(tmp_path / "none.csv", images, world)
    (tmp_path / "test.csv").write_bytes(b"file,items\n\xff\xfe,Q4\n")
    with pytest.raises(ArtefactError, match="UTF-8"):
        read_test_set(tmp_path / "test.csv", images, world)
    (tmp_path / "test.csv").write_text("file,item\na,Q4\n")
    with pytest.raises(ArtefactError, match="no column 'items'"):
        read_test_set(tmp_path / "test.csv", images, world)


# --- what it comes to ---


def test_the_ranking_is_that_of_the_model(tmp_path: Path, images: Path) -> None:
    world: Any = ZOO
    linker = loaded(tmp_path)
    rows = [f"below/{n}.png,Q{LEAVES[n % 5]}" for n in range(8)]
    test = read_test_set(table(tmp_path, *rows), images, world)
    results, _ = evaluate_outside(linker, test, images)
    (run,) = results.runs
    assert run.items == tuple(map(q, LEAVES))
    assert run.top.shape == (8, 5)
    for at, file in enumerate(test.files):
        probabilities = read(linker, images / file).probabilities
        assert run.top[at].tolist() == np.argsort(-probabilities).tolist()
        assert run.truths[at] == (frozenset({at % 5}),)


def test_neither_files_nor_evidence_pile_up(
    tmp_path: Path, images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world: Any = ZOO
    linker = loaded(tmp_path)
    rows = [f"below/{n}.png,Q{LEAVES[n % 5]}" for n in range(8)]
    test = read_test_set(table(tmp_path, *rows), images, world)
    whole, _ = evaluate_outside(linker, test, images)
    sizes: list[int] = []
    watched: Any = Watched(linker.head)

    def encoding(encoder: Any, data: Any, names: Any) -> Any:
        sizes.append(len(data))
        return encode_all(encoder, data, names)

    monkeypatch.setattr(outside, "encode_all", encoding)
    monkeypatch.setattr(outside, "BATCH", 3)
    parts, _ = evaluate_outside(replace(linker, head=watched), test, images)
    assert sizes == [3, 3, 2]
    assert (parts.runs[0].top == whole.runs[0].top).all()
    assert parts.displayed[0].items == whole.displayed[0].items
    assert watched.most <= 2, "an image's own, and that of the one before it"


def test_what_is_shown_is_what_the_linker_shows(tmp_path: Path, images: Path) -> None:
    world: Any = ZOO
    linker = loaded(tmp_path)
    test = read_test_set(table(tmp_path, "below/0.png,Q4"), images, world)
    results, along = evaluate_outside(linker, test, images)
    (displayed,) = results.displayed
    chosen = linker.selector.choose(read(linker, images / "below/0.png"))
    assert isinstance(chosen, tuple)
    assert displayed.items == tuple(one.qid for one in chosen)
    assert displayed.shown.confidence.tolist() == [one.confidence for one in chosen]
    assert set(along) == {"hP", "hR"}


def test_an_ancestor_with_too_many_below_is_too_general(tmp_path: Path, images: Path) -> None:
    """2 % of twelve items is none: whatever has anything below it is too general."""
    world: Any = ZOO
    linker = loaded(tmp_path)
    rows = [f"below/{n}.png,Q4|Q6|Q7|Q10" for n in range(8)]
    test = read_test_set(table(tmp_path, *rows), images, world)
    results, _ = evaluate_outside(linker, test, images)
    shown = results.displayed[0]
    found = dict(zip(shown.items, shown.shown.verdict.tolist(), strict=True))
    assert found
    for qid, verdict in found.items():
        is_leaf = qid in {q(4), q(6), q(7), q(10)}
        barren = qid in {q(11), q(12)}
        assert verdict == (
            Verdict.EXACT if is_leaf else Verdict.WRONG if barren else Verdict.TOO_GENERAL
        )


def test_a_duplicate_is_the_same_thing(tmp_path: Path) -> None:
    save(tmp_path / "model", threshold=0.05)
    world: Any = replace(
        ZOO, edges={**ZOO.edges, q(40): (q(4),)}, same={q(40): q(4)}, snapshot=ZOO.snapshot
    )
    linker = Linker.load(tmp_path / "model", world, Settings())
    kin = CatalogKin(world, linker.head.hierarchy)
    assert kin.same(frozenset({q(40)})) == {q(4), q(40)} == kin.same(frozenset({q(4)}))
    assert kin.same(frozenset({q(7)})) == {q(7)} and kin.named(frozenset({q(4)})) == {4, 40}
    assert kin.same(frozenset({q(999)})) == {q(999)}, "of another catalog"
    assert kin.above(4) == {3, 2, 8, 1}
    assert kin.below(3) == 2 and kin.below(4444) == 0


def test_an_image_that_is_none_is_named(tmp_path: Path, images: Path) -> None:
    world: Any = ZOO
    test = read_test_set(table(tmp_path, "torn.png,Q4"), images, world)
    with pytest.raises(ArtefactError, match=r"torn\.png"):
        evaluate_outside(loaded(tmp_path), test, images)


# --- images that the model was made of ---


def made_of(folder: Path, **arrays: Any) -> None:
    folder.mkdir()
    np.savez(folder / TRAINING, **arrays)


def test_images_that_the_model_was_made_of_are_warned_of(tmp_path: Path) -> None:
    """By perceptual hash, under whatever name; what only judged is none of them."""
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(photo(number))
    smaller = Image.open(io.BytesIO(photo(0))).resize((30, 20))
    smaller.save(tmp_path / "smaller.png")
    hashes = np.array([hash_of(photo(0)), hash_of(photo(1)), 0], np.uint64)
    names = np.array(["a.jpg", "1.png", "2.png"])
    roles = {"roles": np.array([0, 1, 0], np.uint8), "role_names": np.array(["train", "test"])}
    made_of(tmp_path / "model", files=names, hashes=hashes, **roles)
    files = ["0.png", "1.png", "2.png", "smaller.png"]
    found = overlap(tmp_path / "model", tmp_path, files)
    assert found == Overlap(known=2, images=4, made_of=2), "2.png is a name that many use"
    said = "2 of 4 images are (nearly) ones that this model was made of"
    assert found.warning.startswith(said)
    assert overlap(tmp_path / "model", tmp_path, files[1:2]) == Overlap(0, 1, 2)
    assert Overlap(0, 1, 2).warning == ""


def test_a_model_that_does_not_say_of_what_it_was_made(tmp_path: Path) -> None:
    assert overlap(tmp_path, tmp_path, []) is None


def test_the_same_content_is_known_without_hashes(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(photo(0))
    lesson = Lesson("M1", (), "u", "train", hashlib.sha1(photo(0)).hexdigest())
    (tmp_path / TRAINING).write_bytes(MadeOf.of([lesson]).to_bytes())
    found = overlap(tmp_path, tmp_path, ["0.png"])
    assert found is not None and found.known == 1


# --- the command, with the shipped model ---


def test_a_folder_of_images_that_is_none_is_named(tmp_path: Path) -> None:
    path = table(tmp_path, "0.png,Q146")
    done = evaluate("--test-csv", path, "--images", tmp_path / "none")
    assert done.exit_code == 2
    assert done.stderr == f"error: {tmp_path / 'none'}: no such folder; it holds {IMAGES_OF}\n"


def test_the_command_is_told_without_folders(tmp_path: Path) -> None:
    words = ["--test-csv", str(tmp_path / "mine.csv"), "--images", str(tmp_path), "--seeds", "2"]
    context = evaluate_command.make_context("evaluate", words)
    told = f"depicts-model evaluate --seeds 2 --test-csv mine.csv --images {tmp_path.name}"
    assert command_line(context) == told
    assert commit(tmp_path / "x.py") == "", "of no work tree"


@pytest.mark.slow
def test_the_shipped_model_is_judged(tmp_path: Path, images: Path) -> None:
    rows = [f"below/{n}.png,{'Q146' if n % 2 else 'Q144|Q146'}" for n in range(8)]
    path, out = table(tmp_path, *rows), tmp_path / "out"
    done = evaluate("--test-csv", path, "--images", images, "--out", out)
    assert done.exit_code == 0, done.output
    assert "R@10" in done.stdout and "shown, coverage: " in done.stdout
    assert "shown, hR: " in done.stdout and "warning" not in done.output
    told = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert told["runs"][0]["images"] == 8
    assert told["display"][0]["metrics"].keys() >= {"precision", "coverage", "ECE"}
    assert told["display"][0]["intervals"].keys() >= {"precision", "coverage", "hP", "hR"}
    facts, (counts,) = told["about"]["facts"], told["about"]["counts"]
    assert facts["command"].startswith("depicts-model evaluate --test-csv test.csv --images ")
    assert facts["made of"].endswith(", of which 0 are in the test set")
    assert (counts["test"], counts["items"]) == (8, 2) and counts["training"] > 1_000
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg") == 8
    assert str(tmp_path) not in page
    assert sorted(path.name for path in out.iterdir()) == ["metrics.json", "report.html"]
