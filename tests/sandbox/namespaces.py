"""Namespaces and titles."""

from __future__ import annotations

FILE = 6
CATEGORY = 14

NAMES = {
    -2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Commons",
    5: "Commons talk", 6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk",
    10: "Template", 11: "Template talk", 12: "Help", 13: "Help talk", 14: "Category",
    15: "Category talk",
}  # fmt: skip
CANONICAL = NAMES | {4: "Project", 5: "Project talk"}
ALIASES = {"image": 6, "image talk": 7, "project": 4, "project talk": 5}
WITH_SUBPAGES = (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 15)
ITEM_NAMES = {120: "Property", 121: "Property talk"}
"""What the items' wiki has besides; its items are in the main namespace."""

_NUMBERS = {name.lower(): number for number, name in (NAMES | ITEM_NAMES).items() if name} | ALIASES
_ILLEGAL = set("<>[]|{}#\n\t")


def normalise(title: str) -> str:
    """The title as the wiki spells it; '' for one that cannot be.

    >>> normalise("file:chelsea_the cat.png")
    'File:Chelsea the cat.png'
    """
    text = " ".join(title.replace("_", " ").split())
    head, colon, rest = text.partition(":")
    number = _NUMBERS.get(head.strip().lower()) if colon else None
    name, local = ("", text) if number is None else (_name(number), rest.strip())
    if not local or _ILLEGAL & set(local):
        return ""
    local = local[0].upper() + local[1:]
    return f"{name}:{local}" if name else local


def _name(number: int) -> str:
    return (NAMES | ITEM_NAMES)[number]


def namespace_of(title: str) -> int:
    """The number of the namespace of a normalised title."""
    head, colon, _ = title.partition(":")
    return _NUMBERS.get(head.lower(), 0) if colon else 0
