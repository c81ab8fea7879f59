"""What a file's words name: support for what the pixels show, never evidence alone.

Labels are looked for as whole words, inflection aside, in the file's name, captions, description
and categories; the longest label wins, so that a hot dog is no dog. A text whose language is known
is searched for labels of that language, and every text for English ones and the reader's. Other
names count like labels where they are of one item alone: the scientific name of a species is what
most files of it are called. A category names an item also where the item states it as its own
(P373). People are looked for by rules of their own (`people`): word for word, and not where the
words are part of another label.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import Stemmer

from depicts_model.linker.combine import CAPTION, CATEGORY, DESCRIPTION, FILE_NAME
from depicts_model.linker.facts import Facts
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.masks import Mask
from depicts_model.linker.people import FALLBACK, Names
from depicts_model.linker.phrases import WORD, Phrase, Phrases, Span
from depicts_model.types import FileContext, Qid

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
_NAME = re.compile(r"^[^:]*:|\.\w+$")
"""Namespace and extension of a file's title."""
SHORTEST = 4
"""Letters of another name at least: abbreviations stand for too many things."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The labels of the nodes that words may name, read language by language when first needed;
    what each page needs, at once: nobody's first question waits for it.
    """

    facts: Facts
    hierarchy: Hierarchy
    nodes: Mask
    """(A,): which nodes words may name."""
    language: str
    """The reader's."""
    categories: Mapping[str, frozenset[int]]
    """Category to the nodes that state it as their own."""
    people: Names
    _phrases: dict[str, Phrases] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts, hierarchy: Hierarchy, nodes: Mask, language: str) -> Words:
        """The words for ``nodes`` and readers of ``language``."""
        index = hierarchy.index

        def named(qid: Qid) -> int | None:
            node = index.get(qid)
            return node if node is not None and nodes[node] else None

        people = Names.of(facts, language, named)
        stated: defaultdict[str, set[int]] = defaultdict(set)
        for qid, name in facts.commons_categories():
            node = named(qid)
            if node is not None and not (qid in facts.people and people.credits(name)):
                stated[_category(name)].add(node)
        categories = {name: frozenset(found) for name, found in stated.items()}
        words = cls(facts, hierarchy, nodes, language, categories, people)
        for tag in (FALLBACK, language):
            words._labels(tag)
        return words

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
        tags = dict.fromkeys((FALLBACK, self.language, language))
        things = [span for tag in tags for span in self._labels(tag).spans(stems(text, tag))]
        people = [span for span in self.people.spans(text) if _stands_alone(span, things)]
        free = [span for span in things if not any(span.lies_in(name) for name in people)]
        return {node for span in (*people, *free) for node in span.nodes}

    def _labels(self, language: str) -> Phrases:
        """The labels of a language; none for one that the catalog does not have."""
        if language not in self._phrases:
            known = language in (*self.facts.languages, FALLBACK, self.language)
            self._phrases[language] = self._read(language) if known else Phrases()
        return self._phrases[language]

    def _read(self, language: str) -> Phrases:
        things = [
            (node, qid)
            for node in np.flatnonzero(self.nodes).tolist()
            if (qid := self.hierarchy.nodes[node]) not in self.facts.people
        ]
        labels = [
            (phrase, node)
            for node, qid in things
            if (phrase := stems(self.facts.label(qid, language) or "", language))
        ]
        others = self._others({qid: node for node, qid in things}, language)
        return Phrases.of([*labels, *_unambiguous(others, {phrase for phrase, _ in labels})])

    def _others(self, nodes: Mapping[Qid, int], language: str) -> Iterator[tuple[Phrase, int]]:
        """Names beside the label, each with its node."""
        for qid, name in self.facts.other_names(language):
            phrase = stems(name, language)
            if qid in nodes and sum(map(len, phrase)) >= SHORTEST:
                yield phrase, nodes[qid]


def _unambiguous(
    names: Iterable[tuple[Phrase, int]], taken: Collection[Phrase]
) -> Iterator[tuple[Phrase, int]]:
    """The names of one node only that are no label of any."""
    found: defaultdict[Phrase, set[int]] = defaultdict(set)
    for phrase, node in names:
        found[phrase].add(node)
    for phrase, nodes in found.items():
        if len(nodes) == 1 and phrase not in taken:
            yield phrase, min(nodes)


def _stands_alone(name: Span, things: Iterable[Span]) -> bool:
    """Whether a name is no part of the label of a thing, and shares no word with one beside it."""
    return all(thing.lies_in(name) or not thing.meets(name) for thing in things)


def stems(text: str, language: str) -> Phrase:
    """The words of a text, casefolded, without their inflection where the language is known."""
    words = [word.casefold() for word in WORD.findall(text)]
    algorithm = _STEMMERS.get(language)
    if algorithm is None:
        return tuple(words)
    return tuple(_stem(word, algorithm) for word in words)


@lru_cache(maxsize=1 << 16)
def _stem(word: str, algorithm: str) -> str:
    """Remembered: the words of pages repeat. One stemmer serves one thread, so each is new."""
    stemmed: str = Stemmer.Stemmer(algorithm).stemWord(word)
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
