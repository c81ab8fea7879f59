"""Reads the answer of a SELECT query in JSON (W3C, SPARQL 1.1 Query Results JSON Format, 2013).

https://www.w3.org/TR/sparql11-results-json/: ``head.vars`` names the variables,
``results.bindings`` holds an object a row, in which an unbound variable is absent.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from depicts_model.errors import UnfinishedError, WikiError
from depicts_model.types import Term

Row = Mapping[str, Term]
"""Variable to value; an unbound variable is absent."""

TIMED_OUT: Final = b"TimeoutException"
"""What Wikidata's service writes into an answer already begun, when its time is over."""
_KINDS: Final = {
    "uri": "uri",
    "literal": "literal",
    "typed-literal": "literal",  # of the format's first version, which old services still write
    "bnode": "bnode",
}

_JSON_TYPES: Final[dict[type, str]] = {dict: "an object", list: "an array", str: "a string"}


def parse(body: bytes, where: str) -> list[Row]:
    """The rows of the answer ``body`` of the service at ``where``.

    Raises UnfinishedError where the answer is cut short, WikiError (``bad-answer``) naming the
    service, the row and the variable where it has not the format's shape.
    """
    try:
        return _rows(_loaded(body, where))
    except ValueError as error:
        raise WikiError("bad-answer", f"{where}: {error}") from None


def _loaded(body: bytes, where: str) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as error:
        if TIMED_OUT in body:
            told = f"{where}: the query took longer than it may"
            raise UnfinishedError("timeout", told) from None
        if body.lstrip()[:1] == b"{" and body.rstrip()[-1:] != b"}":
            told = f"{where}: cut short after {len(body)} bytes"
            raise UnfinishedError("cut-short", told) from None
        raise ValueError(f"not JSON: {error}") from None


def _rows(found: Any) -> list[Row]:
    names = _of(_of(found, "head", dict, "answer"), "vars", list, "head")
    bindings = _of(_of(found, "results", dict, "answer"), "bindings", list, "results")
    known = {name for name in names if isinstance(name, str)}
    return [_row(one, known, f"row {number}") for number, one in enumerate(bindings, start=1)]


def _of(found: Any, key: str, kind: type, where: str) -> Any:
    if not isinstance(found, dict) or not isinstance(found.get(key), kind):
        raise ValueError(f"{where}: no {key!r} that is {_JSON_TYPES[kind]}")
    return found[key]


def _row(found: Any, known: Collection[str], where: str) -> Row:
    if not isinstance(found, dict):
        raise ValueError(f"{where}: not an object")
    for name in found:
        if name not in known:
            raise ValueError(f"{where}: ?{name:.40} is not among the variables of the head")
    return {name: _term(value, f"{where}: ?{name}") for name, value in found.items()}


def _term(found: Any, where: str) -> Term:
    kind = _KINDS.get(_of(found, "type", str, where))
    if kind is None:
        raise ValueError(f"{where}: type {found['type']!r:.40} is none of {', '.join(_KINDS)}")
    language = found.get("xml:lang", "")
    if not isinstance(language, str):
        raise ValueError(f"{where}: 'xml:lang' is not a string")
    return Term(kind, _of(found, "value", str, where), language)
