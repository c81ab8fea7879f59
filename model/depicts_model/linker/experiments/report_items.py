"""Items that one system knows best and worst, and pictures with what each system said."""

from __future__ import annotations

import base64
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from depicts_model.linker.experiments.results import Run
from depicts_model.linker.experiments.work import Truth
from depicts_model.linker.metrics import per_image
from depicts_model.types import Qid

Labels = Mapping[Qid, str]
Pictures = Callable[[str], bytes | None]
"""A file's bytes, or None where there are none to be had."""
FEWEST: Final = 5
"""Test images that an item needs to be told of."""
MOST: Final = 10
SIDE: Final = 160
"""Pixels of a thumbnail's longer side, at most."""


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """How often one item was found."""

    label: str
    qid: Qid
    images: int
    at_1: float
    at_10: float
    instead: str
    """Label of what was most often said first in its place; empty where it always was first."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a system said of a picture."""

    system: str
    answer: str
    right: bool
    rank: int | None
    """Of the first right answer, from 1; None where it is not among those kept."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with what it shows and what was said of it."""

    file: str
    thumbnail: str
    """A data URL; empty where there is no picture to be had."""
    shows: str
    said: tuple[Said, ...]


def told_apart(labels: Labels) -> dict[Qid, str]:
    """The labels, with the id behind those that several items share (*crane*, *bicycle*)."""
    times = Counter(labels.values())
    return {q: f"{label} ({q})" if times[label] > 1 else label for q, label in labels.items()}


def best_and_worst(
    runs: Sequence[Run], labels: Labels
) -> tuple[list[ItemFigures], list[ItemFigures]]:
    """The items of ``runs`` (one system, one setting, its seeds) that were found most, and least.

    Items of fewer than `FEWEST` images are left out; none is in both lists.
    """
    figures = sorted(_by_item(runs, labels), key=lambda one: (one.at_1, one.at_10, one.label))
    most = min(MOST, len(figures) // 2)
    return figures[len(figures) - most :][::-1], figures[:most]


def _by_item(runs: Sequence[Run], labels: Labels) -> list[ItemFigures]:
    found: dict[Qid, list[tuple[float, float, Qid]]] = defaultdict(list)
    for run in runs:
        values = per_image(run.top, run.truths)
        ranks = zip(values["R@1"], values["R@10"], run.top[:, 0], strict=True)
        for truth, (at_1, at_10, first) in zip(run.truths, ranks, strict=True):
            if len(truth) == 1:
                found[run.items[min(truth[0])]].append((at_1, at_10, run.items[first]))
    return [_of(qid, told, labels) for qid, told in found.items() if len(told) >= FEWEST]


def _of(qid: Qid, told: Sequence[tuple[float, float, Qid]], labels: Labels) -> ItemFigures:
    wrong = Counter(first for at_1, _, first in told if not at_1)
    instead = _label(wrong.most_common(1)[0][0], labels) if wrong else ""
    at_1, at_10 = (float(np.mean([one[column] for one in told])) for column in (0, 1))
    return ItemFigures(_label(qid, labels), qid, len(told), at_1, at_10, instead)


def some_pictures(
    runs: Sequence[Run], labels: Labels, pictures: Pictures, count: int = 20
) -> list[Picture]:
    """Pictures drawn by a fixed seed, not chosen; ``runs``: of one setting and seed."""
    images = len(runs[0].files)
    drawn = np.random.default_rng(0).permutation(images)[:count]
    return [_picture(runs, at, labels, pictures) for at in sorted(drawn.tolist())]


def _picture(runs: Sequence[Run], at: int, labels: Labels, pictures: Pictures) -> Picture:
    file, truth = runs[0].files[at], runs[0].truths[at]
    data = pictures(file)
    shows = " + ".join(_thing(thing, runs[0].items, labels) for thing in truth)
    said = tuple(_said(run, at, truth, labels) for run in runs)
    return Picture(file, thumbnail(data) if data else "", shows, said)


def _thing(thing: frozenset[int], items: Sequence[Qid], labels: Labels) -> str:
    return " or ".join(_label(items[row], labels) for row in sorted(thing))


def _said(run: Run, at: int, truth: Truth, labels: Labels) -> Said:
    right = frozenset[int]().union(*truth)
    ranks = (rank for rank, row in enumerate(run.top[at].tolist(), 1) if row in right)
    rank = next(ranks, None)
    return Said(run.system, _label(run.items[run.top[at, 0]], labels), rank == 1, rank)


def _label(qid: Qid, labels: Labels) -> str:
    return labels.get(qid) or qid


def thumbnail(data: bytes) -> str:
    """A small JPEG of an image as a data URL; empty where it cannot be read as one."""
    try:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""
    image.thumbnail((SIDE, SIDE))
    small = io.BytesIO()
    image.save(small, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(small.getvalue()).decode()}"
