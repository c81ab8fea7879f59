"""The load: requests at fixed moments over sockets of our own, bodies checked, delays honest.

Written for this: a client of HTTP that is as light as can be, because it shares its processor with
the database. One request a connection, as gunicorn's workers have it.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

TIMEOUT: Final = 20.0
"""Seconds after which a request counts as lost."""
EVERY: Final = 10
"""One request in so many is a decision."""
TOKENS: Final = 200
"""Offers kept for later decisions."""
SPREAD: Final = 20.0
"""Seconds over which others open their connections: the proxy's patience. All at once they would
all be ended, and come again, in one instant every time, as independent people never do."""
LANGUAGES: Final = ("en", "de", "fr")
_SLOW_BYTES: Final = b"POST /api/v1/files/M1/decisions HTTP/1.1\r\nHost: x\r\n"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the service listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: ``rate`` a second for ``seconds``, and which items each file must show."""

    rate: float
    seconds: float
    expected: Mapping[int, Sequence[str]]
    seed: int = 2


@dataclass(frozen=True, slots=True)
class Delays:
    """How long one kind of request took, in milliseconds."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Delays:
        """Percentiles of these; all 0 where there are none."""
        if len(seconds) < 2:
            return cls(len(seconds), 0.0, 0.0, 0.0, 0.0)
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        found = (cuts[49], cuts[94], cuts[98], max(seconds))
        return cls(len(seconds), *(round(one * 1000, 2) for one in found))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a measurement found."""

    throughput: float
    """Requests answered rightly, a second."""
    files: int
    """Different files that were read."""
    reads: Delays
    decisions: Delays
    errors: int
    kinds: Mapping[str, int] = field(default_factory=dict)
    """Errors by what they were."""
    others: Mapping[str, int] = field(default_factory=dict)
    """What those met who bother the service."""

    def beside(self, others: Mapping[str, int]) -> Figures:
        """The same with what the others met."""
        return replace(self, others=dict(others))


class Wrong(Exception):  # noqa: N818 - an answer that is not the one expected
    """An answer that is not the one expected; the message says in what."""


@dataclass(slots=True)
class _Taken:
    """What was found so far."""

    reads: list[float] = field(default_factory=list)
    decisions: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    offers: deque[tuple[int, str, str]] = field(default_factory=lambda: deque(maxlen=TOKENS))
    files: set[int] = field(default_factory=set)


async def measure(target: Target, plan: Plan) -> Figures:
    """Ask as planned; every request begins when it is due, whatever became of those before."""
    taken, count = _Taken(), int(plan.rate * plan.seconds)
    # Random numbers spread the reads; nothing here is secret.
    order = random.Random(plan.seed).choices(list(plan.expected), k=count)  # noqa: S311
    start = time.perf_counter() + 0.1
    tasks = []
    for number, file in enumerate(order):
        due = start + number / plan.rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_one(target, plan, taken, number, file, due)))
    await asyncio.gather(*tasks)
    took = time.perf_counter() - start
    done = len(taken.reads) + len(taken.decisions)
    return Figures(
        round(done / took, 2),
        len(taken.files),
        Delays.of(taken.reads),
        Delays.of(taken.decisions),
        taken.errors.total(),
        dict(taken.errors),
    )


async def _one(
    target: Target, plan: Plan, taken: _Taken, number: int, file: int, due: float
) -> None:
    try:
        async with asyncio.timeout(TIMEOUT):
            if number % EVERY == EVERY - 1 and taken.offers:
                await _decide(target, taken)
                taken.decisions.append(time.perf_counter() - due)
            else:
                await _read(target, plan, taken, number, file)
                taken.reads.append(time.perf_counter() - due)
    except (OSError, EOFError, TimeoutError, ValueError, Wrong) as error:
        taken.errors[f"{type(error).__name__}: {error}"[:80]] += 1


async def _read(target: Target, plan: Plan, taken: _Taken, number: int, file: int) -> None:
    path = f"/api/v1/files/M{file}/suggestions?lang={LANGUAGES[number % len(LANGUAGES)]}"
    status, headers, body = await _ask(target, f"GET {path}", b"")
    told = json.loads(body)
    shown = [one["item"] for one in told.get("suggestions", ())]
    if status != 200 or told.get("mid") != f"M{file}" or shown != [*plan.expected[file]]:
        raise Wrong(f"status {status}, {len(shown)} suggestions")
    token = headers.get("decision-token")
    if not token:
        raise Wrong("no token")
    taken.files.add(file)
    taken.offers.append((file, token, shown[number % len(shown)]))


async def _decide(target: Target, taken: _Taken) -> None:
    file, token, item = taken.offers.popleft()
    sent = {"token": token, "decisions": [{"item": item, "verdict": "rejected"}]}
    body = json.dumps(sent).encode()
    status, _, answer = await _ask(target, f"POST /api/v1/files/M{file}/decisions", body)
    if status != 201 or json.loads(answer).get("stored") != 1:
        raise Wrong(f"status {status} of a decision")


async def _ask(target: Target, line: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in small letters, and body of one request on a connection of its own."""
    reader, writer = await asyncio.open_connection(target.host, target.port)
    try:
        head = f"{line} HTTP/1.1\r\nHost: load.test\r\nConnection: close\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}\r\n".encode() + body)
        return _parsed(await reader.read(-1))
    finally:
        writer.close()


def _parsed(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    if len(body) != int(headers.get("content-length", "-1")):
        raise Wrong("a body of another length than its header says")
    return int(status.split()[1]), headers, body


@asynccontextmanager
async def bother(target: Target, idle: int, slow: int) -> AsyncIterator[Counter[str]]:
    """Meanwhile ``idle`` connections say nothing and ``slow`` crawl; each comes again when ended.

    Half of the slow ones send a decision, a byte a second; the others ask for a large page and
    read a byte a second.
    """
    met: Counter[str] = Counter()
    kinds: list[Any] = [_say_nothing] * idle + [_send_slowly, _read_slowly] * (slow // 2)
    tasks = []
    for kind in kinds:
        tasks.append(asyncio.create_task(_again(kind, target, met)))
        await asyncio.sleep(SPREAD / len(kinds))
    while met["opened"] < len(kinds):
        await asyncio.sleep(0.1)
    try:
        yield met
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _again(kind: Any, target: Target, met: Counter[str]) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection(target.host, target.port)
        except OSError:
            met["refused"] += 1
            await asyncio.sleep(1)
            continue
        met["opened"] += 1
        try:
            with suppress(OSError, EOFError):
                await kind(reader, writer)
            met["ended by the server"] += 1
        finally:
            writer.close()


async def _say_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def _send_slowly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for byte in _SLOW_BYTES + b"Content-Length: 1000\r\n\r\n" + b" " * 1000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1)


async def _read_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /gallery HTTP/1.1\r\nHost: load.test\r\n\r\n")
    while await reader.read(1):
        await asyncio.sleep(1)
