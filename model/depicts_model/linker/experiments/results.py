"""What systems answered, kept on disk: a run that is there is not computed again."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.system import Family, System
from depicts_model.linker.experiments.work import Part, Rows, Truth, Work
from depicts_model.linker.metrics import DEEP
from depicts_model.types import Qid

OURS: Final = "ours"
"""Name of the system that the others are compared with."""
SHARED: Final = ("fit_scores", "learnt", "looks", "score")
"""Modules of the product that systems stand on."""
_FAMILIES: Final = get_args(Family)


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """One system on one work: its ranking of the candidates for each image of the test part."""

    setting: str
    seed: int
    system: str
    family: Family
    top: Rows
    """(n, 100) rows of the candidates, best first; all of them where there are fewer."""
    truths: tuple[Truth, ...]
    files: tuple[str, ...]
    items: tuple[Qid, ...]
    """The candidates, in the order of their rows."""
    seconds: float
    """Wall time of the fit."""
    capped: bool
    """Whether the fit was cut short by the clock."""

    def __post_init__(self) -> None:
        if not len(self.top) == len(self.truths) == len(self.files):
            raise ValueError("top, truths and files differ in length")
        if self.family not in _FAMILIES:
            raise ValueError(f"no family {self.family!r}")
        if self.top.shape[1] != min(DEEP, len(self.items)):
            raise ValueError(f"{self.top.shape[1]} ranks of {len(self.items)} candidates")


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """All that a report is made of."""

    runs: Sequence[Run]
    displayed: Sequence[Displayed] = ()
    """What would be shown, by system, rule and target."""
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """Tables of their own (``topics``, ``m3el``): a title to rows of the same columns."""
    trials: Sequence[Mapping[str, Any]] = ()
    """Of the tuning, if there was one."""
    errors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """What ours shows wrongly over what a rival does at equal coverage: value, low, high."""
    broken: int | None = None
    """Suggestions of ours that break a promise; None where display mode was not run."""


def digest_of(work: Work) -> str:
    """Of everything that a system may see, and the test part's truths; hexadecimal."""
    digest = hashlib.sha256()
    facts = (work.setting, work.seed, work.items, work.labels, work.descriptions, work.parents)
    digest.update(repr(facts).encode())
    digest.update(np.ascontiguousarray(work.texts).tobytes())
    for part in (work.train, work.val, work.test):
        _add(digest, part)
    if work.spread is not None:
        digest.update(np.ascontiguousarray(work.spread.covariance).tobytes())
    return digest.hexdigest()


def _add(digest: Any, part: Part) -> None:
    truths = [[sorted(thing) for thing in truth] for truth in part.truths]
    digest.update(repr((truths, part.files)).encode())
    for array in (part.vectors, part.raw):
        digest.update(repr(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())


def key_of(work_digest: str, system: System, knobs: Any, cap: float) -> str:
    """Name of a run: what it was computed from; ``cap``: seconds.

    The source of all experiments, and of what they share with the product, is part of it.
    """
    told = repr(
        (work_digest, system.name, system.family, knobs, cap, source_of(Path(__file__).parent))
    ).encode()
    return f"{system.name}-{hashlib.sha256(told).hexdigest()[:16]}"


@cache
def source_of(folder: Path) -> str:
    """Digest of the source of the experiments in ``folder``, and of what they share, above it."""
    files = [path for path in folder.glob("*.py") if not path.name.startswith("report")]
    files += [folder.parent / f"{name}.py" for name in SHARED]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def save(run: Run, folder: Path, key: str) -> None:
    """Keep a run under its key, whole or not at all."""
    things = [thing for truth in run.truths for thing in truth]
    arrays: dict[str, NDArray[Any]] = {
        "about": np.array([run.setting, str(run.seed), run.system, run.family]),
        "fit": np.array([run.seconds, run.capped], dtype=np.float64),
        "top": run.top.astype(np.int32),
        "files": np.array(run.files),
        "items": np.array([int(qid[1:]) for qid in run.items], dtype=np.int64),
        "things": np.array([len(truth) for truth in run.truths], dtype=np.int32),
        "alternatives": np.array([len(thing) for thing in things], dtype=np.int32),
        "rows": np.array([row for thing in things for row in sorted(thing)], dtype=np.int32),
    }
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{key}.part.npz"
    np.savez_compressed(unfinished, allow_pickle=False, **arrays)
    unfinished.replace(folder / f"{key}.npz")


def load(folder: Path, key: str) -> Run | None:
    """The run of this key, or None where it was not computed yet.

    Raises ArtefactError naming a file that is damaged.
    """
    path = folder / f"{key}.npz"
    try:
        # numpy leaves a file of its own open where it is cut short
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _run(arrays)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ArtefactError(f"{path}: not a whole run ({error}); delete it") from None


def _run(arrays: Mapping[str, NDArray[Any]]) -> Run:
    setting, seed, system, family = (str(word) for word in arrays["about"])
    seconds, capped = arrays["fit"].tolist()
    things = [frozenset(rows) for rows in _cut(arrays["rows"].tolist(), arrays["alternatives"])]
    return Run(
        setting=setting,
        seed=int(seed),
        system=system,
        family=family,  # type: ignore[arg-type]  # Run looks itself
        top=arrays["top"].astype(np.intp),
        truths=tuple(tuple(truth) for truth in _cut(things, arrays["things"])),
        files=tuple(arrays["files"].tolist()),
        items=tuple(Qid(f"Q{number}") for number in arrays["items"].tolist()),
        seconds=seconds,
        capped=bool(capped),
    )


def _cut(values: Sequence[Any], lengths: NDArray[Any]) -> Iterable[Sequence[Any]]:
    """``values`` in pieces of these lengths."""
    ends = accumulate(lengths.tolist(), initial=0)
    return (values[start:end] for start, end in pairwise(ends))
