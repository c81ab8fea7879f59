"""Hashes and sizes as PHP and Wikibase compute them; pure arithmetic on values.

Wikibase hashes PHP's own serialization of its value objects, and counts the size of an entity's
slot as that of its PHP serialization, so that is spelled out here.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Json = dict[str, Any]

_SNAKS = "Wikibase\\DataModel\\Snak\\"
_ENTITY = "Wikibase\\DataModel\\Entity\\"
_SNAK_CLASS = {
    "value": _SNAKS + "PropertyValueSnak",
    "somevalue": _SNAKS + "PropertySomeValueSnak",
    "novalue": _SNAKS + "PropertyNoValueSnak",
}
_ID_CLASS = {"item": _ENTITY + "ItemId", "property": _ENTITY + "NumericPropertyId"}


def sha1(text: str) -> str:
    """Hexadecimal SHA-1 of the UTF-8 bytes."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def base36(hexadecimal: str) -> str:
    """A SHA-1 as the upload log writes it: base 36, 31 digits."""
    number, digits = int(hexadecimal, 16), ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits.rjust(31, "0")


def snak_hash(snak: Json) -> str:
    """The hash of a snak.

    Exact for items, properties, strings, somevalue and novalue; for the other value types (time,
    quantity, coordinate, monolingual text) it is stable, but not Wikibase's number.
    """
    kind, prop = snak["snaktype"], snak["property"]
    body = prop
    if kind == "value":
        body = f"a:2:{{i:0;{php(prop)}i:1;{_data_value(snak['datavalue'])}}}"
    return sha1(_object(_SNAK_CLASS[kind], body))


def reference_hash(snaks: dict[str, list[Json]]) -> str:
    """The hash of a reference: the hash of its snaks' hashes, in order of hash."""
    return sha1("|".join(sorted(snak["hash"] for group in snaks.values() for snak in group)))


def _data_value(data: Json) -> str:
    value = data["value"]
    if data["type"] == "wikibase-entityid":
        inner = _object(_ID_CLASS.get(value["entity-type"], _ENTITY + "EntityId"), value["id"])
        return _object(_ENTITY + "EntityIdValue", inner)
    if data["type"] == "string":
        return _object("DataValues\\StringValue", value)
    return json.dumps(data, sort_keys=True)


def _object(name: str, data: str) -> str:
    return f'C:{len(name)}:"{name}":{len(data.encode())}:{{{data}}}'


def php(value: Any) -> str:
    """PHP's ``serialize()`` of strings, numbers, booleans, null, lists and dicts."""
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if value is None:
        return "N;"
    if isinstance(value, (int, float)):
        return f"{'i' if isinstance(value, int) else 'd'}:{value};"
    pairs = list(enumerate(value) if isinstance(value, list) else value.items())
    return f"a:{len(pairs)}:{{{''.join(php(key) + php(item) for key, item in pairs)}}}"


def page_name(title: str) -> str:
    """The name of a file: its title without the namespace, with underscores."""
    return title.partition(":")[2].replace(" ", "_")


def image_path(title: str) -> str:
    """``a/ab/Name.jpg``: where MediaWiki keeps an original."""
    name = page_name(title)
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return f"{digest[0]}/{digest[:2]}/{name}"
