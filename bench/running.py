"""Runs a command of depicts-model in a process of its own, so that its peak of memory is its own.

``python -m bench.running WORD …`` is that process: it writes seconds and megabytes at the end.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from depicts_model.cli import main
from depicts_model.commands import peak_mb


@dataclass(frozen=True, slots=True)
class Run:
    """What a run took."""

    seconds: float
    peak_mb: float


def run(*words: str | Path) -> Run:
    """Run ``depicts-model WORD …``. Raises CalledProcessError where it fails."""
    command = [sys.executable, "-m", "bench.running", *map(str, words)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    start = time.perf_counter()
    main(sys.argv[1:], standalone_mode=False)
    print(json.dumps({"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}))
