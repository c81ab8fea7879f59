"""What the photos are called: kinds from the catalog's labels, and the targets over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker.training.fit import Vocabulary
from depicts_model.linker.training.photos import Listed
from depicts_model.linker.training.text import embed_labels
from depicts_model.types import Qid


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds that photos show. Items of one label are one kind: the text cannot tell them
    apart. ``targets``: (photos, kinds), rows sum to 1, alternatives share evenly.
    """

    labels: tuple[str, ...]
    items: Mapping[Qid, str]
    """Every item of the photos' list, as the catalog represents it, with its label."""
    truths: tuple[frozenset[Qid], ...]
    """For each photo what it shows, as the catalog represents it."""
    targets: NDArray[np.float32]


def kinds_of(listed: Sequence[Listed], catalog: Catalog) -> Kinds:
    """Kinds, truths and targets of a photo list; ArtefactError names an item without a label."""
    stands = {qid: catalog.representative(Qid(qid)) for photo in listed for qid in photo.items}
    items: dict[Qid, str] = {}
    for qid in stands.values():
        label = catalog.label(qid)
        if label is None:
            raise ArtefactError(f"{qid} is in the photos' list but has no label in the catalog")
        items[qid] = label
    labels = tuple(sorted(set(items.values())))
    column = {label: at for at, label in enumerate(labels)}
    targets = np.zeros((len(listed), len(labels)), np.float32)
    for row, photo in enumerate(listed):
        for item in photo.items:
            targets[row, column[items[stands[item]]]] += 1 / len(photo.items)
    truths = tuple(frozenset(stands[item] for item in photo.items) for photo in listed)
    return Kinds(labels, items, truths, targets)


def learnt(kinds: Kinds, rows: NDArray[np.intp]) -> Kinds:
    """The kinds that occur in ``rows``, with the targets over them alone."""
    used = np.flatnonzero(kinds.targets[rows].sum(0) > 0)
    labels = tuple(kinds.labels[column] for column in used)
    return replace(kinds, labels=labels, targets=kinds.targets[:, used])


def vocabulary(kinds: Kinds, rows: NDArray[np.intp], names: Sequence[str]) -> Vocabulary:
    """MiniLM vectors of the kinds and of the teacher's classes; the prior of the fitted rows."""
    counts = kinds.targets[rows].sum(0) + 1
    prior = torch.from_numpy(np.log(counts / counts.sum()))
    return Vocabulary(
        torch.from_numpy(embed_labels(kinds.labels)), torch.from_numpy(embed_labels(names)), prior
    )


def names_in(path: Path) -> list[str]:
    """The teacher's classes, each by its first name; ArtefactError names a file that is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ArtefactError(f"{path}: cannot be read: {error}") from None
    return [line.split(",")[0].strip() for line in lines]


def item_counts(kinds: Kinds, rows: NDArray[np.intp]) -> dict[Qid, int]:
    """Item to the number of fitted photos that show it (or may: alternatives count each)."""
    counts = dict.fromkeys(kinds.items, 0)
    for row in rows:
        for qid in kinds.truths[row]:
            counts[qid] += 1
    return counts
