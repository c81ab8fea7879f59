"""Which people a file's words can name: never pixels, and never a name that fits two.

A name counts only where it is of at least two words of two letters: "Prince" stands in many
titles. And nobody else may bear it: with two of one name in the catalog, it would be the pixels
that choose between them, and that is face recognition (promise 3). So people whose name is written
as one word stay silent, in languages written without spaces too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from depicts_model.linker.facts import Facts
from depicts_model.types import Qid

Name = tuple[str, ...]
FEWEST_WORDS: Final = 2
_WORD: Final = re.compile(r"[^\W\d_]+")


def nameable(facts: Facts, known: Iterable[Qid], language: str) -> frozenset[Qid]:
    """Those of the people ``known`` to the model whom words in English or ``language`` can name.

    A person whom a list bars by name is none of them.
    """
    items = frozenset(known)
    people = items & facts.people - facts.never_suggest - facts.withhold
    if not people:
        return people
    names = {qid: _names(facts, qid, language) for qid in items | facts.people}
    bearers = Counter(name for found in names.values() for name in found)
    return frozenset(
        qid
        for qid in people
        if names[qid] and all(_is_full(name) and bearers[name] == 1 for name in names[qid])
    )


def _names(facts: Facts, qid: Qid, language: str) -> frozenset[Name]:
    """The labels that words are compared with, as words."""
    labels = (facts.label(qid), facts.label(qid, language))
    return frozenset(tuple(_WORD.findall(label.casefold())) for label in labels if label)


def _is_full(name: Name) -> bool:
    return sum(len(word) > 1 for word in name) >= FEWEST_WORDS
