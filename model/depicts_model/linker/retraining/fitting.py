"""Prior, hubness, prototypes, whitening and weights from vectors; then what is shown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.artefact import Artefact
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.compare import Compared, compare
from depicts_model.linker.display import fit_display
from depicts_model.linker.facts import Facts
from depicts_model.linker.fit_scores import Terms, fit_scorer
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged, open_world
from depicts_model.linker.looks import looks
from depicts_model.linker.retraining.lessons import (
    CALIBRATION,
    HOLDOUT,
    ROLES,
    SEEN,
    TERMS,
    THRESHOLDS,
    WEIGHTS,
    Lessons,
    Limits,
)
from depicts_model.linker.retraining.nothing import SHARE as OF_NOTHING
from depicts_model.linker.retraining.remembering import Remembered, counts, left
from depicts_model.linker.retraining.vectors import Looked
from depicts_model.linker.score import VOTES, Scorer, Weights
from depicts_model.types import Qid

Vectors = NDArray[np.float32]
_OPTIONAL = ("hub", "prototypes", "whitening")


class _Told(list[Terms]):
    """Terms of a score that are told of as each one's turn comes."""

    def __init__(self, terms: Iterable[Terms], say: Callable[[str], None]) -> None:
        super().__init__(terms)
        self._say = say

    def __iter__(self) -> Iterator[Terms]:
        for at, one in enumerate(super().__iter__(), 1):
            self._say(f"fit: weights of the score, with {' and '.join(one)} ({at} of {len(self)})")
            yield one


