"""What a file page's wikitext says about the picture; pure, and calm about broken wikitext."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

Location = tuple[float, float]

MAX_CHARACTERS: Final = 100_000
"""A longer page is read up to here: the description stands at the top."""
MAX_EFFORT: Final = 4_000_000
"""Unclosed marks times characters: the parser looks for the end of each to the end of the page."""
UNDETERMINED: Final = "und"

# The families whose files depict a work of its own (decided 2026-11: see the package's rules).
_WORKS: Final = frozenset({"artwork", "art photo", "book", "map"})
_DESCRIBED: Final = frozenset({"information"}) | _WORKS
_FIELDS: Final = {
    "title": "title",
    "artist": "artist",
    "author": "artist",
    "cartographer": "artist",
    "object type": "kind",
    "medium": "medium",
    "technique": "medium",
    "date": "date",
    "institution": "institution",
    "wikidata": "item",
}
"""What an artwork, book or map template says of the work, under one name each."""
_US: Final = "suggest-depicts"
"""By which the templates for bots may name us, whatever the operator's account is called."""
_MANY_LANGUAGES: Final = frozenset({"mld", "multilingual description", "langswitch"})
_LOCATIONS: Final = frozenset({"location", "location dec", "camera location", "location dms"})
_MARKS: Final = re.compile(
    r"(?P<open>\{\{|\{\||<(?=[a-z!])|\[(?=[a-z/])|^[:*#]*;|^[:*#]{4})|(?P<shut>\}\}|\|\}|</|/>|-->|\])",
    re.IGNORECASE | re.MULTILINE,
)
"""What the parser looks for the end of, and such ends; roughly, for counting."""
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}")
_DMS: Final = 8
"""Degrees, minutes, seconds and a letter, twice."""


@dataclass(frozen=True, slots=True)
class PageText:
    """The parts of a file page that are evidence."""

    description: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Language code to plain text; ``und`` where the page names no language."""
    location: Location | None = None
    """Where the camera stood: latitude, longitude in degrees."""
    artwork: bool = False
    """The page uses an artwork, art photo, book or map template."""
    work: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What the first of these says of the work, as plain text: the values of ``_FIELDS``."""
    templates: frozenset[str] = frozenset()
    """Names of all templates on the page, in small letters."""
    asks_bots_to_stay: bool = False
    """``nobots``, or ``bots`` with words that mean us."""


def read(text: str) -> PageText:
    """Read a page; what cannot be understood is left out, and nothing is raised."""
    import mwparserfromhell

    try:
        templates = mwparserfromhell.parse(_affordable(text)).filter_templates()
        return _read(templates)
    except (mwparserfromhell.parser.ParserError, RecursionError):
        return PageText()


def _affordable(text: str) -> str:
    """The part from the top that is parsed in a second or two, whatever it holds.

    Of a page that leaves a thousand templates open the parser would make minutes (2026-11: four
    characters, fifty thousand times); a page whose marks are closed is read whole.
    """
    unclosed = 0
    for mark in _MARKS.finditer(text, 0, MAX_CHARACTERS):
        unclosed = max(unclosed + (1 if mark["open"] else -1), 0)
        if unclosed * mark.start() > MAX_EFFORT:
            return text[: mark.start()]
    return text[:MAX_CHARACTERS]


def _read(templates: list[Any]) -> PageText:
    named = [(_name(template), template) for template in templates]
    description: dict[str, str] = {}
    for name, template in named:
        if name in _DESCRIBED:
            description = _description(template) | description
    places = (_location(template) for name, template in named if name in _LOCATIONS)
    works = [template for name, template in named if name in _WORKS]
    return PageText(
        MappingProxyType(description),
        next((place for place in places if place), None),
        bool(works),
        MappingProxyType(_work(works[0]) if works else {}),
        frozenset(name for name, _ in named if name),
        any(_excludes_us(name, template) for name, template in named),
    )


def _work(template: Any) -> dict[str, str]:
    """The fields of the work; of two that mean the same the first with a text."""
    found: dict[str, str] = {}
    for parameter in template.params:
        key = _FIELDS.get(str(parameter.name).replace("_", " ").strip().lower())
        if key and (text := _plain(parameter.value)):
            found.setdefault(key, text)
    return found


def _excludes_us(name: str, template: Any) -> bool:
    """What ``nobots`` and ``bots`` mean to all bots, though those edit pages and we do not."""
    if name == "nobots":
        return not template.params
    if name != "bots":
        return False
    said = {str(p.name).strip().lower(): _listed(p.value) for p in template.params}
    if "allow" in said:
        return not said["allow"] & {"all", _US}
    return bool(said.get("deny", set()) & {"all", _US})


def _listed(value: Any) -> set[str]:
    return {" ".join(part.split()).lower() for part in str(value).split(",")}


def _name(template: Any) -> str:
    """The template's name as titles compare: one space, no namespace, first letter small."""
    name = " ".join(str(template.name).replace("_", " ").split())
    return name.lower().removeprefix("template:").strip()


def _description(template: Any) -> dict[str, str]:
    for parameter in template.params:
        if str(parameter.name).strip().lower() == "description":
            return _by_language(parameter.value)
    return {}


def _by_language(code: Any) -> dict[str, str]:
    """Texts by language; what stands outside the language templates is undetermined."""
    texts: dict[str, str] = {}
    for template in code.filter_templates(recursive=code.RECURSE_OTHERS):
        for language, value in _languages(template):
            if text := _plain(value):
                texts.setdefault(language, text)
    if text := _plain(code):
        texts.setdefault(UNDETERMINED, text)
    return texts


def _languages(template: Any) -> Iterator[tuple[str, Any]]:
    name = _name(template)
    if name in _MANY_LANGUAGES:
        for parameter in template.params:
            language = str(parameter.name).strip().lower()
            if _LANGUAGE.fullmatch(language):
                yield language, parameter.value
    elif _LANGUAGE.fullmatch(name) and template.has("1"):
        yield name, template.get("1").value


def _plain(code: Any) -> str:
    """Text without markup, in one line."""
    return " ".join(code.strip_code().split())


def _location(template: Any) -> Location | None:
    values = [str(p.value).strip() for p in template.params if not p.showkey]
    reader: Callable[[list[str]], Location] = _dms if len(values) >= _DMS else _decimal
    try:
        latitude, longitude = reader(values)
    except (ValueError, IndexError):
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _decimal(values: list[str]) -> Location:
    return float(values[0]), float(values[1])


def _dms(values: list[str]) -> Location:
    return _angle(values[:4], "NS"), _angle(values[4:8], "EW")


def _angle(values: list[str], letters: str) -> float:
    degrees, minutes, seconds = (float(value or 0) for value in values[:3])
    if values[3].upper() not in tuple(letters):
        raise ValueError(f"not one of {letters}: {values[3]!r}")
    sign = -1 if values[3].upper() == letters[1] else 1
    return sign * (degrees + minutes / 60 + seconds / 3600)
