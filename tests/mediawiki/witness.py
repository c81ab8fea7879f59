"""What no save may do, whatever happens: change what others wrote, or state one thing twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

OURS = re.compile(r"\$.{8}-.{4}-8")
"""The gadget's statements have a UUID of version 8; the wiki makes version 4."""


class Witness:
    """Keeps other people's statements as they made them, and holds what is there against that."""

    def __init__(self) -> None:
        self._others: dict[str, dict[str, Json]] = {}
        self._found: dict[str, list[str]] = {}
        self.seen: Counter[str] = Counter()
        """How many statements were looked at: ``ours``, ``others``."""

    def note(self, entity: Json) -> None:
        """Somebody else has just added to this; its statements that are not the gadget's stay so.

        What was lost before that stays lost: `faults` tells of it ever after.
        """
        there, number = list(_statements(entity)), entity["id"]
        lost = _changed(self._others.get(number, {}), there)
        # ours beside theirs is no fault yet: the gadget may be about to take it back
        self._found.setdefault(number, []).extend(lost)
        self._others[number] = {one["id"]: one for one in there if not OURS.search(one["id"])}

    def faults(self, entity: Json) -> list[str]:
        """One line each; none where all is as it should be."""
        there = list(_statements(entity))
        others = self._others.get(entity["id"], {})
        ours = [one for one in there if OURS.search(one["id"])]
        self.seen.update(ours=len(ours), others=len(others))
        before = self._found.get(entity["id"], [])
        return [*before, *_changed(others, there), *_doubled(ours, there)]


def _statements(entity: Json) -> Iterator[Json]:
    # a missing entity has none, an emptied one has a list
    for group in (entity.get("statements") or {}).values():
        yield from group


def _changed(others: dict[str, Json], there: list[Json]) -> Iterator[str]:
    now = {one["id"]: one for one in there}
    for number, one in others.items():
        if now.get(number) != one:
            yield f"{number}: was {one}, is {now.get(number)}"


def _doubled(ours: list[Json], there: list[Json]) -> Iterator[str]:
    values = [_value(one) for one in there]
    for one in ours:
        if values.count(_value(one)) > 1:
            yield f"{one['id']}: states what another statement does"


def _value(statement: Json) -> tuple[str, str]:
    snak = statement["mainsnak"]
    return snak["property"], str(snak.get("datavalue", snak["snaktype"]))
