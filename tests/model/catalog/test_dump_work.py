"""A dump that is read in parts: a killed run is taken up, and nobody else's work is."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from depicts_model.catalog import Catalog
from depicts_model.catalog.dump import Options, build_dump
from depicts_model.catalog.dump_work import Work
from depicts_model.errors import ArtefactError
from tests.model.catalog import dumps
from tests.model.catalog.building import made
from tests.model.catalog.crawls import q
from tests.model.catalog.dumps import CAT
from tests.watching import unwatched

KILLED = """
import os, signal, sys
from pathlib import Path
from depicts_model.catalog.dump import Options, build_dump
left = int(sys.argv[3])
def progress(step, done, total):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
build_dump(Path(sys.argv[1]), Path(sys.argv[2]), Options(every=20), progress)
"""


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True])
def test_a_killed_run_is_taken_up_to_the_same_bytes(tmp_path: Path, packed: bool) -> None:
    data = dumps.dump([*dumps.known(), *dumps.many(300, 3)]).encode()
    source = tmp_path / ("d.json.gz" if packed else "d.json")
    source.write_bytes(gzip.compress(data) if packed else data)
    whole, resumed = tmp_path / "whole.sqlite", tmp_path / "resumed.sqlite"
    build_dump(source, whole, Options(every=20))
    for calls in (5, 20):  # in the first pass of 17 commits; then, taken up, in the second
        environment = unwatched(os.environ) | {"PYTHONPATH": paths()}
        command = [sys.executable, "-c", KILLED, str(source), str(resumed), str(calls)]
        ended = subprocess.run(command, check=False, env=environment)
        assert ended.returncode == -signal.SIGKILL
        assert not resumed.exists()
    steps: list[int] = []
    build_dump(source, resumed, Options(every=20), lambda step, *_: steps.append(step))
    assert 1 not in steps
    assert len(steps) < 12
    assert resumed.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        (source.name, whole.name, resumed.name)
    )


def paths() -> str:
    return os.pathsep.join(sys.path)


def test_work_for_another_dump_is_not_taken_up(tmp_path: Path) -> None:
    text = dumps.dump(dumps.many(100, 4))
    with pytest.raises(ArtefactError, match="cut short"):
        made(tmp_path, text.removesuffix("]\n"))
    again, _ = made(tmp_path, dumps.dump(dumps.known()))
    with Catalog.open(again) as opened:
        assert q(CAT) in opened.qids
        assert q(1_000_001) not in opened.qids


def test_a_folder_that_is_not_there_is_not_called_in_use(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(dumps.dump(dumps.known()), encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"gone: no such folder, named by --out"):
        build_dump(tmp_path / "d.json", tmp_path / "gone" / "c.sqlite", Options())


@pytest.mark.slow
def test_two_runs_never_share_a_work_file(tmp_path: Path) -> None:
    first = Work(tmp_path / ".c.sqlite.work", "of another run")
    with pytest.raises(ArtefactError, match=r"\.c\.sqlite\.work: in use.*locked"):
        made(tmp_path, dumps.dump(dumps.known()))
    first.commit(first.state)  # still there, and still the first one's
    first.close()


def test_a_damaged_work_file_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / ".c.sqlite.work").write_bytes(b"not a database" * 100)
    out, _ = made(tmp_path, dumps.dump(dumps.known()))
    with Catalog.open(out) as opened:
        assert q(CAT) in opened.visual
