"""The real run but for its linker, which writes down the files that it links: a life to be killed.

`live` is what a process does that is forked from a warm one: ``multiprocessing``'s server of forks,
which has loaded this module, and with it all that a run loads.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from depicts_bot import runner, site, turns
from depicts_model import settings
from depicts_model.errors import ImageError
from depicts_model.types import FileContext, Outcome
from tests.bot.fakes import FakeLinker

# it looks for a folder of its own as it is loaded
site.home()

import pywikibot  # noqa: E402, F401
from pywikibot import family, login  # noqa: E402, F401
from pywikibot.comms import http  # noqa: E402, F401

SECONDS: Final = 0.08
"""To link a portion: time enough to fetch what may be fetched meanwhile, and more."""
LEASE: Final = 0.5
"""Seconds that a killed life keeps the wiki from the next one, in place of thirty."""


@dataclass(frozen=True)
class NullLinker(FakeLinker):
    """Sees nothing; ``told`` gets a line for each file, before anything can be stored of it."""

    told: Path = Path(os.devnull)

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        """As `FakeLinker.link`."""
        lines = "".join(f"{context.file.mid}\n" for context in contexts)
        place = os.open(self.told, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(place, lines.encode())
        os.close(place)
        time.sleep(SECONDS)
        return super().link(contexts, images)


def live(environment: Mapping[str, str], folder: Path, told: Path) -> None:
    """One run, from log-in to end; what it says goes to ``said.txt`` in ``folder``."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    said = os.open("said.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    for number in (1, 2):
        os.dup2(said, number)
    # a life that is killed cannot remove what it made there
    tempfile.tempdir = str(folder)
    site.home.cache_clear()
    turns.SECONDS = LEASE  # type: ignore[misc]
    runner.load_linker = lambda *_: NullLinker(told=told)  # type: ignore[assignment]
    runner.run_bot(settings.load(None), runner.Options())
    sys.stdout.flush()
