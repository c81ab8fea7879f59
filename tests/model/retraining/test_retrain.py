"""``depicts-model retrain``, whole: what the gate refuses, what it lets through, what is left."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from depicts_model.catalog import Catalog
from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.link import Linker
from depicts_model.linker.masks import masks
from depicts_model.linker.registry import Registry
from depicts_model.linker.retraining.keeping import alone
from depicts_model.linker.score import prototypes
from depicts_model.linker.training.run import VIEWS
from depicts_model.settings import Settings
from depicts_model.types import Qid, Suggested
from tests.model.linker.test_linker_safety import context

from . import places
from .conftest import Desk
from .places import PEOPLE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def refused(done: Result) -> list[str]:
    """The names of the checks that refused."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("REFUSED: ")]
    return [line.removeprefix("REFUSED: ").partition(": ")[0] for line in lines]


def assert_refused(desk: Desk, done: Result, before: str) -> None:
    """With exit status 1, and what served before still does; the model is put aside."""
    assert done.exit_code == 1 and refused(done), done.output
    assert desk.served() == before and Registry(desk.models).versions() == [before]
    assert artefacts.load(desk.work / "refused", None).manifest.version.startswith("toy-")
    assert desk.left() == ["refused"]


# --- refused ---


def test_a_worse_model_is_refused_and_each_figure_is_named(busy: Desk) -> None:
    before, blind = busy.served(), busy.folder / "blind"
    places.model(busy.place, blind, blind=True)
    done = busy.retrain("--model", blind)
    assert_refused(busy, done, before)
    assert {"mAP@10", "better in one"} <= {*refused(done)}


def test_a_slower_model_is_refused(busy: Desk) -> None:
    """It looks at every image four times, and closely."""
    before, slow = busy.served(), busy.folder / "slow"
    places.model(busy.place, slow, views=VIEWS[:4], side=64)
    done = busy.retrain("--model", slow)
    assert_refused(busy, done, before)
    assert "latency p95" in refused(done)


