"""m3el: nine tasks of linking, a mention's modality against an item's, with NIL, on synthetic data.

Source: Wang et al., "M3EL: A Multi-task Multi-topic Dataset for Multi-modal Entity Linking" (2024,
arXiv 2410.18096): mentions and items each by text, image or both; CLIP tuned with text
augmentation; accuracy .763 → .898 (S-M-D). Here: the joint vectors, an adapter for images and one
for words (`adapter`), both together being the unit sum; mentions are synthetic (`mentions`). Three
trainings are compared: none, tuned on one form of the items' words, tuned on three (m3el-aug).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from depicts_model.linker.experiments import adapter
from depicts_model.linker.experiments.adapter import Adapter, towards
from depicts_model.linker.experiments.contrast import Batch, Lessons
from depicts_model.linker.experiments.course import train
from depicts_model.linker.experiments.mentions import (
    ASKED,
    NIL,
    TAUGHT,
    Base,
    Embed,
    Mentions,
    at_once,
    forms,
    mentions,
)
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.work import Rows, Vectors, Work

Modality = Literal["T", "I", "I+T"]
Training = Literal["frozen", "tuned", "augmented"]
MODALITIES: Final[tuple[Modality, ...]] = ("T", "I", "I+T")
TASKS: Final = tuple(product(MODALITIES, MODALITIES))
"""A mention's modality, and an item's."""
TRAININGS: Final[tuple[Training, ...]] = ("frozen", "tuned", "augmented")
JUDGED_FORM: Final = 1
"""Items are judged by name and description, whatever they were taught by."""


@dataclass(frozen=True, slots=True)
class Knobs(adapter.Knobs):
    """Of both adapters, and of the task."""

    outside: float = 0.2
    """Share of the items that are left out of the base: their mentions are NIL."""
    epochs: int = 12


class Both(nn.Module):
    """An adapter for images, whose scale counts, and one for words."""

    def __init__(self, dim: int, knobs: Knobs) -> None:
        super().__init__()
        self.images, self.words = Adapter(dim, knobs), Adapter(dim, knobs)

    def forward(self, modality: Modality, images: Tensor, words: Tensor) -> Tensor:
        """Unit vectors (n, d) by the modality, of images (n, d) and words (n, d)."""
        if modality == "T":
            return self.words(words)  # type: ignore[no-any-return]
        if modality == "I":
            return self.images(images)  # type: ignore[no-any-return]
        return functional.normalize(self.images(images) + self.words(words), dim=-1)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """All that the three trainings share."""

    work: Work
    base: Base
    forms: Tensor
    """(3, m, d)."""
    taught: Mentions
    looked: Mentions
    """Of the validation part."""
    asked: Mentions
    """Of the test part."""

    @classmethod
    def of(cls, work: Work, knobs: Knobs, embed: Embed) -> Ground:
        """Encodes every sentence once."""
        base, embed = Base.of(work, knobs.outside, knobs.seed), at_once(work, embed)
        words = torch.from_numpy(forms(work, base.items, embed))
        parts = ((work.train, TAUGHT), (work.val, ASKED), (work.test, ASKED))
        made = (mentions(work, part, base, templates, embed) for part, templates in parts)
        return cls(work, base, words, *made)


def table(
    work: Work, clock: Clock, embed: Embed | None = None, knobs: Knobs | None = None
) -> list[dict[str, Any]]:
    """A row for each training and task, then each training's mean.

    ``accuracy`` over all mentions, ``linked`` over those whose item is in the base, ``nil`` over
    the others. ``embed`` gives vectors of the joint space; MiniLM's where it is not told.
    """
    knobs = knobs or Knobs()
    ground = Ground.of(work, knobs, embed or _minilm)
    rows: list[dict[str, Any]] = []
    for at, training in enumerate(TRAININGS):
        share = Clock(clock.seconds / 2) if at < len(TRAININGS) - 1 else clock
        model = fit(ground, training, knobs, share)
        clock.capped = clock.capped or share.capped
        rows += _judged(model, ground, training)
    return rows


def _minilm(texts: Sequence[str]) -> Vectors:
    from depicts_model.linker.training.text import embed

    return embed(texts)


def fit(ground: Ground, training: Training, knobs: Knobs, clock: Clock) -> Both:
    """One of the three; ends where the mean of the nine tasks on the validation part is best."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(knobs.seed)
        model = Both(ground.forms.shape[2], knobs).eval()
        if training != "frozen":
            _train(model, ground, knobs, clock, augmented=training == "augmented")
    return model


