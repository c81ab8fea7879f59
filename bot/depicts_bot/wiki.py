"""What the rest of the bot asks of a wiki."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

from depicts_model.errors import WikiError

Json = dict[str, Any]
T = TypeVar("T")

LOW_LIMIT: Final = 50
HIGH_LIMIT: Final = 500
LATER: Final = 300.0
"""Seconds until a wiki that is out of order may be asked again."""


class Wiki(Protocol):
    """A wiki that we are logged in to; ``site.LoggedIn`` is the real one."""

    @property
    def api(self) -> str:
        """Address of its Action API."""

    @property
    def high_limits(self) -> bool:
        """Whether a request may name 500 pages (right ``apihighlimits``) or only 50."""

    def ask(self, **parameters: str) -> Json:
        """One request, answered in formatversion 2; raises WikiError."""


def limit(wiki: Wiki) -> int:
    """How many pages or entities one request may name."""
    return HIGH_LIMIT if wiki.high_limits else LOW_LIMIT


def ask_all(wiki: Wiki, **parameters: str) -> Iterator[Json]:
    """The ``query`` parts of the answers, following ``continue`` until there is none."""
    more: Json = {}
    while True:
        answer = wiki.ask(**_going_on(parameters, more))
        yield part(wiki, answer, "query")
        more = answer.get("continue", {})
        if not more:
            return


def _going_on(parameters: Json, more: Json) -> dict[str, str]:
    """Where a list goes on at a place that was asked for, too, the answer's is meant."""
    return {**parameters, **{key: str(value) for key, value in more.items()}}


def ask_whole(wiki: Wiki, **parameters: str) -> Iterator[list[Json]]:
    """As ``ask_all``, together what tells of the same pages: a large answer comes in parts."""
    more: Json = {}
    parts: list[Json] = []
    while True:
        answer = wiki.ask(**_going_on(parameters, more))
        # a generator that finds nothing has no such part
        complete = bool(answer.get("batchcomplete"))
        parts.append({} if complete and "query" not in answer else part(wiki, answer, "query"))
        more = answer.get("continue", {})
        if complete:
            yield parts
            parts = []
        if not more:
            return


def part(wiki: Wiki, answer: Json, name: str) -> Json:
    """A part that every good answer has; raises WikiError where this one has not."""
    if not isinstance(answer.get(name), dict):
        raise WikiError("unexpected-answer", f"{wiki.api}: no {name!r} in the answer", LATER)
    found: Json = answer[name]
    return found


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """``values`` in order, at most ``size`` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
