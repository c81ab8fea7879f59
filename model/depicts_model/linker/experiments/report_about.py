"""The head of a report: what was compared, of how much, and how to get the same again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from depicts_model.linker.experiments.results import Run

Key = tuple[str, int]
"""A setting and a seed."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there was of a setting and seed."""

    setting: str
    seed: int
    systems: int
    training: int | None
    """Photos to learn from; None: nobody knows."""
    test: int
    """Photos that judge."""
    items: int
    """Distinct items that these show."""
    candidates: int


@dataclass(frozen=True, slots=True)
class About:
    """A report's title, and the block at its top."""

    title: str
    facts: Mapping[str, str] = field(default_factory=dict)
    """Day, version, command and the like, in the order in which they are told."""
    counts: tuple[Counts, ...] = ()
    warnings: tuple[str, ...] = ()
    """What makes the figures mean less than they say."""

    def plain(self) -> dict[str, Any]:
        """Fit for JSON."""
        return asdict(self)


def counts_of(runs: Sequence[Run], training: Mapping[Key, int]) -> tuple[Counts, ...]:
    """A row for each setting and seed. ``training``: photos to learn from, where that is known.

    A setting in another view (``vel-shaped, raw feature``) learns from the same photos.
    """
    by_key: dict[Key, list[Run]] = {}
    for run in runs:
        by_key.setdefault((run.setting, run.seed), []).append(run)
    found = []
    for (setting, seed), some in by_key.items():
        first = some[0]
        shown = {row for truth in first.truths for thing in truth for row in thing}
        learnt = training.get((setting.partition(",")[0], seed))
        sizes = len(some), learnt, len(first.files), len(shown), len(first.items)
        found.append(Counts(setting, seed, *sizes))
    return tuple(found)
