"""What is to be done, written down beside the shards: a place holds one list and one model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from depicts_bot.backfill import shards
from depicts_bot.backfill.listed import Listed, Shard
from depicts_model.errors import ArtefactError, ConfigurationError
from depicts_model.linker.artefact import Artefact
from depicts_model.linker.cached import space_of
from depicts_model.settings import Settings

Json = dict[str, Any]

PLAN: Final = "plan.json"
FORMAT: Final = 1
"""Of shards and manifests: another one has other columns."""
_NAMES: Final = {
    "files": "another list of files",
    "rows": "another list of files",
    "shard_rows": "shards of another size",
    "model": "another model",
    "space": "another encoder, precision or width of thumbnails",
    "limits": "another max_suggestions or max_megapixels",
    "format": "another version of this program",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What the bytes of the shards depend on."""

    files: str
    """The list's digest."""
    rows: int
    shard_rows: int
    model: str
    """Version."""
    space: str
    """Of the vectors, as `cached.space_of` names it."""
    limits: str
    """Settings that decide what is suggested, and which pictures are looked at."""
    format: int = FORMAT

    @classmethod
    def of(cls, listed: Listed, shard_rows: int, artefact: Artefact, settings: Settings) -> Plan:
        """What is to be done with a list."""
        version = artefact.manifest.version
        space = space_of(artefact, settings.precision, settings.thumbnail_width)
        limits = f"{settings.max_suggestions} {settings.max_megapixels:g}"
        return cls(listed.digest, listed.rows, shard_rows, version, space, limits)

    def agree(self, out: Path) -> None:
        """Begin here, or go on with the same.

        Raises ConfigurationError where something else was begun here, and ArtefactError where the
        place cannot be written or holds a plan that cannot be read.
        """
        path = out / PLAN
        try:
            out.mkdir(parents=True, exist_ok=True)
            if path.exists():
                self._compare(path, json.loads(path.read_text("utf-8")))
            else:
                with shards.replacing(path) as work:
                    work.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")
        except OSError as error:
            raise ArtefactError(f"{path}: {error.strerror}") from None
        except ValueError:
            raise ArtefactError(f"{path}: not a plan of a backfill") from None

    def _compare(self, path: Path, begun: object) -> None:
        if not isinstance(begun, Mapping) or {*begun} != {*asdict(self)}:
            raise ArtefactError(f"{path}: not a plan of a backfill")
        for name, told in _NAMES.items():
            if begun[name] != getattr(self, name):
                raise ConfigurationError(
                    f"{path.parent}: was begun with {told}; name another place"
                )


@dataclass(frozen=True, slots=True)
class Left:
    """What is finished, and what there is to do."""

    todo: tuple[Shard, ...]
    finished: tuple[Json, ...]
    """Manifests."""

    @classmethod
    def of(cls, listed: Listed, size: int, out: Path) -> Left:
        """By what lies at ``out``; what a kill left half done is removed."""
        shards.clear(out)
        found = [(one, shards.read_manifest(out, one.name)) for one in listed.shards(size)]
        todo = tuple(one for one, manifest in found if manifest is None)
        return cls(todo, tuple(manifest for _, manifest in found if manifest is not None))
