"""What people on the wiki change about the lists: a page of JSON, read strictly.

    {"never_suggest": {"Q83180": "on every street"}, "release": {"Q132241": "shows no people"}}

Four keys, each an object of item ids, each with the reason, which is for the page's readers and
is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from depicts_model import json_pages
from depicts_model.claims import HUMAN
from depicts_model.errors import ConfigurationError
from depicts_model.types import Qid


@dataclass(frozen=True, slots=True)
class Overrides:
    """Changes to the lists; each field is a key of the page."""

    never_suggest: frozenset[Qid] = frozenset()
    """Never shown; what lies below them still is."""
    allow: frozenset[Qid] = frozenset()
    """Off the never-suggest list."""
    withhold: frozenset[Qid] = frozenset()
    """They hold an image back, and so does what lies below them."""
    release: frozenset[Qid] = frozenset()
    """No longer hold an image back."""

    def through(self, representative: Callable[[Qid], Qid]) -> Overrides:
        """With what stands for each item beside it: of duplicates only that one is ever shown."""
        named = {key: getattr(self, key) for key in KEYS}
        return Overrides(**{k: them.union(map(representative, them)) for k, them in named.items()})

    def never(self, listed: frozenset[Qid], personal: frozenset[Qid]) -> frozenset[Qid]:
        """The never-suggest list as changed; people and what is ``personal`` stay on it."""
        return listed - (self.allow - personal - {HUMAN}) | self.never_suggest

    def held(self, listed: frozenset[Qid], personal: frozenset[Qid]) -> frozenset[Qid]:
        """The list of what holds an image back, as changed; the same stay on it."""
        return listed - (self.release - personal - {HUMAN}) | self.withhold

    def record(self) -> dict[str, list[Qid]]:
        """The changes in a form fit for JSON; see `recorded`."""
        return {key: sorted(getattr(self, key)) for key in KEYS}


KEYS: Final = tuple(field.name for field in fields(Overrides))
NONE: Final = Overrides()
RECORD: Final = "lists"
"""Where the inputs of a run tell of the overrides that it obeyed."""
_APART: Final = (("never_suggest", "allow"), ("withhold", "allow"), ("withhold", "release"))
"""Keys that may not name the same item."""


def recorded(inputs: Mapping[str, Any]) -> Overrides:
    """The overrides that a run's record tells of, under the key ``RECORD`` of its inputs."""
    record = inputs.get(RECORD, {})
    return Overrides(**{key: frozenset(map(Qid, record.get(key, ()))) for key in KEYS})


def parse(text: str, where: str) -> Overrides:
    """The overrides that a page says.

    ``where``: the page's title. Raises ConfigurationError naming it, the key or item at fault,
    and for an unknown key the nearest valid one.
    """
    values = json_pages.read(text, where, KEYS)
    named = {key: json_pages.items(value, f"{where}: {key}") for key, value in values.items()}
    made = Overrides(**{key: frozenset(items) for key, items in named.items()})
    _check(made, where)
    return made


def check(overrides: Overrides, fixed: Collection[Qid], where: str) -> None:
    """Raise ConfigurationError where an item that is ``fixed`` is to be allowed or released."""
    for key in ("allow", "release"):
        for qid in sorted(getattr(overrides, key).intersection(fixed)):
            raise ConfigurationError(f"{where}: {key}: {qid} is about people, and stays listed")


def _check(overrides: Overrides, where: str) -> None:
    check(overrides, {HUMAN}, where)
    for one, other in _APART:
        for qid in sorted(getattr(overrides, one) & getattr(overrides, other)):
            raise ConfigurationError(f"{where}: {qid} stands in both {one!r} and {other!r}")
