"""The table of a model's items: ``items.json`` and ``items.safetensors``.

The vectors mean something in the space of one encoder and beside one catalog. The file of arrays
carries in its metadata what it was made for (`made_for`), and `artefact` compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from depicts_model.errors import ArtefactError
from depicts_model.linker.facts import numeric
from depicts_model.types import Qid, parse_qid

T = TypeVar("T")
NAMES = "items.json"
ARRAYS = "items.safetensors"
MADE_FOR = "made_for"
"""Key of the metadata; a single one, for safetensors writes several in any order."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemTable:
    """N items that the model scores, in the order of their numbers once read or `in_order`."""

    qids: tuple[Qid, ...]
    vectors: NDArray[np.float32]
    """(N, d), unit rows: the text tower's output."""
    log_prior: NDArray[np.float32]
    """(N,), natural logarithm, smoothed."""
    known: NDArray[np.bool_]
    """(N,): has training photos."""
    n_train: NDArray[np.int32]
    """(N,): number of training photos."""
    projection: NDArray[np.float32] | None = None
    """(hidden, d): from the vision tower's output to the space of the vectors."""
    hub: NDArray[np.float64] | None = None
    """(N,): `score.hubness`; None where the model takes none off."""
    prototypes: NDArray[np.float32] | None = None
    """(N, d): `score.prototypes`; None where the model has none."""
    whitening: NDArray[np.float32] | None = None
    """(d, d): `score.whitening` of the space that the prototypes are in; None: as it is."""

    def __post_init__(self) -> None:
        size = len(self.qids)
        if len(set(self.qids)) != size or size == 0:
            raise ValueError("items must be at least one, each once")
        if self.vectors.ndim != 2 or len(self.vectors) != size:
            raise ValueError(f"vectors are {self.vectors.shape}, for {size} items")
        for name in ("log_prior", "known", "n_train"):
            if getattr(self, name).shape != (size,):
                raise ValueError(f"{name} is {getattr(self, name).shape}, for {size} items")
        _check_vectors(self.vectors, self.projection)
        _check_terms(self.hub, self.prototypes, self.vectors.shape)
        dim = self.vectors.shape[1]
        if self.whitening is not None and self.whitening.shape != (dim, dim):
            raise ValueError(f"whitening is {self.whitening.shape}, for vectors of {dim}")
        if not np.isfinite(self.log_prior).all() or (self.n_train < 0).any():
            raise ValueError("log_prior must be finite, and n_train at least 0")

    def in_order(self) -> ItemTable:
        """The same table in the order of the items' numbers."""
        order = sorted(range(len(self.qids)), key=lambda row: numeric(self.qids[row]))
        return ItemTable(
            qids=tuple(self.qids[row] for row in order),
            vectors=np.ascontiguousarray(self.vectors[order]),
            log_prior=self.log_prior[order],
            known=self.known[order],
            n_train=self.n_train[order],
            projection=self.projection,
            hub=None if self.hub is None else self.hub[order],
            prototypes=None if self.prototypes is None else self.prototypes[order],
            whitening=self.whitening,
        )

    def write(self, folder: Path, companions: Mapping[str, str]) -> None:
        """Write both files; vectors and projection as half floats.

        ``companions``: what the table was made for, as `made_for` gives it back.
        """
        arrays: dict[str, NDArray[Any]] = {
            "vectors": self.vectors.astype(np.float16),
            "log_prior": self.log_prior.astype(np.float32),
            "known": self.known.astype(np.uint8),
            "n_train": self.n_train.astype(np.int32),
        }
        if self.projection is not None:
            arrays["projection"] = self.projection.astype(np.float16)
        if self.hub is not None:
            arrays["hub"] = self.hub.astype(np.float32)
        if self.whitening is not None:
            arrays["whitening"] = self.whitening.astype(np.float32)
        if self.prototypes is not None:
            there = np.flatnonzero(self.prototypes.any(axis=1))
            arrays["prototypes"] = self.prototypes[there].astype(np.float16)
            arrays["prototype_rows"] = there.astype(np.int32)
        metadata = {MADE_FOR: json.dumps(dict(companions), sort_keys=True)}
        contiguous = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
        save_file(contiguous, folder / ARRAYS, metadata)
        (folder / NAMES).write_text(json.dumps(self.qids), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> ItemTable:
        """Read both files, in order; ArtefactError names the file and the fault."""
        qids = _guarded(folder / NAMES, _read_names)
        arrays = _guarded(folder / ARRAYS, load_file)
        return _guarded(folder / ARRAYS, lambda _: _table(qids, arrays)).in_order()


def made_for(folder: Path) -> dict[str, str]:
    """What the table at ``folder`` was made for: encoder's files to sha256, catalog to snapshot.

    Raises ArtefactError naming the file, also where it does not say.
    """
    return _guarded(folder / ARRAYS, _read_made_for)


def _read_made_for(path: Path) -> dict[str, str]:
    with safe_open(path, "numpy") as opened:
        metadata = opened.metadata() or {}
    if MADE_FOR not in metadata:
        raise ValueError("does not say for which encoder and catalog it was made")
    return dict(json.loads(metadata[MADE_FOR]))


def _check_vectors(vectors: NDArray[np.float32], projection: NDArray[np.float32] | None) -> None:
    lengths = np.linalg.norm(vectors, axis=1)
    if not (np.abs(lengths - 1) < 1e-2).all():  # a NaN fails this too
        raise ValueError("vectors are not of unit length")
    if projection is None:
        return
    if projection.ndim != 2 or projection.shape[1] != vectors.shape[1]:
        raise ValueError(f"projection is {projection.shape}, for vectors {vectors.shape}")
    if not np.isfinite(projection).all():
        raise ValueError("projection is not finite")


def _check_terms(
    hub: NDArray[np.float64] | None,
    prototypes: NDArray[np.float32] | None,
    shape: tuple[int, ...],
) -> None:
    if hub is not None and (hub.shape != shape[:1] or not np.isfinite(hub).all()):
        raise ValueError(f"hub is {hub.shape} or not finite, for {shape[0]} items")
    if prototypes is None:
        return
    if prototypes.shape != shape:
        raise ValueError(f"prototypes are {prototypes.shape}, for vectors {shape}")
    lengths = np.linalg.norm(prototypes, axis=1)
    if not ((np.abs(lengths - 1) < 1e-2) | (lengths == 0)).all():
        raise ValueError("prototypes are neither of unit length nor zero")


def _guarded(path: Path, read: Callable[[Path], T]) -> T:
    try:
        return read(path)
    except (OSError, ValueError, TypeError, LookupError, SafetensorError) as error:
        line = " ".join(str(error).split())[:160]
        raise ArtefactError(f"{path}: {line}") from None


def _read_names(path: Path) -> tuple[Qid, ...]:
    names = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(names, list):
        raise ValueError("not a list of item ids")
    return tuple(parse_qid(name) for name in names)


def _table(qids: tuple[Qid, ...], arrays: dict[str, NDArray[Any]]) -> ItemTable:
    projection, hub, prototypes = (arrays.get(n) for n in ("projection", "hub", "prototypes"))
    return ItemTable(
        qids=qids,
        vectors=_unit(arrays["vectors"]),
        log_prior=arrays["log_prior"].astype(np.float32),
        known=arrays["known"].astype(bool),
        n_train=arrays["n_train"].astype(np.int32),
        projection=None if projection is None else projection.astype(np.float32),
        hub=None if hub is None else hub.astype(np.float64),
        prototypes=None if prototypes is None else _spread(prototypes, arrays),
        whitening=arrays.get("whitening"),
    )


def _unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Half floats lose a little of the unit length: restore it; zero rows stay and are refused."""
    full = vectors.astype(np.float32)
    lengths = np.linalg.norm(full, axis=-1, keepdims=True)
    if not (np.abs(lengths - 1) < 1e-2).all():
        raise ValueError("vectors are not of unit length")
    result: NDArray[np.float32] = full / lengths
    return result


def _spread(prototypes: NDArray[Any], arrays: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """(N, d) from the rows that are there; the others are zeros: items without a prototype."""
    full = np.zeros(arrays["vectors"].shape, dtype=np.float32)
    full[arrays["prototype_rows"]] = _unit(prototypes)
    return full
