"""What a claim may name: properties and items that exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import entity as entities
from .. import errors
from .call import Call

Json = dict[str, Any]


def check_claim(call: Call, given: Json, guid: str) -> Json:
    """A claim of the client's as statement, after a look at all that it names."""
    made = entities.statement(given, guid, call.state.datatype)
    check_items(call, made)
    return made


def check_items(call: Call, statement: Json) -> None:
    """Refuse a statement that names a property or an item that is not there."""
    for snak in _snaks(statement):
        if call.state.datatype(snak["property"]) is None:
            raise errors.unknown_property(*link(call, snak["property"]))
        value = snak.get("datavalue", {})
        if value.get("type") == "wikibase-entityid":
            _check_exists(call, value["value"]["id"])


def _check_exists(call: Call, entity_id: str) -> None:
    items = call.state.items
    if items.entity(items.resolve(entity_id)) is None:
        raise errors.unknown_item(*link(call, entity_id))


def _snaks(part: Any) -> Iterator[Json]:
    if isinstance(part, list):
        for one in part:
            yield from _snaks(one)
    elif isinstance(part, dict):
        if "snaktype" in part:
            yield part
        for one in part.values():
            yield from _snaks(one)


def link(call: Call, entity_id: str) -> tuple[str, str]:
    """An entity as wikitext link and as HTML link."""
    title = f"d:Special:EntityPage/{entity_id}"
    url = f"{call.items}/wiki/Special:EntityPage/{entity_id}"
    return (
        f"[[{title}|{entity_id}]]",
        f'<a href="{url}" class="extiw" title="{title}">{entity_id}</a>',
    )
