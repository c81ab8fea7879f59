"""How long somebody waits who asks about a file that nobody looked at yet.

The real processes: gunicorn, the worker with a random model of the size of ViT-B/32 on one core,
and the embedded wiki, from which the worker reads the page and the photo. The client asks, waits
as long as it is told to, and asks again.

``python -m bench.first_answer`` is that wiki; its first line is its address.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import requests

from bench.graphs import real
from bench.items import write_catalog
from bench.linking import ITEMS, PHOTO, _write_model, photo
from bench.measure import BenchmarkSkipped, Figure
from bench.web import _served
from depicts_bot.leases import NAME
from depicts_model.catalog import Catalog
from depicts_model.store import Store
from tests.bot import worlds
from tests.sandbox.server import EmbeddedWiki

ASKED: Final = 20
"""Files, one after another; the first of all warms up, and does not count."""
GOAL: Final = 1.5
LONGEST: Final = 60.0
SERVE: Final = "from depicts_bot.cli import main; main(['serve'])"
WIKI: Final = "bench.first_answer"


def on_demand() -> Iterator[Figure]:
    """Seconds from the first question to the answer."""
    if shutil.which("taskset") is None:
        raise BenchmarkSkipped("needs taskset, which pins the worker to one core")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_catalog(real(), folder / "catalog.sqlite")
        with Catalog.open(folder / "catalog.sqlite") as catalog:
            _write_model(folder / "model", catalog)
        with _wiki() as address, _served(folder) as (_, url), _worker(folder, address):
            _, *seconds = (_waited(f"{url}/api/v1/files/M{n}/suggestions") for n in _numbers())
    median, longest = statistics.median(seconds), max(seconds)
    where = (
        f"GET of an unknown file until 200, by a client that honours Retry-After; gunicorn, the"
        f" embedded wiki, and the worker on one core, each in processes of its own; random"
        f" ViT-B/32, {ITEMS:,} items, JPEGs of {PHOTO[0]} × {PHOTO[1]} fetched from the wiki;"
        f" median of {ASKED} files, SQLite"
    )
    baseline = f"the quickest {min(seconds):.3g} s, the slowest {longest:.3g} s"
    yield Figure("first_answer_s", median, "s", baseline, where, GOAL, at_most=True)


def _numbers() -> range:
    return range(1, ASKED + 2)


def _waited(url: str) -> float:
    """Seconds until there is an answer about the file."""
    begun = time.perf_counter()
    while (answer := requests.get(url, timeout=30)).status_code == requests.codes.accepted:
        time.sleep(float(answer.headers["Retry-After"]))
        if time.perf_counter() - begun > LONGEST:
            raise RuntimeError(f"{url}: no answer after {LONGEST:g} seconds")
    answer.raise_for_status()
    if answer.json()["outcome"] not in ("suggested", "nothing"):
        raise RuntimeError(f"{url}: nobody looked at it: {answer.text[:200]}")
    return time.perf_counter() - begun


@contextmanager
def _wiki() -> Iterator[str]:
    """The embedded wiki; yields the address of its API."""
    command = [sys.executable, "-m", WIKI]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not (line := process.stdout.readline()):
                raise RuntimeError("the embedded wiki does not start")
            yield line.strip()
        finally:
            process.terminate()


@contextmanager
def _worker(folder: Path, api: str) -> Iterator[None]:
    """The worker on one core, from its first heartbeat on."""
    core = min(os.sched_getaffinity(0))
    command = ["taskset", "--cpu-list", str(core), sys.executable, "-c", SERVE]
    url = f"sqlite:///{folder}/web.sqlite"
    settings = {
        "DEPICTS_WIKI_API": api,
        "DEPICTS_WIKI_USERNAME": worlds.BOT,
        "DEPICTS_WIKI_PASSWORD": worlds.PASSWORD,
        "DEPICTS_CATALOG": f"{folder}/catalog.sqlite",
        "DEPICTS_MODEL": f"{folder}/model",
        "DEPICTS_DATABASE_URL": url,
    }
    with (folder / "worker.log").open("wb") as log, Store.open(url) as store:
        environment: Mapping[str, str] = {**os.environ, **settings, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
            try:
                _until_it_beats(store, process, folder / "worker.log")
                yield
            finally:
                process.terminate()


def _until_it_beats(store: Store, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(1200):
        if store.noted(NAME):
            return
        if process.poll() is not None:
            raise RuntimeError(f"the worker ended: {log.read_text(encoding='utf-8')[-500:]}")
        time.sleep(0.1)
    raise RuntimeError("the worker does not begin")


def _serve_wiki() -> None:
    """Serve photos until the process is ended."""
    rng = np.random.default_rng(0)
    width, height = PHOTO
    shape = {"mime": "image/jpeg", "width": width, "height": height}
    made = [(n, photo(rng)) for n in _numbers()]
    files = [worlds.file(n, data, **shape) for n, data in made]
    with EmbeddedWiki(worlds.world(files)) as wiki:
        print(wiki.api, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    _serve_wiki()
