"""Ray Data: the bytes of the plain loop, its faults in one line, and nothing where nothing is."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from depicts_bot.backfill.ray_data import run
from depicts_bot.backfill.work import Job
from depicts_model.settings import Settings
from tests.bot import worlds
from tests.bot.upload_host import Upload, upload_host

from .lists import made, row, save

PNG = {"Content-Type": "image/png"}
BOT = [sys.executable, "-c", "from depicts_bot.cli import main; main()"]


@pytest.fixture
def upload() -> Iterator[Upload]:
    with upload_host() as state:
        yield state


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


def most_in_a_second(moments: Sequence[float]) -> int:
    return max(sum(at <= one < at + 1.0 for one in moments) for at in moments)


@pytest.mark.slow
def test_the_shards_are_those_of_the_plain_loop_and_the_budget_is_of_all(
    tmp_path: Path, upload: Upload
) -> None:
    urls = [upload.url(f"/{n}.png", (200, PNG, worlds.picture(n))) for n in range(1, 41)]
    urls[11] = upload.url("/11.png", (200, PNG, b"no picture"))
    urls[12] = upload.url("/12.png", (404, {}, b""))
    rows = [row(n, thumb_url=url) for n, url in enumerate(urls)]
    listed = save(tmp_path / "list.parquet", rows)
    found = {}
    for engine in ("plain", "ray"):
        out, before = tmp_path / engine, len(upload.requests)
        more = ("--engine", engine, "--workers", "2", "--connections", "2", "--rate", "10")
        result = backfill(out, listed, "--host", upload.host, *more)
        assert result.returncode == 0, result.stderr
        assert said(result) == ["40 files in 5 shards, of which 0 are finished"]
        found[engine] = made(out), result.stdout.removeprefix(str(out))
        assert len(upload.requests) == before + 40
        # each shard's first one may come at once
        assert most_in_a_second(upload.moments[before:]) <= 10 + 5
    assert upload.most_at_once <= 2
    assert {agent.split("/")[0] for _, agent in upload.requests} == {"suggest-depicts"}
    assert found["ray"] == found["plain"]
    assert "2 failed (1 http-404, 1 image)" in found["ray"][1]


@pytest.mark.slow
def test_an_outage_ends_the_run_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{nobody.getsockname()[1]}"
        rows = [row(n, thumb_url=f"http://{host}/{n}.jpg") for n in range(1, 61)]
        listed = save(tmp_path / "list.parquet", rows)
        out = tmp_path / "out"
        more = ("--host", host, "--rate", "1000", "--shard-rows", "60")
        result = backfill(out, listed, *more)
    assert result.returncode == 2
    (_, fault) = said(result)
    assert fault.startswith("error: 20 files in a row could not be fetched; the last: network: ")
    assert [path.name for path in out.iterdir()] == ["plan.json"]
