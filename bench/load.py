"""``make load``: the service under load, as production runs it; writes bench/load.json.

Gunicorn with two workers on one processor; MariaDB, nginx and the load on the other. Reads of
suggestions and decisions come at a steady pace whether the service keeps up or not (an open loop):
a delay counts from the moment at which a request was due, so that a service that stands still for
a second is seen to.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.load_client import SPREAD, Figures, Plan, Target, bother, measure
from bench.load_service import (
    FILES,
    LOAD_CPU,
    WEB_CPU,
    behind_nginx,
    filled,
    lacking,
    served,
    spent,
)
from bench.measure import machine
from tests.deploy.mariadb import private_mariadb

WRITTEN: Final = Path(__file__).with_name("load.json")
RATE: Final = 50.0
"""Requests a second."""
SECONDS: Final = 60.0
WARM_SECONDS: Final = 5.0
IDLE: Final = 1000
SLOW: Final = 50
HOW: Final = "as root: apt-get install mariadb-server-core mariadb-client nginx-light util-linux"
GOAL_MS: Final = 25.0
GOAL_BOTHERED_MS: Final = 100.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both; 0 where no request went wrong and both goals are held."""
    parser = argparse.ArgumentParser(prog="load", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--out", type=Path, default=WRITTEN)
    told = parser.parse_args(arguments)
    if missing := lacking():
        print(f"error: needs {', '.join(missing)}; {HOW}", file=sys.stderr)
        return 2
    os.sched_setaffinity(0, {LOAD_CPU})
    report = _measured(told.seconds)
    told.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(report, indent=1))
    return int(not report["held"])


def _measured(seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="load") as name, ExitStack() as stack:
        folder = Path(name)
        # pinned as we are
        server = stack.enter_context(private_mariadb(folder / "mariadb"))
        expected = filled(folder, server)
        pid, address = stack.enter_context(served(folder, server))
        gate = stack.enter_context(behind_nginx(folder, address))
        plan = Plan(RATE, seconds, expected)
        before = os.getloadavg()[0]
        asyncio.run(measure(Target(*address), Plan(RATE, WARM_SECONDS, expected, seed=1)))
        used = spent(pid)
        direct = asyncio.run(measure(Target(*address), plan))
        used = spent(pid) - used
        bothered = asyncio.run(_bothered(Target(*gate), Plan(RATE, seconds, expected, seed=3)))
    rows = {
        "direct": _row(direct, GOAL_MS),
        "behind nginx, bothered": _row(bothered, GOAL_BOTHERED_MS),
    }
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "load_average_before": round(before, 2),
        "service_processor_ms_a_request": round(used * 1000 / (RATE * seconds), 2),
        "conditions": _conditions(seconds),
        "held": all(row["held"] for row in rows.values()),
        **rows,
    }


async def _bothered(target: Target, plan: Plan) -> Figures:
    """The same load while many others hold connections and send and read slowly."""
    async with bother(target, IDLE, SLOW) as counted:
        figures = await measure(target, plan)
    return figures.beside(counted)


def _row(figures: Figures, goal: float) -> dict[str, Any]:
    held = figures.reads.p95_ms <= goal and not figures.errors
    return {**asdict(figures), "goal_p95_ms": goal, "held": held}


def _conditions(seconds: float) -> str:
    return (
        f"{RATE:g} requests a second for {seconds:g} s, at fixed moments; nine of ten read the"
        f" suggestions of one of {FILES:,} stored files (in a random order, unconditional, body"
        " checked), one decides on what an earlier one offered (its count checked); a connection"
        f" each; gunicorn as production has it, 2 workers on processor {WEB_CPU}; MariaDB, nginx"
        f" and the load on processor {LOAD_CPU}; milliseconds from the moment when a request was"
        f" due to its last byte; bothered: {IDLE:,} connections that say nothing, and {SLOW} that"
        f" send a byte a second, or read one, begun over {SPREAD:g} s"
    )


if __name__ == "__main__":
    sys.exit(main())
