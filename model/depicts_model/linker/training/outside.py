"""A served model on images from elsewhere: how it ranks, and what it would show."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.catalog.csv_tables import item_id, table_rows
from depicts_model.errors import ArtefactError
from depicts_model.linker.bootstrap import Bootstrap, Interval, share_of
from depicts_model.linker.display_metrics import Shown, agreement, verdict
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.results import Results, Run
from depicts_model.linker.experiments.work import Truth
from depicts_model.linker.facts import Facts, known_to, numeric
from depicts_model.linker.kin import CatalogKin
from depicts_model.linker.link import Linker
from depicts_model.linker.metrics import DEEP
from depicts_model.linker.select import Choice
from depicts_model.linker.training.judging import encode_all
from depicts_model.types import Qid

Rows = NDArray[np.intp]
Vectors = NDArray[np.float32]
BATCH: Final = 32
"""Images read and encoded at a time."""
SETTING: Final = "test set"
"""What the report calls it."""
COLUMNS: Final = ("file", "items")
SHARE: Final = 0.02
"""Of the catalog's visual items: an ancestor of more says too little (linking.md, section 4)."""


@dataclass(frozen=True, slots=True)
class OutsideSet:
    """Images with the things that they show; a thing is a set of alternatives."""

    files: tuple[str, ...]
    truths: tuple[tuple[frozenset[Qid], ...], ...]


def read_test_set(path: Path, images: Path, facts: Facts) -> OutsideSet:
    """The table at ``path``, columns ``file`` and ``items`` (``|`` between alternatives).

    Several rows of one file are several things that it shows. Raises ArtefactError naming the file
    and line of what is wrong: an image that is not below ``images``, an item that the catalog does
    not hold.
    """
    found: dict[str, list[frozenset[Qid]]] = {}
    known = known_to(facts)
    for line, row in table_rows(path, COLUMNS):
        items = frozenset(item_id(word.strip(), path, line) for word in row["items"].split("|"))
        for item in sorted(items - known.keys(), key=numeric):
            raise ArtefactError(f"{path}: line {line}: {item} is not in the catalog")
        if not row["file"] or not (images / row["file"]).is_file():
            raise ArtefactError(f"{path}: line {line}: no image {images / row['file']}")
        found.setdefault(row["file"], []).append(items)
    if not found:
        raise ArtefactError(f"{path}: no rows")
    files, things = tuple(found), found.values()
    return OutsideSet(files, tuple(tuple(dict.fromkeys(each)) for each in things))


def evaluate_outside(
    linker: Linker, test: OutsideSet, images: Path
) -> tuple[Results, dict[str, Interval]]:
    """What the model answers on the test set, and ``hP`` and ``hR`` of what it would show.

    These two as `display_metrics.hierarchical` has them, with intervals over images.

    Raises ArtefactError naming an image that cannot be read.
    """
    started = time.monotonic()
    top, shown = _answers(linker, test, images)
    run = _run(linker, test, top, time.monotonic() - started)
    kin = CatalogKin(linker.selector.facts, linker.head.hierarchy)
    numbers = [frozenset(numeric(one.qid) for one in each) for each in shown]
    truths = [[kin.named(thing) for thing in truth] for truth in test.truths]
    results = Results([run], [_displayed(linker, shown, truths, kin)])
    return results, _along(agreement(numbers, truths, kin), test.files)


def _along(sums: NDArray[np.float64], files: Sequence[str]) -> dict[str, Interval]:
    """``hP`` and ``hR`` of an `agreement` (n, 3)."""
    boot = Bootstrap.over(files)
    mean, drawn = boot.mean(sums), boot.means(sums)
    some = np.count_nonzero(sums, axis=0).tolist()
    return {
        name: share_of(mean[0], mean[whole], drawn[:, [0, whole]], some[whole])
        for name, whole in (("hP", 1), ("hR", 2))
    }


def _answers(
    linker: Linker, test: OutsideSet, images: Path
) -> tuple[Rows, list[tuple[Choice, ...]]]:
    """The best rows (n, at most `DEEP`) and what would be shown for each image.

    Image by image: the files in memory are those of one batch, and the evidence of one image is
    gone before that of the next chunk comes.
    """
    wide = min(DEEP, len(linker.artefact.items.qids))
    top = np.empty((len(test.files), wide), dtype=np.intp)
    shown: list[tuple[Choice, ...]] = []
    for at, evidence in enumerate(linker.head.read(_vectors(linker, test.files, images))):
        top[at] = evidence.ranked[:wide]
        choice = linker.selector.choose(evidence)
        shown.append(choice if isinstance(choice, tuple) else ())
    return top, shown


def _vectors(linker: Linker, files: Sequence[str], images: Path) -> Vectors:
    """(n, d), the files read `BATCH` at a time."""
    parts = []
    for start in range(0, len(files), BATCH):
        names = files[start : start + BATCH]
        data = [(images / name).read_bytes() for name in names]
        parts.append(encode_all(linker.encoder, data, names))
    return np.concatenate(parts)


def _run(linker: Linker, test: OutsideSet, top: Rows, seconds: float) -> Run:
    items = linker.artefact.items.qids
    kin = CatalogKin(linker.selector.facts, linker.head.hierarchy)
    row_of = {qid: row for row, qid in enumerate(items)}
    truths: list[Truth] = [
        tuple(frozenset(row_of[q] for q in kin.same(thing) if q in row_of) for thing in truth)
        for truth in test.truths
    ]
    return Run(
        setting=SETTING,
        seed=0,
        system=linker.version,
        family="ours",
        top=top,
        truths=tuple(truths),
        files=test.files,
        items=items,
        seconds=seconds,
        capped=False,
    )


def _displayed(
    linker: Linker,
    shown: Sequence[Sequence[Choice]],
    truths: Sequence[Sequence[frozenset[int]]],
    kin: CatalogKin,
) -> Displayed:
    calibration, selector = linker.artefact.calibration, linker.selector
    most = int(SHARE * len(selector.facts.visual))
    flat = [(at, choice) for at, choices in enumerate(shown) for choice in choices]
    verdicts = [verdict(numeric(one.qid), truths[at], kin, most) for at, one in flat]
    return Displayed(
        setting=SETTING,
        seed=0,
        system=linker.version,
        rule=calibration.rule,
        target=calibration.target_precision,
        shown=Shown(
            images=len(shown),
            image=np.array([at for at, _ in flat], dtype=np.intp),
            confidence=np.array([one.confidence for _, one in flat], dtype=np.float64),
            verdict=np.array(verdicts, dtype=np.uint8),
        ),
        items=tuple(one.qid for _, one in flat),
        specificity=np.array([selector.specificity[one.node] for _, one in flat], np.float64),
        chosen=True,
    )
