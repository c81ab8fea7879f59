"""What a data set was made of: names, sizes and hashes of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from depicts_model.errors import ArtefactError


def file_input(path: Path, name: str | None = None) -> dict[str, Any]:
    """Name, size (bytes) and sha256 of a file. Raises ArtefactError naming it."""
    return {"name": name or path.name, "size": size_of(path), "sha256": sha256_of(path)}


def size_of(path: Path) -> int:
    """Bytes. Raises ArtefactError naming the file."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise ArtefactError(f"{path}: {error.strerror}") from None


def sha256_of(path: Path) -> str:
    """Hexadecimal. Raises ArtefactError naming the file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArtefactError(f"{path}: {error.strerror}") from None


def values_input(name: str, values: Iterable[Any]) -> dict[str, Any]:
    """The same of values that JSON can hold: their number in place of a size."""
    digest, count = hashlib.sha256(), 0
    for value in values:
        digest.update(json.dumps(value, sort_keys=True).encode() + b"\n")
        count += 1
    return {"name": name, "count": count, "sha256": digest.hexdigest()}
