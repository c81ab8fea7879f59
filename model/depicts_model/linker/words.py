"""What a file's words name: support for what the pixels show, never evidence alone.

Labels are looked for as whole words, inflection aside, in the file's name, captions, description
and categories; the longest label wins, so that a hot dog is no dog. A text whose language is known
is searched for labels of that language, and every text for English ones and the reader's. A
category names an item also where the item states it as its own (P373).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import snowballstemmer

from depicts_model.linker.combine import CAPTION, CATEGORY, DESCRIPTION, FILE_NAME
from depicts_model.linker.facts import Facts
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.masks import Mask
from depicts_model.linker.people import may_name
from depicts_model.types import FileContext

Stems = tuple[str, ...]
FALLBACK = "en"
_STEMMERS = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nb": "norwegian",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
    "sv": "swedish",
}
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"^[^:]*:|\.\w+$")
"""Namespace and extension of a file's title."""


@dataclass(frozen=True, slots=True, eq=False)
class Phrases:
    """The labels of a language."""

    nodes: Mapping[Stems, frozenset[int]] = field(default_factory=dict)
    """Stems of a label to the nodes of that label."""
    longest: int = 0
    """Words of the longest label."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The labels of the nodes that words may name, read language by language when first needed."""

    facts: Facts
    hierarchy: Hierarchy
    nodes: Mask
    """(A,): which nodes words may name."""
    language: str
    """The reader's."""
    categories: Mapping[str, frozenset[int]]
    """Category to the nodes that state it as their own."""
    _phrases: dict[str, Phrases] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts, hierarchy: Hierarchy, nodes: Mask, language: str) -> Words:
        """The words for ``nodes`` and readers of ``language``."""
        stated: defaultdict[str, set[int]] = defaultdict(set)
        for qid, name in facts.commons_categories():
            node = hierarchy.index.get(qid)
            if node is not None and nodes[node]:
                stated[_category(name)].add(node)
        categories = {name: frozenset(found) for name, found in stated.items()}
        return cls(facts, hierarchy, nodes, language, categories)

    def named(self, context: FileContext) -> dict[str, frozenset[int]]:
        """By place (`combine.PLACES_OF_WORDS`) the nodes that it names; a place that the page
        does not have is left out.
        """
        found: dict[str, set[int]] = {}
        for place, language, text in _texts(context):
            found.setdefault(place, set()).update(self._named(text, language))
        for name in context.categories:
            found[CATEGORY] |= self.categories.get(_category(name), frozenset())
        return {place: frozenset(nodes) for place, nodes in found.items()}

    def _named(self, text: str, language: str) -> set[int]:
        found: set[int] = set()
        for tag in dict.fromkeys((FALLBACK, self.language, language)):
            found |= _longest(stems(text, tag), self._labels(tag))
        return found

    def _labels(self, language: str) -> Phrases:
        """The labels of a language; none for one that the catalog does not have."""
        if language not in self._phrases:
            known = language in (*self.facts.languages, FALLBACK, self.language)
            self._phrases[language] = self._read(language) if known else Phrases()
        return self._phrases[language]

    def _read(self, language: str) -> Phrases:
        found: defaultdict[Stems, set[int]] = defaultdict(set)
        for node in np.flatnonzero(self.nodes).tolist():
            qid = self.hierarchy.nodes[node]
            label = self.facts.label(qid, language)
            if not label or not may_name(self.facts, qid, label):
                continue
            if phrase := stems(label, language):
                found[phrase].add(node)
        nodes = {phrase: frozenset(them) for phrase, them in found.items()}
        return Phrases(nodes, max(map(len, nodes), default=0))


def stems(text: str, language: str) -> Stems:
    """The words of a text, casefolded, without their inflection where the language is known."""
    words = [word.casefold() for word in _WORD.findall(text)]
    algorithm = _STEMMERS.get(language)
    if algorithm is None:
        return tuple(words)
    return tuple(_stem(word, algorithm) for word in words)


@lru_cache(maxsize=1 << 16)
def _stem(word: str, algorithm: str) -> str:
    """Remembered: the words of pages repeat, and stemming one in plain Python takes long."""
    stemmed: str = snowballstemmer.stemmer(algorithm).stemWord(word)
    return stemmed


def _category(name: str) -> str:
    """As the wiki compares them: no underscores, the first letter either way."""
    plain = " ".join(name.replace("_", " ").split())
    return plain[:1].upper() + plain[1:]


def _texts(context: FileContext) -> Iterator[tuple[str, str, str]]:
    """Place, language and text; no language, the fallback's."""
    yield FILE_NAME, FALLBACK, _NAME.sub("", context.file.title)
    yield from ((CAPTION, tag, text) for tag, text in context.captions.items())
    yield from ((DESCRIPTION, tag, text) for tag, text in context.description.items())
    yield from ((CATEGORY, FALLBACK, text) for text in context.categories)


def _longest(words: Stems, phrases: Phrases) -> set[int]:
    """Nodes of the longest phrases, from left to right, none overlapping another."""
    found: set[int] = set()
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + phrases.longest), at, -1)
        end = next((end for end in ends if words[at:end] in phrases.nodes), None)
        if end is not None:
            found |= phrases.nodes[words[at:end]]
        at = end or at + 1
    return found
