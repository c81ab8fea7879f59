"""Properties, items with a meaning of their own, and what an entity's statements say of them.

This is the one file that spells property and item ids; everything else names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from depicts_model.types import Qid, parse_qid

DEPICTS: Final = "P180"
DIGITAL_REPRESENTATION_OF: Final = "P6243"
INSTANCE_OF: Final = "P31"
SUBCLASS_OF: Final = "P279"
PARENT_TAXON: Final = "P171"
TAXON_NAME: Final = "P225"
IMAGE: Final = "P18"
COMMONS_CATEGORY: Final = "P373"
COORDINATES: Final = "P625"

HUMAN: Final = Qid("Q5")

Json = dict[str, Any]


def statements_of(entity: Mapping[str, Any]) -> Mapping[str, list[Json]]:
    """The statements of an entity as the API gave it, by property.

    A missing or emptied MediaInfo says ``[]`` where it means ``{}``; ``wbgetclaims`` says
    ``claims`` where ``wbgetentities`` says ``statements``.
    """
    found = entity.get("statements") or entity.get("claims") or {}
    return found if isinstance(found, Mapping) else {}


def value_qids(entity: Mapping[str, Any], prop: str = DEPICTS) -> tuple[Qid, ...]:
    """Items that the entity's statements of ``prop`` name, in order; no somevalue or novalue."""
    return tuple(_qids(statements_of(entity).get(prop, [])))


def statement_items(entity: Mapping[str, Any], prop: str = DEPICTS) -> dict[str, Qid]:
    """The items that the entity's statements of ``prop`` name, by the statements' ids."""
    statements = statements_of(entity).get(prop, [])
    return {one["id"]: qid for one in statements for qid in _qids([one])}


def _qids(statements: Iterable[Json]) -> Iterable[Qid]:
    for statement in statements:
        value = statement["mainsnak"].get("datavalue", {}).get("value", {})
        if "id" in value:
            yield parse_qid(value["id"])
