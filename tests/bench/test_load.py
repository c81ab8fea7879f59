"""The load test can fail: it sees what stands still, and what answers wrongly or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from bench import load
from bench.load_client import Delays, Figures, Plan, Target, bother, measure

Answer = Callable[[str, bytes], Awaitable[tuple[int, dict[str, Any]]]]
EXPECTED = {1: ["Q1", "Q2"], 2: ["Q3"]}


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Target]:
    """A service that answers so."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.lower().partition("content-length: ")[2].split("\r\n")[0] or 0)
            status, told = await answer(head.splitlines()[0], await reader.readexactly(length))
            body = json.dumps(told).encode()
            start = (
                f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nDecision-Token: t\r\n\r\n"
            )
            writer.write(start.encode() + body)
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        yield Target(*server.sockets[0].getsockname())


async def right(line: str, _body: bytes) -> tuple[int, dict[str, Any]]:
    number = int(line.split("/M")[1].split("/")[0])
    if line.startswith("POST"):
        return 201, {"stored": 1}
    return 200, {"mid": f"M{number}", "suggestions": [{"item": q} for q in EXPECTED[number]]}


def measured(
    answer: Answer, rate: float = 100, seconds: float = 0.5, others: int = 0
) -> tuple[Figures, dict[str, int]]:
    async def run() -> tuple[Figures, dict[str, int]]:
        async with serving(answer) as target:
            beside: AbstractAsyncContextManager[dict[str, int]] = bother(target, others, others)
            async with beside as met:
                return await measure(target, Plan(rate, seconds, EXPECTED)), dict(met)

    return asyncio.run(run())


@pytest.mark.slow
def test_all_that_is_asked_is_answered_and_counted() -> None:
    figures, _ = measured(right)
    # where no offer has come yet, one more is read
    assert figures.reads.count + figures.decisions.count == 50 and figures.errors == 0
    assert 1 <= figures.decisions.count <= 5
    assert figures.files == 2 and 0 < figures.throughput <= 102
    assert 0 < figures.reads.p50_ms <= figures.reads.p95_ms <= figures.reads.max_ms


@pytest.mark.slow
def test_a_service_that_stands_still_delays_all_that_were_due_meanwhile() -> None:
    """A client that waited for each answer would have asked, and been delayed, once."""
    seen = {"first": True}

    async def stalls(line: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if seen.pop("first", False):
            stalls.until = asyncio.get_running_loop().time() + 0.4  # type: ignore[attr-defined]
        await asyncio.sleep(stalls.until - asyncio.get_running_loop().time())  # type: ignore[attr-defined]
        return await right(line, body)

    figures, _ = measured(stalls)
    assert figures.reads.max_ms >= 390 and figures.reads.p50_ms >= 50


@pytest.mark.parametrize(
    ("status", "change"),
    [
        (200, {"suggestions": [{"item": "Q9"}]}),
        (200, {"suggestions": []}),
        (200, {"mid": "M7"}),
        (202, {}),
        (503, {"code": "unavailable"}),
    ],
)
def test_an_answer_that_is_not_the_stored_one_is_an_error(
    status: int, change: dict[str, Any]
) -> None:
    async def wrong(line: str, body: bytes) -> tuple[int, dict[str, Any]]:
        return status, {**(await right(line, body))[1], **change}

    figures, _ = measured(wrong, seconds=0.1)
    assert (figures.reads.count, figures.errors) == (0, 10)
    assert sum(figures.kinds.values()) == 10


@pytest.mark.slow
def test_a_decision_that_is_not_stored_is_an_error() -> None:
    async def forgets(line: str, body: bytes) -> tuple[int, dict[str, Any]]:
        return (200, {"stored": 0}) if line.startswith("POST") else await right(line, body)

    figures, _ = measured(forgets)
    assert figures.decisions.count == 0 and 1 <= figures.errors <= 5
    assert {*figures.kinds} == {"Wrong: status 200 of a decision"}


@pytest.mark.slow
def test_others_hold_their_connections_and_come_again() -> None:
    async def slow_to_say(line: str, body: bytes) -> tuple[int, dict[str, Any]]:
        return (200, {}) if "gallery" in line else await right(line, body)

    figures, met = measured(slow_to_say, others=10)
    assert figures.errors == 0 and met["opened"] >= 20


def test_percentiles_are_of_milliseconds() -> None:
    assert Delays.of([n / 1000 for n in range(1, 102)]) == Delays(101, 51.0, 96.0, 100.0, 101.0)
    assert Delays.of([]) == Delays(0, 0.0, 0.0, 0.0, 0.0)


def test_what_was_last_measured_is_what_the_command_writes() -> None:
    """And the goals are held, or the row says that they are not."""
    if not load.WRITTEN.exists():
        pytest.skip("make load has not been run")
    told = json.loads(load.WRITTEN.read_text(encoding="utf-8"))
    rows = [told["direct"], told["behind nginx, bothered"]]
    for row, goal in zip(rows, (load.GOAL_MS, load.GOAL_BOTHERED_MS), strict=True):
        assert row["held"] is (row["reads"]["p95_ms"] <= goal and row["errors"] == 0)
    assert told["held"] is all(row["held"] for row in rows)
    assert str(int(load.SECONDS)) in told["conditions"] and "12,000" in told["conditions"]
