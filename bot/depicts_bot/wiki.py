"""What the rest of the bot asks of a wiki."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

Json = dict[str, Any]
T = TypeVar("T")

LOW_LIMIT: Final = 50
HIGH_LIMIT: Final = 500


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
    """The answers to a query, following ``continue`` until there is none."""
    more: Json = {}
    while True:
        answer = wiki.ask(**parameters, **{key: str(value) for key, value in more.items()})
        yield answer
        more = answer.get("continue", {})
        if not more:
            return


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """``values`` in order, at most ``size`` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
