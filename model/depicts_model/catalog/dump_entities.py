"""What a catalog keeps of an entity in Wikidata's JSON.

Of each property the statements of the best rank count, as in the query service's ``wdt:``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from depicts_model import claims
from depicts_model.catalog.coordinates import Place, on_earth
from depicts_model.types import parse_qid

EDGES: Final = {
    "p31": claims.INSTANCE_OF,
    "p279": claims.SUBCLASS_OF,
    "p171": claims.PARENT_TAXON,
}
"""Kind of edge (schema.KINDS) to property."""
_EARTH: Final = "http://www.wikidata.org/entity/Q2"


@dataclass(frozen=True, slots=True)
class Facts:
    """An item as the dump has it; ids as whole numbers, sorted."""

    id: int
    modified: str
    """ISO 8601 day; empty where the dump does not say."""
    labels: dict[str, str]
    descriptions: dict[str, str]
    aliases: dict[str, list[str]]
    """Other names by language, sorted, each once."""
    human: bool
    """Said to be a human by any statement that is not deprecated, whatever is preferred."""
    p31: list[int]
    p279: list[int]
    p171: list[int]
    image: str | None
    latitude: float | None
    longitude: float | None
    commons_category: str | None
    taxon_name: str | None
    sitelinks: int
    unfit: str = ""
    """What is wrong with a value that was left out; empty where all are sound."""

    def stored(self) -> dict[str, Any]:
        """As values that JSON has; ``Facts(**stored)`` gives it back."""
        return asdict(self)


def facts_of(entity: Mapping[str, Any], languages: Collection[str]) -> Facts | None:
    """What is kept of an entity; None where it is no item (property, lexeme, redirect).

    Raises ValueError where it has not the shape of an entity.
    """
    if entity.get("type") != "item" or "redirect" in entity:
        return None
    try:
        return _facts(entity, languages)
    except (AttributeError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(f"not the shape of an item: {type(error).__name__} {error}") from None


def _facts(entity: Mapping[str, Any], languages: Collection[str]) -> Facts:
    statements = entity.get("claims") or {}
    above = {kind: _items(statements, prop) for kind, prop in EDGES.items()}
    (latitude, longitude), unfit = _place(statements)
    return Facts(
        id=int(parse_qid(entity["id"])[1:]),
        modified=str(entity.get("modified", ""))[:10],
        labels=_texts(entity.get("labels"), languages),
        descriptions=_texts(entity.get("descriptions"), languages),
        aliases=_aliases(entity.get("aliases"), languages),
        human=_is_human(statements),
        image=_text(statements, claims.IMAGE),
        latitude=latitude,
        longitude=longitude,
        commons_category=_text(statements, claims.COMMONS_CATEGORY),
        taxon_name=_text(statements, claims.TAXON_NAME),
        sitelinks=len(entity.get("sitelinks") or ()),
        unfit=unfit,
        **above,
    )


def _texts(found: Any, languages: Collection[str]) -> dict[str, str]:
    """PHP writes an empty object as an empty list."""
    named = found or {}
    chosen = {tag: named[tag]["value"] for tag in sorted(languages) if tag in named}
    return {tag: _checked(text) for tag, text in chosen.items() if text}


def _aliases(found: Any, languages: Collection[str]) -> dict[str, list[str]]:
    named = found or {}
    chosen = {tag: {_checked(one["value"]) for one in named.get(tag, ())} for tag in languages}
    return {tag: sorted(texts - {""}) for tag, texts in sorted(chosen.items()) if texts - {""}}


def _checked(text: Any) -> str:
    """``text``, which must be text that UTF-8 can hold (JSON can spell half a character)."""
    if not isinstance(text, str):
        raise ValueError(f"not a text: {text!r:.40}")
    text.encode()
    return text


def _values(statements: Mapping[str, Any], prop: str) -> Iterator[Any]:
    """Known values of the best rank. Where the best is not known, the next best is none either."""
    ranked: dict[str, list[Any]] = {"preferred": [], "normal": [], "deprecated": []}
    for statement in statements.get(prop, ()):
        ranked[statement["rank"]].append(statement["mainsnak"])
    yield from _known(ranked["preferred"] or ranked["normal"])


def _known(snaks: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """Neither somevalue nor novalue."""
    return (snak["datavalue"]["value"] for snak in snaks if snak["snaktype"] == "value")


def _is_human(statements: Mapping[str, Any]) -> bool:
    """A person whose job is the preferred class is a person."""
    found = statements.get(claims.INSTANCE_OF, ())
    valid = (one["mainsnak"] for one in found if one["rank"] != "deprecated")
    return any(value["id"] == claims.HUMAN for value in _known(valid))


def _items(statements: Mapping[str, Any], prop: str) -> list[int]:
    return sorted({int(parse_qid(value["id"])[1:]) for value in _values(statements, prop)})


def _text(statements: Mapping[str, Any], prop: str) -> str | None:
    value = next(_values(statements, prop), None)
    return None if value is None else _checked(value)


def _place(statements: Mapping[str, Any]) -> tuple[Place | tuple[None, None], str]:
    """The first place on Earth, and what is wrong with one that cannot be; empty where nothing is.

    One wrong number costs the item its place, not the catalog the item.
    """
    fault = ""
    for value in _values(statements, claims.COORDINATES):
        if value.get("globe", _EARTH) == _EARTH:
            try:
                return on_earth(value["latitude"], value["longitude"]), fault
            except ValueError as error:
                fault = fault or f"{claims.COORDINATES}: {error}"
    return (None, None), fault
