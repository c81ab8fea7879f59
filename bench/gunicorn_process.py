"""The service as the Procfile starts it: gunicorn with its two workers, in processes of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.web import WORKERS
from tests.sandbox.demo_processes import end, started

ROOT: Final = Path(__file__).parents[1]
PATIENCE: Final = 60.0
"""Seconds that it has to begin."""
_TRACE: Final = re.compile(r"Traceback \(most recent call last\)|\\nTraceback")


@dataclass(frozen=True, slots=True)
class Gunicorn:
    """A running service; ``process`` is the master."""

    process: subprocess.Popen[str]
    address: tuple[str, int]
    log: Path

    @property
    def pid(self) -> int:
        """Of the master."""
        return self.process.pid

    @property
    def workers(self) -> list[int]:
        """Process ids of the workers of now."""
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        return [int(one) for one in path.read_text(encoding="ascii").split()]

    @property
    def tracebacks(self) -> int:
        """How many its log has so far."""
        return len(_TRACE.findall(self.log.read_text(encoding="utf-8", errors="replace")))


@contextmanager
def gunicorn(
    settings: Mapping[str, str], log: Path, prefix: Sequence[str] = (), port: int = 0
) -> Iterator[Gunicorn]:
    """Gunicorn with these settings in its environment, once all its workers have begun.

    ``prefix``: words before the command. Raises RuntimeError where it does not serve.
    """
    process = start(settings, log, prefix, port)
    try:
        yield Gunicorn(process, _address(process, log), log)
    finally:
        end(process)


def start(
    settings: Mapping[str, str], log: Path, prefix: Sequence[str] = (), port: int = 0
) -> subprocess.Popen[str]:
    """Start it and wait for nothing; what it writes goes to ``log``, made anew."""
    options = ["--workers", str(WORKERS), "--bind", f"127.0.0.1:{port}"]
    command = [*prefix, sys.executable, "-m", "gunicorn", *options]
    command += ["--worker-tmp-dir", "/dev/shm", "--pythonpath", "model,toolforge"]  # noqa: S108
    command += ["depicts_toolforge.app:create_app()"]
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with log.open("wb") as stream:
        return started(command, env={**kept, **settings}, cwd=ROOT, stdout=stream, stderr=stream)


def _address(process: subprocess.Popen[str], log: Path) -> tuple[str, int]:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        said = log.read_text(encoding="utf-8")
        found = re.search(r"Listening at: http://([\d.]+):(\d+)", said)
        if found and said.count("Booting worker") == WORKERS:
            return found[1], int(found[2])
        time.sleep(0.1)
    raise RuntimeError(f"gunicorn does not serve: {log.read_text('utf-8')[-500:]}")
