"""``make faults``: breaks what the service stands on, and looks at what becomes of it.

Real processes: gunicorn as the Procfile starts it, MariaDB, the worker, the embedded wiki. Each
fault is injected from outside; whether it is held is reckoned from what was asked, what was
answered and what lies in the store. Writes bench/faults.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench import (
    faults_bodies,
    faults_clock,
    faults_database,
    faults_requests,
    faults_service,
    faults_wiki,
    faults_worker,
)
from bench.faults_kinds import Fault
from bench.faults_ledger import held
from bench.faults_stand import Stand
from bench.faults_workshop import HURRY
from bench.measure import machine
from tests.deploy.mariadb import missing, private_mariadb

WRITTEN: Final = Path(__file__).with_name("faults.json")
PROGRAMS: Final = ("nginx", "taskset", "mount", faults_clock.COMPILER)
HOW: Final = "as root: apt-get install mariadb-server-core mariadb-client nginx-light gcc libc6-dev"
FAULTS: Final[tuple[Fault, ...]] = (
    *faults_bodies.FAULTS,
    *faults_requests.FAULTS,
    *faults_database.FAULTS,
    *faults_service.FAULTS,
    *faults_worker.FAULTS,
    *faults_wiki.FAULTS,
    *faults_clock.FAULTS,
)
CONDITIONS: Final = (
    "gunicorn with two workers as the Procfile starts it, MariaDB (a private server), the worker"
    " with a small random model, the embedded wiki; the worker's lease, the time until what it"
    f" took is due again, and its pauses between two looks at switch and files: {HURRY:g} s in"
    " place of tens; slow requests come through nginx; clocks by a library loaded before libc;"
    " recovered_s: seconds from the end of the fault to the first whole answer"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try them; 0 where every one is held, 1 where one is not, 2 where something is missing."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="this one alone; nothing is written")
    parser.add_argument("--out", type=Path, default=WRITTEN)
    told = parser.parse_args(arguments)
    chosen = [fault for fault in FAULTS if told.only in (None, fault.name)]
    if fault := lacking() or ("" if chosen else f"no fault {told.only!r}; see bench/faults.json"):
        print(f"error: {fault}", file=sys.stderr)
        return 2
    # what was begun is ended, and the small disk given back, however this one ends
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    before, begun = os.getloadavg()[0], time.monotonic()
    rows = tried(chosen)
    if told.only is None:
        facts = {"load_average_before": round(before, 2), "took_s": _since(begun)}
        written = json.dumps({**report(rows), **facts}, indent=1)
        told.out.write_text(f"{written}\n", encoding="utf-8")
    return int(not all(row["held"] for row in rows))


def lacking() -> str:
    """What this machine does not have, in one line; empty where nothing is missing."""
    programs = [
        *missing(),
        *(name for name in PROGRAMS if not shutil.which(name)),
    ]
    if programs:
        return f"needs {', '.join(programs)}; {HOW}"
    return "" if os.geteuid() == 0 else "needs root, who alone may make a small disk"


def tried(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """A row for each, printed as it is known."""
    with tempfile.TemporaryDirectory(prefix="faults") as name, ExitStack() as stack:
        folder = Path(name)
        server = stack.enter_context(private_mariadb(folder / "mariadb"))
        stand = Stand(folder, server, stack)
        return [_tried(fault, stand) for fault in faults]


def _tried(fault: Fault, stand: Stand) -> dict[str, Any]:
    begun = time.monotonic()
    try:
        seen = fault.try_it(stand)
        row, is_held = seen.to_json(), held(seen, fault.within)
    except (TimeoutError, RuntimeError) as error:
        # what was waited for did not come: that is what is seen
        row, is_held = {"never": str(error)}, False
    took = _since(begun)
    print(f"{'held    ' if is_held else 'NOT HELD'} {took:5.1f} s  {fault.name}", flush=True)
    if not is_held:
        print(f"         {json.dumps(row)}", flush=True)
    return {
        "fault": fault.name,
        "expected": fault.expected,
        "seen": row,
        "held": is_held,
        "took_s": took,
    }


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 1)


def report(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is written."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "conditions": CONDITIONS,
        "held": bool(rows) and all(row["held"] for row in rows),
        "faults": list(rows),
    }


if __name__ == "__main__":
    sys.exit(main())
