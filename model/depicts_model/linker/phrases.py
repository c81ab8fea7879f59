"""Phrases found among the words of a text: the longest wins, and none overlaps another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

Phrase = tuple[str, ...]
WORD: Final = re.compile(r"[^\W\d_]+")
"""What counts as a word of a text, or of a label."""


class Span(NamedTuple):
    """Words ``start`` to ``end`` (without) of a text, and the nodes that they name."""

    start: int
    end: int
    nodes: frozenset[int]

    def meets(self, other: Span) -> bool:
        """Whether the two share a word."""
        return self.start < other.end and other.start < self.end

    def lies_in(self, other: Span) -> bool:
        """Whether this is a part of the other, and not all of it."""
        within = other.start <= self.start and self.end <= other.end
        return within and self.end - self.start < other.end - other.start


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """The labels that are looked for."""

    nodes: Mapping[Phrase, frozenset[int]] = field(default_factory=dict)
    """The words of a label to the nodes of that label; none, where it only covers its words."""
    longest: int = 0
    """Words of the longest label."""

    @classmethod
    def of(cls, labels: Iterable[tuple[Phrase, int | None]]) -> Self:
        """These labels, each with the node that it names, or None."""
        found: dict[Phrase, set[int]] = {}
        for phrase, node in labels:
            found.setdefault(phrase, set()).update(() if node is None else (node,))
        nodes = {phrase: frozenset(them) for phrase, them in found.items()}
        return cls(nodes, max(map(len, nodes), default=0))

    def spans(self, words: Sequence[str]) -> Iterator[Span]:
        """The longest phrases, from left to right, none overlapping another."""
        words = tuple(words)
        at = 0
        while at < len(words):
            ends = range(min(len(words), at + self.longest), at, -1)
            end = next((end for end in ends if words[at:end] in self.nodes), None)
            if end is not None:
                yield Span(at, end, self.nodes[words[at:end]])
            at = end or at + 1
