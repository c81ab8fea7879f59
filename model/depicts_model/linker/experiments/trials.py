"""The file of trials: what was tried for each system, how it did, and which one is chosen.

``depicts_model/data/trials.json`` is made by `tune` and belongs to the code: a system runs with the
knobs that are chosen there.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments.system import System
from depicts_model.linker.experiments.work import Work

FILE: Final = Path(__file__).resolve().parents[2] / "data" / "trials.json"
TRIALS: Final = 12
CAP: Final = 180.0
"""Seconds that the fit of a trial may take; the same for every system."""
SETTING: Final = "vel-shaped"
SEED: Final = 0
ABOUT: Final = {
    "setting": SETTING,
    "seed": SEED,
    "part": "validation",
    "criterion": "mean of R@1 and R@10",
    "cap_s": CAP,
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice of knobs, and what it came to on the validation part."""

    number: int
    knobs: dict[str, Any]
    worth: float
    recall_1: float
    recall_10: float
    seconds: float
    """Of the fit."""
    capped: bool
    """Whether the fit was cut short."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The trials of one system, in their order."""

    work: str
    """Digest of the work that they were made on."""
    space: str
    """Digest of the knobs that they were drawn from."""
    trials: tuple[Trial, ...] = ()

    def best(self) -> Trial:
        """The first of those that did best. ValueError where there is none."""
        return max(self.trials, key=lambda trial: (trial.worth, -trial.number))


def digest_of_work(work: Work) -> str:
    """Of what train and validation part show, and of which files.

    Not of the vectors: their last bits differ from machine to machine.
    """
    parts = [
        [part.files, [[sorted(t) for t in truth] for truth in part.truths]] for part in _both(work)
    ]
    return _digest([work.setting, work.seed, work.items, work.parents, parts])


def _both(work: Work) -> Any:
    return work.train, work.val


def digest_of_space(system: System, cap: float = CAP) -> str:
    """Of the knobs as they are, of the values that trials draw from, and of a trial's seconds."""
    return _digest([asdict(system.knobs), dict(system.space), cap])


def _digest(value: Any) -> str:
    told = json.dumps(value, sort_keys=True).encode()
    return hashlib.sha256(told).hexdigest()[:16]


def read(path: Path = FILE) -> dict[str, Tried]:
    """The systems of the file; none where there is no file. ArtefactError names what is wrong."""
    if not path.exists():
        return {}
    try:
        systems = json.loads(path.read_text(encoding="utf-8"))["systems"]
        return {name: _tried(told) for name, told in systems.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtefactError(f"{path}: not a file of trials: {error!r}") from None


def _tried(told: Mapping[str, Any]) -> Tried:
    trials = tuple(Trial(**trial) for trial in told["trials"])
    return Tried(told["work"], told["space"], trials)


def write(found: Mapping[str, Tried], path: Path = FILE) -> None:
    """Replace the file, whole."""
    systems = {}
    for name, tried in sorted(found.items()):
        chosen = tried.best().number if tried.trials else None
        systems[name] = {"chosen": chosen, **asdict(tried)}
    draft = path.with_suffix(".part")
    text = json.dumps({**ABOUT, "systems": systems}, indent=1) + "\n"
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def chosen(system: System, path: Path = FILE) -> Any:
    """The knobs that did best; the system's own where it was never tuned.

    ArtefactError where the trials were made for other knobs than the system has now.
    """
    tried = read(path).get(system.name)
    if tried is None or not tried.trials:
        return system.knobs
    knobs = tried.best().knobs
    names = [field.name for field in fields(system.knobs)]
    for name in knobs:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1, cutoff=0.0)[0]
            what = f"{path}: {system.name}: unknown knob {name!r}"
            raise ArtefactError(f"{what}; the nearest valid one is {near!r}")
    if tried.space != digest_of_space(system):
        raise ArtefactError(
            f"{path}: {system.name}: its trials were made for other knobs; run `make tune`"
        )
    return replace(system.knobs, **{name: _listed(value) for name, value in knobs.items()})


def _listed(value: Any) -> Any:
    """JSON has lists where knobs have tuples."""
    return tuple(_listed(one) for one in value) if isinstance(value, list) else value
