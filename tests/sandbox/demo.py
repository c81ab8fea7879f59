"""``python -m tests.sandbox.demo --check``: the whole chain once, on an embedded wiki.

Real bot, real model, real store, real web service; the wiki answers as a real one was recorded
to. One line a step; the exit status is 0 only if every step happened.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from depicts_model.catalog import Catalog
from depicts_model.types import Mid, Qid
from tests.sandbox.editor import Editor, SaveError
from tests.sandbox.judging import TABLE, judge, read_table
from tests.sandbox.photos import demo_world
from tests.sandbox.server import EmbeddedWiki
from tests.sandbox.world import PASSWORDS, World

BOT, EDITOR = "DepictsBot@depicts", "Reviewer@gadget"
SCRIPTS = Path(sys.executable).parent


class StepError(Exception):
    """A step of the chain did not happen; the message says which and why."""


@dataclass(slots=True)
class Chain:
    """What the steps hand on."""

    folder: Path
    world: World
    wiki: EmbeddedWiki
    catalog: Catalog
    table: Path = TABLE
    web: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    """File title to the service's answer."""
    said: str = ""

    @property
    def config(self) -> Path:
        """The settings that bot and web share."""
        return self.folder / "settings.toml"

    @property
    def database(self) -> Path:
        """The store."""
        return self.folder / "store.sqlite"


def write_settings(chain: Chain) -> str:
    chain.config.write_text(
        f'wiki_api = "{chain.wiki.api}"\n'
        f'wiki_username = "{BOT}"\n'
        f'wiki_password = "{PASSWORDS[BOT]}"\n'
        f'database_url = "sqlite:///{chain.database}"\n'
        f'allowed_origins = "{chain.wiki.url}"\n'
    )
    return f"{len(chain.world.files)} files with real photographs at {chain.wiki.url}"


