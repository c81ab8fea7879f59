"""A new model beside the current one, on images that neither was made of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.gate import Measured, Verdict, gate
from depicts_model.linker.link import Linker
from depicts_model.linker.retraining import measuring
from depicts_model.linker.retraining.keeping import kept
from depicts_model.linker.retraining.lessons import HOLDOUT, Lesson, Lessons
from depicts_model.linker.retraining.nothing import nothing_of
from depicts_model.linker.retraining.order import Around, Order, loaded, seeing
from depicts_model.linker.retraining.slices import slices_of
from depicts_model.linker.retraining.vectors import Looked, vectors_of


@dataclass(frozen=True, slots=True)
class Compared:
    """What the gate says, and by how many images."""

    new: Measured
    verdict: Verdict
    images: int


def compared(
    order: Order,
    new: Linker,
    taught: Lessons,
    looked: Looked,
    folder: Path,
    around: Around,
) -> Compared:
    """The new model and the current one on the holdout, of which neither was made.

    Kept in ``folder``: a time that was taken is not taken again.
    """
    current = None if order.current is None else loaded(order.current, around)
    rows = taught.rows(HOLDOUT)
    lessons = [taught.chosen[row] for row in rows]
    own = [Looked(looked.vectors[rows], looked.nothing)]
    linkers = [new]
    if current is not None:
        own.append(_looked_by(current, new, lessons, own[0], folder, around))
        linkers.append(current)
    found = _measured(linkers, lessons, own, folder, around)
    units = [lesson.drawn_with() for lesson in lessons]
    verdict = gate(found[0], found[1] if current else None, units, slices_of(lessons, taught.uses))
    return Compared(found[0], verdict, len(lessons))


def _looked_by(
    current: Linker,
    new: Linker,
    lessons: Sequence[Lesson],
    looked: Looked,
    folder: Path,
    around: Around,
) -> Looked:
    """The same images by the current model's encoder, where that is another."""
    sees = seeing(current, around)
    if sees.space == seeing(new, around).space:
        return looked
    where = folder / f"vectors-{current.version}"
    found, there = vectors_of(lessons, sees, around.images, where)
    if not there.all():
        raise ArtefactError(f"{lessons[int(np.argmin(there))].file}: its image is gone meanwhile")
    path = folder / f"nothing-{current.version}.npz"
    count = len(looked.nothing[HOLDOUT])
    return Looked(found, nothing_of({HOLDOUT: count}, sees.encoder, path))


def _measured(
    linkers: Sequence[Linker],
    lessons: Sequence[Lesson],
    looked: Sequence[Looked],
    folder: Path,
    around: Around,
) -> list[Measured]:
    against = linkers[-1].version

    def make() -> dict[str, Any]:
        around.say(f"figures: on {len(lessons)} images of the holdout")
        seconds = measuring.timed(linkers, [some.vectors for some in looked])
        each = zip(linkers, looked, seconds, strict=True)
        parts = [
            _arrays(at, measuring.measured(linker, around.catalog, lessons, some, took))
            for at, (linker, some, took) in enumerate(each)
        ]
        return {name: array for part in parts for name, array in part.items()}

    arrays = kept(folder / f"measured-{against}.npz", make)
    return [_read(at, arrays) for at in range(len(linkers))]


def _arrays(at: int, found: Measured) -> dict[str, Any]:
    figures = {f"{at}/figure/{name}": values for name, values in found.figures.items()}
    told = json.dumps([found.shown, found.ece, found.chance, list(found.violations)])
    more = {f"{at}/seconds": found.seconds, f"{at}/lured": found.lured}
    more |= {f"{at}/{name}": np.array(getattr(found, name)) for name in ("may_show", "target")}
    return {**figures, **more, f"{at}/told": np.array(told)}


def _read(at: int, arrays: Mapping[str, NDArray[Any]]) -> Measured:
    start = f"{at}/figure/"
    figures = {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}
    shown, error, chance, violations = json.loads(str(arrays[f"{at}/told"]))
    seconds, lured = arrays[f"{at}/seconds"], arrays[f"{at}/lured"]
    broad, target = int(arrays[f"{at}/may_show"]), float(arrays[f"{at}/target"])
    promised = tuple(violations)
    return Measured(figures, shown, error, chance, seconds, promised, lured, broad, target)
