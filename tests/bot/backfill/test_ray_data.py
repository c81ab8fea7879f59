"""Ray Data: the bytes of the plain loop, its faults in one line, and nothing where nothing is."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bench.backfill_processes import tree
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
        [*BOT, "backfill", *told],
        # of itself Ray lets other tests go first, for minutes
        env={**os.environ, "RAY_worker_niceness": "0"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@contextmanager
def listeners() -> Iterator[set[str]]:
    """Addresses off the loopback at which what we begin meanwhile listens."""
    seen, over = set[str](), threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            seen.update(_open_to_others(_sockets(one.pid for one in tree(os.getpid()))))

    thread = threading.Thread(target=look)
    thread.start()
    yield seen
    over.set()
    thread.join()


def _open_to_others(sockets: set[str]) -> set[str]:
    """Local addresses as the kernel writes them: bytes of a word in reverse, in hexadecimal."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in _lines(f"/proc/net/{name}")]
    heard = {words[1] for words in lines if words[3] == "0A" and f"socket:[{words[9]}]" in sockets}
    return {one for one in heard if not one.partition(":")[0].endswith(("0100007F", "01000000"))}


def _sockets(processes: Iterable[int]) -> set[str]:
    found: set[str] = set()
    for pid in processes:
        # it may be gone, and so may each of its files
        with suppress(OSError):
            for file in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    found.add(str(file.readlink()))
    return found


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="ascii").splitlines()[1:]


def said(result: subprocess.CompletedProcess[str]) -> list[str]:
    """On stderr; Ray confirms, on a line of its own, that it is to say nothing.

    Where it takes longer than a minute, there is progress, too.
    """
    lines = result.stderr.splitlines()
    return [one for one in lines if "Set ray log level" not in one and "Z backfill: " not in one]


def test_nothing_to_do_needs_no_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert [*run(Job(Settings(), str(tmp_path)), [])] == []


def most_in_a_second(moments: Sequence[float]) -> int:
    return max(sum(at <= one < at + 1.0 for one in moments) for at in moments)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_shards_are_those_of_the_plain_loop_and_the_budget_is_of_all(
    tmp_path: Path, upload: Upload
) -> None:
    urls = [upload.url(f"/{n}.png", (200, PNG, worlds.picture(n))) for n in range(1, 41)]
    urls[10] = upload.url("/11.png", (200, PNG, b"no picture"))
    urls[11] = upload.url("/12.png", (404, {}, b""))
    rows = [row(n, thumb_url=url) for n, url in enumerate(urls, 1)]
    listed = save(tmp_path / "list.parquet", rows)
    found = {}
    for engine in ("plain", "ray"):
        out, before = tmp_path / engine, len(upload.requests)
        more = ("--engine", engine, "--workers", "2", "--connections", "2", "--rate", "10")
        with listeners() as others:
            result = backfill(out, listed, "--host", upload.host, *more)
        assert others == set()
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
@pytest.mark.timeout(600)
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
