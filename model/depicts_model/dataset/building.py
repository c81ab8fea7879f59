"""Builds a data set: sources are read once, then the profile, then the split, then the checks.

What was read lies in a file of its own beside the shards (the profile must know all uses, and the
split all that belongs together, before the first row is written). All is done in a hidden folder,
which becomes the data set when it is whole and was checked: a killed build leaves only the hidden
one, which the next build empties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from depicts_model.catalog import Catalog
from depicts_model.dataset import manifest as manifests
from depicts_model.dataset import reading, staging
from depicts_model.dataset.claiming import claimed
from depicts_model.dataset.commons import Commons
from depicts_model.dataset.edges import Edges, of_catalog
from depicts_model.dataset.inputs import sha256_of, size_of
from depicts_model.dataset.manifest import DatasetManifest, Shard
from depicts_model.dataset.progress import Progress
from depicts_model.dataset.rows import Row, Source, Told
from depicts_model.dataset.shards import SPLITS, Shards
from depicts_model.dataset.splitting import ByUnits, How, Random, Times, cutoff_of
from depicts_model.dataset.units import Units, clusters_by_hash
from depicts_model.dataset.vel2024 import Vel2024
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build."""

    sources: tuple[Source, ...]
    profile: Literal["vel2024", "commons"] = "commons"
    split: How = "units"
    seed: int = 0
    hashes: bool = True
    """Read the pictures and look for near-duplicates, where a source has pictures."""
    embed: bool = False
    """Keep the pictures in the shards."""
    rows_per_shard: int = 10_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a build needs beside its sources. ``edges``: of a table; the catalog's without one."""

    catalog: Catalog
    edges: Edges | None
    progress: Progress
    warn: Callable[[str], None]


class Profile(Protocol):
    """A rule for which items a file keeps."""

    def apply(self, row: Row, told: Told) -> Row:
        """The row by the rule; it may show nothing any more."""

    def report(self) -> dict[str, int]:
        """What else is to be counted."""


def build(plan: Plan, around: Surroundings, out: Path) -> DatasetManifest:
    """Make the data set in the folder ``out``, which must not be there yet, or be empty.

    Raises ArtefactError naming what is wrong with an input or with ``out``; LeakError where the
    split is not what it is meant to be.
    """
    told = Told(around.warn)
    with claimed(out) as folder:
        stage = folder / staging.STAGE
        seen = staging.stage(_rows(plan, told), stage, told)
        profile, edges = _profile(plan, around, seen.uses)
        side, unit = _splitter(plan, profile, stage, seen, told)
        shards, sides = _write(plan, profile, side, folder, told, around.progress, len(seen.files))
        stage.unlink()
        told.counts.update(profile.report())
        made = _manifest(plan, around, told, unit, edges, shards, sides)
        return _checked(folder, made)


def _rows(plan: Plan, told: Told) -> Iterator[Row]:
    for source in plan.sources:
        for row in source.rows(told, plan.hashes or plan.embed):
            yield row if plan.embed else replace(row, image=None)


def _profile(plan: Plan, around: Surroundings, uses: Counter[Qid]) -> tuple[Profile, Edges | None]:
    if plan.profile == "commons":
        return Commons(around.catalog), None
    edges = around.edges or of_catalog(around.catalog)
    return Vel2024(uses, edges), edges


def _splitter(
    plan: Plan, profile: Profile, stage: Path, seen: staging.Seen, told: Told
) -> tuple[ByUnits | Random, tuple[str, ...]]:
    """How to split, and by what files belong together."""
    if plan.split == "random":
        return Random(plan.seed), ("file",)
    units = Units(clusters_by_hash(np.array(seen.hashes, dtype=np.uint64)))
    known, times = Counter[str](), list[datetime]()
    for row in _kept(stage, profile):
        units.add(row)
        known.update(_links(row))
        if row.time:
            times.append(row.time)
    by_time = _times(units, _kept(stage, profile), cutoff_of(times))
    if by_time and (timeless := known["file"] - len(times)):
        told.count("files without a time", timeless)
        rule = "where their unit has none a lot is drawn, else they follow it, but not to test"
        told.warn(f"{timeless} of {known['file']} files have no time: {rule}")
    return ByUnits(units, plan.seed, by_time), (*known, *(["time"] if by_time else []))


