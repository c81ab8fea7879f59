"""What a file's words name: support for what the pixels show, never evidence alone.

Labels are looked for as whole words, inflection aside, in the file's name, captions, description
and categories; the longest label wins, so that a hot dog is no dog. A node has support where it is
named, or something above or below it: "cat" supports Felidae, and every kind of cat.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from depicts_model.linker.facts import Facts
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.masks import Mask
from depicts_model.types import FileContext

Stems = tuple[str, ...]
FALLBACK = "en"
_STEMMERS = {"de": "german", "en": "english", "es": "spanish", "fr": "french"}
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"^[^:]*:|\.\w+$")
"""Namespace and extension of a file's title."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The labels of the nodes that words may name, ready to be looked for."""

    hierarchy: Hierarchy
    phrases: Mapping[str, Mapping[Stems, frozenset[int]]]
    """By language: stems of a label to the nodes of that label."""

    @classmethod
    def of(cls, facts: Facts, hierarchy: Hierarchy, nodes: Mask, language: str) -> Words:
        """The labels of ``nodes`` in English and in ``language``."""
        return cls(
            hierarchy,
            {tag: _phrases(facts, hierarchy, nodes, tag) for tag in {FALLBACK, language}},
        )

    def named(self, context: FileContext) -> dict[int, str]:
        """Nodes that the file's words name, each with the first place that does."""
        found: dict[int, str] = {}
        for place, text in _texts(context):
            for language, phrases in self.phrases.items():
                for node in sorted(_named(stems(text, language), phrases)):
                    found.setdefault(node, place)
        return found

    def support(self, named: Iterable[int]) -> NDArray[np.float64]:
        """(A,): 1 for the nodes that are one of ``named``, above or below one, else 0."""
        rows = sorted(named)
        result = np.zeros(len(self.hierarchy.nodes))
        for matrix in (self.hierarchy.up, self.hierarchy.down):
            result[matrix[rows].indices] = 1
        return result


def stems(text: str, language: str) -> Stems:
    """The words of a text, casefolded, without their inflection where the language is known."""
    words = [word.casefold() for word in _WORD.findall(text)]
    algorithm = _STEMMERS.get(language)
    if algorithm is None:
        return tuple(words)
    return tuple(snowballstemmer.stemmer(algorithm).stemWords(words))


def _phrases(
    facts: Facts, hierarchy: Hierarchy, nodes: Mask, language: str
) -> dict[Stems, frozenset[int]]:
    found: defaultdict[Stems, set[int]] = defaultdict(set)
    for node in np.flatnonzero(nodes).tolist():
        label = facts.label(hierarchy.nodes[node], language)
        if label and (phrase := stems(label, language)):
            found[phrase].add(node)
    return {phrase: frozenset(them) for phrase, them in found.items()}


def _texts(context: FileContext) -> Iterator[tuple[str, str]]:
    yield "file name", _NAME.sub("", context.file.title)
    yield from (("caption", text) for text in context.captions.values())
    yield from (("description", text) for text in context.description.values())
    yield from (("categories", text) for text in context.categories)


def _named(words: Stems, phrases: Mapping[Stems, frozenset[int]]) -> set[int]:
    """Nodes of the longest phrases, from left to right, none overlapping another."""
    longest = max(map(len, phrases), default=0)
    found: set[int] = set()
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + longest), at, -1)
        end = next((end for end in ends if words[at:end] in phrases), None)
        if end is not None:
            found |= phrases[words[at:end]]
        at = end or at + 1
    return found
