"""Pages of JSON by which people on the wiki steer us, read strictly.

An unknown key is an error, since a misspelt one would silently leave a safety limit off; so is a
key that is given twice, of which JSON's readers silently keep the last.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Collection
from typing import Any, Final

from depicts_model.errors import ConfigurationError
from depicts_model.types import Qid, parse_qid

_SHOWN: Final = 60
"""Characters of a value that an error repeats."""


def read(text: str, where: str, keys: Collection[str]) -> dict[str, Any]:
    """The object that a page holds, with no keys but ``keys``.

    ``where``: the page's title. Raises ConfigurationError naming it and the key at fault, and
    for an unknown key the nearest valid one.
    """
    values = _object(_json(text, where), where)
    for key in values:
        if key not in keys:
            raise ConfigurationError(f"{where}: unknown key {short(key)}; {_nearest(key, keys)}")
    return values


def items(value: Any, where: str) -> dict[Qid, str]:
    """An object of item ids, each with the reason; raises ConfigurationError."""
    found = {_item(key, where): reason for key, reason in _object(value, where).items()}
    for qid, reason in found.items():
        _check_reason(qid, reason, where)
    return found


def reasons(value: Any, where: str) -> dict[str, str]:
    """An object of names, each with the reason; raises ConfigurationError."""
    named = _object(value, where)
    for key, reason in named.items():
        _check_reason(key, reason, where)
    return named


def short(value: Any) -> str:
    """A value as an error may repeat it."""
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _json(text: str, where: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for key, times in Counter(key for key, _ in pairs).items():
            if times > 1:
                raise ConfigurationError(f"{where}: {short(key)} is given twice")
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{where}: not JSON: {error}") from None


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"{where}: must be an object, not {short(value)}")
    return value


def _item(text: str, where: str) -> Qid:
    try:
        return parse_qid(text)
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _check_reason(key: str, reason: Any, where: str) -> None:
    if not isinstance(reason, str) or not reason.strip():
        fault = f"the reason must be a text, not {short(reason)}"
        raise ConfigurationError(f"{where}: {short(key)[1:-1]}: {fault}")


def _nearest(key: str, keys: Collection[str]) -> str:
    near = difflib.get_close_matches(key[:_SHOWN].lower(), keys, n=1, cutoff=0.0)[0]
    return f"the nearest valid one is {near!r}"
