"""Words that tell who made a picture, or what it shows, not whom it shows: "Bear by James Brown".

Some of them say "of" too ("Porträt von", "ritratto di"): a person whom they might mean is left
unnamed, since a wrong name is worse than none.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from re import Match
from typing import Final

_WORDS: Final = {
    "en": "by author copyright courtesy credit credits painter photographer photographers",
    "da": "af fotograf forfatter",
    "de": "von vom autor autorin fotograf fotografin urheber",
    "es": "por autor autora fotógrafo fotógrafa",
    "fi": "kuvaaja tekijä valokuvaaja",
    "fr": "par auteur autrice photographe",
    "it": "di da autore autrice fotografo fotografa",
    "nb": "av fotograf forfatter",
    "nl": "door van auteur fotograaf",
    "pt": "por autor autora fotógrafo fotógrafa",
    "ru": "автор фотограф",
    "sv": "av fotograf upphovsman",
}
"""By language; each speaks in texts of any, for a file's name has none of its own."""
_CREDITS: Final = frozenset(word for words in _WORDS.values() for word in words.split())
_REACH: Final = 4
"""Words after a credit in which a name still belongs to it: titles, and a second author."""


def credited(text: str, words: Sequence[Match[str]], named: Collection[int]) -> frozenset[int]:
    """Which words of a text, by their number, lie within reach of a credit.

    ``named``: words that are part of a name, and no credit: Carl von Linné.
    """
    spoken = (
        number + 1
        for number, word in enumerate(words)
        if word.group().casefold() in _CREDITS and number not in named
    )
    signed = (number for number in range(len(words)) if _is_signed(text, words, number))
    reached = (range(first, first + _REACH) for first in (*spoken, *signed))
    return frozenset(number for numbers in reached for number in numbers)


def _is_signed(text: str, words: Sequence[Match[str]], number: int) -> bool:
    """Whether © or (c) stands right before the word."""
    before = words[number - 1] if number else None
    gap = text[before.end() if before else 0 : words[number].start()]
    letter = before is not None and before.group().casefold() == "c"
    return "©" in gap or (letter and gap.startswith(")"))
