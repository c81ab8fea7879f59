"""The console blocks of a page: commands that it shows, and what they print; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

ELLIPSIS = "…"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as a page shows it, and the lines that follow."""

    command: str
    output: tuple[str, ...]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [body for name, body in _BLOCK.findall(text) if name == language]


def shown(text: str) -> Iterator[Shown]:
    """Every command of the console blocks, in order."""
    for block in blocks(text, "console"):
        before, *rest = re.split(r"^\$ ", block, flags=re.MULTILINE)
        assert not before.strip(), f"output before the first command: {before!r}"
        for one in rest:
            command, *output = one.strip().splitlines()
            yield Shown(command, tuple(output))


def has_shape(told: str, lines: tuple[str, ...]) -> bool:
    """Whether ``told`` looks like ``lines``.

    Numbers may be others; what follows `` = `` in a sum, and ``…``, anything; a line with tabs
    stands for a line of as many columns, and a line of ``…`` alone for any number of lines.
    """
    pattern = "".join(r"(?:.*\n)*" if line == ELLIPSIS else f"{_shape(line)}\n" for line in lines)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in told.splitlines())) is not None


def _shape(line: str) -> str:
    if "\t" in line:
        return "\t".join(["[^\t\n]*"] * (line.count("\t") + 1))
    start, equals, _ = line.partition(" = ")
    parts = (_NUMBER.split(part) for part in start.split(ELLIPSIS))
    known = ".*".join(r"\d+(?:\.\d+)?".join(map(re.escape, part)) for part in parts)
    return known + (" = .*" if equals else "")