def test_a_model_that_names_people_from_pixels_is_refused(
    busy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its fit forgot that people have no prototypes."""
    before, peopled = busy.served(), busy.folder / "peopled"
    places.model(busy.place, peopled, people=True)
    whole = prototypes

    def forgetful(vectors: Any, images: Any, shown: Any) -> Any:
        found = whole(vectors, images, shown)
        found[[row for row, qid in enumerate(_qids(peopled)) if qid in PEOPLE]] = found[0]
        return found

    monkeypatch.setattr("depicts_model.linker.looks.prototypes", forgetful)
    done = busy.retrain("--model", peopled)
    assert_refused(busy, done, before)
    assert "safety violations" in refused(done)
    assert f"safety violations: 3 ({PEOPLE[0]} is a person and has a prototype; " in done.stdout


def _qids(folder: Any) -> Sequence[Qid]:
    return artefacts.load(folder, None).items.qids


def test_a_model_that_shows_people_is_refused_as_a_first_model_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its selection forgot who is a person; the safety set did not."""
    whole = masks

    def careless(facts: Any, hierarchy: Any, *more: Any) -> Any:
        found = whole(facts, hierarchy, *more)
        people = np.array([qid in PEOPLE for qid in hierarchy.nodes])
        nobody = np.zeros_like(people)
        return replace(found, fit=found.fit | people, withheld=nobody, people=nobody)

    monkeypatch.setattr("depicts_model.linker.link.masks", careless)
    monkeypatch.setattr("depicts_model.linker.link.reasons", lambda *_: ("it looks so",))
    done = desk.retrain("--model", desk.place.base())
    assert done.exit_code == 1 and refused(done) == ["safety violations"], done.output
    assert f"{PEOPLE[0]} as suggestion of image " in done.stdout
    assert not (desk.models / "current").exists()


@pytest.fixture
def even_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every model takes as long: these tests are of rankings, and another is of the time."""

    def alike(linkers: Sequence[Linker], vectors: Sequence[Any]) -> list[Any]:
        return [np.full(8, 0.01) for _ in linkers]

    monkeypatch.setattr("depicts_model.linker.retraining.measuring.timed", alike)


@pytest.mark.usefixtures("even_clock")
def test_the_same_again_is_refused(busy: Desk) -> None:
    """Nothing is better, and no other model takes the place."""
    before = busy.served()
    done = busy.retrain()
    assert_refused(busy, done, before)
    assert refused(done) == ["better in one"]


# --- let through ---


def test_a_first_model_is_calibrated_and_serves(first: tuple[Desk, Result]) -> None:
    """What it was made from calls all by wrong names, and shows nothing."""
    desk, done = first
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == ["passed"] * 3
    assert lines[3].startswith("no model serves yet: nothing to compare with, only absolute checks")
    assert lines[4] == f"{desk.models}: {desk.served()} serves" and len(lines) == 5
    assert desk.left() == []
    current = desk.models / "current"
    metrics = json.loads((current / "metrics.json").read_text())
    assert metrics["mAP@10"] > 0.7 and metrics["answered right"] > 0.2
    assert 0 <= metrics["display_lured"] < 0.15, "measured on images of nothing"
    pictures = [places.picture(kind, 9_000 + seed) for seed in range(5) for kind in range(12)]
    with Catalog.open(desk.place.catalog) as catalog:
        linker = Linker.load(current, catalog, Settings())
        outcomes = linker.link([context(n + 1) for n in range(60)], pictures)
        above = {kind: {kind, *catalog.ancestors(kind)} for kind in places.KINDS}
    assert (linker.version, metrics) == (desk.served(), linker.artefact.manifest.metrics)
    shown = [
        (one.qid, places.KINDS[n % 12])
        for n, outcome in enumerate(outcomes)
        for one in (outcome.suggestions if isinstance(outcome, Suggested) else ())
    ]
    right = sum(qid in above[kind] for qid, kind in shown)
    assert len(shown) > 10 and right / len(shown) > 0.7


def test_the_card_says_what_it_was_made_of_and_what_is_vouched_for(
    first: tuple[Desk, Result],
) -> None:
    card = (first[0].models / "current" / "card.md").read_text()
    assert card.startswith(f"# {first[0].served()}\n")
    for said in (
        "| seen | 600 |",
        "| weights | ",
        "chosen on other images than the calibrator and the threshold",
        "items and classes that at least 13 judged images showed",
        "There was no model to compare with",
        "- passed: safety violations: 0",
        "| confidence | shown | mean confidence | right |",
        "not fitted: combiner, weights.votes",
    ):
        assert said in card
    assert "latency" not in card, "the times are of a machine"


def test_confidence_is_shown_only_where_enough_was_judged(first: tuple[Desk, Result]) -> None:
    """An item that the calibration hardly saw is not shown, however sure the score is of it."""
    loaded = artefacts.load(first[0].models / "current", None)
    supported = loaded.calibration.supported_nodes()
    assert supported is not None and loaded.calibration.min_support == 13
    judged = loaded.calibration.supported or {}
    assert all(judged[qid] >= 13 for qid in supported)
    for qid in {*places.KINDS} - supported:
        assert judged.get(qid, 0) < 13
    with Catalog.open(first[0].place.catalog) as catalog:
        linker = Linker.load(first[0].models / "current", catalog, Settings())
    marks, nodes = linker.selector.masks, linker.head.hierarchy.nodes
    assert {q for q, there in zip(nodes, marks.supported, strict=True) if there} <= {*supported}


@pytest.mark.usefixtures("even_clock")
def test_a_better_model_is_let_through_and_can_be_taken_back(desk: Desk) -> None:
    blind = desk.folder / "blind"
    places.model(desk.place, blind, blind=True)
    assert desk.retrain("--model", blind).exit_code == 0
    before = desk.served()
    done = desk.retrain("--model", desk.place.base())
    assert done.exit_code == 0, done.output
    assert desk.served() != before and not refused(done)
    assert any(line.startswith("passed: mAP@10: +") for line in done.stdout.splitlines())
    back = CliRunner().invoke(main, ["rollback", "--models", str(desk.models), *_at(desk)])
    assert back.exit_code == 0 and desk.served() == before, back.output


def _at(desk: Desk) -> list[str]:
    path = desk.folder / "settings.toml"
    path.write_text(f'catalog = "{desk.place.catalog}"\n')
    return ["--config", str(path)]


# --- what a model was made of never judges it ---


def test_the_holdout_is_without_what_the_current_model_was_made_of(
    busy: Desk, first: tuple[Desk, Result]
) -> None:
    """The same files, split by another lot: what is left of the holdout is too little, and that is
    told before an image is looked at.
    """
    rows = places.rows_of(busy.place)
    other = busy.folder / "other"
    places.data_set(busy.place, other, rows, seed=1)
    done = busy.retrain("--dataset", other)
    assert done.exit_code == 2 and not [*busy.work.glob("*/vectors")]
    (count,) = re.findall(r"; holdout: (\d+) images of \d+ units, at least 200 of 30 ", done.stderr)
    with np.load(first[0].models / "current" / "training.npz") as arrays:
        assert len(arrays["files"]) == len({*arrays["files"]}) > 600 + 100
    assert 0 < int(count) < 200


# --- vectors that are there are not made again ---


def test_with_a_cache_no_image_is_read_twice(desk: Desk) -> None:
    path = desk.folder / "cached.toml"
    path.write_text(f'embedding_cache = "{desk.folder}/cache.sqlite"\n')
    assert desk.retrain("--model", desk.place.base(), "--config", path).exit_code == 0
    version = desk.served()
    shutil.rmtree(desk.models)
    empty = desk.folder / "empty"
    empty.mkdir()
    words = ("--model", desk.place.base(), "--config", path, "--images", empty)
    done = desk.retrain(*words)
    assert done.exit_code == 0 and desk.served() == version, done.output


# --- what cannot be done ---


def test_images_that_are_nowhere_end_it_with_one_line(desk: Desk) -> None:
    """And once they are somewhere, the same command asks for them again."""
    empty = desk.folder / "empty"
    empty.mkdir()
    done = desk.retrain("--model", desk.place.base(), "--images", empty)
    assert done.exit_code == 2
    count = done.stderr.splitlines()[-2].split()[-3]
    said = f"error: none of {count} images is there: looked for in {empty}, the data set"
    assert done.stderr.splitlines()[-1] == said
    assert not desk.models.exists()
    again = desk.retrain("--model", desk.place.base())
    assert again.exit_code == 0 and f"images: {count} of {count} are there" in again.stderr


def test_images_that_come_later_are_looked_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was fitted without them is not taken up."""
    fewer = desk.folder / "fewer.zip"
    with zipfile.ZipFile(desk.place.images) as whole, zipfile.ZipFile(fewer, "w") as some:
        for at, name in enumerate(whole.namelist()):
            if at % 20:
                some.writestr(name, whole.read(name))
    with monkeypatch.context() as patch:
        patch.setattr("depicts_model.linker.retraining.run.calibrate", _failing)
        done = desk.retrain("--model", desk.place.base(), "--images", fewer)
        assert done.exit_code == 2 and [*desk.work.glob("*/steps-*/fit.npz")]
    done = desk.retrain("--model", desk.place.base())
    (line,) = [one for one in done.stderr.splitlines() if one.endswith(" are there")]
    assert done.exit_code == 0 and line.split()[1] == line.split()[3], done.output
    assert f"fit: on {line.split()[1]} images" in done.stderr


def _failing(*_: Any) -> Any:
    raise ArtefactError("fails")


def test_two_runs_never_work_in_one_folder(desk: Desk) -> None:
    """The monthly job and a person: the second is told, and nothing of the first is touched."""
    with alone(desk.work):
        done = desk.retrain("--model", desk.place.base())
    assert done.exit_code == 2
    assert done.stderr == f"error: {desk.work}: another retraining works here\n"
    assert desk.left() == [] and not desk.models.exists()


NONSENSE: dict[str, tuple[tuple[str, ...], str]] = {
    "no data set": (("--dataset", "nowhere"), "nowhere"),
    "no images": (("--images", "no.zip"), "no.zip: No such file or directory"),
    "no model": (("--model", "nothing"), "nothing/manifest.json: missing; no model there"),
    "a device that is not here": (("--device", "cuda"), "device cuda: there is none here"),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_what_is_not_there_is_one_line(desk: Desk, what: str) -> None:
    words, fault = NONSENSE[what]
    if what.startswith("a device") and _has_cuda():
        pytest.skip("there is one here")
    done = desk.retrain("--model", desk.place.base(), *words)
    assert done.exit_code == 2 and fault in done.stderr.splitlines()[-1], done.output
    assert not desk.models.exists()


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()
