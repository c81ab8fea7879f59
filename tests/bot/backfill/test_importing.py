"""Shards into the store: as if the bot had looked, once, and never over what is known better."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from depicts_bot.backfill import shards
from depicts_bot.backfill.planning import PLAN, Plan
from depicts_bot.cli import main
from depicts_model.cache import EmbeddingCache
from depicts_model.linker.columns import embedded, row_of
from depicts_model.store import Store
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Skipped,
    SkipReason,
)
from tests.watching import unwatched

from .test_shards import V, outcome

ROOT = Path(__file__).resolve().parents[3]
UPLOADED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LOOPBACK = "http://127.0.0.1:1/w/api.php"
ROWS = 10
NUMBERS = range(1, 1 + ROWS)
"""Of the shards' files, four each."""


def file(n: int) -> FileRef:
    url = f"https://up.test/{n}.jpg"
    return FileRef(Mid(f"M{n}"), f"File:{n}.jpg", f"{n:040x}", 1000 + n, UPLOADED, url)


def line(n: int, **changes: Any) -> dict[str, Any]:
    one = file(n)
    told = {"mid": one.mid, "sha1": one.sha1, "title": one.title, "revision": one.revision}
    told |= {"uploaded": one.uploaded, "thumb_url": one.thumb_url}
    vector = None if n % 3 == 0 else [n, 0.5, 1]
    return {**told, "key": n.to_bytes(16), "vector": vector, **row_of(outcome(n)), **changes}


def write(out: Path, number: int, lines: Sequence[dict[str, Any]]) -> None:
    batch = pa.RecordBatch.from_pylist([*lines], embedded(3))
    shards.write(out, f"part-{number:08}", [batch], embedded(3), V)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    place = tmp_path / "out"
    Plan("abc", ROWS, 4, V, "space", "5 40").agree(place)
    for number in range(3):
        write(place, number, [line(n) for n in NUMBERS[number * 4 : number * 4 + 4]])
    return place


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    url = f"sqlite:///{tmp_path}/store.sqlite"
    monkeypatch.setenv("DEPICTS_DATABASE_URL", url)
    monkeypatch.setenv("DEPICTS_WIKI_API", LOOPBACK)
    return Store.open(url)


def imported(out: Path, *more: str) -> Result:
    told = ["import", str(out), "--as-listed", *more]
    return CliRunner().invoke(main, told, catch_exceptions=True)


def test_each_file_is_told_as_the_bot_would_have_stored_it(out: Path, store: Store) -> None:
    result = imported(out)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        f"run 1, model {V}: 10 listed = 3 suggested + 4 nothing (4 not-sure)"
        " + 3 failed (2 http-404, 1 image)\n"
    )
    for n in NUMBERS:
        found = store.latest(Mid(f"M{n}"))
        assert found is not None
        assert (found.file, found.outcome, found.model_version) == (file(n), outcome(n), V)
    (run,) = store.last_runs(5)
    assert (run.kind, run.version) == ("import", V)
    assert store.last_inputs("import") == {"files": "abc", "rows": ROWS}
    assert run.finished is not None and run.counts is not None and run.counts["listed"] == ROWS


def test_the_same_again_changes_nothing(out: Path, store: Store) -> None:
    imported(out)
    before = [store.latest(Mid(f"M{n}")) for n in NUMBERS]
    result = imported(out)
    assert result.stdout == f"run 2, model {V}: 10 listed = 10 already done\n"
    assert [store.latest(Mid(f"M{n}")) for n in NUMBERS] == before


def test_shards_that_are_stored_are_not_read_again(
    out: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out / "part-00000002.json").rename(out / "later")
    imported(out)
    (out / "later").rename(out / "part-00000002.json")
    read: list[str] = []
    whole = shards.digest

    def watched(path: Path) -> str:
        read.append(path.name)
        return whole(path)

    monkeypatch.setattr(shards, "digest", watched)
    told = imported(out).stdout
    assert told.startswith(f"run 2, model {V}: 10 listed = ") and told.endswith("8 already done\n")
    assert read == ["part-00000002.parquet"]
    # another shard in its place is another one, and what comes behind it is looked at again
    write(out, 1, [line(n) for n in (8, 7, 6, 5)])
    read.clear()
    assert "10 already done" in imported(out).stdout
    assert len(read) == 3


def test_what_is_known_better_stays(out: Path, store: Store) -> None:
    better = NothingToSuggest(NothingReason.NOT_SURE)
    newer = replace(file(2), revision=2000, title="File:Moved.jpg")
    overwritten = replace(file(5), revision=2001, sha1="f" * 40)
    gone = replace(file(8), revision=0)
    older = replace(file(1), revision=7, title="File:Old.jpg")
    run = store.start_run("bot", "v2", {})
    for known, found in ((newer, better), (overwritten, better), (older, better)):
        store.save_batch(run, "v2", [(known, found)])
    store.save_batch(run, "v2", [(gone, Skipped(SkipReason.DELETED))])
    assert "10 listed" in imported(out).stdout
    told = {n: store.latest(Mid(f"M{n}")) for n in (1, 2, 5, 8)}
    assert {n: one.file for n, one in told.items() if one} == {
        1: file(1),
        2: newer,
        5: overwritten,
        8: gone,
    }


