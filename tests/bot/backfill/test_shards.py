"""Shards on disk: whole or not there, the same bytes for the same rows, finished by a manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from depicts_bot.backfill.shards import clear, read_manifest, write
from depicts_model.errors import ArtefactError
from depicts_model.linker.columns import embedded, row_of
from depicts_model.types import (
    Failed,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Suggested,
    Suggestion,
)

V = "v1"
SCHEMA = embedded(3)


def outcome(n: int) -> Outcome:
    if n % 3 == 0:
        return Failed("http-404: gone" if n % 2 else "image file is truncated")
    if n % 3 == 1:
        return NothingToSuggest(NothingReason.NOT_SURE)
    return Suggested((Suggestion(Mid(f"M{n}"), Qid("Q1"), 0.5, ("x",), (), (), V),))


def batches(*sizes: int) -> Iterator[pa.RecordBatch]:
    first = 0
    for size in sizes:
        rows = [
            {
                "mid": f"M{n}",
                "sha1": f"{n:040x}",
                "key": n.to_bytes(16),
                "vector": None if n % 3 == 0 else [n, 0.5, 1],
                **row_of(outcome(n)),
            }
            for n in range(first, first + size)
        ]
        yield pa.RecordBatch.from_pylist(rows, SCHEMA)
        first += size


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_a_shard_holds_its_rows_and_its_manifest_counts_them(tmp_path: Path) -> None:
    manifest = write(tmp_path, "part-1", batches(4, 3), SCHEMA, V)
    assert read_manifest(tmp_path, "part-1") == manifest
    found = files(tmp_path)
    assert sorted(found) == ["part-1.json", "part-1.parquet"]
    assert pq.read_table(tmp_path / "part-1.parquet").num_rows == manifest["rows"] == 7
    assert manifest["sha256"] == hashlib.sha256(found["part-1.parquet"]).hexdigest()
    assert manifest["bytes"] == len(found["part-1.parquet"])
    assert manifest["counts"] == {
        "listed": 7,
        "suggested": 2,
        "nothing:not-sure": 2,
        "failed:http-404": 1,
        "failed:image": 2,
    }


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "part-1", batches(4, 3), SCHEMA, V)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_one_that_broke_off_is_not_there_and_the_next_one_is(tmp_path: Path) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield from batches(4)
        raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError):
        write(tmp_path, "part-1", broken(), SCHEMA, V)
    assert files(tmp_path) == {} and read_manifest(tmp_path, "part-1") is None
    write(tmp_path, "part-1", batches(4), SCHEMA, V)
    assert read_manifest(tmp_path, "part-1")


def test_without_its_manifest_or_cut_short_it_is_not_finished(tmp_path: Path) -> None:
    write(tmp_path, "part-1", batches(4), SCHEMA, V)
    rows, told = tmp_path / "part-1.parquet", tmp_path / "part-1.json"
    whole, manifest = rows.read_bytes(), told.read_bytes()
    for broken in (manifest[:-20], b"", b"[]", b'{"rows": 4}'):
        told.write_bytes(broken)
        assert read_manifest(tmp_path, "part-1") is None
    told.write_bytes(manifest)
    rows.write_bytes(whole[:-1])
    assert read_manifest(tmp_path, "part-1") is None
    told.unlink()
    assert read_manifest(tmp_path, "part-1") is None


@pytest.mark.parametrize("text", ["[]", "{}", '{"bytes": 3}', "\x00", '{"counts": 1}'])
def test_a_manifest_that_is_none_finishes_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, "part-00000000", batches(3), SCHEMA, V)
    (tmp_path / "part-00000000.json").write_text(text)
    assert read_manifest(tmp_path, "part-00000000") is None


def test_what_a_kill_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path, "part-1", batches(4), SCHEMA, V)
    before = files(tmp_path)
    (tmp_path / "part-2.parquet.4711.work").write_bytes(b"half")
    clear(tmp_path)
    assert files(tmp_path) == before


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="none/part-1: cannot be written: No such file"):
        write(tmp_path / "none", "part-1", batches(1), SCHEMA, V)
