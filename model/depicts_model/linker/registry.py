"""The registry: the models that served, and which one does (linking.md, section 6).

    <version>/      an artefact, with its card and metrics.json
    current         a symbolic link to the one that serves, replaced in one step
    history.json    versions in the order of their promotion; what stands after the current one
                    was rolled back, or its promotion was killed
    held-out/       of each model that served before, however long ago, files and uploaders that
                    judged it: they teach no later one

Whoever loads ``current`` follows the link once (`Linker.load`), and so never reads half of each.
Commands that change something wait for each other; one that is killed leaves what was, or what is
to be.
"""

from __future__ import annotations

import fcntl
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.facts import Facts
from depicts_model.settings import CURRENT
from depicts_model.types import Manifest

KEPT: Final = 3
"""Models that stay, the current one among them; older ones are removed."""
HISTORY: Final = "history.json"
LOCK: Final = ".lock"
DRAFT: Final = ".draft-"
HELD_OUT: Final = "held-out"
JUDGED: Final = "holdout.npz"
"""In an artefact of `retrain`: files that judged it."""
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the registry. ``fault``: why it cannot be used; empty where it can."""

    version: str
    current: bool
    manifest: Manifest | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Registry:
    """The models in ``folder``; it is made when the first one is promoted."""

    folder: Path

    def current(self) -> str | None:
        """The version that serves; None where none was promoted yet."""
        try:
            return (self.folder / CURRENT).readlink().name
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ArtefactError(f"{self.folder / CURRENT}: not a link of ours: {error}") from None

    def path(self, version: str) -> Path:
        """The folder of a version; ArtefactError names those that there are."""
        known = self.versions()
        if version not in known:
            there = ", ".join(known) or "none"
            raise ArtefactError(f"{self.folder}: no model {version!r}; there are: {there}")
        return self.folder / version

    def versions(self) -> list[str]:
        """The versions that are there, in the order of their promotion."""
        return [version for version in self._history() if (self.folder / version).is_dir()]

    def held_out(self) -> tuple[Path, ...]:
        """The lists of files that judged a model which served: more with each, and none goes."""
        found = {path.stem: path for path in (self.folder / HELD_OUT).glob("*.npz")}
        version = self.current()
        if version and (self.folder / version / JUDGED).exists():
            found[version] = self.folder / version / JUDGED
        return tuple(found[version] for version in sorted(found))

    def entries(self) -> list[Entry]:
        """All models, oldest promotion first; a damaged one with its fault."""
        current = self.current()
        return [self._entry(version, version == current) for version in self.versions()]

    def promote(self, source: Path) -> str:
        """Take the artefact at ``source`` in, let it serve, and remove what is too old.

        ``source`` may be a model of the registry. Returns its version. Raises ArtefactError where
        it is damaged or where another model of the same version is here; then nothing changes.
        """
        version = artefacts.load(source, None).manifest.version
        if not _VERSION.fullmatch(version) or version in (CURRENT, HELD_OUT):
            raise ArtefactError(f"{source}: {version!r} cannot be the name of a folder")
        with self._alone():
            self._take_in(source, version)
            self._point_at(version)
            self._clear()
        return version

    def rollback(self, facts: Facts | None = None) -> str:
        """Let the model serve that was promoted before the current one; returns its version.

        ``facts``: the catalog that it has to fit; None: none is asked. Raises ArtefactError where
        there is none, or it is damaged; then nothing changes.
        """
        if self.current() is None:
            raise ArtefactError(f"{self.folder}: no model was promoted yet")
        with self._alone():
            current, known = self.current(), self.versions()
            before = known[: known.index(current)] if current in known else []
            if not before:
                raise ArtefactError(f"{self.folder}: no model before {current}")
            artefacts.load(self.folder / before[-1], facts)
            self._point_at(before[-1])
        return before[-1]

    def _entry(self, version: str, current: bool) -> Entry:
        try:
            loaded = artefacts.load(self.folder / version, None)
        except ArtefactError as error:
            return Entry(version, current, None, str(error))
        return Entry(version, current, loaded.manifest)

    def _take_in(self, source: Path, version: str) -> None:
        """The artefact as a folder of ours, and last in the history."""
        place, known = self.folder / version, self.versions()
        if place.exists():
            _check_same(source, place)
        else:
            draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=self.folder))
            shutil.copytree(source, draft, dirs_exist_ok=True)
            draft.chmod(0o755)  # mkdtemp hides it from the service's user
            artefacts.load(draft, None)  # a full disk, or a source that changed meanwhile
        current = self.current()
        served = known[: known.index(current) + 1] if current in known else []
        undone = [one for one in known if one not in served]
        line = [one for one in (*undone, *served) if one != version]
        # before the folder appears: what is not in the history is never removed
        self._write_history([*line, version])
        if not place.exists():
            draft.rename(place)

    def _hold_out(self) -> None:
        """Keep the list of the model that is to serve no longer beside the models."""
        version = self.current()
        if version and (self.folder / version / JUDGED).exists():
            (self.folder / HELD_OUT).mkdir(exist_ok=True)
            draft = self.folder / f".{HELD_OUT}"
            shutil.copyfile(self.folder / version / JUDGED, draft)
            draft.replace(self.folder / HELD_OUT / f"{version}.npz")

    def _point_at(self, version: str) -> None:
        self._hold_out()
        link = self.folder / f".{CURRENT}"
        link.unlink(missing_ok=True)
        link.symlink_to(version)
        link.replace(self.folder / CURRENT)

    def _clear(self) -> None:
        """Remove all but the newest, and what killed promotions left."""
        known = self.versions()
        for version in known[:-KEPT]:
            shutil.rmtree(self.folder / version)
        for draft in self.folder.glob(f"{DRAFT}*"):
            shutil.rmtree(draft, ignore_errors=True)
        self._write_history(known[-KEPT:])

    def _history(self) -> list[str]:
        path = self.folder / HISTORY
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(found, list) or not all(_VERSION.fullmatch(one) for one in found):
                raise ValueError("not a list of versions")
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            mend = f"remove it, and promote {self.folder}/VERSION again, the oldest model first"
            raise ArtefactError(f"{path}: {error}; {mend}") from None
        return list(found)

    def _write_history(self, versions: Sequence[str]) -> None:
        draft = self.folder / f".{HISTORY}"
        draft.write_text(json.dumps(list(versions), indent=1), encoding="utf-8")
        draft.replace(self.folder / HISTORY)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other command changes the registry meanwhile; what the disk refuses is one line."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # a file of its own: network file systems lock nothing that is opened to read
            with (self.folder / LOCK).open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            where = error.filename or self.folder
            raise ArtefactError(f"{where}: cannot be written: {error.strerror or error}") from None


def _check_same(source: Path, place: Path) -> None:
    """Refuse a model that bears the version of another."""
    one, other = (artefacts.load(folder, None).manifest for folder in (source, place))
    if one != other:
        raise ArtefactError(f"{source}: another model than {place}, of the same version")
