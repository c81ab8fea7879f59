"""The list of a backfill, cut into shards: every row once, in its order, whatever the files are."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_bot.backfill.listed import Listed
from depicts_model.errors import ArtefactError


def table(first: int, rows: int, **more: pa.Array) -> pa.Table:
    numbers = range(first, first + rows)
    columns = {
        "mid": [f"M{n}" for n in numbers],
        "sha1": [f"{n:040x}" for n in numbers],
        "path": [f"{n}.jpg" for n in numbers],
    }
    return pa.table({**{k: pa.array(v, pa.string()) for k, v in columns.items()}, **more})


def saved(folder: Path, *sizes: int, group: int = 1000) -> Path:
    first = 0
    for number, rows in enumerate(sizes):
        pq.write_table(table(first, rows), folder / f"{number:03}.parquet", row_group_size=group)
        first += rows
    return folder


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.integers(1, 17), st.integers(1, 30))
def test_every_row_is_in_one_shard_in_its_order(sizes: list[int], group: int, size: int) -> None:
    with TemporaryDirectory() as folder:
        listed = Listed.open(saved(Path(folder), *sizes, group=group))
        shards = list(listed.shards(size))
        random.Random(0).shuffle(shards)
        found = {shard.number: shard.read()["mid"].to_pylist() for shard in shards}
    assert [mid for number in sorted(found) for mid in found[number]] == [
        f"M{n}" for n in range(sum(sizes))
    ]
    assert listed.rows == sum(sizes) and sorted(found) == [*range(len(found))]
    assert all(len(found[number]) == size for number in range(len(found) - 1))


def test_other_columns_are_not_read_and_lists_of_items_are(tmp_path: Path) -> None:
    depicts = pa.array([["Q1"], [], None])
    path = tmp_path / "a.parquet"
    pq.write_table(table(0, 3, depicts=depicts, secret=pa.array(["x"] * 3)), path)
    (shard,) = Listed.open(path).shards(10)
    assert shard.read().to_pylist()[0] == {
        "mid": "M0",
        "sha1": "0" * 40,
        "path": "0.jpg",
        "depicts": ["Q1"],
    }


@pytest.mark.parametrize("kind", [pa.int32(), pa.uint32(), pa.int64()])
def test_revisions_of_any_size_are_read(tmp_path: Path, kind: pa.DataType) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(table(0, 1, revision=pa.array([7], kind)), path)
    (shard,) = Listed.open(path).shards(10)
    assert shard.read().schema.field("revision").type == pa.int64()


def test_another_list_has_another_digest(tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one", "same", "other"))
    for folder in (one, same, other):
        folder.mkdir()
    saved(one, 5, 7)
    saved(same, 5, 7)
    saved(other, 5, 8)
    digests = [Listed.open(folder).digest for folder in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


def test_what_changed_since_is_noticed(tmp_path: Path) -> None:
    (shard,) = Listed.open(saved(tmp_path, 9)).shards(10)
    saved(tmp_path, 5)
    with pytest.raises(ArtefactError, match="has other rows than when the work was cut"):
        shard.read()


NONSENSE = {
    "no column 'sha1'": lambda path: pq.write_table(pa.table({"mid": ["M1"]}), path),
    "neither a column 'path' nor 'thumb_url'": lambda path: pq.write_table(
        table(0, 1).drop_columns("path"), path
    ),
    "column 'mid' is int64, not string": lambda path: pq.write_table(
        table(0, 1).set_column(0, "mid", pa.array([1])), path
    ),
    "not a Parquet file": lambda path: path.write_bytes(b"mid,sha1\nM1,0\n"),
}


@pytest.mark.parametrize("told", NONSENSE)
def test_what_is_no_list_is_refused_in_one_line(tmp_path: Path, told: str) -> None:
    path = tmp_path / "a.parquet"
    NONSENSE[told](path)
    with pytest.raises(ArtefactError, match=told) as fault:
        Listed.open(path)
    assert str(path) in str(fault.value) and "\n" not in str(fault.value)


def test_an_empty_folder_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"there is no \*.parquet file in it"):
        Listed.open(tmp_path)
    with pytest.raises(ArtefactError, match="there is no such file"):
        Listed.open(tmp_path / "none.parquet")


@pytest.mark.parametrize("name", ["mid", "sha1"])
def test_an_empty_row_is_told_before_the_work(tmp_path: Path, name: str) -> None:
    rows = table(0, 3)
    column = pa.array([None, rows[name][1].as_py(), None])
    path = tmp_path / "a.parquet"
    pq.write_table(rows.set_column(rows.schema.get_field_index(name), name, column), path)
    with pytest.raises(ArtefactError, match=f"a.parquet: column '{name}' is empty in 2 rows"):
        Listed.open(path)


def test_whether_there_may_be_something_to_fetch(tmp_path: Path) -> None:
    every, some, none, empty = (tmp_path / f"{n}.parquet" for n in range(4))
    pq.write_table(table(0, 2).set_column(2, "path", pa.array(["a", ""])), empty)
    pq.write_table(table(0, 3), every)
    pq.write_table(table(0, 2).set_column(2, "path", pa.array(["a", None])), some)
    pq.write_table(table(0, 2).rename_columns(["mid", "sha1", "thumb_url"]), none)
    assert [Listed.open(path).fetches for path in (every, some, none, empty, tmp_path)] == [
        False,
        *[True] * 4,
    ]


def test_files_of_a_list_may_be_of_several_types(tmp_path: Path) -> None:
    seconds = pa.array([1, 2], pa.timestamp("s", "UTC"))
    pq.write_table(table(0, 2, uploaded=seconds), tmp_path / "a.parquet")
    large = table(2, 2, uploaded=seconds.cast(pa.timestamp("us", "UTC")))
    large = large.set_column(0, "mid", large["mid"].cast(pa.large_string()))
    pq.write_table(large, tmp_path / "b.parquet")
    (shard,) = Listed.open(tmp_path).shards(10)
    assert shard.read()["mid"].to_pylist() == ["M0", "M1", "M2", "M3"]
    assert [one.timestamp() for one in shard.read()["uploaded"].to_pylist()] == [1, 2, 1, 2]


def test_a_time_that_no_calendar_has_is_none(tmp_path: Path) -> None:
    times = pa.array([0, 10**15, -(10**12)], pa.timestamp("s", "UTC"))
    pq.write_table(table(0, 3, uploaded=times), tmp_path / "a.parquet")
    (shard,) = Listed.open(tmp_path).shards(10)
    found = shard.read()["uploaded"].to_pylist()
    assert [one is None for one in found] == [False, True, True]


def test_another_row_makes_another_list(tmp_path: Path) -> None:
    rows = table(0, 5000)
    sha1s = rows["sha1"].to_pylist()
    sha1s[2500] = "f" * 39 + "e"
    other = rows.set_column(1, "sha1", pa.array(sha1s))
    digests = []
    for one in (rows, other):
        pq.write_table(one, tmp_path / "a.parquet", compression="none", use_dictionary=False)
        digests.append(Listed.open(tmp_path / "a.parquet").digest)
    assert digests[0] != digests[1]
