"""A shard's way: pictures from files and from a host, faults told in rows, the shipped model."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from depicts_bot.backfill import plain
from depicts_bot.backfill.fetching import IN_A_ROW, StoppedError
from depicts_bot.backfill.listed import Listed, Shard
from depicts_bot.backfill.work import BATCH, Job, Pictures, preprocess_of, viewed
from depicts_model.errors import ImageError, WikiError
from depicts_model.settings import Settings
from tests.bot import worlds

NAMES = ("mid", "sha1", "path", "thumb_url")


def listed(folder: Path, *rows: dict[str, Any]) -> Listed:
    columns = {name: [row.get(name) for row in rows] for name in NAMES}
    table = pa.table({name: pa.array(some, pa.string()) for name, some in columns.items()})
    pq.write_table(table, folder / "list.parquet")
    return Listed.open(folder / "list.parquet")


def row(n: int, **where: str) -> dict[str, Any]:
    return {"mid": f"M{n}", "sha1": f"{n:040x}", **where}


def asked(url: str, host: str) -> bytes:
    if "busy" in url:
        raise WikiError("http-429", url, 60.0)
    if "page" in url:
        raise ImageError(f"{url} is text/html, not an image", 3600.0)
    return f"{url} of {host}".encode()


def told(one: dict[str, Any]) -> tuple[Any, ...]:
    """A row's id, its picture or its fault."""
    found = Pictures("up.test", asked).of(one)
    return tuple(found.get(name) for name in ("mid", "image", "fault", "retry_after"))


def test_pictures_come_from_files_or_from_the_host_and_faults_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a picture")
    rows = [
        row(1, path=str(tmp_path / "a.jpg")),
        row(2, path=str(tmp_path / "none.jpg")),
        row(3, thumb_url="https://up.test/3.jpg"),
        row(4, thumb_url="https://up.test/busy.jpg"),
        row(5, thumb_url="https://up.test/page"),
        row(6),
    ]
    found = [told(one) for one in rows]
    assert found == [
        ("M1", b"a picture", None, None),
        ("M2", None, f"{tmp_path}/none.jpg: No such file or directory", None),
        ("M3", b"https://up.test/3.jpg of up.test", None, None),
        ("M4", None, "http-429: https://up.test/busy.jpg", 60.0),
        ("M5", None, "https://up.test/page is text/html, not an image", 3600.0),
        ("M6", None, "the list names neither a file nor a thumbnail", None),
    ]


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    rows = [row(1, path=str(tmp_path / "pipe")), row(2, path="a\0b"), row(3, path="/")]
    assert [told(one)[2] for one in rows] == [
        f"{tmp_path}/pipe: not a file",
        "'a\\x00b': embedded null byte",
        "/: not a file",
    ]


def test_a_row_that_names_no_file_fails_by_itself(tmp_path: Path) -> None:
    where = {"thumb_url": "https://up.test/a"}
    rows = [
        row(1, **where),
        {**row(2, **where), "mid": "cat"},
        {**row(3, **where), "sha1": "ABC"},
        {**row(4, **where), "depicts": ["Q1", "cat"]},
        {**row(5, **where), "depicts": [None]},
    ]
    assert [told(one)[1:3] for one in rows] == [
        (b"https://up.test/a of up.test", None),
        (None, "bad-row: not a MediaInfo id: 'cat'"),
        (None, "bad-row: not a SHA-1, 40 digits 0-9 a-f: 'ABC'"),
        (None, "bad-row: not an item id: 'cat'"),
        (None, "bad-row: not an item id: ''"),
    ]


def test_a_disk_that_is_not_there_stops_the_work(tmp_path: Path) -> None:
    pictures = Pictures("up.test", asked)
    (tmp_path / "a.jpg").write_bytes(b"a picture")
    away = row(1, path=str(tmp_path / "away" / "1.jpg"))
    for _ in range(IN_A_ROW - 1):
        pictures.of(away)
    pictures.of(row(2, path=str(tmp_path / "a.jpg")))
    for _ in range(IN_A_ROW - 1):
        pictures.of(away)
    with pytest.raises(StoppedError, match="20 files in a row could not be read; the last: "):
        pictures.of(away)


def test_batches_are_whole_whatever_the_list_is_written_in(tmp_path: Path) -> None:
    rows = [row(n, thumb_url="https://up.test/a") for n in range(BATCH * 2 + 3)]
    columns = {name: pa.array([one.get(name) for one in rows], pa.string()) for name in NAMES}
    whole = pa.table(columns)
    pq.write_table(whole[:50], tmp_path / "a.parquet", row_group_size=7)
    pq.write_table(whole[50:], tmp_path / "b.parquet")
    (shard,) = Listed.open(tmp_path).shards(1000)
    job = Job(Settings(), "", "up.test")
    sizes = [batch.num_rows for batch in viewed(job, shard, asked, preprocess_of(job))]
    assert sizes == [BATCH, BATCH, 3]


def test_a_job_can_be_sent() -> None:
    job = Job(Settings(), "out", "up.test")
    assert pickle.loads(pickle.dumps(job)) == job


@pytest.mark.slow
def test_the_plain_loop_gives_every_shard_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    rows = []
    for n in range(11):
        path = tmp_path / f"{n}.png"
        path.write_bytes(worlds.picture(n) if n != 4 else b"no picture")
        rows.append(row(n, path=str(path)))
    cut: list[Shard] = list(listed(tmp_path, *rows).shards(4))
    made = []
    for name, order in (("a", cut), ("b", cut[::-1])):
        out = tmp_path / name
        out.mkdir()
        counts = {s.number: m["counts"] for s, m in plain.run(Job(Settings(), str(out)), order)}
        assert [counts[n]["listed"] for n in range(3)] == [4, 4, 3]
        assert [n for n in range(3) if "failed:image" in counts[n]] == [1]
        made.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert made[0] == made[1] and len(made[0]) == 6
