"""Systems on the same images, image by image: figures, what lies between them, and ratios."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depicts_model.linker.bootstrap import Bootstrap, Interval, Ratio, interval_of, ratio_of
from depicts_model.linker.experiments.results import OURS, Run
from depicts_model.linker.experiments.system import Family
from depicts_model.linker.metrics import per_image

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The M figures of S systems in one setting, averaged over its seeds."""

    setting: str
    seeds: tuple[int, ...]
    images: int
    """In all seeds together; a photo that two seeds test on counts twice here, and is drawn once
    by the bootstrap."""
    systems: tuple[str, ...]
    families: tuple[Family, ...]
    metrics: tuple[str, ...]
    mean: Floats
    """(S, M)."""
    drawn: Floats
    """(draws, S, M)."""

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Comparison:
        """Compare runs of one setting: each system once on each seed.

        Raises ValueError where a system lacks a seed or has it twice, or was asked about other
        images than the others.
        """
        by_system = _by_system(runs)
        first = next(iter(by_system.values()))
        seeds = tuple(sorted(first))
        for found in by_system.values():
            _check(found, first)
        values = np.stack([_figures([s[seed] for seed in seeds]) for s in by_system.values()], 1)
        files = [(seed, file) for seed in seeds for file in first[seed].files]
        boot = Bootstrap.over([file for _, file in files], [seed for seed, _ in files])
        shape = values.shape[1:]
        return cls(
            setting=runs[0].setting,
            seeds=seeds,
            images=len(files),
            systems=tuple(by_system),
            families=tuple(found[seeds[0]].family for found in by_system.values()),
            metrics=tuple(_named(first[seeds[0]])),
            mean=boot.mean(values.reshape(len(files), -1)).reshape(shape),
            drawn=boot.means(values.reshape(len(files), -1)).reshape(-1, *shape),
        )

    def interval(self, system: str, metric: str) -> Interval:
        """A system's figure."""
        at = self._at(system, metric)
        return interval_of(float(self.mean[at]), self.drawn[:, at[0], at[1]])

    def ahead(self, system: str, metric: str) -> Interval | None:
        """How far a system is ahead of `OURS`, paired; None without ours."""
        if OURS not in self.systems:
            return None
        (row, column), (own, _) = self._at(system, metric), self._at(OURS, metric)
        drawn = self.drawn[:, row, column] - self.drawn[:, own, column]
        return interval_of(float(self.mean[row, column] - self.mean[own, column]), drawn)

    def ratio(self, metric: str, families: Collection[Family]) -> Ratio | None:
        """Ours over the best of these families; None without ours, them, or anything above 0."""
        rivals = [at for at, family in enumerate(self.families) if family in families]
        if OURS not in self.systems or not rivals:
            return None
        own, column = self._at(OURS, metric)
        rows = [own, *rivals]
        names = [self.systems[at] for at in rivals]
        return ratio_of(self.mean[rows, column], self.drawn[:, rows, column], names)

    def _at(self, system: str, metric: str) -> tuple[int, int]:
        return self.systems.index(system), self.metrics.index(metric)


def _by_system(runs: Sequence[Run]) -> dict[str, dict[int, Run]]:
    """System to seed to run."""
    found: dict[str, dict[int, Run]] = {}
    for run in runs:
        of_seed = found.setdefault(run.system, {})
        if run.seed in of_seed:
            raise ValueError(f"{run.system} ran twice on seed {run.seed} of {run.setting}")
        of_seed[run.seed] = run
    return found


def _named(run: Run) -> dict[str, Floats]:
    return per_image(run.top, run.truths)


def _figures(runs: Sequence[Run]) -> Floats:
    """(n, M): every figure of every image, seed after seed."""
    return np.concatenate([np.column_stack(list(_named(run).values())) for run in runs])


def _check(found: dict[int, Run], first: dict[int, Run]) -> None:
    name = next(iter(found.values())).system
    if found.keys() != first.keys():
        raise ValueError(f"{name} ran on seeds {sorted(found)}, others on {sorted(first)}")
    for seed, run in found.items():
        other = first[seed]
        same = (run.files, run.truths, run.items) == (other.files, other.truths, other.items)
        if not same or run.setting != other.setting:
            raise ValueError(f"{name} was asked about other images than {other.system}")
