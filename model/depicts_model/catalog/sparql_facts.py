"""What a catalog keeps of an item, from rows of a SPARQL service; see sparql_queries.facts.

Where an item has several pictures, places or names of a kind and none is preferred, the first by
order of text counts, so that the same facts give the same catalog.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from depicts_model import claims
from depicts_model.catalog import sparql_queries as names
from depicts_model.catalog.coordinates import Place, on_earth, point_of
from depicts_model.catalog.dump_entities import EDGES, Facts
from depicts_model.types import Term, parse_qid

Row = Mapping[str, Term]
Values = Mapping[str, list[Term]]
"""The values of an item by the address of the property."""

_FILE: Final = "http://commons.wikimedia.org/wiki/Special:FilePath/"
_UNKNOWN: Final = "/.well-known/genid/"
"""In the address of a value that is not known (somevalue); others write a blank node."""
_EARTH: Final = (None, f"{names.ENTITY}Q2")


def number_of(address: str) -> int | None:
    """The number of the item at this address; None where it is no item."""
    base, _, name = address.rpartition("/")
    try:
        return int(parse_qid(name)[1:]) if f"{base}/" == names.ENTITY else None
    except ValueError:
        return None


def facts_of_rows(rows: Iterable[Row], languages: Iterable[str]) -> dict[int, Facts]:
    """The items that the rows are about, by number.

    Raises ValueError naming the item and the property where a value has not its shape.
    """
    found: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if not row.keys() >= {"item", "property", "value"}:
            raise ValueError("a row without item, property or value")
        found[row["item"].value][row["property"].value].append(row["value"])
    tags = {tag.lower(): tag for tag in languages}
    made = (_facts(item, values, tags) for item, values in found.items())
    return {one.id: one for one in made}


def _facts(item: str, values: Values, tags: Mapping[str, str]) -> Facts:
    number = number_of(item)
    if number is None:
        raise ValueError(f"{item:.80}: not an item")
    try:
        return _kept(number, values, tags)
    except ValueError as error:
        raise ValueError(f"Q{number}: {error}") from None


def _kept(number: int, values: Values, tags: Mapping[str, str]) -> Facts:
    (latitude, longitude), unfit = _place(_direct(values, claims.COORDINATES))
    above = {kind: _items(_direct(values, prop), prop) for kind, prop in EDGES.items()}
    files = sorted(_file(term) for term in _direct(values, claims.IMAGE))
    return Facts(
        id=number,
        modified=(_first(values.get(names.MODIFIED, ())) or "")[:10],
        labels=_one_each(_texts(values.get(names.LABEL, ()), tags)),
        descriptions=_one_each(_texts(values.get(names.DESCRIPTION, ()), tags)),
        aliases=_texts(values.get(names.ALIAS, ()), tags),
        human=bool(values.get(names.STATED_CLASS)),
        image=next(iter(files), None),
        latitude=latitude,
        longitude=longitude,
        commons_category=_first(_direct(values, claims.COMMONS_CATEGORY)),
        taxon_name=_first(_direct(values, claims.TAXON_NAME)),
        sitelinks=_count(values.get(names.SITELINKS, ())),
        unfit=unfit,
        **above,
    )


def _direct(values: Values, prop: str) -> list[Term]:
    """The values of a property that are known."""
    found = values.get(f"{names.DIRECT}{prop}", [])
    return [term for term in found if term.kind != "bnode" and _UNKNOWN not in term.value]


def _items(terms: Iterable[Term], prop: str) -> list[int]:
    numbers = set()
    for term in terms:
        number = number_of(term.value)
        if number is None:
            raise ValueError(f"{prop}: not an item: {term.value[:80]!r}")
        numbers.add(number)
    return sorted(numbers)


def _file(term: Term) -> str:
    name = unquote(term.value.removeprefix(_FILE), errors="strict")
    if term.kind != "uri" or name == term.value:
        raise ValueError(f"{claims.IMAGE}: not the address of a file: {term.value[:80]!r}")
    return name.replace("_", " ")


def _place(terms: Iterable[Term]) -> tuple[Place | tuple[None, None], str]:
    """The first place on Earth, and what is wrong with one that cannot be; empty where nothing is.

    Raises ValueError where a value is no point.
    """
    fault = ""
    for text in sorted(term.value for term in terms):
        try:
            globe, *degrees = point_of(text)
        except ValueError as error:
            raise ValueError(f"{claims.COORDINATES}: {error}") from None
        if globe not in _EARTH:
            continue
        try:
            return on_earth(*degrees), fault
        except ValueError as error:
            fault = fault or f"{claims.COORDINATES}: {error}"
    return (None, None), fault


def _texts(terms: Iterable[Term], tags: Mapping[str, str]) -> dict[str, list[str]]:
    """Texts by language as it was asked for: services differ in how they write a tag's case."""
    found: dict[str, list[str]] = defaultdict(list)
    for term in terms:
        tag = tags.get(term.language.lower())
        if tag is not None and term.value:
            found[tag].append(term.value)
    return {tag: sorted(set(texts)) for tag, texts in sorted(found.items())}


def _one_each(texts: Mapping[str, list[str]]) -> dict[str, str]:
    return {tag: found[0] for tag, found in texts.items()}


def _first(terms: Iterable[Term]) -> str | None:
    return min((term.value for term in terms), default=None)


def _count(terms: Iterable[Term]) -> int:
    text = _first(terms) or "0"
    if not text.isdecimal():
        raise ValueError(f"sitelinks: not a count: {text[:80]!r}")
    return int(text)
