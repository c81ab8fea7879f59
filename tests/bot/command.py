"""The real ``depicts-bot`` with a store of its own, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner

from depicts_bot import runner
from depicts_bot.cli import main
from depicts_model.store import Store
from tests.bot import worlds
from tests.bot.fakes import FakeLinker
from tests.model.store.looking import all_outcomes
from tests.watching import unwatched

ROOT = Path(__file__).resolve().parents[2]
REAL = ["-c", "from depicts_bot.cli import main; main()"]
FAKE = ["-m", "tests.bot.fake_main"]


class HasApi(Protocol):
    """A wiki."""

    @property
    def api(self) -> str:
        """The address of its Action API."""


class Bot:
    """The command with its own store.

    ``call`` carries it out in this process, which spares loading all libraries again; ``run``
    waits for a process of its own, for what only such a one shows: signals, limits, what it leaves
    behind; ``start`` does not wait. Without a model it is the command with the fake linker.
    """

    def __init__(
        self, folder: Path, wiki: HasApi, model_dir: Path | None = None, **settings: str
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.url = f"sqlite:///{folder}/store.sqlite"
        values = {
            "wiki_api": wiki.api,
            "wiki_username": worlds.BOT,
            "wiki_password": worlds.PASSWORD,
            "database_url": self.url,
            "model": str(model_dir or ""),
            "batch_size": "4",
        } | settings
        self.real = model_dir is not None
        self.command = [sys.executable, *(REAL if self.real else FAKE)]
        self.ours = {f"DEPICTS_{key.upper()}": value for key, value in values.items()}
        self.ours["HOME"] = str(folder)
        # one thread: several bots beside each other would only wait for one another
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        usual = {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
        self.environment = {**os.environ, **self.ours, **usual}

    def unwatched(self) -> Bot:
        """The same, and coverage does not slow its processes: other tests watch what they do."""
        self.environment = unwatched(self.environment)
        return self

    def call(self, *arguments: str, word: str = "run") -> subprocess.CompletedProcess[str]:
        with chdir(self.folder), pytest.MonkeyPatch.context() as patch:
            if not self.real:
                patch.setattr(runner, "load_linker", lambda *_: FakeLinker())
            told = [word, *arguments]
            done = CliRunner().invoke(main, told, env=self.ours, catch_exceptions=False)
        return subprocess.CompletedProcess(told, done.exit_code, done.stdout, done.stderr)

    def start(
        self,
        *arguments: str,
        prefix: tuple[str, ...] = (),
        word: str = "run",
        stderr: int = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*prefix, *self.command, word, *arguments],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def run(
        self, *arguments: str, prefix: tuple[str, ...] = (), word: str = "run"
    ) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, prefix=prefix, word=word) as process:
            out, err = process.communicate(timeout=250)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @contextmanager
    def store(self) -> Iterator[Store]:
        with Store.open(self.url) as opened:
            yield opened

    def outcomes(self) -> dict[tuple[str, str], str]:
        with self.store() as store:
            found = all_outcomes(store)
        return {(s.file.mid, s.file.sha1): repr((s.outcome, s.model_version)) for s in found}
