"""served: the score of the model that `retrain` makes, fitted on the same work.

Its terms are those of `linker.score`: cosine to the words, hubness, prototypes in a whitened space,
as they are or learnt, and the prior; each stays where it saves a hundredth of the cross-entropy.
`ours` adds PLDA and two kinds of prototypes at once: this row says what of that is served today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from depicts_model.linker.experiments.system import Clock, Scores, System
from depicts_model.linker.experiments.work import Part, Work
from depicts_model.linker.fit_scores import fit_scorer
from depicts_model.linker.items import ItemTable
from depicts_model.linker.judged import Judged
from depicts_model.linker.looks import looks
from depicts_model.linker.score import Scorer, Weights
from depicts_model.types import Qid

START: Final = 20.0
"""Logit scale before any fit."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """Nothing to choose: the product fits its weights itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """The product's scorer."""

    scorer: Scorer

    def scores(self, part: Part) -> Scores:
        """(n, N): logits."""
        cosines = self.scorer.cosines(part.vectors)
        return self.scorer.logits(part.vectors, cosines).astype(np.float32)


def fit(work: Work, knobs: Knobs, clock: Clock) -> Fitted:
    """Terms from the training part; weights and the choice of terms from halves of validation."""
    table = table_of(work)
    plain = Scorer(table.vectors, table.log_prior.astype(np.float64), Weights(START))
    more = looks(table, work.train.vectors, _truths(work, work.train), people=())
    halves = np.random.default_rng((work.seed, 2)).permutation(len(work.val)) % 2
    one, other = (_judged(work, work.val.take(np.flatnonzero(halves == half))) for half in (0, 1))
    return Fitted(fit_scorer(plain, more, table, one, other))


def table_of(work: Work) -> ItemTable:
    """All candidates, with the prior of the training part (smoothed by one)."""
    uses = work.uses()
    prior = (uses + 1) / (uses + 1).sum()
    return ItemTable(
        qids=work.items,
        vectors=work.texts,
        log_prior=np.log(prior).astype(np.float32),
        known=uses > 0,
        n_train=uses.astype(np.int32),
    )


def _truths(work: Work, part: Part) -> list[frozenset[Qid]]:
    return [frozenset(work.items[row] for row in rows) for rows in part.rows()]


def _judged(work: Work, part: Part) -> Judged:
    return Judged(part.vectors, tuple(_truths(work, part)), np.ones(len(part)))


SYSTEM: Final = System(
    name="served",
    family="ours",
    source="this project: what `depicts-model retrain` fits",
    fit=fit,
    knobs=Knobs(),
)
