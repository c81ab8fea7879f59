"""Synthetic mentions: an image of a part with a sentence made from its item's label.

No data here has mentions as people write them. These are templates filled with labels, so that a
sentence always names its item: linking words to words is far easier than in life, and every table
says that its mentions are synthetic. The base is the items with training images, less some whose
mentions have no right answer (NIL).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from depicts_model.linker.experiments.work import Part, Rows, Vectors, Work

Embed = Callable[[Sequence[str]], Vectors]
"""Texts to unit vectors (n, d) of the joint space."""
TAUGHT: Final = (
    "We came across {} on our way.",
    "This shows {} as seen last summer.",
    "{}, photographed from nearby.",
)
"""Sentences of the training part."""
ASKED: Final = (
    "My sister sent me a picture of {}.",
    "On the left you can make out {} quite well.",
)
"""Sentences of the other parts: none of them is taught."""
NIL: Final = -1
PHOTOS: Final = 5
"""An item's image is the mean of so many of its training photos at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """The m items that can be answered."""

    items: Rows
    """(m,): candidate rows, rising."""
    images: Vectors
    """(m, d): unit means of the items' photos."""
    photos: frozenset[int]
    """Numbers of the training images that went into them: they ask nothing."""
    column: dict[int, int] = field(default_factory=dict)
    """Candidate row to place in the base."""

    @classmethod
    def of(cls, work: Work, outside: float, seed: int) -> Base:
        """The items with training images less a share ``outside`` of them, drawn by the seed."""
        draw = np.random.default_rng((seed, 3))
        seen = np.flatnonzero(work.uses())
        items = np.sort(draw.permutation(seen)[round(outside * len(seen)) :])
        rows = work.train.rows()
        own = [[at for at, shown in enumerate(rows) if item in shown] for item in items.tolist()]
        taken = [draw.permutation(numbers)[:PHOTOS] for numbers in own]
        means = np.stack([work.train.vectors[some].mean(axis=0) for some in taken])
        length = np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        used = frozenset(int(at) for some in taken for at in some)
        return cls(items, means / length, used, {int(row): at for at, row in enumerate(items)})

    def answers(self, part: Part) -> tuple[frozenset[int], ...]:
        """For each image the places in the base that are right; empty: NIL is."""
        known = self.column.keys()
        return tuple(frozenset(self.column[r] for r in rows & known) for rows in part.rows())


@dataclass(frozen=True, slots=True, eq=False)
class Mentions:
    """n mentions of a part."""

    images: Vectors
    """(n, d)."""
    words: Vectors
    """(k, n, d): each mention's sentence by each of k templates."""
    answers: tuple[frozenset[int], ...]


def mentions(
    work: Work, part: Part, base: Base, templates: Sequence[str], embed: Embed
) -> Mentions:
    """A mention of each image; a sentence names the image's first item."""
    named, where = np.unique(part.first(), return_inverse=True)
    each = [embed(sentences(work, named, template)) for template in templates]
    return Mentions(part.vectors, np.stack([some[where] for some in each]), base.answers(part))


def forms(work: Work, items: Rows, embed: Embed) -> Vectors:
    """(3, m, d): the items' words as name, name and description, one sentence."""
    return np.stack([embed(texts) for texts in _forms(work, items)])


def sentences(work: Work, items: Rows, template: str) -> list[str]:
    """The template filled with each item's label."""
    return [template.format(work.labels[row]) for row in items]


def at_once(work: Work, embed: Embed) -> Embed:
    """``embed`` for all texts that `mentions` and `forms` ask for, called a single time."""
    named = np.unique(np.concatenate([p.first() for p in (work.train, work.val, work.test)]))
    seen = np.flatnonzero(work.uses())
    texts = [t for template in (*TAUGHT, *ASKED) for t in sentences(work, named, template)]
    texts += [text for form in _forms(work, seen) for text in form]
    place = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    vectors = embed(list(place))
    return lambda some: vectors[[place[text] for text in some]]


def _forms(work: Work, items: Rows) -> tuple[list[str], list[str], list[str]]:
    told = [(work.labels[row], work.descriptions[row]) for row in items]
    both = [f"{label} {description}".strip() for label, description in told]
    whole = [f"{label} is {text}." if text else f"This is {label}." for label, text in told]
    return [label for label, _ in told], both, whole
