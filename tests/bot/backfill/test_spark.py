"""Spark's adapter on a Spark of this machine, where there is one: the bytes of the plain loop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from depicts_bot.backfill.spark import run
from depicts_bot.backfill.work import Job
from depicts_model.settings import Settings

from .lists import made, pictures, row, save
from .test_ray_data import BOT, backfill

HERE = find_spec("pyspark") is not None and shutil.which("java") is not None
SPARK = pytest.mark.skipif(not HERE, reason="needs the extra 'spark' and Java: make test-spark")


def test_nothing_to_do_needs_no_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    assert [*run(Job(Settings(), str(tmp_path)), [])] == []


@SPARK
@pytest.mark.slow
def test_the_shards_are_those_of_the_plain_loop(tmp_path: Path) -> None:
    listed = pictures(tmp_path, 40, damaged=[11])
    told = {}
    for engine in ("plain", "spark"):
        out = tmp_path / engine
        result = backfill(out, listed, "--engine", engine, "--workers", "2")
        assert result.returncode == 0, result.stderr
        assert "40 files in 5 shards, of which 0 are finished" in result.stderr
        told[engine] = made(out), result.stdout.removeprefix(str(out))
    assert told["spark"] == told["plain"]
    assert "1 failed (1 image)" in told["spark"][1]


@SPARK
@pytest.mark.slow
def test_an_outage_ends_the_run_in_one_line(tmp_path: Path) -> None:
    host = "127.0.0.1:1"
    rows = [row(n, thumb_url=f"http://{host}/{n}.jpg") for n in range(1, 61)]
    out = tmp_path / "out"
    more = ("--engine", "spark", "--host", host, "--rate", "1000", "--shard-rows", "60")
    result = backfill(out, save(tmp_path / "list.parquet", rows), *more)
    assert result.returncode == 2
    told = "error: 20 files in a row could not be fetched; the last: network: "
    assert result.stderr.splitlines()[-1].startswith(told)
    assert [path.name for path in out.iterdir()] == ["plan.json"]


def python_workers(program: int) -> list[int]:
    """Processes that work for this one, the youngest one last."""
    below, found = {program}, []
    listing = ["ps", "-eo", "pid,ppid,args", "--no-headers", "--sort=pid"]
    for line in subprocess.check_output(listing, text=True).splitlines():
        pid, parent, command = line.split(maxsplit=2)
        if int(parent) in below:
            below.add(int(pid))
            found += [int(pid)] if "pyspark.daemon" in command else []
    # the first one is the daemon itself
    return found[1:]


@SPARK
@pytest.mark.slow
def test_a_worker_that_is_killed_leaves_the_same_shards(tmp_path: Path) -> None:
    listed = pictures(tmp_path, 20, damaged=[5])
    assert backfill(tmp_path / "plain", listed, "--engine", "plain").returncode == 0
    out = tmp_path / "spark"
    told = ["--files", str(listed), "--out", str(out), "--shard-rows", "8", "--engine", "spark"]
    with subprocess.Popen([*BOT, "backfill", *told], stdout=subprocess.PIPE) as bot:
        while not (workers := python_workers(bot.pid)):
            assert bot.poll() is None
            time.sleep(0.1)
        os.kill(workers[-1], signal.SIGKILL)
        bot.communicate(timeout=180)
    assert bot.returncode == 0
    assert made(out) == made(tmp_path / "plain")
