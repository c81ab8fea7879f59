"""Which people a file's words can name: never pixels, and never a name that fits two.

A name counts only where it is of at least two words of two letters: "Prince" stands in many
titles. And nobody and nothing else may bear it, in any language: with two of one name in the
catalog it would be the pixels that choose between them, and that is face recognition (promise 3).
So whoever is written as one word stays silent, in languages written without spaces too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from depicts_model.linker.facts import Facts
from depicts_model.types import Qid

Name = tuple[str, ...]
FALLBACK: Final = "en"
FEWEST_WORDS: Final = 2
_WORD: Final = re.compile(r"[^\W\d_]+")


def nameable(facts: Facts, known: Iterable[Qid], language: str) -> frozenset[Qid]:
    """Those of the people ``known`` to the model whom words can name.

    ``language``: the reader's, whose labels count beside those of the catalog's languages. A
    person whom a list bars by name is none of them.
    """
    items = frozenset(known)
    people = items & facts.people - facts.never_suggest - facts.withhold
    if not people:
        return people
    tags = sorted({FALLBACK, language, *facts.languages})
    names = {qid: _full_names(facts, qid, tags) for qid in items | facts.people}
    bearers = Counter(name for found in names.values() for name in found)
    shared = _shared_categories(facts)
    return frozenset(
        qid
        for qid in people - shared
        if names[qid] and all(bearers[name] == 1 for name in names[qid])
    )


def may_name(facts: Facts, qid: Qid, label: str) -> bool:
    """Whether this label of the item speaks for it: any does, but of people the full name alone."""
    return qid not in facts.people or _is_full(_words(label))


def _full_names(facts: Facts, qid: Qid, languages: Iterable[str]) -> frozenset[Name]:
    labels = (facts.label(qid, language) for language in languages)
    return frozenset(n for label in labels if label and _is_full(n := _words(label)))


def _words(label: str) -> Name:
    return tuple(_WORD.findall(label.casefold()))


def _is_full(name: Name) -> bool:
    return sum(len(word) > 1 for word in name) >= FEWEST_WORDS


def _shared_categories(facts: Facts) -> frozenset[Qid]:
    """Items whose category on Commons is another item's too: it names neither."""
    stated = [(qid, name.replace("_", " ").casefold()) for qid, name in facts.commons_categories()]
    times = Counter(name for _, name in stated)
    return frozenset(qid for qid, name in stated if times[name] > 1)
