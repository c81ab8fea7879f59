"""Entities as values: reading claims that come in, changing an entity, comparing and patching.

Nothing here knows of pages, users or HTTP. An entity is the JSON that is stored; functions take
one and return another, and never change what they were given.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from . import errors
from .hashes import php, reference_hash, snak_hash

Json = dict[str, Any]
Datatypes = Callable[[str], str | None]
"""The datatype of a property by its id; None for a property that does not exist."""

_GUID = re.compile(r"[A-Z]\d+\$[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_PREFIX = {"item": "Q", "property": "P"}
_RANKS = ("preferred", "normal", "deprecated")
_VALUE_TYPES = {
    "wikibase-item": "wikibase-entityid",
    "wikibase-property": "wikibase-entityid",
    "globe-coordinate": "globecoordinate",
    "monolingualtext": "monolingualtext",
    "quantity": "quantity",
    "time": "time",
}


def value_type(datatype: str) -> str:
    """The type of value that a property of ``datatype`` takes."""
    return _VALUE_TYPES.get(datatype, "string")


def claims_key(entity: Json) -> str:
    """A MediaInfo has ``statements``, everything else ``claims``."""
    return "statements" if entity["type"] == "mediainfo" else "claims"


def empty(entity_id: str) -> Json:
    """A new entity without anything in it."""
    if entity_id[0] == "M":
        return {
            "type": "mediainfo",
            "id": entity_id,
            "labels": {},
            "descriptions": {},
            "statements": {},
        }
    kind = "item" if entity_id[0] == "Q" else "property"
    return {
        "type": kind,
        "id": entity_id,
        "labels": {},
        "descriptions": {},
        "aliases": {},
        "claims": {},
        "sitelinks": {},
    }


# --- what comes in -------------------------------------------------------------------------


def entity_value(value: Any) -> Json:
    """An item or property as value, from any of the three forms that the API accepts."""
    if not isinstance(value, dict) or value.get("entity-type", "item") not in _PREFIX:
        raise errors.invalid_snak()
    kind = value.get("entity-type", "item")
    entity = value.get("id") or f"{_PREFIX[kind]}{value.get('numeric-id')}"
    if not re.fullmatch(_PREFIX[kind] + r"[1-9]\d*", str(entity)):
        raise errors.invalid_snak()
    return {"entity-type": kind, "numeric-id": int(entity[1:]), "id": entity}


def snak(given: Json, datatypes: Datatypes) -> Json:
    """A snak as it is stored, with its hash."""
    try:
        kind, prop = given["snaktype"], given["property"]
    except (KeyError, TypeError):
        raise errors.invalid_snak() from None
    if kind not in ("value", "somevalue", "novalue"):
        raise errors.invalid_snak()
    stored: Json = {"snaktype": kind, "property": prop, "hash": ""}
    if kind == "value":
        stored["datavalue"] = _data_value(given.get("datavalue"), datatypes(prop))
    stored["hash"] = snak_hash(stored)
    return stored


def _data_value(data: Any, datatype: str | None) -> Json:
    if not isinstance(data, dict) or "value" not in data or "type" not in data:
        raise errors.invalid_snak()
    if datatype is not None and data["type"] != value_type(datatype):
        raise errors.invalid_snak()
    is_entity = data["type"] == "wikibase-entityid"
    value = entity_value(data["value"]) if is_entity else data["value"]
    return {"value": value, "type": data["type"]}


def statement(given: Json, guid: str, datatypes: Datatypes) -> Json:
    """A statement as it is stored: snaks normalised and hashed, keys in Wikibase's order."""
    if not isinstance(given, dict) or "mainsnak" not in given:
        raise errors.invalid_claim("The serialization is invalid")
    rank = given.get("rank", "normal")
    if rank not in _RANKS:
        raise errors.invalid_claim(f"Invalid rank: {rank}")
    made: Json = {"mainsnak": snak(given["mainsnak"], datatypes), "type": "statement"}
    if given.get("qualifiers"):
        made["qualifiers"] = _snak_groups(given["qualifiers"], datatypes)
        made["qualifiers-order"] = list(made["qualifiers"])
    made |= {"id": guid, "rank": rank}
    if given.get("references"):
        made["references"] = [reference(one, datatypes) for one in given["references"]]
    return made


def reference(given: Json, datatypes: Datatypes) -> Json:
    """A reference as it is stored."""
    snaks = _snak_groups(given.get("snaks", {}), datatypes)
    return {"hash": reference_hash(snaks), "snaks": snaks, "snaks-order": list(snaks)}


def _snak_groups(given: dict[str, list[Json]], datatypes: Datatypes) -> dict[str, list[Json]]:
    return {prop: [snak(one, datatypes) for one in group] for prop, group in given.items()}


