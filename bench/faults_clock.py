"""Faults of the clock: it jumps, forwards and back, while the service and the worker run.

A small library, compiled from the C beside this file and loaded before libc, gives a process the
time that a file says; the clocks that only grow stay true, as they do when a real one jumps.
Debian's faketime 0.9.10 would be that library, but Python's ``time.sleep`` fails under it (EINVAL).
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Final

from bench.faults_client import ask, said
from bench.faults_kinds import Fault
from bench.faults_ledger import Seen
from bench.faults_stand import Stand, until
from bench.faults_worker import nobody_waits
from bench.faults_workshop import opened
from depicts_model.types import mid_of

SOURCE: Final = Path(__file__).with_suffix(".c")
COMPILER: Final = "cc"
HOUR: Final = 3600
WEEK: Final = 7 * 24 * HOUR
A_MINUTE: Final = 60
LIMIT: Final = 40
"""Requests a minute about a page, while the clock jumps."""


def movable(folder: Path) -> tuple[Path, dict[str, str]]:
    """A file that says by how much a clock is off, and the environment that makes it hold."""
    library, clock = folder / "clock.so", folder / "clock"
    options = ["-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE)]
    subprocess.run([COMPILER, *options], check=True)
    jump(clock, 0)
    return clock, {"LD_PRELOAD": str(library), "FAULTS_CLOCK": str(clock)}


def jump(file: Path, seconds: int) -> None:
    """Set the clock by so much from now."""
    draft = file.with_suffix(".new")
    draft.write_text(f"{seconds:+d}\n", encoding="ascii")
    draft.replace(file)


def of_the_service(stand: Stand) -> Seen:
    """A week ahead and back: tokens; an hour ahead and back: limits."""
    clock, environment = movable(stand.place())
    limits = {"page_requests_per_minute": str(LIMIT)}
    with stand.own(environment, **limits) as scene:
        client, checks = scene.client, {}
        early = said(mid_of(1), client.read(1), "accepted")  # type: ignore[arg-type]
        jump(clock, WEEK + HOUR)
        expired = ask(client.address, "POST", "/api/v1/files/M1/decisions", early.body)
        checks["a week later it has expired"] = bool(
            expired and expired.told.get("code") == "token-expired"
        )
        ahead = said(mid_of(2), client.read(2), "rejected")  # type: ignore[arg-type]
        jump(clock, 0)
        checks["now it has not"] = client.decide(early)
        checks["an offer of the future is one"] = client.decide(ahead)
        waits: list[int] = []
        for ahead_by, times in ((HOUR, LIMIT), (0, 3 * LIMIT)):
            jump(clock, ahead_by)
            answers = [client.read(3) for _ in range(times)]
            refused = [one for one in answers if one and one.status == 429]
            waits += [int(one.headers["retry-after"]) for one in refused]
        checks["nobody waits longer than a minute"] = bool(waits) and max(waits) <= A_MINUTE
        scene.whole(4)
        return scene.seen(checks, longest_retry_after_s=max(waits, default=0))


def of_the_worker(stand: Stand) -> Seen:
    """A worker that is an hour ahead takes the lease and a file, and is killed; then one whose
    clock jumps while it works.
    """
    shop = opened(stand)
    scene, (clock, environment) = shop.scene(), movable(stand.place())
    shop.kill()
    jump(clock, HOUR)
    shop.begin(**environment)
    first = shop.file()
    shop.ask(scene, first)
    shop.answered(scene, first)
    since = shop.kill()
    jump(clock, 0)
    second = shop.file()
    shop.ask(scene, second)
    shop.begin(**environment)
    until(lambda: shop.stored(second), what="work after an hour ahead")
    took = time.monotonic() - since
    for seconds in (HOUR, -HOUR, 0):
        jump(clock, seconds)
        number = shop.file()
        shop.ask(scene, number)
        shop.answered(scene, number)
    scene.logs, scene.recovered_s = tuple(shop.logs[-2:]), took
    checks = {"the worker went on": shop.workers[-1].poll() is None, **nobody_waits(shop)}
    shop.kill()
    return scene.seen(checks)


FAULTS: Final = (
    Fault("clock of the service jumps", "no token lives longer, no limit lasts", of_the_service),
    Fault(
        "clock of the worker jumps", "no lease, no file waits for an hour", of_the_worker, A_MINUTE
    ),
)
