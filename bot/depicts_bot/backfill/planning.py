"""What is to be done, written down beside the shards: a place holds one list and one model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final

from depicts_bot.backfill import shards
from depicts_bot.backfill.listed import Listed, Shard
from depicts_bot.report import Tally
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
    "limits": "another max_suggestions, max_megapixels, language or approved",
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
    demo: bool = False
    """Whether it is the small demo model."""
    format: int = FORMAT

    @classmethod
    def of(cls, listed: Listed, shard_rows: int, artefact: Artefact, settings: Settings) -> Plan:
        """What is to be done with a list."""
        version = artefact.manifest.version
        space = space_of(artefact, settings.precision, settings.thumbnail_width)
        approved = shards.digest(Path(settings.approved)) if settings.approved else ""
        told = (settings.max_suggestions, settings.max_megapixels, settings.language, approved)
        limits = json.dumps(told)
        demo = artefact.manifest.demo
        return cls(listed.digest, listed.rows, shard_rows, version, space, limits, demo)

    @classmethod
    def read(cls, out: Path) -> Plan:
        """What was begun at ``out``; ArtefactError where nothing was, or by another version."""
        path = out / PLAN
        try:
            begun = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ArtefactError(f"{path}: {error.strerror}") from None
        except ValueError:
            begun = None
        names = {field.name for field in fields(cls)}
        if not isinstance(begun, Mapping) or {*begun} != names or begun["format"] != FORMAT:
            raise ArtefactError(f"{path}: not a plan of a backfill by this version")
        return cls(**begun)

    @property
    def shards(self) -> Iterator[Shard]:
        """All of them, without their pieces."""
        return (Shard(number, ()) for number in range(-(-self.rows // self.shard_rows)))

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
    finished: int
    """Shards."""
    tally: Tally
    """Of their files."""

    @classmethod
    def of(cls, listed: Listed, size: int, out: Path) -> Left:
        """By what lies at ``out``; what a kill left half done is removed."""
        shards.clear(out)
        todo, finished, tally = [], 0, Tally()
        for shard in listed.shards(size):
            manifest = shards.read_manifest(out, shard.name)
            if manifest is None:
                todo.append(shard)
            else:
                finished += 1
                tally.add_counted(manifest["counts"])
        return cls(tuple(todo), finished, tally)