def check_guid(guid: str, entity_id: str | None = None) -> None:
    """Refuse what is no statement id, or one of another entity."""
    if "$" not in guid:
        raise errors.invalid_claim("$serialization does not have the correct number of parts")
    if not _GUID.fullmatch(guid):
        raise errors.invalid_claim("$guid is not a valid GUID")
    if entity_id is not None and guid.partition("$")[0].upper() != entity_id:
        raise errors.invalid_guid()


def claims_given(data: Json) -> list[Json]:
    """The ``claims`` of ``wbeditentity``'s data, as list or by property; never ``statements``."""
    claims = data.get("claims", [])
    if isinstance(claims, dict):
        return [claim for group in claims.values() for claim in group]
    return list(claims)


# --- changing ------------------------------------------------------------------------------


def statements(entity: Json) -> Iterator[Json]:
    """All statements, property by property."""
    for group in entity[claims_key(entity)].values():
        yield from group


def find(entity: Json, guid: str) -> Json | None:
    """The statement with this id; letters' case does not matter."""
    wanted = guid.upper()
    return next((one for one in statements(entity) if one["id"].upper() == wanted), None)


def with_statement(entity: Json, new: Json) -> Json:
    """The entity with ``new`` in the place of its namesake, or at the end of its property."""
    changed = copy.deepcopy(entity)
    groups = changed[claims_key(changed)]
    prop = new["mainsnak"]["property"]
    old = find(changed, new["id"])
    if old is not None and old["mainsnak"]["property"] == prop:
        groups[prop][groups[prop].index(old)] = new
        return changed
    if old is not None:
        changed = without_statement(changed, new["id"])
    changed[claims_key(changed)].setdefault(prop, []).append(new)
    return changed


def without_statement(entity: Json, guid: str) -> Json:
    """The entity without that statement; properties left empty vanish."""
    changed = copy.deepcopy(entity)
    key, wanted = claims_key(changed), guid.upper()
    kept = {
        prop: [one for one in group if one["id"].upper() != wanted]
        for prop, group in changed[key].items()
    }
    changed[key] = {prop: group for prop, group in kept.items() if group}
    return changed


def with_terms(entity: Json, key: str, terms: dict[str, Json]) -> Json:
    """Labels or descriptions replaced by language; an empty value or ``remove`` takes one away."""
    changed = copy.deepcopy(entity)
    for language, term in terms.items():
        if "remove" in term or not term.get("value"):
            changed[key].pop(language, None)
        else:
            changed[key][language] = {"language": language, "value": term["value"]}
    return changed


# --- comparing -----------------------------------------------------------------------------

_TERMS = ("labels", "descriptions")
Change = tuple[str, str, Json | None]
"""What is changed (a term kind or ``statement``), its key, and the new value (None: removed)."""


def difference(old: Json, new: Json) -> list[Change]:
    """What turns ``old`` into ``new``, one entry for each statement and each term."""
    changes: list[Change] = []
    for kind in (*_TERMS, "statement"):
        before, after = _parts(old, kind), _parts(new, kind)
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                changes.append((kind, key, after.get(key)))
    return changes


def _parts(entity: Json, kind: str) -> dict[str, Json]:
    if kind == "statement":
        return {one["id"]: one for one in statements(entity)}
    parts: dict[str, Json] = entity[kind]
    return parts


def patch(entity: Json, base: Json, changes: list[Change]) -> Json:
    """``entity`` with ``changes`` applied where they fit.

    A change of a statement that ``base`` had and ``entity`` has lost does not fit: it is left out.
    """
    for kind, key, value in changes:
        if kind != "statement":
            entity = with_terms(entity, kind, {key: value or {"remove": ""}})
        elif value is None:
            entity = without_statement(entity, key)
        elif find(base, key) is None or find(entity, key) is not None:
            entity = with_statement(entity, value)
    return entity


# --- what goes out -------------------------------------------------------------------------


def storage(entity: Json) -> Json:
    """The entity as its slot's JSON says it: PHP writes empty maps as lists."""
    keys = ("type", "id", *_TERMS, claims_key(entity))
    return {key: entity[key] or [] for key in keys}


def slot_size(entity: Json) -> int:
    """Bytes of the slot as ``rev_len`` counts them: of PHP's serialization, not of the JSON."""
    return len(php(storage(entity)).encode())


def slot_text(entity: Json) -> str:
    """The slot's content as it is read."""
    return json.dumps(storage(entity), ensure_ascii=False, separators=(",", ":"))


def with_datatypes(given: Any, datatypes: Datatypes) -> Any:
    """A copy of claims JSON in which every snak names its datatype."""
    if isinstance(given, list):
        return [with_datatypes(one, datatypes) for one in given]
    if not isinstance(given, dict):
        return given
    copied = {key: with_datatypes(one, datatypes) for key, one in given.items()}
    if "snaktype" in copied:
        copied["datatype"] = datatypes(copied["property"])
    return copied