def _links(row: Row) -> list[str]:
    """By what its unit is known."""
    values = {"uploader": row.uploader, "sha1": row.sha1, "perceptual hash": row.hash is not None}
    return ["file", *(what for what, value in values.items() if value)]


def _times(units: Units, rows: Iterator[Row], cutoff: datetime | None) -> Times | None:
    if cutoff is None:
        return None
    times = Times(cutoff)
    for row in rows:
        times.add(units.of(row), row.time)
    return times


def _kept(stage: Path, profile: Profile) -> Iterator[Row]:
    """What the profile leaves of what was read, without pictures."""
    unheard = Told()
    for row in staging.staged(stage, staging.WORDS):
        kept = profile.apply(row, unheard)
        if kept.things:
            yield kept


def _write(
    plan: Plan,
    profile: Profile,
    splitter: ByUnits | Random,
    folder: Path,
    told: Told,
    progress: Progress,
    count: int,
) -> tuple[tuple[Shard, ...], dict[str, dict[str, int]]]:
    """The shards, and how many files of each source a split has."""
    writers = {split: Shards(folder, split, plan.rows_per_shard) for split in SPLITS}
    sides = {split: Counter[str]() for split in SPLITS}
    with progress("write", count, "files") as bar:
        for row in staging.staged(folder / staging.STAGE):
            bar.update()
            kept = profile.apply(row, told)
            if (side := _side(kept, splitter, told)) is not None:
                writers[side[0]].add(kept, side[1])
                sides[side[0]][row.source] += 1
    shards = tuple(shard for split in SPLITS for shard in _ended(folder, split, writers[split]))
    return shards, {split: dict(sides[split]) for split in SPLITS}


def _side(row: Row, splitter: ByUnits | Random, told: Told) -> tuple[str, str] | None:
    """The split and the unit of a row; None where it is left out, which is counted."""
    if not row.things:
        told.count("files that show nothing any more")
        return None
    unit = splitter.unit(row)
    side = splitter.side(row, unit)
    if side is None:
        timeless = "files without a time of a unit in test"
        told.count("files on the other side of the time of their unit" if row.time else timeless)
        return None
    told.count("files kept")
    return side, unit


def _ended(folder: Path, split: str, shards: Shards) -> Iterator[Shard]:
    shards.close()
    for name, rows in shards.files:
        path = folder / name
        yield Shard(name, split, rows, size_of(path), sha256_of(path))


def _manifest(
    plan: Plan,
    around: Surroundings,
    told: Told,
    unit: tuple[str, ...],
    edges: Edges | None,
    shards: tuple[Shard, ...],
    sides: dict[str, dict[str, int]],
) -> DatasetManifest:
    inputs: list[dict[str, Any]] = [one for source in plan.sources for one in source.inputs()]
    return DatasetManifest(
        format=manifests.FORMAT,
        profile=plan.profile,
        split=plan.split,
        unit=unit,
        seed=plan.seed,
        catalog_snapshot=around.catalog.snapshot,
        edges=edges.said if edges else {},
        inputs=tuple(inputs),
        lacks={source.name: source.lacks for source in plan.sources},
        licences={source.name: source.licence for source in plan.sources},
        counts=dict(told.counts),
        sides=sides,
        left_out={what: tuple(some) for what, some in told.examples.items()},
        leaks={},
        shards=shards,
    )


def _checked(folder: Path, made: DatasetManifest) -> DatasetManifest:
    """Written, read again as anybody would, and checked for leaks."""
    if not made.shards:
        counts = ", ".join(f"{what}: {number}" for what, number in sorted(made.counts.items()))
        raise ArtefactError(f"nothing is left of what was read, no data set is written: {counts}")
    if made.split == "random":
        made = replace(made, leaks=reading.straddling(reading.Dataset(folder, made)))
    manifests.write(folder, made)
    reading.check(reading.open_dataset(folder))
    return made
