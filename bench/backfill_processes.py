"""The processes of ``bench-backfill``: the command, and all that it begins, by Linux's /proc."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

BOT: Final = Path(sys.executable).with_name("depicts-bot")
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1"}
GONE: Final = 3.0
"""Seconds that processes have to follow the one that began them. Ray's workers do so at once, two
of its agents, which do no work, only after more than 45 s (Ray 2.60)."""
_SHARED: Final = "/dev/shm/"  # noqa: S108 - Ray's place, not ours
_KB: Final = 1024


@dataclass(frozen=True, slots=True)
class Order:
    """A backfill's command line."""

    files: Path
    out: Path
    engine: str
    workers: int = 1
    shard_rows: int = 100
    model: Path | None = None
    """Folder with a model and its catalog; None: the shipped ones."""
    cores: int = 0
    """Processors that all of its processes share; 0: all that there are."""

    def command(self) -> list[str]:
        """With each option."""
        words = [BOT, "backfill", "--files", self.files, "--out", self.out]
        words += ["--engine", self.engine, "--workers", self.workers]
        return [*map(str, [*words, "--shard-rows", self.shard_rows])]

    def environment(self) -> dict[str, str]:
        """One thread of torch in each process."""
        told = {**os.environ, **ONE_THREAD}
        if self.model:
            told["DEPICTS_MODEL"] = str(self.model / "model")
            told["DEPICTS_CATALOG"] = str(self.model / "catalog.sqlite")
        return told


@contextmanager
def begun(order: Order) -> Iterator[subprocess.Popen[bytes]]:
    """The command at work; what it began has ended behind the block."""
    with TemporaryFile() as said:
        process = _started(order, said)
        alive = {*tree(process.pid)}
        try:
            yield process
            _check(process, said)
        finally:
            alive |= {*tree(process.pid)}
            if process.poll() is None:
                process.kill()
            process.wait()
            end(alive)


def _started(order: Order, said: IO[bytes]) -> subprocess.Popen[bytes]:
    ours = os.sched_getaffinity(0)
    # what is begun inherits it
    os.sched_setaffinity(0, [*sorted(ours)][: order.cores or None])
    try:
        return subprocess.Popen(
            order.command(), env=order.environment(), stdout=said, stderr=subprocess.STDOUT
        )
    finally:
        os.sched_setaffinity(0, ours)


def _check(process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    """Killed ones are no failure: who kills knows it."""
    if process.wait() not in (0, -signal.SIGKILL):
        said.seek(0)
        raise RuntimeError(said.read()[-3000:].decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Process:
    """A process; a later one of the same number has another begin."""

    pid: int
    since: int
    """Ticks of the kernel."""

    def alive(self) -> bool:
        """Not ended, nor waiting to be buried."""
        fields = _stat(self.pid)
        return fields is not None and int(fields[19]) == self.since and fields[0] != "Z"

    def title(self) -> str:
        """Its command line; Ray writes there what a worker is about."""
        with suppress(OSError):
            words = Path(f"/proc/{self.pid}/cmdline").read_bytes().rstrip(b"\0")
            return words.replace(b"\0", b" ").decode(errors="replace")
        return ""

    def kill(self) -> bool:
        """At once; False where it has ended before."""
        if not self.alive():
            return False
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
            return True
        return False

    def own_mb(self) -> float:
        """Its share of what is resident (``Pss``), without what lies in shared memory."""
        with suppress(OSError):
            told = Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii")
            found = dict(re.findall(r"^(Pss|Pss_Shmem): +(\d+) kB$", told, re.MULTILINE))
            return (int(found.get("Pss", 0)) - int(found.get("Pss_Shmem", 0))) / _KB
        return 0.0

    def shared(self) -> dict[tuple[int, int], int]:
        """Bytes of each file of shared memory that it has open, also where it has no name more."""
        found = {}
        with suppress(OSError):
            for link in Path(f"/proc/{self.pid}/fd").iterdir():
                with suppress(OSError):
                    if str(link.readlink()).startswith(_SHARED):
                        told = link.stat()
                        found[told.st_dev, told.st_ino] = told.st_blocks * 512
        return found


def tree(pid: int) -> list[Process]:
    """A process and all that it began, and those began."""
    parents: dict[int, list[int]] = {}
    begins: dict[int, int] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit() and (fields := _stat(int(path.name))):
            parents.setdefault(int(fields[1]), []).append(int(path.name))
            begins[int(path.name)] = int(fields[19])
    found = [pid] if pid in begins else []
    for one in found:
        found.extend(parents.get(one, ()))
    return [Process(one, begins[one]) for one in found]


def _stat(pid: int) -> list[str] | None:
    """From the state on, see proc(5)."""
    with suppress(OSError):
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return told.rpartition(")")[2].split()
    return None


def memory_mb(processes: Iterable[Process]) -> float:
    """What they hold together: each page once."""
    own = 0.0
    files: dict[tuple[int, int], int] = {}
    for process in processes:
        own += process.own_mb()
        files |= process.shared()
    return own + sum(files.values()) / _KB**2


def end(processes: Iterable[Process]) -> int:
    """Wait until all have ended; how many had to be killed for it after `GONE`."""
    left, since = [*processes], time.monotonic()
    while (left := [one for one in left if one.alive()]) and time.monotonic() - since < GONE:
        time.sleep(0.1)
    return sum(one.kill() for one in left)
