"""The command: what it says, what it does again, and what it refuses."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from depicts_bot.backfill import running
from depicts_bot.backfill.listed import Shard
from depicts_bot.backfill.planning import PLAN
from depicts_bot.backfill.work import Job, Json
from depicts_bot.cli import main
from depicts_model.linker.link import shipped

from .lists import made, pictures, row, save

SLOW = pytest.mark.slow


def backfill(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["backfill", *map(str, arguments)], catch_exceptions=True)


@pytest.fixture
def plain(tmp_path: Path) -> tuple[object, ...]:
    out = tmp_path / "out"
    return ("--out", out, "--engine", "plain", "--shard-rows", 4, "--files")


@SLOW
def test_a_list_becomes_shards_and_the_same_again_does_nothing(
    tmp_path: Path, plain: tuple[object, ...]
) -> None:
    listed = pictures(tmp_path, 10, damaged=[3])
    first = backfill(*plain, listed)
    assert first.exit_code == 0, first.output
    assert "10 files in 3 shards, of which 0 are finished\n" in first.stderr
    assert first.stdout.startswith(f"{tmp_path / 'out'}: 10 listed = ")
    assert "1 failed (1 image)" in first.stdout
    before = made(tmp_path / "out")
    assert sum("parquet" in name for name in before) == 3
    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    again = backfill(*plain, listed)
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    assert "of which 3 are finished" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == stamps


@SLOW
def test_what_is_missing_or_cut_short_is_done_and_nothing_else(
    tmp_path: Path, plain: tuple[object, ...]
) -> None:
    listed = pictures(tmp_path, 10)
    backfill(*plain, listed)
    out = tmp_path / "out"
    before = made(out)
    (out / "part-00000001.json").unlink()
    (out / "part-00000002.parquet").write_bytes(b"PAR1")
    (out / "part-00000000.parquet.77.work").write_bytes(b"half")
    assert "of which 1 are finished" in backfill(*plain, listed).stderr
    assert made(out) == before


@pytest.mark.parametrize(
    ("name", "told"), [("none.parquet", "there is no such file"), (".", "no *.parquet file")]
)
def test_no_list(tmp_path: Path, plain: tuple[object, ...], name: str, told: str) -> None:
    result = backfill(*plain, tmp_path / name)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ") and told in result.stderr
    assert result.stderr.count("\n") == 1 and not (tmp_path / "out").exists()


def test_another_list_needs_another_place(tmp_path: Path, plain: tuple[object, ...]) -> None:
    out = tmp_path / "out"
    assert backfill(*plain, save(tmp_path / "a.parquet", [])).exit_code == 0
    result = backfill(*plain, save(tmp_path / "b.parquet", [row(1)]))
    told = f"error: {out}: was begun with another list of files; name another place\n"
    assert (result.exit_code, result.stderr) == (2, told)


def test_a_place_that_cannot_be_locked(
    tmp_path: Path, plain: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuses)
    result = backfill(*plain, save(tmp_path / "a.parquet", []))
    told = f"error: {tmp_path / 'out'}: cannot be locked: No locks available\n"
    assert (result.exit_code, result.stderr) == (2, told)


def test_two_at_one_place(tmp_path: Path, plain: tuple[object, ...]) -> None:
    listed = save(tmp_path / "a.parquet", [])
    assert backfill(*plain, listed).exit_code == 0
    folder = os.open(tmp_path / "out", os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    result = backfill(*plain, listed)
    os.close(folder)
    told = f"error: {tmp_path / 'out'}: another backfill is at work here\n"
    assert (result.exit_code, result.stderr) == (2, told)


def test_an_engine_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    result = backfill("--files", "a.parquet", "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: needs ray: install the extra 'ray'\n",
    )


def test_the_plan_tells_what_the_bytes_depend_on(
    tmp_path: Path, plain: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = save(tmp_path / "a.parquet", [])
    assert backfill(*plain, listed).exit_code == 0
    plan = json.loads((tmp_path / "out" / PLAN).read_text())
    assert (plan["rows"], plan["shard_rows"], plan["limits"]) == (0, 4, '[5, 40.0, "en", ""]')
    monkeypatch.setenv("DEPICTS_MAX_SUGGESTIONS", "3")
    assert "another max_suggestions" in backfill(*plain, listed).stderr


def test_workers_learn_no_secret_and_keep_the_model_that_served_at_first(
    tmp_path: Path, plain: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "current").symlink_to(shipped())
    monkeypatch.setenv("DEPICTS_MODELS", str(models))
    monkeypatch.setenv("DEPICTS_WIKI_PASSWORD", "hush")
    monkeypatch.setenv("DEPICTS_DATABASE_URL", "mysql+pymysql://user:hush@127.0.0.1/x")
    jobs: list[Job] = []

    def engine(job: Job, *_: object) -> Iterator[tuple[Shard, Json]]:
        jobs.append(job)
        return iter(())

    monkeypatch.setattr(running, "_engine", lambda _: engine)
    assert backfill(*plain, save(tmp_path / "a.parquet", [row(1)])).exit_code == 0
    (job,) = jobs
    assert b"hush" not in pickle.dumps(job)
    assert (job.settings.model, job.settings.models) == (str(shipped().resolve()), "")


@pytest.mark.parametrize("rate", ["nan", "inf"])
def test_a_pace_that_is_none(tmp_path: Path, plain: tuple[object, ...], rate: str) -> None:
    result = backfill(*plain, save(tmp_path / "a.parquet", []), "--rate", rate)
    assert result.exit_code == 2 and "--rate" in result.stderr