def fit(
    base: Artefact,
    lessons: Lessons,
    vectors: Vectors,
    facts: Facts,
    limits: Limits,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """What is fitted, as arrays: `fitted` reads them. ``vectors`` (n, d) of the lessons' images.

    ``limits``: those that the lessons were chosen by. Raises ArtefactError where no judged image
    shows an item that the model learnt.
    """
    old = left(base.items, base.manifest.version)
    table = counted(base.items, lessons.uses, old)
    start = Weights(base.calibration.weights.similarity, votes=VOTES)
    plain = Scorer(table.vectors, table.log_prior.astype(np.float64), start)
    roles = (WEIGHTS, TERMS, CALIBRATION, THRESHOLDS)
    judged = {role: judged_of(lessons, vectors, table, role) for role in roles}
    for role, some in judged.items():
        if not _learnt(some, table):
            raise ArtefactError(f"{ROLES[role]}: no image shows an item that others taught")
    seen = vectors[lessons.rows(SEEN)]
    say(f"fit: looks of the items, from {len(seen)} images")
    remembered = Remembered.of(base.items, old, limits.seen_per_item, facts.people)
    more = looked_at(table, seen, list(lessons.items(SEEN)), facts.people, remembered)
    say("fit: weights of the score, of names and prior alone")
    scorer = fit_scorer(plain, _Told(more, say), table, judged[WEIGHTS], judged[TERMS])
    made = {name: getattr(scorer, name) for name in _OPTIONAL}
    return {
        "log_prior": table.log_prior,
        "n_train": table.n_train,
        "weights": np.array(astuple(scorer.weights)),
        **{name: array for name, array in made.items() if array is not None},
    }


def fitted(base: Artefact, arrays: Mapping[str, NDArray[Any]]) -> tuple[ItemTable, Weights]:
    """The table of items and the weights that `fit` found."""
    items = replace(
        base.items,
        log_prior=arrays["log_prior"],
        n_train=arrays["n_train"],
        known=arrays["n_train"] > 0,
        hub=arrays.get("hub"),
        prototypes=arrays.get("prototypes"),
        whitening=arrays.get("whitening"),
    )
    return items, Weights(*arrays["weights"].tolist())


def looked_at(
    items: ItemTable,
    seen: Vectors,
    truths: Sequence[Collection[Qid]],
    people: Collection[Qid],
    remembered: Remembered,
) -> list[Terms]:
    """`looks.looks`, with what is remembered in the prototypes.

    That is no image: hubness, whitening and the course of the prototypes go without it.
    """
    each = Counter(qid for truth in truths for qid in truth)
    images = np.array([each[qid] for qid in items.qids], dtype=np.int32)
    return [remembered.beside(terms, images) for terms in looks(items, seen, truths, people)]


def counted(items: ItemTable, uses: Mapping[Qid, int], old: NDArray[np.int32]) -> ItemTable:
    """The bare table: its vectors, and how often each item is shown by what is learnt from
    (`remembering.counts`). ``old`` (N,): what is left of the counts.

    The prior is smoothed by one (Laplace): an item that was never seen stays possible.
    """
    n_train = counts(items, uses, old)
    log_prior = np.log((n_train + 1) / (n_train + 1).sum()).astype(np.float32)
    table = replace(items, log_prior=log_prior, n_train=n_train, known=n_train > 0)
    return replace(table, hub=None, prototypes=None, whitening=None)


def judged_of(
    lessons: Lessons, vectors: Vectors, items: ItemTable, role: int, nothing: Vectors | None = None
) -> Judged:
    """The images of a role, weighted as an open world (`judged.open_world`).

    ``nothing`` (k, d): images of nothing, which come last.
    """
    truths, seen = tuple(lessons.items(role)), vectors[lessons.rows(role)]
    more = seen[:0] if nothing is None else nothing
    known = {qid for qid, learnt in zip(items.qids, items.known, strict=True) if learnt}
    weights = open_world([truth & known for truth in truths], len(more))
    weights[len(truths) :] *= OF_NOTHING * len(truths) / max(len(more), 1)
    return Judged(np.concatenate([seen, more]), (*truths, *[frozenset[Qid]()] * len(more)), weights)


def _learnt(judged: Judged, items: ItemTable) -> bool:
    known = {qid for qid, learnt in zip(items.qids, items.known, strict=True) if learnt}
    return any(truth & known for truth in judged.truths)


@dataclass(frozen=True, slots=True)
class Display:
    """What is shown, with its evidence on the holdout."""

    calibration: Calibration
    metrics: Mapping[str, float]
    """As `display.DisplayFit.metrics`."""
    rules: Sequence[Compared]

    def told(self) -> str:
        """All but the calibration, for `of`."""
        rules = [asdict(one) for one in self.rules]
        return json.dumps({"metrics": dict(self.metrics), "rules": rules})

    @classmethod
    def of(cls, calibration: str, told: str) -> Display:
        """From the texts of both."""
        said = json.loads(told)
        rules = tuple(Compared(**one) for one in said["rules"])
        return cls(Calibration.from_json(calibration), said["metrics"], rules)


def calibrate(
    items: ItemTable, weights: Weights, lessons: Lessons, looked: Looked, facts: Facts
) -> Display:
    """Calibrator, support and threshold from their own slice; the figures of the holdout.

    Raises ArtefactError where the slice is too small to tell right from wrong.
    """
    scorer = scorer_of(items, weights)
    roles = (CALIBRATION, THRESHOLDS, HOLDOUT)
    one, other, report = (
        judged_of(lessons, looked.vectors, items, role, looked.nothing[role]) for role in roles
    )
    try:
        shown = fit_display(facts, items, scorer, one, other, report)
    except ValueError as error:
        raise ArtefactError(f"{error}; more images of more items are needed there") from None
    rules = compare(facts, items, scorer, shown.calibration, one + other, report)
    return Display(shown.calibration, shown.metrics, rules)


def scorer_of(items: ItemTable, weights: Weights) -> Scorer:
    """The terms of the table with these weights."""
    prior = items.log_prior.astype(np.float64)
    terms = (items.hub, items.prototypes, items.whitening)
    return Scorer(items.vectors, prior, weights, *terms)
