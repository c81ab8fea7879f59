"""Strongly connected components of a graph in compact arrays (Tarjan 1972)."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Final

_UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class Components:
    """Sets of rows that all lead to each other; each set comes after all that it leads to."""

    part: array[int]
    """(N,) which set each row is in."""
    starts: array[int]
    """(sets + 1,) where the members of each set begin."""
    members: array[int]
    """(N,) rows, ascending within each set."""

    def __len__(self) -> int:
        return len(self.starts) - 1

    def rows(self, part: int) -> array[int]:
        """The members of a set."""
        return self.members[self.starts[part] : self.starts[part + 1]]


def components_of(starts: array[int], parents: array[int]) -> Components:
    """The components of a graph in compressed sparse rows; see ``hierarchy.Graph``."""
    search = _Search(starts, parents)
    for row in range(len(starts) - 1):
        if search.order[row] == _UNKNOWN:
            search.visit(row)
    return search.found


class _Search:
    """Iterative: a chain in the data may be deeper than Python's recursion limit."""

    def __init__(self, starts: array[int], parents: array[int]) -> None:
        count = len(starts) - 1
        self.order = array("i", [_UNKNOWN]) * count
        self.found = Components(array("i", [_UNKNOWN]) * count, array("q", [0]), array("i"))
        self._starts, self._parents = starts, parents
        self._next = starts[:-1]
        self._low = array("i", [0]) * count
        self._waiting = array("i")
        self._seen = 0

    def visit(self, root: int) -> None:
        """Go up every way from ``root``."""
        way = [self._enter(root)]
        while way:
            row = way[-1]
            step = self._step(row)
            if step is None:
                self._leave(way)
            elif self.order[step] == _UNKNOWN:
                way.append(self._enter(step))
            elif self.found.part[step] == _UNKNOWN:
                self._low[row] = min(self._low[row], self.order[step])

    def _enter(self, row: int) -> int:
        self.order[row] = self._low[row] = self._seen
        self._seen += 1
        self._waiting.append(row)
        return row

    def _step(self, row: int) -> int | None:
        at = self._next[row]
        self._next[row] += 1
        return self._parents[at] if at < self._starts[row + 1] else None

    def _leave(self, way: list[int]) -> None:
        row = way.pop()
        if way:
            self._low[way[-1]] = min(self._low[way[-1]], self._low[row])
        if self._low[row] == self.order[row]:
            self._close(row)

    def _close(self, row: int) -> None:
        members: list[int] = []
        while not members or members[-1] != row:
            members.append(self._waiting.pop())
        for member in members:
            self.found.part[member] = len(self.found)
        self.found.members.extend(sorted(members))
        self.found.starts.append(len(self.found.members))
