"""Twelve trials for every system that has knobs to tune: one work, its validation part, one cap.

Each finished trial is kept at once: a run that was stopped goes on with the next one. Trials of
another work or of other knobs are made anew, for their system only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from depicts_model.linker.experiments.system import Clock, System
from depicts_model.linker.experiments.trials import (
    CAP,
    SEED,
    SETTING,
    TRIALS,
    Trial,
    Tried,
    digest_of_space,
    digest_of_work,
    read,
    write,
)
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.experiments.worth import places, recall

Say = Callable[[str], None]


def tune_folder(photos: Path, cache: Path, systems: Sequence[System], say: Say, path: Path) -> None:
    """Make the trials that the file lacks, on the photos of a folder as `data.Data` reads it."""
    from depicts_model.linker.experiments.data import ENCODER, Data, folder_of
    from depicts_model.linker.experiments.towers import MobileNetMiniLm

    data = Data.read(folder_of(photos), cache / "vectors", MobileNetMiniLm(photos / ENCODER))
    tune(data.work(SETTING, SEED), systems, say, path)


def tune(work: Work, systems: Sequence[System], say: Say, path: Path, cap: float = CAP) -> None:
    """Make the trials that the file lacks. ``cap``: seconds of a fit."""
    blind, digest = work.blind(), digest_of_work(work)
    for system in systems:
        if not system.space:
            continue
        fresh = Tried(digest, digest_of_space(system, cap))
        for number in range(_done(system, fresh, path), TRIALS):
            trial = attempt(blind, system, number, Clock(cap))
            _keep(system, fresh, trial, path)
            say(line(system, trial))


def attempt(work: Work, system: System, number: int, clock: Clock) -> Trial:
    """Fit with the knobs of this trial, and judge on the validation part."""
    knobs, started = system.trial(number), time.monotonic()
    fitted = system.fit(work, knobs, clock)
    seconds = time.monotonic() - started
    found = places(fitted.scores(work.val), work.val)
    first, ten = recall(found, 1), recall(found, 10)
    return Trial(
        number=number,
        knobs=asdict(knobs),
        worth=round((first + ten) / 2, 5),
        recall_1=round(first, 5),
        recall_10=round(ten, 5),
        seconds=round(seconds, 1),
        capped=clock.capped,
    )


def line(system: System, trial: Trial) -> str:
    """How a trial went, for a person who waits."""
    figures = f"R@1 {trial.recall_1:.3f}, R@10 {trial.recall_10:.3f}, {trial.seconds:.0f} s"
    return f"{system.name} {trial.number + 1}/{TRIALS}: {figures}{', capped' * trial.capped}"


def _done(system: System, fresh: Tried, path: Path) -> int:
    """How many trials of this work and these knobs there are."""
    return len(_fitting(read(path).get(system.name), fresh).trials)


def _keep(system: System, fresh: Tried, trial: Trial, path: Path) -> None:
    """Add it to the file as it is now: another process may have tuned another system."""
    found = read(path)
    tried = _fitting(found.get(system.name), fresh)
    found[system.name] = replace(tried, trials=(*tried.trials, trial))
    write(found, path)


def _fitting(tried: Tried | None, fresh: Tried) -> Tried:
    """The trials that there are, if they are of this work and these knobs."""
    if tried is None or (tried.work, tried.space) != (fresh.work, fresh.space):
        return fresh
    return tried
