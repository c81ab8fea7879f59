"""A served model on the holdout: what it ranks, what it shows, how fast, and what it must not."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from depicts_model.linker.calibrate import ece, ece_by_chance
from depicts_model.linker.display_metrics import Verdict, verdict
from depicts_model.linker.facts import Facts, numeric
from depicts_model.linker.gate import MAIN, RIGHT, Measured
from depicts_model.linker.kin import CatalogKin
from depicts_model.linker.link import Linker
from depicts_model.linker.metrics import DEEP, per_image
from depicts_model.linker.retraining.lessons import HOLDOUT, Lesson
from depicts_model.linker.retraining.vectors import Looked
from depicts_model.linker.safety import besieged_by, broken
from depicts_model.settings import Settings
from depicts_model.types import FileContext, FileRef, Outcome, Qid, mid_of

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]
GUARDED: Final = 200
"""Images of the holdout that the safety set is made of."""
SIEGE: Final = 50
"""Of those, the ones that people are put next to."""
TIMED: Final = 60
"""Images whose time is taken."""
ROUNDS: Final = 12
"""In which they are taken: always as many, so that no figure decides how often it is looked at."""


def ranked(linker: Linker, lessons: Sequence[Lesson], vectors: Vectors) -> dict[str, Floats]:
    """Figures of the ranking by image (n,), as `metrics.per_image` names them."""
    row_of = {qid: row for row, qid in enumerate(linker.artefact.items.qids)}
    top = [_top(evidence.ranked, len(row_of)) for evidence in linker.head.read(vectors)]
    return per_image(np.array(top), [_rows(lesson, row_of) for lesson in lessons])


def _top(best: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """(DEEP,): a model of fewer items has rows of nothing at the end."""
    nothing = np.arange(count, count + max(DEEP - len(best), 0))
    return np.concatenate([best[:DEEP], nothing])


def _rows(lesson: Lesson, row_of: Mapping[Qid, int]) -> tuple[frozenset[int], ...]:
    """The things by rows; -1 stands for what the model does not know, and cannot find."""
    return tuple(frozenset(row_of.get(qid, -1) for qid in thing) for thing in lesson.things)


def displayed(
    linker: Linker, catalog: Facts, lessons: Sequence[Lesson], vectors: Vectors
) -> tuple[Floats, list[float], list[bool]]:
    """Images with a right suggestion (n,), and of all suggestions confidence and whether right.

    Right is what `display_metrics.verdict` calls exact, or an ancestor that is not too general,
    whatever floor the product itself has.
    """
    kin = CatalogKin(catalog, linker.head.hierarchy)
    right = np.zeros(len(lessons))
    confidence: list[float] = []
    correct: list[bool] = []
    for at, evidence in enumerate(linker.head.read(vectors)):
        chosen = linker.selector.choose(evidence)
        true = [kin.named(thing) for thing in lessons[at].things]
        for one in chosen if isinstance(chosen, tuple) else ():
            confidence.append(one.confidence)
            correct.append(verdict(numeric(one.qid), true, kin) <= Verdict.ANCESTOR)
            right[at] = max(right[at], correct[-1])
    return right, confidence, correct


def measured(
    linker: Linker,
    catalog: Facts,
    lessons: Sequence[Lesson],
    looked: Looked,
    seconds: Floats,
) -> Measured:
    """All that the gate asks of a model. ``looked``: at the lessons, by its encoder."""
    vectors = looked.vectors
    found = ranked(linker, lessons, vectors)
    right, confidence, correct = displayed(linker, catalog, lessons, vectors)
    figures = {name: found[name] for name in MAIN} | {RIGHT: right}
    error = ece(confidence, correct) if confidence else 0.0
    _, chance = ece_by_chance(confidence)
    violations = violated(linker, catalog, lessons[:GUARDED], vectors[:GUARDED])
    lured = lured_by(linker, looked.nothing[HOLDOUT])
    shown, broad = len(confidence), may_show(linker)
    target = linker.artefact.calibration.target_precision
    return Measured(figures, shown, error, chance, seconds, violations, lured, broad, target)


def may_show(linker: Linker) -> int:
    """How many items and classes may be shown at all: fit, specific, and judged often enough.

    People, whom only words name, are not among them. None where no threshold was found.
    """
    selector = linker.selector
    return 0 if selector.rules.threshold is None else int(selector.masks.open.sum())


def lured_by(linker: Linker, vectors: Vectors) -> NDArray[np.bool_]:
    """Which of the images (k, d) get a suggestion (k,)."""
    each = map(linker.selector.choose, linker.head.read(vectors))
    return np.array([isinstance(one, tuple) and len(one) > 0 for one in each], dtype=bool)


def violated(
    linker: Linker, catalog: Facts, lessons: Sequence[Lesson], vectors: Vectors
) -> list[str]:
    """What breaks a promise: people, barred items, what a file says already, or lies above it.

    Each image comes once from a page that says nothing and once from one that states what it
    shows; then all again with the catalog's people put next to them. A person with a prototype is
    told by their looks, whether or not the selection would let it through.
    """
    contexts = [_page(at, ()) for at in range(len(lessons))]
    contexts += [_page(at, _one_each(lesson)) for at, lesson in enumerate(lessons)]
    sieged = [linker]
    if catalog.people:
        sieged.append(besieged_by(linker, catalog, Settings(), vectors[:SIEGE]))
    found = [f"{qid} is a person and has a prototype" for qid in _known_by_looks(linker, catalog)]
    for one in sieged:
        outcomes = _outcomes(one, contexts, vectors)
        faults = broken(one, contexts, outcomes)
        found += [f"{fault.qid} as {fault.where} of image {fault.mid[1:]}" for fault in faults]
    return found


def _outcomes(linker: Linker, contexts: Sequence[FileContext], vectors: Vectors) -> list[Outcome]:
    """Of each context; there are two rows of them, and the images (n, d) are those of either.

    The evidence of one image is megabytes: it is gone before that of the next chunk comes.
    """
    half = len(vectors)
    pairs = [
        (linker.outcome(contexts[at], evidence), linker.outcome(contexts[half + at], evidence))
        for at, evidence in enumerate(linker.head.read(vectors))
    ]
    return [one for one, _ in pairs] + [other for _, other in pairs]


def _known_by_looks(linker: Linker, catalog: Facts) -> Iterator[Qid]:
    items = linker.artefact.items
    if items.prototypes is not None:
        there = np.abs(items.prototypes).max(axis=1) > 0
        yield from (
            q for q, seen in zip(items.qids, there, strict=True) if seen & (q in catalog.people)
        )


def _one_each(lesson: Lesson) -> tuple[Qid, ...]:
    return tuple(min(thing) for thing in lesson.things)


def _page(at: int, existing: tuple[Qid, ...]) -> FileContext:
    """The page of a file that has statements, and no word of what it shows."""
    uploaded = datetime(2026, 1, 1, tzinfo=UTC)
    file = FileRef(mid_of(at + 1), f"File:{at + 1}.jpg", "0" * 40, 1, uploaded, "")
    return FileContext(file, existing_depicts=existing)


def timed(linkers: Sequence[Linker], vectors: Sequence[Vectors]) -> list[Floats]:
    """Seconds (m,) from image to outcome, for each linker on the same images, turn by turn.

    The image that is decoded and encoded is made by us; what is made of it is the holdout's
    vector, so that no photo has to be there. Of several rounds each image's shortest time counts:
    what else the machine does can only add to it.
    """
    found = np.full((len(linkers), min(TIMED, *map(len, vectors))), np.inf)
    for turn in range(ROUNDS):
        for at in range(found.shape[1]):
            image = picture(at)
            order = range(len(linkers)) if turn % 2 else reversed(range(len(linkers)))
            for which in order:
                took = _once(linkers[which], image, vectors[which][at : at + 1])
                found[which, at] = min(found[which, at], took)
    return list(found)


def _once(linker: Linker, image: bytes, vector: Vectors) -> float:
    began = time.perf_counter()
    linker.encoder.encode([image])
    (evidence,) = linker.head.read(vector)
    linker.outcome(_page(0, ()), evidence)
    return time.perf_counter() - began


def picture(number: int, side: int = 500) -> bytes:
    """A JPEG of soft blots, always the same for a number."""
    draw: Any = np.random.default_rng((7, number))
    grain = 2 ** (2 + number % 5)
    small = Image.fromarray(draw.integers(0, 256, (grain, grain, 3), dtype=np.uint8))
    out = io.BytesIO()
    small.resize((side, side), Image.Resampling.BICUBIC).save(out, "JPEG")
    return out.getvalue()
