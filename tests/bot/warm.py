"""Bots as processes of their own that are forked, with all libraries loaded: a run in a moment.

``run_all`` lets several run beside each other, for what they do in tests is wait.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from threading import Lock
from typing import Final

from depicts_bot import site
from tests.bot import faulty_main
from tests.bot.command import Bot
from tests.watching import unwatched

_FORKS: Final = get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.bot.warm_libraries"])
_ALONE: Final = Lock()
"""A process that starts looks after all others, and who looks first takes the exit status away."""
AT_ONCE: Final = 24


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that came to its end; ``code`` None: it was killed at its limit."""

    code: int | None
    out: str
    err: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Job:
    """A bot that is to run, in so many seconds at the most."""

    bot: Bot
    limit: float = 60.0
    arguments: Sequence[str] = ("run",)
    environment: Mapping[str, str] | None = None


def run(job: Job) -> Ended:
    """Run one to its end."""
    environment = unwatched(job.bot.environment) | dict(job.environment or {})
    folder = job.bot.folder
    process = _FORKS.Process(target=_be_the_bot, args=(environment, folder, list(job.arguments)))
    began = time.monotonic()
    with _ALONE:
        process.start()
    wait([process.sentinel], job.limit)
    seconds = time.monotonic() - began
    with _ALONE:
        code = process.exitcode
        if code is None:
            process.kill()
            process.join()
        process.close()
    out, err = ((folder / name).read_text() for name in ("out.txt", "err.txt"))
    return Ended(code, out, err, seconds)


def run_all(jobs: Sequence[Job]) -> list[Ended]:
    """Run them beside each other, in their order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, jobs))


def _be_the_bot(environment: dict[str, str], folder: Path, arguments: list[str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name in ((1, "out.txt"), (2, "err.txt")):
        os.dup2(os.open(name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), number)
    sys.argv = ["depicts-bot", *arguments]
    # each its own folder, as a process that begins by itself
    site.home.cache_clear()
    try:
        faulty_main.begin()
    finally:
        # a fork ends without what is registered for the end of a program
        shutil.rmtree(site.home(), ignore_errors=True)
