"""The memory of the web service as production runs it: gunicorn with two preloaded workers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import requests

from bench.graphs import real
from bench.items import LANGUAGES, qid, word, write_catalog
from bench.measure import BenchmarkSkipped, Figure
from depicts_model.catalog import Catalog
from depicts_model.store import Store
from depicts_model.types import FileRef, Mid, Qid, Suggested, Suggestion, mid_of
from depicts_toolforge.api import STATISTICS

REQUESTS: Final = 1_000
READERS: Final = 4
"""Requests at a time, so that both workers have something to do."""
FILES: Final = 300
WORKERS: Final = 2
VERSION: Final = "bench"
CONFIG: Final = Path(__file__).parents[1] / "gunicorn.conf.py"
MEMORY: Final = "smaps_rollup"
PATHS: Final = (
    "/api/v1/files/M{n}/suggestions?lang={lang}",
    "/api/v1/files/M{n}/suggestions?lang={lang}&have=Q{n}",
    "/api/v1/files/M9{n}/suggestions",  # nobody looked at it: it is queued
    "/gallery?lang={lang}",
    "/gallery?outcome=suggested&confidence=60",
    "/gallery?item=Q{n}",
    "/",
    "/files/M{n}?lang={lang}",
    "/statistics?lang={lang}",
    "/operator",
    "/api/v1/items?search=a&lang={lang}",
    "/api/v1/items/{item}/neighbours?lang={lang}",
    "/api/v1/statistics",
    "/api/v1/openapi.json",
    "/healthz",
    "/api/v1/files/nonsense/suggestions",
)


def memory() -> Iterator[Figure]:
    """Proportional set size of the process tree after the requests."""
    if not Path(f"/proc/self/{MEMORY}").exists():
        raise BenchmarkSkipped("needs Linux's /proc/PID/smaps_rollup")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_catalog(real(), folder / "catalog.sqlite")
        _fill(folder)
        with _served(folder) as (pid, url):
            before = _tree_pss(pid)
            _ask_all(url)
            after = _tree_pss(pid)
    baseline = f"{before:.0f} MB before the first request"
    where = (
        f"gunicorn, {WORKERS} preloaded workers and their master, 20,082 items, {FILES} files with"
        f" suggestions, after {REQUESTS:,} requests to {len(PATHS) + 1} endpoints; sum of Pss, once"
    )
    yield Figure("web_pss_mb", after, "MB", baseline, where, 150, at_most=True)


def _fill(folder: Path) -> None:
    with (
        Catalog.open(folder / "catalog.sqlite") as catalog,
        Store.open(f"sqlite:///{folder}/web.sqlite") as store,
    ):
        run = store.start_run("bench", VERSION, {})
        results = [(example_file(n), example_outcome(catalog, n)) for n in range(1, FILES + 1)]
        store.save_batch(run, VERSION, results)
        store.note(STATISTICS, store.statistics().to_json(), datetime.now(UTC))


def example_file(number: int) -> FileRef:
    """A file that nobody took."""
    uploaded, title = datetime(2026, 1, 1, tzinfo=UTC), f"File:A {word(number)}.jpg"
    thumbnail = f"https://upload.wikimedia.org/{number}.jpg"
    return FileRef(mid_of(number), title, f"{number:040x}", number, uploaded, thumbnail)


def example_outcome(catalog: Catalog, number: int) -> Suggested:
    """Four suggestions for it, of items that the catalog has."""
    qids = [catalog.qids[(number * 67 + step * 4001) % len(catalog.qids)] for step in range(4)]
    return Suggested(tuple(_suggestion(catalog, mid_of(number), q, n) for n, q in enumerate(qids)))


def _suggestion(catalog: Catalog, mid: Mid, qid: Qid, rank: int) -> Suggestion:
    reasons = (f"looks like {catalog.label(qid)} ({90 - 10 * rank}%)",)
    above, below = catalog.parents(qid)[:5], catalog.children(qid)[:5]
    return Suggestion(mid, qid, 0.9 - rank / 10, reasons, above, below, VERSION)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[int, str]]:
    """The master's process id, and the address once it serves."""
    settings = {
        "DEPICTS_CATALOG": f"{folder}/catalog.sqlite",
        "DEPICTS_DATABASE_URL": f"sqlite:///{folder}/web.sqlite",
        "DEPICTS_SECRET_KEY": "of the benchmark, and of nothing else",
        "DEPICTS_WIKI_API": "http://127.0.0.1:1/w/api.php",  # SQLite serves no other
    }
    options = ["--config", str(CONFIG), "--workers", str(WORKERS), "--bind", "127.0.0.1:0"]
    command = [sys.executable, "-m", "gunicorn", *options, "depicts_toolforge.app:create_app()"]
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, env={**os.environ, **settings}, cwd=folder, stderr=stream, stdout=stream
        )
    try:
        yield process.pid, _address(process, log)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, once both workers have begun."""
    for _ in range(600):
        said = log.read_text(encoding="utf-8")
        listening = re.search(r"Listening at: (\S+)", said)
        if listening and said.count("Booting worker") == WORKERS:
            return listening[1]
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn ended: {said[-500:]}")
        time.sleep(0.1)
    raise RuntimeError(f"gunicorn serves nothing after a minute: {said[-500:]}")


def _ask_all(url: str) -> None:
    with ThreadPoolExecutor(READERS) as readers:
        statuses = [*readers.map(lambda n: _one(url, n), range(REQUESTS))]
    if {*statuses} != {200, 201, 202, 400}:
        raise RuntimeError(f"unexpected answers: {sorted({*statuses})}")


def _one(url: str, number: int) -> int:
    """One of the PATHS in turn, or a verdict on what is offered."""
    kind, file = number % (len(PATHS) + 1), number % FILES + 1
    if kind == len(PATHS):
        return _decide(f"{url}/api/v1/files/M{file}")
    lang = LANGUAGES[number % len(LANGUAGES)]
    path = PATHS[kind].format(n=file, lang=lang, item=qid(file))
    return requests.get(url + path, timeout=60).status_code


def _decide(file: str) -> int:
    answer = requests.get(f"{file}/suggestions", timeout=60)
    offer: dict[str, Any] = answer.json()
    verdict = {"item": offer["suggestions"][0]["item"], "verdict": "accepted"}
    sent = {"token": answer.headers["Decision-Token"], "decisions": [verdict]}
    return requests.post(f"{file}/decisions", json=sent, timeout=60).status_code


def _tree_pss(pid: int) -> float:
    """MB of a process and all below it; what several share counts once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return _pss(pid) + sum(_tree_pss(int(child)) for child in children)


def _pss(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/{MEMORY}").read_text(encoding="ascii")
    (kib,) = re.findall(r"^Pss:\s+(\d+) kB$", rollup, re.MULTILINE)
    return int(kib) * 1024 / 1e6