def _train(model: Both, ground: Ground, knobs: Knobs, clock: Clock, *, augmented: bool) -> None:
    """Each batch is one task; its sentences, and the items' words if augmented, are drawn."""
    lessons = _lessons(ground, knobs)
    if not len(lessons.images):
        return
    draw = np.random.default_rng(knobs.seed)
    images, said = torch.from_numpy(ground.taught.images), torch.from_numpy(ground.taught.words)
    photos = torch.from_numpy(ground.base.images)

    def loss(batch: Batch) -> Tensor:
        asks, answers = TASKS[draw.integers(len(TASKS))]
        template = torch.from_numpy(draw.integers(len(TAUGHT), size=len(batch.images)))
        mention = model(asks, images[batch.images], said[template, batch.images])
        form = draw.integers(len(ground.forms)) if augmented else JUDGED_FORM
        item = model(answers, photos, ground.forms[form])
        targets = torch.from_numpy(lessons.targets[batch.images])
        return towards(model.images.scale() * mention @ item.T, targets)

    def check() -> float:
        found = (_cosines(model, ground, ground.looked, *task) for task in TASKS)
        given = [figures(cosines.argmax(axis=1), ground.looked.answers) for cosines in found]
        return float(np.mean([task["linked"] or 0 for task in given]))

    train(model, lessons, loss, check, knobs, clock)


def _lessons(ground: Ground, knobs: Knobs) -> Lessons:
    """Pairs of training images that are no item's photo and items of the base."""
    base, part = ground.base, ground.work.train
    targets = np.zeros((len(part), len(base.items)), dtype=np.float32)
    pairs: list[tuple[int, int]] = []
    for image, right in enumerate(ground.taught.answers):
        targets[image, list(right)] = 1
        pairs += [(image, at) for at in sorted(right) if image not in base.photos]
    images, columns = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return Lessons(base.items, images, columns, targets)


@torch.inference_mode()
def _cosines(
    model: Both, ground: Ground, asked: Mentions, asks: Modality, answers: Modality
) -> Vectors:
    """(n, m) of a task; the mentions take the sentences in turn."""
    turn = np.arange(len(asked.images)) % len(asked.words)
    words = torch.from_numpy(asked.words[turn, np.arange(len(turn))])
    mention = model(asks, torch.from_numpy(asked.images), words)
    item = model(answers, torch.from_numpy(ground.base.images), ground.forms[JUDGED_FORM])
    found: Vectors = (mention @ item.T).numpy()
    return found


def threshold(found: Vectors, answers: Sequence[frozenset[int]]) -> float:
    """The cosine below which NIL is answered: the lowest of those with the best accuracy."""
    best, first = found.max(axis=1), found.argmax(axis=1)
    right = np.array([at in some for at, some in zip(first, answers, strict=True)])
    nil = np.array([not some for some in answers])
    order = np.argsort(best, kind="stable")
    # with the cut after k of them: NIL below it, the first item from it on
    below = np.concatenate([[0], np.cumsum(nil[order])])
    above = np.concatenate([np.cumsum(right[order][::-1])[::-1], [0]])
    cuts = np.concatenate([best[order], [np.inf]])
    return float(cuts[int(np.argmax(below + above))])


def answered(found: Vectors, cut: float) -> Rows:
    """(n,): the nearest item of the base, or `NIL`."""
    return np.where(found.max(axis=1) >= cut, found.argmax(axis=1), NIL)


def _judged(model: Both, ground: Ground, training: Training) -> list[dict[str, Any]]:
    """The nine tasks; thresholds come from the validation part."""
    rows: list[dict[str, Any]] = []
    for task in TASKS:
        cut = threshold(_cosines(model, ground, ground.looked, *task), ground.looked.answers)
        given = answered(_cosines(model, ground, ground.asked, *task), cut)
        rows.append({"task": "-".join(task), **figures(given, ground.asked.answers)})
    mean = {name: _mean([row[name] for row in rows]) for name in ("accuracy", "linked", "nil")}
    told = {"training": training, "mentions": "synthetic"}
    return [{**told, **row} for row in [*rows, {"task": "mean", **mean}]]


def figures(given: Rows, answers: Sequence[frozenset[int]]) -> dict[str, float | None]:
    """Accuracy over all mentions, over those in the base, and over those outside.

    None where there is none of them.
    """
    pairs = list(zip(given.tolist(), answers, strict=True))
    right = [at in some if some else at == NIL for at, some in pairs]
    return {
        "accuracy": _mean(right),
        "linked": _mean([ok for ok, some in zip(right, answers, strict=True) if some]),
        "nil": _mean([ok for ok, some in zip(right, answers, strict=True) if not some]),
    }


def _mean(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return sum(told) / len(told) if told else None
