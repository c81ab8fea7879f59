"""Lists in pieces: limits, directions and the marks at which a list goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from .. import errors
from .call import Call

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(slots=True)
class Listing:
    """A piece of a list.

    ``pages`` are the page ids, for use as a generator; ``more`` is the parameter that goes on
    and its value, None at the end; ``beside`` stands in the answer next to the list.
    """

    rows: list[Json]
    pages: list[int] = field(default_factory=list)
    more: tuple[str, str] | None = None
    beside: Json = field(default_factory=dict)


def stamp(timestamp: str) -> str:
    """``2026-11-21T09:01:17Z`` as ``20261121090117``."""
    return re.sub(r"\D", "", timestamp)


def moment(call: Call, name: str) -> str | None:
    """A timestamp parameter as 14 digits; None where it was not given."""
    text = call.get(name)
    if not text:
        return None
    if text == "now":
        return f"{call.state.clock():%Y%m%d%H%M%S}"
    if re.fullmatch(r"\d{14}", text):
        return text
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise errors.bad_timestamp(name, text) from None
    return f"{parsed.astimezone(UTC) if parsed.tzinfo else parsed:%Y%m%d%H%M%S}"


def piece(
    call: Call,
    rows: Sequence[T],
    name: str,
    limit: int,
    key: Callable[[T], str],
    shift: bool = False,
) -> tuple[list[T], tuple[str, str] | None]:
    """The rows from the mark in parameter ``name`` on, and the mark of the row after them.

    ``key`` gives a row's mark. A mark whose row is gone starts at the beginning of what is left
    with a greater one; ``shift`` is for lists that run backwards.
    """
    mark = call.get(name)
    start = _start([key(row) for row in rows], mark, shift) if mark else 0
    if mark and "|" not in mark and "|" in (key(rows[0]) if rows else ""):
        raise errors.bad_continue()
    some = list(rows[start : start + limit])
    rest = rows[start + limit : start + limit + 1]
    return some, (name, key(rest[0])) if rest else None


def _start(marks: list[str], mark: str, backwards: bool) -> int:
    if mark in marks:
        return marks.index(mark)
    wanted = _order(mark)
    for index, one in enumerate(marks):
        if _order(one) <= wanted if backwards else _order(one) >= wanted:
            return index
    return len(marks)


def _order(mark: str) -> tuple[str, int, str]:
    head, _, tail = mark.partition("|")
    return head, int(tail) if tail.isdigit() else 0, tail


def window(
    call: Call, rows: Sequence[T], prefix: str, time: Callable[[T], str], newer: bool
) -> list[T]:
    """The rows between ``<prefix>start`` and ``<prefix>end``, in the direction asked for."""
    start, end = moment(call, prefix + "start"), moment(call, prefix + "end")
    low, high = (start, end) if newer else (end, start)
    kept = [
        row
        for row in rows
        if (low is None or stamp(time(row)) >= low) and (high is None or stamp(time(row)) <= high)
    ]
    return kept if newer else kept[::-1]
