"""A file of approved images: their vectors by one encoder, and the items that each shows.

One safetensors file; its metadata name the encoder, for vectors of another mean nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from depicts_model.errors import ArtefactError
from depicts_model.linker.approved import Approved
from depicts_model.linker.artefact import CONFIG, PREPROCESS, WEIGHTS, Artefact
from depicts_model.types import Qid, parse_qid

_LOG: Final = logging.getLogger(__name__)
VECTORS: Final = "vectors"
ITEMS: Final = "items"
PROJECTION: Final = "projection"
SHA1S: Final = "sha1s"
"""Of the original files, where they are known; empty otherwise."""


def save_approved(
    path: Path,
    images: Sequence[NDArray[np.float32]],
    shown: Sequence[Sequence[Qid]],
    artefact: Artefact,
    sha1s: Sequence[str] = (),
) -> None:
    """Write vectors of the artefact's encoder, in parts (m, d), and the items each image shows.

    ``sha1s``: of the files, so that `vectors_in` finds them again. The file appears whole or not at
    all. Raises ArtefactError where the disk refuses.
    """
    told = {ITEMS: [list(some) for some in shown], SHA1S: list(sha1s)}
    about = _encoder(artefact) | {name: json.dumps(value) for name, value in told.items()}
    vectors = np.concatenate(images).astype(np.float16)
    try:
        # a folder of our own: two runs at once do not write into one draft
        with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            save_file({VECTORS: vectors}, draft, metadata=about)
            draft.chmod(0o644)  # safetensors would hide it from the bot's user
            draft.replace(path)
    except (OSError, SafetensorError) as error:
        raise ArtefactError(f"{path}: cannot be written: {error}") from None


def vectors_in(path: Path, artefact: Artefact) -> dict[str, NDArray[np.float32]]:
    """The vectors (d,) by SHA-1; none where there is no such file, or it is of another encoder."""
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            images = file.get_tensor(VECTORS).astype(np.float32)
        sha1s = json.loads(about.get(SHA1S, "[]"))
        _check(path, about, images, len(sha1s), artefact)
    except (ArtefactError, OSError, ValueError, TypeError, SafetensorError):
        return {}
    return dict(zip(sha1s, images, strict=True))


def load_approved(path: Path, artefact: Artefact, people: Collection[Qid]) -> Approved | None:
    """The approved images of ``path``; None where there are none, and with a warning where no item
    in it is known.

    None of ``people`` gets a vote.

    Raises ArtefactError where the file is missing, damaged, or made with another encoder.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            images = file.get_tensor(VECTORS).astype(np.float32)
        shown = [[parse_qid(qid) for qid in some] for some in json.loads(about[ITEMS])]
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        fault = " ".join(str(error).split())[:160]
        raise ArtefactError(f"{path}: no file of approved images: {fault}") from None
    _check(path, about, images, len(shown), artefact)
    rows = {qid: row for row, qid in enumerate(artefact.items.qids)}
    found = Approved.of(images, shown, rows, people)
    if found is None and shown:
        _LOG.warning("%s: names no item that the model knows and that is no person: no votes", path)
    return found


def _check(
    path: Path, about: dict[str, str], images: NDArray[np.float32], count: int, artefact: Artefact
) -> None:
    encoder = _encoder(artefact)
    if {key: about.get(key) for key in encoder} != encoder:
        raise ArtefactError(f"{path}: made with another encoder than that of {artefact.folder}")
    if images.shape != (count, artefact.items.vectors.shape[1]):
        raise ArtefactError(f"{path}: vectors are {images.shape}, for {count} images")
    if not np.isfinite(images).all() or not images.any(axis=1).all():
        raise ArtefactError(f"{path}: a vector is not finite, or zero")


def _encoder(artefact: Artefact) -> dict[str, str]:
    """What the vectors depend on: the tower, what is done before it, and the way out of it.

    Not what `retrain` fits: votes outlive it.
    """
    hashes, projection = artefact.manifest.hashes, artefact.items.projection
    into = "" if projection is None else hashlib.sha256(projection.tobytes()).hexdigest()
    return {name: hashes[name] for name in (CONFIG, WEIGHTS, PREPROCESS)} | {PROJECTION: into}
