"""Ray Data: the bytes of the plain loop, its faults in one line, and nothing where nothing is."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from depicts_bot.backfill.ray_data import run
from depicts_bot.backfill.work import Job
from depicts_model.settings import Settings

from .lists import made, pictures, row, save

BOT = [sys.executable, "-c", "from depicts_bot.cli import main; main()"]


def backfill(out: Path, listed: Path, *more: str) -> subprocess.CompletedProcess[str]:
    told = ["--files", str(listed), "--out", str(out), "--shard-rows", "8", *more]
    return subprocess.run(
        [*BOT, "backfill", *told], capture_output=True, text=True, timeout=180, check=False
    )


def said(result: subprocess.CompletedProcess[str]) -> list[str]:
    """On stderr; Ray confirms, on a line of its own, that it is to say nothing."""
    return [line for line in result.stderr.splitlines() if "Set ray log level" not in line]


def test_nothing_to_do_needs_no_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert [*run(Job(Settings(), str(tmp_path)), [])] == []


@pytest.mark.slow
def test_the_shards_are_those_of_the_plain_loop(tmp_path: Path) -> None:
    listed = pictures(tmp_path, 40, damaged=[11])
    told = {}
    for engine in ("plain", "ray"):
        out = tmp_path / engine
        result = backfill(out, listed, "--engine", engine)
        assert result.returncode == 0, result.stderr
        assert said(result) == ["40 files in 5 shards, of which 0 are finished"]
        told[engine] = made(out), result.stdout.removeprefix(str(out))
    assert told["ray"] == told["plain"]
    assert "1 failed (1 image)" in told["ray"][1]


@pytest.mark.slow
def test_an_outage_ends_the_run_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{nobody.getsockname()[1]}"
        rows = [row(n, thumb_url=f"http://{host}/{n}.jpg") for n in range(60)]
        listed = save(tmp_path / "list.parquet", rows)
        out = tmp_path / "out"
        more = ("--host", host, "--rate", "1000", "--shard-rows", "60")
        result = backfill(out, listed, *more)
    assert result.returncode == 2
    (_, fault) = said(result)
    assert fault.startswith("error: 20 files in a row could not be fetched; the last: network: ")
    assert [path.name for path in out.iterdir()] == ["plan.json"]
