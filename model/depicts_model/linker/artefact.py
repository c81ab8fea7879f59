"""A model on disk: a folder that is written whole or not at all, and read whole or refused.

    manifest.json              types.Manifest; names every other file with its sha256
    vision/config.json, vision/model.safetensors     a transformers vision model, half floats
    vision/preprocessor.json   images.Preprocess
    items.json, items.safetensors                    items.ItemTable, and what it was made for
    calibration.json           calibration.Calibration

A file that the manifest does not name is refused as well: transformers picks up some names
(adapters, shards) by itself.
"""

from __future__ import annotations

import copy
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from depicts_model.errors import ArtefactError
from depicts_model.linker.calibration import FILE as CALIBRATION
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.facts import Facts
from depicts_model.linker.images import Preprocess
from depicts_model.linker.items import ARRAYS, NAMES, ItemTable, made_for
from depicts_model.types import Manifest

MANIFEST: Final = "manifest.json"
VISION: Final = "vision"
PREPROCESS: Final = f"{VISION}/preprocessor.json"
CONFIG: Final = f"{VISION}/config.json"
WEIGHTS: Final = f"{VISION}/model.safetensors"
CATALOG: Final = "catalog"
REQUIRED: Final = (CONFIG, WEIGHTS, PREPROCESS, NAMES, ARRAYS, CALIBRATION)


@dataclass(frozen=True, slots=True, eq=False)
class Artefact:
    """A model as read: everything but the vision tower, which `encoder.Encoder` loads."""

    folder: Path
    manifest: Manifest
    preprocess: Preprocess
    items: ItemTable
    calibration: Calibration


def save(
    folder: Path,
    vision: Any,
    preprocess: Preprocess,
    items: ItemTable,
    calibration: Calibration,
    manifest: Manifest,
    extra: Mapping[str, bytes] | None = None,
) -> Manifest:
    """Write the artefact to ``folder``, replacing what stood there only once all is written.

    ``vision``: a transformers vision model (it is converted to half floats in a copy);
    ``manifest.hashes`` is ignored and computed; ``extra``: further files by relative name.
    Returns the manifest as written. Raises ArtefactError where the disk refuses.
    """
    with _drafted(folder) as draft:
        _write_vision(draft / VISION, vision)
        (draft / PREPROCESS).write_text(preprocess.to_json(), encoding="utf-8")
        companions = _companions(_hashes(draft), manifest.catalog_snapshot)
        items.in_order().write(draft, companions)
        (draft / CALIBRATION).write_text(calibration.to_json(), encoding="utf-8")
        return _sealed(draft, folder, manifest, extra or {})


def finish(draft: Path, folder: Path, manifest: Manifest, extra: Mapping[str, bytes]) -> Manifest:
    """Copy the artefact at ``draft`` to ``folder`` under another manifest, with further files.

    What the draft holds stays as it is, byte for byte. As `save`, it replaces what stood there once
    all is written, and raises ArtefactError where the disk refuses.
    """
    with _drafted(folder) as made:
        shutil.copytree(draft, made, dirs_exist_ok=True)
        return _sealed(made, folder, manifest, extra)


@contextmanager
def _drafted(folder: Path) -> Iterator[Path]:
    """A hidden folder beside, gone at the end; what the disk refuses is one line."""
    draft: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        yield draft
    except OSError as error:
        raise ArtefactError(f"{folder}: cannot be written: {error.strerror or error}") from None
    finally:
        if draft:
            shutil.rmtree(draft, ignore_errors=True)


def _sealed(draft: Path, folder: Path, manifest: Manifest, extra: Mapping[str, bytes]) -> Manifest:
    """Put the draft in place with all that its manifest names; returns the manifest as written."""
    _write_extra(draft, extra)
    written = replace(manifest, hashes=_hashes(draft))
    (draft / MANIFEST).write_text(json.dumps(asdict(written), indent=1), encoding="utf-8")
    _put_in_place(draft, folder)
    return written


