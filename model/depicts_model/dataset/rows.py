"""What every source yields: a file with the items it shows; and what was left out on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, Protocol

from depicts_model.types import Qid

Things = tuple[tuple[Qid, ...], ...]
"""Of each thing in the picture the items that name it: alternatives, of which either is right."""

EXAMPLES: Final = 20
"""Of each kind of what was left out so many are named."""


@dataclass(frozen=True, slots=True)
class Row:
    """A file. What a source does not know is absent, never guessed."""

    file: str
    """``M`` and the page id of a file on Commons; else the name that the source gives it."""
    source: str
    things: Things
    refused: tuple[Qid, ...] = ()
    """Items that two independent people said it does not show."""
    sha1: str = ""
    """Of the original file, hexadecimal."""
    uploader: str = ""
    """`hashed`, never a name."""
    time: datetime | None = None
    """Of the upload, aware."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Language code to caption or label; ``und`` where no language is named."""
    location: str = ""
    """Where the picture is: a file title, a name in a zip or folder, ``shard!key``."""
    image: bytes | None = None
    """The picture itself, packed, where the source has it and was asked for it."""
    hash: int | None = None
    """Perceptual, 64 bits."""

    def items(self) -> tuple[Qid, ...]:
        """Every item that is right, in order, each once."""
        return tuple(dict.fromkeys(qid for thing in self.things for qid in thing))


class Told:
    """What was counted and left out on the way."""

    def __init__(self, warn: Callable[[str], None] | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}
        self._warn = warn

    def count(self, what: str, number: int = 1) -> None:
        """So many more of these."""
        self.counts[what] += number

    def warn(self, line: str) -> None:
        """Say it, if anybody listens."""
        if self._warn:
            self._warn(line)

    def leave_out(self, what: str, where: str, why: str) -> None:
        """One more that is left out, named and said, as long as there are few.

        ``where`` goes into the manifest: a name, and no path of this machine.
        """
        self.counts[what] += 1
        named = self.examples.setdefault(what, [])
        if len(named) < EXAMPLES:
            named.append(f"{where}: {why}")
            self.warn(f"{where}: left out: {why}")


class Source(Protocol):
    """Where rows come from."""

    @property
    def name(self) -> str:
        """As the manifest names it."""

    @property
    def licence(self) -> str:
        """What its content may be used for, a sentence."""

    @property
    def lacks(self) -> str:
        """What it does not say of a file, and what follows; empty where it says all."""

    def inputs(self) -> list[dict[str, Any]]:
        """What it is made of: names, sizes and sha256, fit for JSON."""

    def rows(self, told: Told, images: bool) -> Iterator[Row]:
        """The files in a fixed order. ``images``: with the pictures, where it has any.

        Raises ArtefactError naming the input where it cannot be read at all; what is damaged in
        it is left out and told.
        """


def hashed(uploader: str) -> str:
    """In place of a user's name: no name is kept. Who knows the names can find the hash again."""
    if not uploader:
        return ""
    return blake2b(uploader.encode(), digest_size=12, person=b"depicts-uploader").hexdigest()


def mark(text: str) -> int:
    """Eight bytes in place of a text, as long as next to nothing is: a dump has millions."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