def test_a_request_of_a_reader_ends(out: Path, store: Store) -> None:
    store.request(Mid("M4"))
    imported(out)
    assert store.counts()["requests"] == 0


def test_what_may_come_right_is_looked_at_again_by_a_run(out: Path, store: Store) -> None:
    later = row_of(Failed("http-503: busy", 60.0))
    write(out, 0, [line(n, **later) for n in NUMBERS[:4]])
    imported(out)
    soon, at = datetime.now(UTC), datetime.now(UTC) + timedelta(seconds=90)
    assert store.due(V, soon, 10) == []
    assert [one.file for one in store.due(V, at, 10)] == [file(n) for n in NUMBERS[:4]]


def test_vectors_are_remembered(
    out: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPICTS_EMBEDDING_CACHE", str(tmp_path / "cache"))
    imported(out)
    with EmbeddingCache(tmp_path / "cache", 10**7) as cache:
        found = cache.get([n.to_bytes(16) for n in NUMBERS])
    assert sorted(found) == [n.to_bytes(16) for n in NUMBERS if n % 3]
    from depicts_model.linker.cached import STORED

    assert np.frombuffer(found[(4).to_bytes(16)], STORED).tolist() == [4, 0.5, 1]


def test_what_is_not_finished_is_left_out_and_told(out: Path, store: Store) -> None:
    (out / "part-00000001.json").unlink()
    result = imported(out)
    assert (result.exit_code, result.stderr) == (
        0,
        f"{out}: 1 of 3 shards are not finished, and left out\n",
    )
    assert "6 listed" in result.stdout and store.latest(Mid("M5")) is None


def test_a_damaged_shard_is_named_and_what_came_before_is_kept(out: Path, store: Store) -> None:
    path = out / "part-00000001.parquet"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    result = imported(out)
    assert result.exit_code == 2
    assert f"error: {path}: is not what its manifest says" in result.stderr
    assert store.latest(Mid("M4")) is not None and store.latest(Mid("M5")) is None


@pytest.mark.parametrize("name", ["title", "revision", "uploaded"])
def test_a_list_without_what_the_store_needs(out: Path, store: Store, name: str) -> None:
    write(out, 0, [line(n, **{name: None}) for n in NUMBERS[:4]])
    result = imported(out)
    assert result.exit_code == 2
    assert f"the list told no {name!r} of M1" in result.stderr


def test_a_row_that_names_no_file_is_counted_and_not_stored(out: Path, store: Store) -> None:
    fault = {"kind": "failed", "error": "bad-row: not a MediaInfo id: 'cat'", "vector": None}
    write(out, 2, [line(9), line(10, **{"mid": "cat", "title": None, **fault})])
    result = imported(out)
    assert result.exit_code == 0 and "10 listed" in result.stdout
    assert "1 bad-row" in result.stdout
    assert store.counts()["files"] == 9


@pytest.mark.parametrize("text", [None, "{", "[]", '{"rows": 3}'])
def test_no_backfill(out: Path, store: Store, text: str | None) -> None:
    (out / PLAN).unlink()
    if text is not None:
        (out / PLAN).write_text(text)
    result = imported(out)
    assert result.exit_code == 2 and result.stderr.startswith(f"error: {out / PLAN}: ")
    assert result.stderr.count("\n") == 1


def test_the_demo_model_is_not_let_loose_on_a_real_wiki(
    out: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out / PLAN).unlink()
    Plan("abc", ROWS, 4, V, "space", "5 40", demo=True).agree(out)
    monkeypatch.setenv("DEPICTS_WIKI_API", "https://commons.wikimedia.org/w/api.php")
    result = imported(out)
    assert result.exit_code == 2 and "--demo-model" in result.stderr
    assert store.counts()["files"] == 0
    assert imported(out, "--demo-model").exit_code == 0


def test_titles_of_a_dump_are_told_as_the_wiki_does(out: Path, store: Store) -> None:
    titles = ["A_cat.jpg", "File:A_cat.jpg", "File:A cat.jpg"]
    write(out, 0, [line(n, title=title) for n, title in enumerate(titles, 1)])
    imported(out)
    found = [store.latest(Mid(f"M{n}")) for n in (1, 2, 3)]
    assert [one.file.title for one in found if one] == ["File:A cat.jpg"] * 3


KILLED = """
import os, signal, sys
from depicts_bot.backfill import importing
from depicts_bot.cli import main
from depicts_model.store import Store
importing.ROWS = 3
left, whole = [3], Store.import_batch
def dying(*given):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*given)
Store.import_batch = dying
main(["import", sys.argv[1], "--as-listed"])
"""


@pytest.mark.slow
def test_killed_it_goes_on(out: Path, store: Store) -> None:
    command = [sys.executable, "-c", KILLED, str(out)]
    environment = {**unwatched(os.environ), "PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert store.counts()["files"] == 4
    assert "+ 4 already done" in imported(out).stdout
    for n in NUMBERS:
        found = store.latest(Mid(f"M{n}"))
        assert found is not None and found.outcome == outcome(n)
