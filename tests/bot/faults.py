"""Faults of a server on the way to a bot, each a small named value.

A fault turns the whole answer of a sound wiki into what is sent instead, piece by piece: so the
wiki did what it was asked, and only the bot does not know. A number among the pieces is a pause.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

from tests.mediawiki.upstream import Answer

Pieces = tuple[bytes | float, ...]
DAYS: Final = 24 * 3600
JSON: Final = "application/json; charset=utf-8"
STALL: Final = 30.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent, after which the connection is closed; ``reset``: rudely."""

    pieces: Pieces = ()
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """``name`` as the table of the tests says it."""

    name: str
    spoil: Callable[[Answer], Sent]

    def __str__(self) -> str:
        return self.name


def head(status: int, headers: Iterable[tuple[str, Any]]) -> bytes:
    """Status line and headers as they are sent."""
    lines = [f"HTTP/1.1 {status} Fault", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1")


def whole(answer: Answer, *more: tuple[str, Any]) -> Sent:
    """The sound answer, with more headers."""
    headers = [*answer.headers, ("Content-Length", len(answer.body)), *more]
    return Sent((head(answer.status, headers) + answer.body,))


def instead(status: int, body: str, kind: str, *headers: tuple[str, Any]) -> Sent:
    """An answer that is not the wiki's."""
    told = body.encode()
    known = [("Content-Type", kind), ("Content-Length", len(told)), *headers]
    return Sent((head(status, known) + told,))


def half(answer: Answer) -> bytes:
    return answer.body[: len(answer.body) // 2]


# --- the connection ---

RESET: Final = Fault("reset", lambda _: Sent(reset=True))
CLOSED: Final = Fault("closed without a word", lambda _: Sent())
CUT: Final = Fault(
    "half an answer",
    lambda a: Sent((head(a.status, [*a.headers, ("Content-Length", len(a.body))]) + half(a),)),
)
CUT_UNTOLD: Final = Fault(
    "half an answer of no length", lambda a: Sent((head(a.status, a.headers) + half(a),))
)


def _chunked(answer: Answer) -> Sent:
    some = half(answer)
    chunk = f"{len(some):x}\r\n".encode() + some + b"\r\n"
    return Sent((head(answer.status, [*answer.headers, ("Transfer-Encoding", "chunked")]) + chunk,))


CUT_CHUNKS: Final = Fault("chunks without an end", _chunked)


def _length(answer: Answer, length: int) -> Sent:
    headers = [*answer.headers, ("Content-Length", length)]
    return Sent((head(answer.status, headers) + answer.body,))


TOO_SHORT: Final = Fault("a length too short", lambda a: _length(a, len(a.body) // 2))
TOO_LONG: Final = Fault("a length too long", lambda a: _length(a, 2 * len(a.body)))


def _late(answer: Answer) -> Sent:
    return Sent((STALL, *whole(answer).pieces))


def _stuck(answer: Answer) -> Sent:
    start = head(answer.status, [*answer.headers, ("Content-Length", len(answer.body))])
    some = half(answer)
    return Sent((start + some, STALL, answer.body[len(some) :]))


LATE: Final = Fault("30 s before the first byte", _late)
STUCK: Final = Fault("30 s in the middle", _stuck)

# --- the answer ---

PAGE: Final = "<!DOCTYPE html><title>Error</title><p>Our servers are under maintenance.</p>"
HTML: Final = Fault("HTML", lambda _: instead(200, PAGE, "text/html; charset=utf-8"))
HTML_AS_IMAGE: Final = Fault("HTML called an image", lambda _: instead(200, PAGE, "image/png"))
LIST: Final = Fault("a JSON list", lambda _: instead(200, '["busy"]', JSON))
WORD: Final = Fault("a JSON word", lambda _: instead(200, '"busy"', JSON))
NOTHING: Final = Fault("an empty object", lambda _: instead(200, "{}", JSON))


def _without_last(answer: Answer) -> Sent:
    """The same, and the last page or entity is not in it."""
    told = json.loads(answer.body)
    if "entities" in told:
        told["entities"].popitem()
    elif "pages" in told.get("query", {}):
        told["query"]["pages"].pop()
    return instead(answer.status, json.dumps(told), JSON)


PART: Final = Fault("an answer about some of the files", _without_last)
EMPTY: Final = Fault("an empty body", lambda _: instead(200, "", JSON))
EMPTY_IMAGE: Final = Fault("an empty image", lambda _: instead(200, "", "image/png"))
CHARSET: Final = Fault(
    "a charset that nobody knows", lambda _: instead(200, PAGE, "text/html; charset=klingon")
)


def status(code: int, *headers: tuple[str, Any], words: str = "") -> Fault:
    """An error page with this status."""
    told = f" with {words}" if words else ""
    return Fault(f"{code}{told}", lambda _: instead(code, PAGE, "text/html", *headers))


def later(seconds: float) -> str:
    """An HTTP date so far from now."""
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _by_date(seconds: float, skew: float = 0.0) -> Callable[[Answer], Sent]:
    """429 until a date; ``skew``: how far the server's clock is ahead."""

    def spoil(_: Answer) -> Sent:
        dates = ("Retry-After", later(seconds + skew)), ("Date", later(skew))
        return instead(429, PAGE, "text/html", *dates)

    return spoil


BUSY: Final = status(429)
BUSY_3: Final = status(429, ("Retry-After", "3"), words="Retry-After: 3")
BUSY_DATE: Final = Fault("429 with a date 4 s later", _by_date(4))
BUSY_AHEAD: Final = Fault("429 with a date of a clock 5 h ahead", _by_date(4, 5 * 3600))
BUSY_BEHIND: Final = Fault("429 with a date of a clock 5 h behind", _by_date(4, -5 * 3600))
BUSY_ODDLY: Final = status(429, ("Retry-After", "soon"), words="nonsense")
BUSY_DAYS: Final = status(429, ("Retry-After", 10 * DAYS), words="Retry-After: 10 days")
BUSY_FOREVER: Final = status(429, ("Retry-After", 10**30), words="Retry-After: 10^30")
BROKEN: Final = status(500)
BAD_GATEWAY: Final = status(502)
AWAY: Final = status(503)
AWAY_3: Final = status(503, ("Retry-After", "3"), words="Retry-After: 3")
TIMED_OUT: Final = status(504)
FORBIDDEN: Final = status(403)
WHOLE_BUT_BUSY: Final = Fault(
    "a sound answer with Retry-After: 10 days", lambda a: whole(a, ("Retry-After", 10 * DAYS))
)


def api_error(code: str, *headers: tuple[str, Any], **more: Any) -> Fault:
    """What MediaWiki answers with status 200."""
    told = {"error": {"code": code, "info": f"The wiki says {code}.", **more}}
    return Fault(f"API error {code}", lambda _: instead(200, json.dumps(told), JSON, *headers))


MAXLAG: Final = api_error("maxlag", ("Retry-After", "2"), lag=6.5, host="db1", type="db")
READ_ONLY: Final = api_error("readonly")
DATABASE: Final = api_error("internal_api_error_DBQueryError")
RATE: Final = api_error("ratelimited")


def redirect(code: int, to: str) -> Fault:
    """A redirect to another server."""
    return Fault(f"{code} to elsewhere", lambda _: instead(code, "", "text/html", ("Location", to)))


def clock(hours: float) -> Fault:
    """A sound answer of a server whose clock is so far ahead."""
    sign = "ahead" if hours > 0 else "behind"
    spoil = lambda a: whole(a, ("Date", later(hours * 3600)))  # noqa: E731
    return Fault(f"a clock {abs(hours):g} h {sign}", spoil)
