"""``depicts-model retrain``, in one line of steps; each leaves its result in the work folder."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.display import Aim
from depicts_model.linker.gate import Verdict
from depicts_model.linker.items import ItemTable
from depicts_model.linker.link import Linker
from depicts_model.linker.registry import JUDGED
from depicts_model.linker.retraining.card import Told, card
from depicts_model.linker.retraining.comparing import Compared, compared
from depicts_model.linker.retraining.fitting import Display, calibrate, fit, fitted
from depicts_model.linker.retraining.keeping import kept
from depicts_model.linker.retraining.lessons import (
    CALIBRATION,
    HOLDOUT,
    THRESHOLDS,
    Lessons,
    Limits,
    Past,
    Telling,
)
from depicts_model.linker.retraining.made_of import TRAINING, MadeOf, frozen
from depicts_model.linker.retraining.nothing import beside, nothing_of
from depicts_model.linker.retraining.order import Around, Order, loaded, seeing
from depicts_model.linker.retraining.vectors import Looked, vectors_of
from depicts_model.linker.score import Weights
from depicts_model.types import Manifest

METRICS: Final = "metrics.json"
STEPS: Final = "steps-"
_KEY: Final = re.compile(r"[0-9a-f]{16}")
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Retrained:
    """An artefact that is ready to serve, and what the gate says of it."""

    candidate: Path
    verdict: Verdict


def retrain(order: Order, lessons: Telling, around: Around) -> Retrained:
    """Fit, calibrate, measure and judge; a run that was killed goes on from ``order.work``.

    Raises ArtefactError naming what is missing, damaged, or too little.
    """
    # approved images would answer for themselves
    around = replace(around, settings=replace(around.settings, approved=""))
    base = loaded(order.base, around)
    compares, past = order.current is not None, _past(order)
    chosen = Lessons.of(lessons, around.catalog, order.limits, compares, past)
    if told := chosen.told_of_taken():
        around.say(f"held out: {told}")
    folder = _folder(order, base, chosen, around)
    taught, vectors, folder = _seen(chosen, base, folder, around)
    arrays = kept(folder / "fit.npz", lambda: _fit(base, taught, vectors, order.limits, around))
    items, weights = fitted(base.artefact, arrays)
    looked = Looked(vectors, _nothing(taught, base, folder, around))
    display = _calibrated(folder / "display.npz", items, weights, taught, looked, around)
    draft = _draft(folder / "draft", base, items, display.calibration, around)
    new = loaded(draft, around)
    figures = compared(order, new, taught, looked, folder, around)
    candidate = _finished(folder / "candidate", draft, new, order, taught, display, figures)
    return Retrained(candidate, figures.verdict)


def _past(order: Order) -> Past:
    """What judged earlier models, and what those were made of that have to do with this one."""
    judged = [MadeOf.read(path.parent, path.name) for path in order.held_out]
    held = reduce(or_, [one for one in judged if one]) if any(judged) else None
    made = {folder: MadeOf.read(folder) for folder in (order.base, order.current) if folder}
    return Past(held, tuple(one for one in made.values() if one))


def clear(work: Path) -> None:
    """Forget what was done: the next run begins anew."""
    for path in work.iterdir():
        if _KEY.fullmatch(path.name):
            shutil.rmtree(path)


def _folder(order: Order, base: Linker, chosen: Lessons, around: Around) -> Path:
    """The folder of this very run; what was begun with other data or options is given up."""
    settings = around.settings
    made_of = [order.data, dict(base.artefact.manifest.hashes), around.catalog.snapshot]
    told = [*made_of, asdict(order.limits), settings.precision, settings.thumbnail_width]
    told += [around.device] if around.device != "cpu" else []
    told += [order.current and order.current.name, [_digest(path) for path in order.held_out]]
    # of the same data another version of this code may choose other files, or certify otherwise
    told += [_drawn(chosen), asdict(Aim())]
    key = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    folder = order.work / key
    folder.mkdir(parents=True, exist_ok=True)
    for path in order.work.iterdir():
        if _KEY.fullmatch(path.name) and path != folder:
            around.say("warning: work that was begun with other data or options is given up")
            shutil.rmtree(path)
    return folder


def _drawn(chosen: Lessons) -> str:
    """Digest of which files were chosen, in which order, each for what: vectors are kept so."""
    digest = hashlib.sha256(chosen.roles.tobytes())
    for one in chosen.chosen:
        digest.update(f"{one.file}\n".encode())
    return digest.hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _seen(
    chosen: Lessons, base: Linker, folder: Path, around: Around
) -> tuple[Lessons, Vectors, Path]:
    """The lessons whose images are there, with their vectors, and the folder of what follows."""
    where = folder / "vectors"
    vectors, there = vectors_of(chosen.chosen, seeing(base, around), around.images, where)
    around.say(f"images: {int(there.sum())} of {len(there)} are there")
    if not there.any():
        raise ArtefactError(f"none of {len(there)} images is there: {around.images.where()}")
    return chosen.take(there), vectors[there], _steps(folder, there)


def _steps(folder: Path, there: NDArray[np.bool_]) -> Path:
    """The folder of what is made of these images; what was made of fewer is given up."""
    mark = hashlib.sha256(np.packbits(there).tobytes()).hexdigest()[:16]
    for path in folder.glob(f"{STEPS}*"):
        if path.name != STEPS + mark:
            shutil.rmtree(path)
    found = folder / f"{STEPS}{mark}"
    found.mkdir(exist_ok=True)
    return found


def _fit(
    base: Linker, taught: Lessons, vectors: Vectors, limits: Limits, around: Around
) -> dict[str, Any]:
    around.say(f"fit: on {len(taught.chosen)} images, {sum(map(bool, taught.uses.values()))} items")
    return fit(base.artefact, taught, vectors, around.catalog, limits, around.say)


def _nothing(taught: Lessons, base: Linker, folder: Path, around: Around) -> dict[int, Vectors]:
    counts = {r: beside(len(taught.rows(r))) for r in (CALIBRATION, THRESHOLDS, HOLDOUT)}
    around.say(f"images of nothing: {sum(counts.values())} are made")
    return nothing_of(counts, seeing(base, around).encoder, folder / "nothing.npz")


def _calibrated(
    path: Path,
    items: ItemTable,
    weights: Weights,
    taught: Lessons,
    looked: Looked,
    around: Around,
) -> Display:
    def make() -> dict[str, Any]:
        around.say("calibration: on the slice of its own")
        found = calibrate(items, weights, taught, looked, around.catalog)
        return {
            "calibration": np.array(found.calibration.to_json()),
            "told": np.array(found.told()),
        }

    arrays = kept(path, make)
    return Display.of(str(arrays["calibration"]), str(arrays["told"]))


def _draft(
    folder: Path, base: Linker, items: ItemTable, calibration: Calibration, around: Around
) -> Path:
    """The model as it will serve, under no name yet: what is judged is what is on disk."""
    if not folder.exists():
        manifest = replace(base.artefact.manifest, version="draft", metrics={}, thresholds={})
        preprocess = base.artefact.preprocess
        artefacts.save(folder, base.encoder.model, preprocess, items, calibration, manifest)
    return folder


def _finished(
    folder: Path,
    draft: Path,
    new: Linker,
    order: Order,
    taught: Lessons,
    display: Display,
    figures: Compared,
) -> Path:
    """The draft under its name, with its card, its figures, and of what it was made.

    Nothing in it tells of the machine or the hour: the same work gives the same bytes.
    """
    if folder.exists():
        return folder
    metrics = {name: round(float(v.mean()), 4) for name, v in figures.new.figures.items()}
    metrics |= {name: round(value, 4) for name, value in display.metrics.items()}
    manifest = _manifest(new, order, display.calibration, metrics)
    told = Told(manifest, display, taught, order.origin, figures.images, figures.verdict)
    extra = {
        "card.md": card(told, new.artefact.items).encode(),
        METRICS: json.dumps(metrics, indent=1).encode(),
        **_lists(order, taught),
    }
    artefacts.finish(draft, folder, manifest, extra)
    return folder


def _lists(order: Order, taught: Lessons) -> dict[str, bytes]:
    """What it and the model that it remembers were made of; and what judged it."""
    judged = [taught.chosen[row] for row in taught.rows(HOLDOUT)]
    made = MadeOf.of([taught.chosen[row] for row in np.flatnonzero(taught.roles != HOLDOUT)])
    before = MadeOf.read(order.base)
    made = made if before is None else made | before
    return {TRAINING: made.to_bytes(), JUDGED: frozen(judged).to_bytes()}


def _manifest(
    new: Linker, order: Order, calibration: Calibration, metrics: Mapping[str, float]
) -> Manifest:
    """Its version is of all that decides what is suggested: the bot looks at no file twice with
    the same one.
    """
    draft = new.artefact.manifest
    mark = hashlib.sha256(json.dumps(dict(draft.hashes), sort_keys=True).encode()).hexdigest()[:10]
    base = artefacts.load(order.base, None).manifest.version
    threshold = calibration.display_threshold
    return replace(
        draft,
        version=f"{base.rpartition('-')[0] or base}"[:53] + f"-{mark}",
        thresholds={} if threshold is None else {"display": threshold},
        metrics=metrics,
    )
