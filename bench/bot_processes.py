"""The processes of ``bench-bot``: begins them, waits for them, and takes what they tell."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

from bench.bot_child import KILO, Order, Taken

CHILD: Final = "bench.bot_child"
WIKI: Final = "bench.bot_world"
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class Run:
    """A child's end."""

    taken: Taken
    peak_process_mb: float
    """Of its whole life, start-up included (``wait4``: ``ru_maxrss``)."""


@dataclass(frozen=True, slots=True)
class Wiki:
    """The wiki's process."""

    api: str
    process: subprocess.Popen[str]

    def asked(self) -> dict[str, Any]:
        """What was asked since this was last called; see ``bot_world.told``."""
        print(file=_pipe(self.process.stdin), flush=True)
        told: dict[str, Any] = json.loads(_pipe(self.process.stdout).readline())
        return told


@contextmanager
def wiki(plan: str) -> Iterator[Wiki]:
    """The wiki of a ``bot_world.Plan``, until the block ends."""
    command = [sys.executable, "-m", WIKI, plan]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            if not (line := _pipe(process.stdout).readline()):
                raise RuntimeError("the wiki does not start")
            yield Wiki(line.strip(), process)
        finally:
            process.terminate()


def child(word: str, order: Order) -> Run:
    """Let a child ``run`` or ``encode``; raises RuntimeError with the end of what it said."""
    with TemporaryFile("w+") as said, _begun(word, order.dump(), said=said) as process:
        out, used = _waited(process)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{word}: {out[-500:]}{said.read()[-2000:]}")
    taken = Taken(**json.loads(out.splitlines()[-1]))
    return Run(taken, used.ru_maxrss / KILO)


def _waited(process: subprocess.Popen[str]) -> tuple[str, resource.struct_rusage]:
    """What it wrote, and what it used; it ends with us."""
    try:
        out = _pipe(process.stdout).read()
        _, status, used = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return out, used


def prepare(*words: str | Path) -> None:
    """Let a child write what the others need; raises CalledProcessError where it fails."""
    subprocess.run([sys.executable, "-m", CHILD, *map(str, words)], check=True)


def _begun(*words: str, said: IO[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", CHILD, *words],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        stderr=said,
        text=True,
    )


def _pipe(one: IO[str] | None) -> IO[str]:
    if one is None:
        raise RuntimeError("a process without its pipe")
    return one
