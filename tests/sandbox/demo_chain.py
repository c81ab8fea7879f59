"""The steps of the demo: real bot, real model, real store, real web service.

The wiki answers as a real one was recorded to. A step returns what it has to say, its first line
beside the step's name; one that did not happen raises.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import requests

from depicts_model.catalog import Catalog
from depicts_model.types import Qid
from tests.sandbox.demo_processes import end, first_line, started
from tests.sandbox.demo_table import table_of
from tests.sandbox.gadget_files import GadgetConfig
from tests.sandbox.judging import TABLE, judge, read_table
from tests.sandbox.server import HOST, EmbeddedWiki
from tests.sandbox.world import PASSWORDS, World

BOT, EDITOR = "DepictsBot@depicts", "Reviewer@gadget"
BOT_SECONDS = 900.0
WEB_SECONDS = 120.0
"""That the service has to start."""
SCRIPTS = Path(sys.executable).parent
_RECORDS = (
    *(f'INSERT INTO "{table}"' for table in ("run", "note", "latency")),
    # how far the log of overwrites was read: up to the present
    'INSERT INTO "checkpoint" VALUES(\'overwrites ',
)
"""That something was looked at, and when: what a run writes though it decides nothing."""
WRITES = ("edit", "wbeditentity", "wbcreateclaim", "wbsetclaim", "wbremoveclaims")


class StepError(Exception):
    """A step of the chain did not happen; the message says which and why."""


@dataclass(slots=True)
class Chain:
    """What the steps hand on."""

    folder: Path
    world: World
    wiki: EmbeddedWiki
    catalog: Catalog
    port: int = 0
    """That the service is to have; 0 takes a free one, and so does one that somebody has."""
    table: Path = TABLE
    answers: dict[str, Any] = field(default_factory=dict)
    """File title to the service's answer."""
    process: subprocess.Popen[str] | None = None
    """The service, once it runs."""
    web: str = ""
    """Its address, once it runs."""

    @property
    def config(self) -> Path:
        """The settings that bot and web share."""
        return self.folder / "settings.toml"

    @property
    def database(self) -> Path:
        """The store."""
        return self.folder / "store.sqlite"

    @property
    def store_url(self) -> str:
        """The store's SQLAlchemy URL."""
        return f"sqlite:///{self.database}"

    def page(self, title: str) -> str:
        """The address of a file's page on the embedded wiki."""
        return f"{self.wiki.url}/wiki/{quote(title.replace(' ', '_'), safe=':')}"


def write_settings(chain: Chain) -> str:
    """The one file of settings that the bot and the service read."""
    chain.config.write_text(
        f'wiki_api = "{chain.wiki.api}"\n'
        f'wiki_username = "{BOT}"\n'
        f'wiki_password = "{PASSWORDS[BOT]}"\n'
        f'database_url = "{chain.store_url}"\n'
        f'allowed_origins = "{chain.wiki.url}"\n',
        encoding="utf-8",
    )
    return f"{len(chain.world.files)} files with real photographs at {chain.wiki.url}"


def run_bot(chain: Chain) -> str:
    """The bot's own summary line."""
    command = [str(SCRIPTS / "depicts-bot"), "run", "--config", str(chain.config)]
    pipe = subprocess.PIPE
    with started(command, stdout=pipe, stderr=pipe) as process:
        try:
            told, errors = process.communicate(timeout=BOT_SECONDS)
        except subprocess.TimeoutExpired:
            raise StepError(f"depicts-bot: not done in {BOT_SECONDS} s") from None
        finally:
            # asked before it is killed: it takes its temporary folder with it
            end(process, signal.SIGINT)
    if process.returncode:
        raise StepError(f"depicts-bot: exit {process.returncode}: {errors[-400:].strip()}")
    return told.strip().splitlines()[-1]


@contextmanager
def web_service(chain: Chain) -> Iterator[subprocess.Popen[str]]:
    """The service, stopped at the end; the wiki's pages name it from now on.

    Raises:
        StepError: it did not start; the message names its log.
    """
    log = chain.folder / "web.log"
    with log.open("w", encoding="utf-8") as errors, _started(chain, errors) as process:
        try:
            chain.wiki.gadget = GadgetConfig(service=chain.web)
            yield process
        finally:
            end(process)


def _started(chain: Chain, errors: IO[str]) -> subprocess.Popen[str]:
    """The service at the wanted port, else at a free one.

    It takes the port itself and says which it has: nobody can come between.
    """
    for port in dict.fromkeys((chain.port, 0)):
        process = _start(chain, port, errors)
        try:
            found = re.search(r"http://\S+", first_line(process, WEB_SECONDS))
        except BaseException:
            end(process)
            raise
        if found:
            chain.web = found[0]
            return process
        with process:
            end(process)
    raise StepError(f"depicts-web did not start; see {errors.name}")


def _start(chain: Chain, port: int, errors: IO[str]) -> subprocess.Popen[str]:
    command = [str(SCRIPTS / "depicts-web"), "--host", HOST, "--port", str(port)]
    return started(
        [*command, "--config", str(chain.config)],
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def check_health(chain: Chain) -> str:
    """What the running service says of itself."""
    answer = requests.get(f"{chain.web}/healthz", timeout=60)
    answer.raise_for_status()
    return f"{chain.web} is {answer.json()['status']}, catalog {answer.json()['catalog']}"


def fetch_suggestions(chain: Chain) -> str:
    """Every file's answer, over HTTP, as a table in the gallery's order: the latest first."""
    for file in reversed(chain.world.files):
        address = f"{chain.web}/api/v1/files/M{file['pageid']}/suggestions"
        answer = requests.get(address, timeout=60)
        if answer.status_code != 200:
            raise StepError(f"{address}: answered {answer.status_code}: {answer.text[:200]}")
        chain.answers[answer.json()["title"]] = answer.json()
    return "\n".join([f"{len(chain.answers)} answers over HTTP", *table_of(chain.answers)])


def suggested(answers: Mapping[str, Any]) -> dict[str, list[Qid]]:
    """File title to the items that were suggested."""
    return {
        title: [Qid(one["item"]) for one in answer.get("suggestions", ())]
        for title, answer in answers.items()
    }


def judge_answers(chain: Chain) -> str:
    """Hold what was suggested against the table that a person wrote."""
    items = suggested(chain.answers)
    result = judge(items, read_table(chain.table), chain.catalog)
    if result.faults:
        raise StepError("; ".join(result.faults))
    silent = sum(1 for found in items.values() if not found)
    counts = f"{len(result.right)} right, {len(result.wrong)} wrong, {silent} silent"
    return f"{counts}, no promise broken"


def run_again(chain: Chain) -> str:
    """A second run of the bot leaves store and wiki as they are."""
    before = snapshot(chain)
    line = run_bot(chain)
    if snapshot(chain) != before:
        raise StepError("the second run of the bot changed something")
    return f"nothing changed; {line}"


def snapshot(chain: Chain) -> tuple[list[str], int]:
    """The store's rows (without the records of who looked when), and the wiki's edits."""
    with sqlite3.connect(chain.database) as database:
        rows = [line for line in database.iterdump() if not line.startswith(_RECORDS)]
    database.close()
    return rows, sum(1 for seen in chain.wiki.requests if seen.params.get("action") in WRITES)
