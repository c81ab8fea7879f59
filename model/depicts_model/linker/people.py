"""Which people a file's words can name: never pixels, and never a name that fits two.

A name counts only where it is of at least two words of two letters: "Prince" stands in many
titles. And nobody and nothing else may bear it, in any language: with two of one name in the
catalog it would be the pixels that choose between them, and that is face recognition (promise 3).
So whoever is written as one word stays silent, in languages written without spaces too.

Names are counted and found in one form, word for word: without its ending, James Browning is
James Brown. A name does not run across punctuation ("James, Brown bear"), and who made the
picture is not in it (`credits`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from depicts_model.linker.credits import credited
from depicts_model.linker.facts import Facts
from depicts_model.linker.phrases import WORD, Phrase, Phrases, Span
from depicts_model.types import Qid

FALLBACK: Final = "en"
FEWEST_WORDS: Final = 2
_JOINT: Final = re.compile(r"(?:[^\S\r\n]|_)+|['’-]")
"""What may stand between two words of a name …"""
_INITIAL: Final = re.compile(r"\.(?:[^\S\r\n]|_)*")
"""… and after a word of one letter."""


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """The full names of the catalog's people."""

    phrases: Phrases
    """Of people whom words may not name too: where Ada King Noel stands, Ada King does not."""

    @classmethod
    def of(cls, facts: Facts, language: str, node: Callable[[Qid], int | None]) -> Self:
        """The names for readers of ``language``.

        ``node``: of a person, the node that their name names; None where it names nobody.
        """
        tags = _tags(facts, language)
        return cls(
            Phrases.of(
                (name, node(qid)) for qid in facts.people for name in _full_names(facts, qid, tags)
            )
        )

    def spans(self, text: str) -> list[Span]:
        """The names in a text; those of its makers name nobody."""
        if not self.phrases.nodes:
            return []
        words = [*WORD.finditer(text)]
        found = [
            Span(first + start, first + end, nodes)
            for first, last in _runs(text, words)
            for start, end, nodes in self.phrases.spans(
                [word.group().casefold() for word in words[first:last]]
            )
        ]
        named = {number for span in found for number in range(span.start, span.end)}
        makers = credited(text, words, named)
        return [s._replace(nodes=frozenset()) if s.start in makers else s for s in found]

    def credits(self, text: str) -> bool:
        """Whether the text names somebody who names nobody here, as "Paintings by Ada Lovelace"."""
        return any(not span.nodes for span in self.spans(text))


def _runs(text: str, words: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """First and last (without) of the words that no punctuation parts."""
    first = 0
    for number in range(1, len(words) + 1):
        if number == len(words) or not _joined(text, words[number - 1], words[number]):
            yield first, number
            first = number


def _joined(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    gap = text[one.end() : other.start()]
    initial = len(one.group()) == 1 and _INITIAL.fullmatch(gap)
    return bool(initial or _JOINT.fullmatch(gap))


def nameable(facts: Facts, known: Iterable[Qid], language: str) -> frozenset[Qid]:
    """Those of the people ``known`` to the model whom words can name.

    ``language``: the reader's, whose labels count beside those of the catalog's languages. A
    person whom a list bars by name is none of them.
    """
    items = frozenset(known)
    people = items & facts.people - facts.never_suggest - facts.withhold
    if not people:
        return people
    tags = _tags(facts, language)
    names = {qid: _full_names(facts, qid, tags) for qid in items | facts.people}
    bearers = Counter(name for found in names.values() for name in found)
    shared = _shared_categories(facts)
    return frozenset(
        qid
        for qid in people - shared
        if names[qid] and all(bearers[name] == 1 for name in names[qid])
    )


def _tags(facts: Facts, language: str) -> list[str]:
    return sorted({FALLBACK, language, *facts.languages})


def _full_names(facts: Facts, qid: Qid, languages: Iterable[str]) -> frozenset[Phrase]:
    labels = (facts.label(qid, language) for language in languages)
    return frozenset(n for label in labels if label and _is_full(n := _words(label)))


def _words(label: str) -> Phrase:
    return tuple(word.casefold() for word in WORD.findall(label))


def _is_full(name: Phrase) -> bool:
    return sum(len(word) > 1 for word in name) >= FEWEST_WORDS


def _shared_categories(facts: Facts) -> frozenset[Qid]:
    """Items whose category on Commons is another item's too: it names neither."""
    stated = [(qid, name.replace("_", " ").casefold()) for qid, name in facts.commons_categories()]
    times = Counter(name for _, name in stated)
    return frozenset(qid for qid, name in stated if times[name] > 1)