def run_bot(chain: Chain) -> str:
    """The bot's own summary line."""
    command = [str(SCRIPTS / "depicts-bot"), "run", "--config", str(chain.config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise StepError(f"depicts-bot: exit {done.returncode}: {done.stderr[-400:].strip()}")
    return done.stdout.strip().splitlines()[-1]


@contextmanager
def web_service(chain: Chain) -> Iterator[str]:
    """The service, on a free port, stopped at the end."""
    command = [str(SCRIPTS / "depicts-web"), "--port", "0", "--config", str(chain.config)]
    log = (chain.folder / "web.log").open("w")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        if not found:
            raise StepError(f"depicts-web did not start; see {chain.folder}/web.log")
        yield found[0]
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def check_health(chain: Chain) -> str:
    answer = requests.get(f"{chain.web}/healthz", timeout=10)
    answer.raise_for_status()
    return f"{chain.web} is {answer.json()['status']}, catalog {answer.json()['catalog']}"


def fetch_suggestions(chain: Chain) -> str:
    for file in chain.world.files:
        address = f"{chain.web}/api/v1/files/M{file['pageid']}/suggestions"
        answer = requests.get(address, timeout=10)
        if answer.status_code != 200:
            raise StepError(f"{address}: answered {answer.status_code}: {answer.text[:200]}")
        chain.answers[answer.json()["title"]] = answer.json()
    print_table(chain.answers)
    return f"{len(chain.answers)} answers over HTTP"


def print_table(answers: Mapping[str, Any]) -> None:
    for title, answer in answers.items():
        shown = [f"{s['label']} {s['confidence']:.0%}" for s in answer.get("suggestions", ())]
        what = ", ".join(shown) or f"{answer['outcome']}: {answer.get('reason', '')}"
        print(f"      {title.removeprefix('File:'):34} {what}")


def judge_answers(chain: Chain) -> str:
    table = read_table(chain.table)
    suggested = {
        title: [Qid(s["item"]) for s in answer.get("suggestions", ())]
        for title, answer in chain.answers.items()
    }
    result = judge(suggested, table, chain.catalog)
    if result.faults:
        raise StepError("; ".join(result.faults))
    silent = sum(1 for items in suggested.values() if not items)
    counts = f"{len(result.right)} right, {len(result.wrong)} wrong, {silent} silent"
    return f"{counts}, no promise broken"


def approve(chain: Chain) -> str:
    """Approve the surest right suggestion; save it as the gadget will, and post the verdict."""
    title, chosen = surest(chain)
    answer = chain.answers[title]
    mid = Mid(answer["mid"])
    qid = Qid(chosen["item"])
    with Editor(chain.wiki.api, EDITOR, PASSWORDS[EDITOR]) as editor:
        saved = editor.save(mid, (qid,), answer["model_version"])
    if not saved.verified:
        raise StepError(f"{mid}: revision {saved.revision} exists but could not be read back")
    verdict = {"item": qid, "verdict": "accepted", "revision": saved.revision}
    posted = requests.post(
        f"{chain.web}/api/v1/files/{mid}/decisions",
        json={"token": answer["token"], "decisions": [verdict]},
        timeout=10,
    )
    if not posted.ok or posted.json()["stored"] != 1:
        raise StepError(f"the verdict was answered {posted.status_code}: {posted.text[:200]}")
    return f"{chosen['label']} ({qid}) saved on {title}, revision {saved.revision}; verdict stored"


def surest(chain: Chain) -> tuple[str, Any]:
    table = read_table(chain.table)
    right = [
        (suggestion["confidence"], title, suggestion)
        for title, answer in chain.answers.items()
        for suggestion in answer.get("suggestions", ())
        if title in table and suggestion["item"] in accepted(chain, table[title].items)
    ]
    if not right:
        raise StepError("no right suggestion to approve")
    _, title, suggestion = max(right, key=lambda row: row[0])
    return title, suggestion


def accepted(chain: Chain, items: frozenset[Qid]) -> set[Qid]:
    return {chain.catalog.representative(qid) for qid in items}


def run_again(chain: Chain) -> str:
    """A second run of the bot leaves store and wiki as they are."""
    before = snapshot(chain)
    line = run_bot(chain)
    if snapshot(chain) != before:
        raise StepError("the second run of the bot changed something")
    return f"nothing changed; {line}"


def snapshot(chain: Chain) -> tuple[list[str], int]:
    """The store's rows (without the record of runs), and the wiki's edits."""
    with sqlite3.connect(chain.database) as database:
        rows = [line for line in database.iterdump() if not line.startswith('INSERT INTO "run"')]
    return rows, sum(1 for seen in chain.wiki.requests if seen.params.get("action") in WRITES)


WRITES = ("edit", "wbeditentity", "wbcreateclaim", "wbsetclaim", "wbremoveclaims")
MARKER = ".made-by-the-demo"
STEPS = (
    ("embedded wiki", write_settings),
    ("bot", run_bot),
    ("web service", check_health),
    ("suggestions", fetch_suggestions),
    ("judged by the table", judge_answers),
    ("approve and save", approve),
    ("bot again", run_again),
)


def check(folder: Path, table: Path = TABLE) -> int:
    """Run every step; 0 if all of them happened, 1 at the first that did not."""
    started = time.monotonic()
    with ExitStack() as stack:
        catalog = stack.enter_context(Catalog.open(None))
        world = demo_world({qid: catalog.label(qid) or qid for qid in catalog.qids})
        wiki = stack.enter_context(EmbeddedWiki(world))
        chain = Chain(folder, world, wiki, catalog, table)
        for number, (name, step) in enumerate(STEPS, 1):
            begun = time.monotonic()
            print(f"[{number}/{len(STEPS)}] {name} …", end="", flush=True)
            try:
                if step is check_health:
                    chain.web = stack.enter_context(web_service(chain))
                said = step(chain)
            except (StepError, SaveError, requests.RequestException) as error:
                print(f"\nFAILED: {name}: {error}")
                return 1
            print(f"\r[{number}/{len(STEPS)}] {name}: {said} ({time.monotonic() - begun:.1f} s)")
    print(f"demo-check: all {len(STEPS)} steps happened in {time.monotonic() - started:.0f} s")
    return 0


def emptied(folder: Path) -> bool:
    """Make the folder anew; False, and nothing touched, where it is not an earlier demo's."""
    marker = folder / MARKER
    if (
        folder.exists()
        and not marker.is_file()
        and not (folder.is_dir() and not any(folder.iterdir()))
    ):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.write_text("Made by the demo, and removed when it runs again.\n", encoding="utf-8")
    return True


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="tests.sandbox.demo", description=__doc__)
    parser.add_argument("--check", action="store_true", required=True, help="run once and judge")
    parser.add_argument("--folder", type=Path, default=Path("var/demo"), help="where to work")
    parser.add_argument("--table", type=Path, default=TABLE, help="what counts as right (CSV)")
    options = parser.parse_args()
    if not emptied(options.folder):
        print(f"error: {options.folder}: holds something that is not the demo's", file=sys.stderr)
        return 2
    os.environ["PYTHONUNBUFFERED"] = "1"
    return check(options.folder.resolve(), options.table)


if __name__ == "__main__":
    sys.exit(main())
