"""Files that pages load: a few small ones, read once, named with a mark of their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Self

_TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml"}
_MARK: Final = 12


@dataclass(frozen=True, slots=True)
class Assets:
    """The files of the folder ``static``, by name."""

    contents: Mapping[str, bytes]
    types: Mapping[str, str]
    marks: Mapping[str, str]
    """The start of each content's sha256: another content has another address."""

    @classmethod
    def load(cls) -> Self:
        """Read what is shipped; nothing else can be asked for."""
        found = (file for file in (files(__package__) / "static").iterdir())
        contents = {file.name: file.read_bytes() for file in found if _suffix(file.name) in _TYPES}
        marks = {name: hashlib.sha256(data).hexdigest()[:_MARK] for name, data in contents.items()}
        return cls(contents, {name: _TYPES[_suffix(name)] for name in contents}, marks)


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
