"""Bot, workers, web and harvest at once, each a process: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from depicts_model.store import OutcomeFilter, Store
from depicts_model.types import Mid
from tests.model.store.crowd import FILES, NOW, WORKED
from tests.model.store.looking import all_outcomes
from tests.model.store.values import V, file_ref, suggested
from tests.watching import unwatched

ROOT = Path(__file__).resolve().parents[3]
PEOPLE = (1, 2)


def start(role: str, url: str, number: int) -> subprocess.Popen[str]:
    code = [sys.executable, "-m", "tests.model.store.crowd", role, url, str(number)]
    environment = unwatched(os.environ)
    return subprocess.Popen(code, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> None:
    _, said = process.communicate(timeout=240)
    assert process.returncode == 0, said


@pytest.mark.slow
def test_all_at_once_nothing_is_lost_and_nothing_doubled(store: Store, url: str) -> None:
    # as in production: people decide about files of which something was told
    first = store.start_run("bot", "first", {})
    files = range(1, FILES + 1)
    store.save_batch(first, "first", [(file_ref(n), suggested(n, version="first")) for n in files])
    roles = [("bot", 1), ("harvest", 1), *(("web", n) for n in PEOPLE)]
    crowd = [start(role, url, number) for role, number in roles]
    workers = [start("worker", url, number) for number in (1, 2)]
    try:
        for process in crowd:
            ended(process)
        store.note("over", True, NOW)
        for process in workers:
            ended(process)
    finally:
        for process in (*crowd, *workers):
            process.kill()
            process.wait()
    _outcomes_are_whole(store)
    _verdicts_are_whole(store)


def _outcomes_are_whole(store: Store) -> None:
    counts = store.counts()
    told = store.browse(OutcomeFilter(), FILES + 9).outcomes
    assert Counter(one.file.mid for one in told) == Counter(f"M{n}" for n in range(1, FILES + 1))
    for one in told:
        assert store.latest(one.file.mid) == one
    versions = Counter(one.model_version for one in all_outcomes(store))
    assert versions["first"] == versions[V] == FILES
    # a file that was asked for after the last look is looked at again, and stays one outcome
    assert 0 < versions[WORKED] <= FILES and versions.total() == counts["suggested"]
    assert counts["suggestions"] == counts["suggested"]
    saved = [run.counts["new"] for run in store.last_runs(9, "worker")]
    assert sum(saved) == versions[WORKED]
    assert (counts["files"], counts["requests"]) == (FILES, 0)


def _verdicts_are_whole(store: Store) -> None:
    for n in range(1, FILES + 1):
        made = store.decisions(Mid(f"M{n}"))
        assert len(made) == len(PEOPLE)
        # every acceptance whose own edit was found is confirmed, whichever came first, and then
        # which edit that was is forgotten
        assert {one.revision for one in made} == ({None} if n % 2 else {101, 102})
        assert {one.confirmed for one in made} == {n % 2 == 1}
        assert len(store.claims(Mid(f"M{n}"))) == 2 * (n % 2)
    assert [one.count for one in store.latencies(NOW)] == [FILES * len(PEOPLE)] * 4
