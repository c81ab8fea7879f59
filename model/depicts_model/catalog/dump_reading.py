"""Reads a Wikidata JSON dump line by line: plain, gzip or bzip2, an entity a line.

The brackets around all may stand on lines of their own, or before the first and after the last
entity. A damaged line is handed on as such; a file that ends too early is an error.
"""

from __future__ import annotations

import bz2
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, cast

from depicts_model.errors import ArtefactError

MAX_LINE: Final = 64 << 20
"""Bytes; the largest item of Wikidata takes about 4 MB, so a longer line is damage."""
_CHUNK: Final = 1 << 20
_MAGIC: Final = {b"\x1f\x8b": ".gz", b"BZh": ".bz2"}
"""What a packed file begins with."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line. ``start``, ``end``: offsets in the uncompressed text; ``done``: bytes of the file."""

    number: int
    start: int
    end: int
    done: int
    text: bytes
    """Without brackets, trailing comma and white space; empty where nothing else is there."""
    whole: bool
    """False: longer than MAX_LINE; ``text`` is its beginning."""


def lines(path: Path, number: int = 0, offset: int = 0) -> Iterator[Line]:
    """The lines after line ``number``, which ends at ``offset`` of the uncompressed text.

    At least one must be left: whether the file is whole is seen by its last line.
    Raises ArtefactError naming the file and the last line that could be read.
    """
    try:
        with path.open("rb") as raw, _opened(raw, path) as text:
            bracketed = text.readline(MAX_LINE).lstrip().startswith(b"[")
            _go_to(text, offset)
            closed = False
            for found in _lines(raw, text, number, offset):
                line, ends = _unbracketed(found) if bracketed else (found, False)
                number, closed = line.number, ends or (closed and not line.text)
                yield line
            if bracketed and not closed:
                raise ArtefactError(f"{path}: cut short: no closing ] after line {number}")
    except EOFError:
        raise ArtefactError(f"{path}: cut short: ends inside line {number + 1}") from None
    except (OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ArtefactError(f"{path}: cannot be read after line {number}: {reason}") from None


def entity_of(line: Line) -> dict[str, Any] | None:
    """The entity of a line; None where nothing is on it. Raises ValueError: damaged."""
    if not line.text:
        return None
    if not line.whole:
        raise ValueError(f"longer than {MAX_LINE} bytes")
    try:
        found = json.loads(line.text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _unbracketed(line: Line) -> tuple[Line, bool]:
    """The line without the brackets around all, and whether the closing one stood on it.

    A line cut short may end like the last one: its bracket closes nothing unless an entity is left.
    """
    text = line.text.removeprefix(b"[").lstrip() if line.number == 1 else line.text
    ends = text == b"]" or (text.endswith(b"}]") and _is_json(text[:-1]))
    return replace(line, text=text[:-1].rstrip() if ends else text), ends


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _opened(raw: IO[bytes], path: Path) -> IO[bytes]:
    """Unpacked, whatever the file is called; one called a packed one must be one."""
    begins = raw.read(max(map(len, _MAGIC)))
    raw.seek(0)
    by_name = path.suffix.lower()
    packing = next((name for magic, name in _MAGIC.items() if begins.startswith(magic)), by_name)
    if packing == ".gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw, mode="rb"))
    if packing == ".bz2":
        return cast("IO[bytes]", bz2.BZ2File(raw))
    return raw


def _go_to(text: IO[bytes], offset: int) -> None:
    """A compressed file is unpacked up to there, which is far quicker than to parse it."""
    text.seek(offset)


def _lines(raw: IO[bytes], text: IO[bytes], number: int, end: int) -> Iterator[Line]:
    while found := text.readline(MAX_LINE):
        size = len(found)
        whole = found.endswith(b"\n") or size < MAX_LINE
        while not found.endswith(b"\n") and not whole and (more := text.readline(_CHUNK)):
            size += len(more)
            if more.endswith(b"\n"):
                break
        number, end = number + 1, end + size
        stripped = found.strip().removesuffix(b",").rstrip()
        yield Line(number, end - size, end, raw.tell(), stripped, whole)
