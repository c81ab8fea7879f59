"""Checkpoints from a model hub, through huggingface_hub alone: safetensors and JSON, never code.

A floor-1 room beside `wiki`: this module may touch the network, and nothing of ours above the
ground floor may be imported here. What a checkpoint means is the linker's affair.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from depicts_model.errors import ArtefactError

WANTED: Final = (
    *("config.json", "preprocessor_config.json", "tokenizer_config.json", "tokenizer.json"),
    *("special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt"),
    *("spiece.model", "tokenizer.model"),
    *("model.safetensors", "model-*-of-*.safetensors", "model.safetensors.index.json"),
)
"""What is taken. A pickle (.bin, .pt) can run code as it is read: it is never asked for."""
NEEDED: Final = ("config.json", "preprocessor_config.json", "tokenizer_config.json")
WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
_REPOSITORY: Final = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_REVISION: Final = re.compile(r"[0-9a-f]{40}")


Say = Callable[[str], None]


def snapshot(
    repository: str, revision: str, cache: Path | None = None, say: Say | None = None
) -> Path:
    """Folder of the checkpoint ``repository`` ("owner/name") as of ``revision`` (40 hex digits).

    The cache is asked first, and a whole checkpoint there needs no network. ``cache``: folder in
    the hub's own layout; None: the hub's own default. ``say``: told what is waited for before the
    network is asked, for the hub's library tries a dead one again for half a minute. Raises
    ArtefactError naming repository and revision: no such names, neither cached nor to be had, or
    without safetensors.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise ArtefactError(f"not a repository, owner/name: {repository[:80]!r}")
    if not _REVISION.fullmatch(revision):
        raise ArtefactError(f"{repository}: not a revision of 40 hex digits: {revision[:60]!r}")
    here = _cached(repository, revision, cache)
    if here is not None and not missing(here):
        return here
    if say:
        say(f"{repository} at {revision}: not whole in the cache; asking the hub …")
    found = _downloaded(repository, revision, cache)
    lacking = missing(found)
    if lacking:
        raise ArtefactError(f"{repository} at {revision}: {lacking}")
    return found


def missing(folder: Path) -> str:
    """What a checkpoint in ``folder`` lacks, in words; empty where it is whole."""
    absent = next((name for name in NEEDED if not (folder / name).is_file()), None)
    if absent:
        return f"no {absent}"
    try:
        lost = next((name for name in _weights(folder) if not (folder / name).is_file()), None)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return f"{INDEX} cannot be read"
    if lost == WEIGHTS:
        return "no safetensors; weights in any other form are not read"
    return f"no {lost}" if lost else ""


def _weights(folder: Path) -> Iterator[str]:
    """Names of the files of weights: one, or the shards of an index."""
    if (folder / WEIGHTS).is_file() or not (folder / INDEX).is_file():
        yield WEIGHTS
        return
    index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    yield from sorted({str(name) for name in index["weight_map"].values()})


def _cached(repository: str, revision: str, cache: Path | None) -> Path | None:
    """The cached folder, whole or not; None where there is none."""
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return _ask(repository, revision, cache, local_files_only=True)
    except LocalEntryNotFoundError:
        return None


def _downloaded(repository: str, revision: str, cache: Path | None) -> Path:
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        with _hushed():
            return _ask(repository, revision, cache, local_files_only=False)
    except Exception as error:  # the hub's errors and those of its HTTP library have no common base
        advised = isinstance(error, LocalEntryNotFoundError)  # a lost connection, in much advice
        cause = (error.__cause__ if advised else None) or error
        line = " ".join(str(cause).split())[:160]
        raise ArtefactError(
            f"{repository} at {revision}: not in the cache, and the hub does not give it: "
            f"{type(cause).__name__}: {line}"
        ) from None


@contextmanager
def _hushed() -> Iterator[None]:
    """Without the library's own word on each new try: what becomes of it we say ourselves."""
    from huggingface_hub.utils import logging as untyped

    logging: Any = untyped
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _ask(repository: str, revision: str, cache: Path | None, *, local_files_only: bool) -> Path:
    from huggingface_hub import snapshot_download

    download: Callable[..., Any] = snapshot_download
    found = download(
        repository,
        revision=revision,
        cache_dir=cache,
        allow_patterns=list(WANTED),
        local_files_only=local_files_only,
        token=False,  # what is public needs none, and nobody's token is sent by accident
    )
    return Path(found)