def _write_vision(folder: Path, vision: Any) -> None:
    half = copy.deepcopy(vision).half()
    with quiet():
        half.save_pretrained(folder)


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bar over every load and save, and no report beside our own line of a fault."""
    from transformers.utils import logging as untyped

    logging: Any = untyped
    wanted, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if wanted:
            logging.enable_progress_bar()


def _write_extra(draft: Path, extra: Mapping[str, bytes]) -> None:
    for name, content in extra.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).write_bytes(content)


def _put_in_place(draft: Path, folder: Path) -> None:
    """Two renames: a reader finds the old folder, none for a moment, or the new one.

    Where a kill comes between them, the next save or load puts the old folder back.
    """
    draft.chmod(0o755)  # mkdtemp and safetensors would hide the model from the service's user
    for path in _files(draft).values():
        path.chmod(0o644)
    old = _aside(folder)
    with _alone(folder):
        _put_back(folder)
        shutil.rmtree(old, ignore_errors=True)  # of a run that was killed after its renames
        if folder.exists():
            folder.rename(old)
        try:
            draft.rename(folder)
        except OSError:
            _put_back(folder)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _aside(folder: Path) -> Path:
    """Where the old folder is while the new one takes its place."""
    return folder.parent / f".{folder.name}.old"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process that asks for this renames here; the system lets go when one is killed."""
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _put_back(folder: Path) -> None:
    if not folder.exists() and _aside(folder).exists():
        _aside(folder).rename(folder)


def _recover(folder: Path) -> None:
    """Put back the old folder where a save was killed between its renames."""
    if folder.exists() or not _aside(folder).exists():
        return
    # a reader who may not rename finds the model missing, and is told so
    with suppress(OSError), _alone(folder):
        _put_back(folder)


def _files(folder: Path) -> dict[str, Path]:
    paths = (path for path in folder.rglob("*") if not path.is_dir())
    return {path.relative_to(folder).as_posix(): path for path in sorted(paths)}


def _hashes(folder: Path) -> dict[str, str]:
    return {name: _sha256(path) for name, path in _files(folder).items() if name != MANIFEST}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def load(folder: Path, facts: Facts | None) -> Artefact:
    """Read and verify the artefact at ``folder`` for the catalog ``facts``.

    ``facts`` None skips the comparison with a catalog (to save the model for a new one).
    Raises ArtefactError naming the file and the fault: missing, cut short or changed, not
    listed, unfit in shape, or made for another catalog.
    """
    _recover(folder)
    manifest = _read_manifest(folder / MANIFEST)
    try:
        _verify(folder, manifest)
    except OSError as error:
        raise ArtefactError(f"{error.filename or folder}: {error.strerror}") from None
    if facts is not None and manifest.catalog_snapshot != facts.snapshot:
        made, here = manifest.catalog_snapshot, facts.snapshot
        raise ArtefactError(f"{folder}: made for catalog {made!r}, but {here!r} is loaded")
    _check_companions(folder, manifest)
    return Artefact(
        folder=folder,
        manifest=manifest,
        preprocess=Preprocess.read(folder / PREPROCESS),
        items=ItemTable.read(folder),
        calibration=Calibration.read(folder / CALIBRATION),
    )


def _companions(hashes: Mapping[str, str], snapshot: str) -> dict[str, str]:
    """What item vectors are made for: the encoder that gives the images' vectors, the catalog."""
    return {**{name: hashes[name] for name in (CONFIG, WEIGHTS, PREPROCESS)}, CATALOG: snapshot}


def _check_companions(folder: Path, manifest: Manifest) -> None:
    """Refuse item vectors beside an encoder or a catalog that they were not made for, even where
    somebody has put the hashes right.
    """
    made = made_for(folder)
    here = _companions(manifest.hashes, manifest.catalog_snapshot)
    for name, companion in here.items():
        if made.get(name) != companion:
            raise ArtefactError(f"{folder / ARRAYS}: its vectors were made for another {name}")


def _read_manifest(path: Path) -> Manifest:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        unknown = set(values) - {f.name for f in fields(Manifest)}
        if unknown:
            raise ValueError(f"unknown key {min(unknown)!r}")
        for key in ("hashes", "thresholds", "metrics", "licences"):
            if not isinstance(values[key], dict):
                raise ValueError(f"{key} is not a table")
        return Manifest(**values)
    except FileNotFoundError:
        raise ArtefactError(f"{path}: missing; no model there") from None
    except OSError as error:
        raise ArtefactError(f"{path}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError) as error:
        raise ArtefactError(f"{path}: not a manifest: {error}") from None


def _verify(folder: Path, manifest: Manifest) -> None:
    files = _files(folder)
    for name in (*REQUIRED, *manifest.hashes):
        if name not in files:
            raise ArtefactError(f"{folder / name}: missing")
    for name, path in files.items():
        if name != MANIFEST and name not in manifest.hashes:
            raise ArtefactError(f"{path}: not listed in {MANIFEST}")
    for name, expected in manifest.hashes.items():
        if _sha256(files[name]) != expected:
            size = files[name].stat().st_size
            raise ArtefactError(f"{files[name]}: cut short or changed ({size} bytes, other sha256)")
