"""What a data set says of itself: what it was made of, by which rules, and how many of what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from depicts_model.errors import ArtefactError

FORMAT: Final = 1
NAME: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Shard:
    """A Parquet file of the data set."""

    name: str
    split: str
    rows: int
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class DatasetManifest:
    """All values are fit for JSON. No time of day is in it: the same input makes the same bytes."""

    format: int
    profile: str
    split: str
    """``units`` or ``random``."""
    unit: tuple[str, ...]
    """By what files belong together, as far as it is known of any; ``time`` too where it parts."""
    seed: int
    catalog_snapshot: str
    edges: Mapping[str, Any]
    """Where the profile's edges come from; empty where it needs none."""
    inputs: tuple[Mapping[str, Any], ...]
    lacks: Mapping[str, str]
    """Source to what it does not say."""
    licences: Mapping[str, str]
    counts: Mapping[str, int]
    """Of every step."""
    sides: Mapping[str, Mapping[str, int]]
    """Split to source to files."""
    left_out: Mapping[str, tuple[str, ...]]
    """Examples of what is damaged or missing."""
    leaks: Mapping[str, int]
    """Values on both sides of a random split; of another there are none, so it is empty."""
    shards: tuple[Shard, ...]

    def rows(self, split: str) -> int:
        """How many files a split has."""
        return sum(shard.rows for shard in self.shards if shard.split == split)


def write(folder: Path, manifest: DatasetManifest) -> None:
    """As JSON, sorted."""
    text = json.dumps(asdict(manifest), indent=1, sort_keys=True, ensure_ascii=False)
    (folder / NAME).write_text(f"{text}\n", encoding="utf-8")


def read(folder: Path) -> DatasetManifest:
    """Raises ArtefactError naming the folder where there is none, or one that is not ours."""
    path = folder / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArtefactError(f"{path}: no data set: {error.strerror}") from None
    except ValueError as error:
        raise ArtefactError(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        said = found.get("format") if isinstance(found, dict) else None
        raise ArtefactError(f"{path}: format {said!r}, and not {FORMAT}")
    try:
        return _manifest(found)
    except (TypeError, ValueError, AttributeError) as error:
        raise ArtefactError(f"{path}: not the manifest of a data set: {error}") from None


def _manifest(found: dict[str, Any]) -> DatasetManifest:
    if strange := sorted({*found} ^ {field.name for field in fields(DatasetManifest)}):
        raise ValueError(f"{strange[0]!r} is missing or unknown")
    made = dict(found)
    made["shards"] = tuple(Shard(**shard) for shard in found["shards"])
    made["left_out"] = {what: tuple(some) for what, some in found["left_out"].items()}
    made["unit"], made["inputs"] = tuple(found["unit"]), tuple(found["inputs"])
    return DatasetManifest(**made)
