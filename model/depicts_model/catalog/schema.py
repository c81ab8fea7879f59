"""What a catalog file holds; shared by the builder, which writes it, and the reader.

Items are stored by the number in their id. ``ancestor`` is the strict closure of ``edge``.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "1"

COUNTED_TABLES: Final = ("item", "label", "edge", "ancestor", "duplicate_of", "listed")
"""Tables whose row counts the manifest states, so that a file cut short is noticed."""

OPTIONAL_TABLES: Final = ("description", "detail", "alias")
"""What only a catalog made from Wikidata itself has; counted too where they are."""

ALIAS_WORDS: Final = "alias_words"
"""Full-text index of the aliases, with copies of its own: a vacuum gives rows of ``alias`` other
numbers, and an index over them would name other items."""
TOKENIZER: Final = "unicode61 remove_diacritics 2"

NEVER_SUGGEST: Final = "never-suggest"
WITHHOLD: Final = "withhold"
TOO_GENERAL: Final = "too-general"
PEOPLE: Final = "people"
"""Named humans: open to the words of a file alone."""
PERSONAL: Final = "personal"
"""Of the never-suggest list, what tells of people; no override takes it off."""

KINDS: Final = ("p31", "p279", "p171", "wordnet", "other", "mended")
"""Where an edge comes from: a Wikidata property, a WordNet hypernym, other lists, our mending."""

TABLES: Final[dict[str, dict[str, type]]] = {
    "manifest": {"key": str, "value": str},
    "item": {"id": int, "depictable": int, "visual": int},
    "label": {"rowid_": int, "item": int, "language": str, "label": str},
    "edge": {"child": int, "parent": int, "kind": str},
    "ancestor": {"item": int, "ancestor": int, "hops": int},
    "duplicate_of": {"item": int, "representative": int},
    "listed": {"list": str, "item": int, "reason": str},
    "description": {"item": int, "language": str, "description": str},
    "detail": {
        "item": int,
        "image": str,
        "latitude": float,
        "longitude": float,
        "commons_category": str,
        "taxon_name": str,
        "sitelinks": int,
    },
    "alias": {"item": int, "language": str, "alias": str},
}

KEYS: Final[dict[str, str | tuple[str, ...]]] = {
    "manifest": "key",
    "item": "id",
    "label": "rowid_",
    "edge": ("child", "parent", "kind"),
    "ancestor": ("item", "ancestor"),
    "duplicate_of": "item",
    "listed": ("list", "item"),
    "description": ("item", "language"),
    "detail": "item",
    "alias": ("item", "language", "alias"),
}
