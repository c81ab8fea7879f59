"""A data set is there whole or not at all, the same from the same input, and leaks nothing."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from depicts_model.dataset import claiming, reading, shards, staging
from depicts_model.dataset.leaks import LeakError
from depicts_model.dataset.mediainfo import MediaInfoDump
from depicts_model.dataset.progress import silent
from depicts_model.dataset.published import Published
from depicts_model.dataset.reading import open_dataset
from depicts_model.dataset.rows import Row, Told
from depicts_model.dataset.shards import SPLITS
from depicts_model.dataset.tables import Table
from depicts_model.errors import ArtefactError
from tests.model.dataset.sources import (
    Given,
    built,
    depicts,
    dump,
    entity,
    parquet,
    picture,
    qids,
    row,
    sample,
    table,
    zipped,
)

CAT, DOG = 146, 144


def many(count: int, **more: Any) -> list[Row]:
    return [row(f"M{number}", (CAT, DOG)[number % 2], **more) for number in range(1, count + 1)]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# --- whole or not at all ---


class Breaking(Given):
    """It ends before its end."""

    def rows(self, told: Told, images: bool) -> Iterator[Row]:
        yield from self.given
        raise KeyboardInterrupt


def test_a_build_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        built(tmp_path / "d", Breaking(many(2500)))
    assert [*tmp_path.iterdir()] == []


def test_what_a_killed_build_left_is_no_data_set_and_disturbs_no_other(tmp_path: Path) -> None:
    built(tmp_path / "other", *many(30))
    hidden = claiming.hidden(tmp_path / "d")
    hidden.mkdir()
    (hidden / "read.parquet").write_bytes(b"PAR1")
    (hidden / "train-00007.parquet").write_bytes(b"PAR1")
    with pytest.raises(ArtefactError, match="no data set"):
        open_dataset(hidden)
    built(tmp_path / "d", *many(30))
    assert content(tmp_path / "d") == content(tmp_path / "other")
    assert not hidden.exists()


def test_nothing_that_is_there_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "mine.txt").write_text("mine")
    with pytest.raises(ArtefactError, match="is there and not empty"):
        built(tmp_path / "d", *many(30))
    assert [path.name for path in tmp_path.rglob("*")] == ["d", "mine.txt"]
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ArtefactError, match="is there and no folder"):
        built(tmp_path / "file", *many(30))


def test_a_second_build_of_the_same_is_refused(tmp_path: Path) -> None:
    with claiming.claimed(tmp_path / "d") as folder:
        with pytest.raises(ArtefactError, match="another build is writing it"):
            built(tmp_path / "d", *many(30))
        (folder / "whole").write_text("")
    assert [path.name for path in (tmp_path / "d").iterdir()] == ["whole"]


def test_a_full_disk_is_named_by_the_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, claiming.claimed(tmp_path / "d"):
        raise OSError(errno.ENOSPC, "Error writing bytes to file")
    assert caught.value.filename == str(tmp_path / "d")
    assert [*tmp_path.iterdir()] == []


def test_a_leak_leaves_no_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def leak(dataset: reading.Dataset) -> None:
        raise LeakError("planted")

    monkeypatch.setattr(reading, "check", leak)
    with pytest.raises(LeakError, match="planted"):
        built(tmp_path / "d", *many(30))
    assert [*tmp_path.iterdir()] == []


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="nothing is left of what was read"):
        built(tmp_path / "d", row("M1", 999999999))
    assert [*tmp_path.iterdir()] == []


# --- what is in it ---


@pytest.mark.slow
def test_the_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    rows = many(2500, texts={"en": "x"}, uploader="ann")
    for name in ("a", "b"):
        built(tmp_path / name, *rows, rows_per_shard=700)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    built(tmp_path / "c", *many(2500), seed=1, rows_per_shard=700)
    assert content(tmp_path / "c") != content(tmp_path / "a")


def test_neither_the_place_nor_damage_in_the_input_changes_a_byte(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        pictures = {f"{n}.png": picture(n) for n in range(20)} | {"x": b"text", "y": b"\x89PNG"}
        path = table(folder, "file,items\n" + "".join(f"{one},Q{CAT}\n" for one in pictures))
        made = built(folder / "d", Table(path, zipped(folder, pictures), silent))
        assert made.counts["files without a readable picture"] == 2
    assert content(tmp_path / "a" / "d") == content(tmp_path / "b" / "d")


@pytest.mark.slow
def test_rows_come_back_as_they_were_in_bounded_shards(tmp_path: Path) -> None:
    time = datetime(2026, 5, 4, 3, 2, 1, 500, tzinfo=UTC)
    full = row(
        "M1",
        (CAT, DOG),
        refused=qids(5),
        sha1="a" * 40,
        uploader="0" * 24,
        time=time,
        texts={"de": "Katze", "en": "cat"},
        location="File:1.jpg",
        image=b"data",
        hash=2**64 - 1,
    )
    rows = [full, *many(2500)[1:]]
    made = built(tmp_path / "d", *rows, rows_per_shard=300, embed=True)
    opened = open_dataset(tmp_path / "d")
    back = {one.file: one for split in SPLITS for one in opened.rows(split)}
    assert back == {one.file: one for one in rows}
    assert max(shard.rows for shard in made.shards) == 300
    assert sum(shard.rows for shard in made.shards) == made.counts["files kept"] == 2500
    assert opened.manifest == made


def test_pictures_are_kept_only_if_asked_for(tmp_path: Path) -> None:
    built(tmp_path / "d", *many(30, image=b"data"))
    opened = open_dataset(tmp_path / "d")
    assert {one.image for split in SPLITS for one in opened.rows(split)} == {None}


def test_pictures_are_in_memory_by_their_size_and_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "BYTES", 10_000)
    sizes: list[int] = []
    written = shards.table_of

    def counted(rows: Sequence[Row], units: Sequence[str] | None = None) -> Any:
        sizes.append(sum(len(one.image or b"") for one in rows))
        return written(rows, units)

    monkeypatch.setattr(shards, "table_of", counted)
    monkeypatch.setattr(staging, "table_of", counted)
    built(tmp_path / "d", *many(400, image=bytes(1_000)), embed=True, rows_per_shard=90)
    assert len(sizes) >= 2 * 40 and max(sizes) == 10_000
    opened = open_dataset(tmp_path / "d")
    assert max(shard.rows for shard in opened.manifest.shards) == 90
    with pq.ParquetFile(tmp_path / "d" / "train-00000.parquet") as file:
        assert file.metadata.row_group(0).num_rows == 10


def test_where_pictures_are_read_few_rows_are_in_memory(tmp_path: Path) -> None:
    built(tmp_path / "d", *many(400, image=b"data"), embed=True)
    opened = open_dataset(tmp_path / "d")
    for columns in (None, ["file", "image"]):
        assert max(batch.num_rows for batch in opened.batches("train", columns)) == 64
    assert next(opened.batches("train", ["file"])).num_rows > 64


def test_near_duplicates_and_uploaders_stay_together(tmp_path: Path) -> None:
    names = {f"{n}.png": picture(n // 5) for n in range(200)}
    text = "file,items,uploader\n" + "".join(f"{name},Q{CAT},\n" for name in names)
    source = Table(table(tmp_path, text), zipped(tmp_path, names), silent)
    made = built(tmp_path / "d", source)
    assert made.unit == ("file", "sha1", "perceptual hash")
    opened = open_dataset(tmp_path / "d")
    sides = {int(one.file[:-4]) // 5: split for split in SPLITS for one in opened.rows(split)}
    for split in SPLITS:
        assert all(sides[int(one.file[:-4]) // 5] == split for one in opened.rows(split))
    assert {*sides.values()} == {*SPLITS}
    without = built(tmp_path / "e", source, hashes=False)
    assert without.unit == ("file",)
    random = built(tmp_path / "f", source, split="random")
    assert random.leaks["near-duplicates of train in test"] > 0


def test_with_times_test_is_the_newest(tmp_path: Path) -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [replace(one, time=day + timedelta(n)) for n, one in enumerate(many(100))]
    made = built(tmp_path / "d", *rows)
    assert made.unit == ("file", "time")
    assert [one.file for one in open_dataset(tmp_path / "d").rows("test")] == [
        f"M{number}" for number in range(91, 101)
    ]


def test_one_file_without_a_time_does_not_part_the_others_by_lot(tmp_path: Path) -> None:
    """A lot is drawn for it alone, and the manifest counts it. Where none has a time, it is said of
    none."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [replace(one, time=day + timedelta(n)) for n, one in enumerate(many(100))]
    rows[-1] = replace(rows[-1], uploader="ann")
    timeless, heard = (row("M500", CAT), row("M501", CAT, uploader="ann")), list[str]()
    made = built(tmp_path / "d", *rows, *timeless, warn=heard.append)
    assert made.unit == ("file", "uploader", "time")
    assert made.counts["files without a time"] == 2
    assert made.counts["files without a time of a unit in test"] == 1
    files = {
        split: [one.file for one in open_dataset(tmp_path / "d").rows(split)] for split in SPLITS
    }
    assert [file for file in files["test"] if file != "M500"] == [f"M{n}" for n in range(91, 101)]
    assert sum(some.count("M500") for some in files.values()) == 1
    rule = "where their unit has none a lot is drawn, else they follow it, but not to test"
    assert heard == [f"2 of 102 files have no time: {rule}"]
    none = built(tmp_path / "e", *many(100))
    assert none.unit == ("file",) and "files without a time" not in none.counts
    assert "files without a time" not in built(tmp_path / "f", *rows).counts


def test_several_sources_make_one_and_the_manifest_tells_of_each(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text(dump([entity(n, depicts(f"Q{CAT}")) for n in range(1, 40)] + ["{"]))
    parquet(tmp_path / "p" / "0.parquet", [sample(n, [DOG]) for n in range(20, 50)])
    out = tmp_path / "d"
    made = built(out, MediaInfoDump(path, silent), Published(tmp_path / "p", silent))
    assert {one["name"] for one in made.inputs} == {"dump.json", "0.parquet"}
    assert all(len(one["sha256"]) == 64 and one["size"] > 0 for one in made.inputs)
    assert made.counts["files read"] == 49 and made.counts["damaged lines"] == 1
    assert made.left_out["damaged lines"][0].startswith("dump.json: line 41: ")
    assert {*made.lacks} == {*made.licences} == {"mediainfo", "vel_commons_wikidata"}
    assert "uploader" in made.lacks["mediainfo"]
    assert str(tmp_path) not in (out / "manifest.json").read_text()


def test_versions_of_a_file_are_on_one_side(tmp_path: Path) -> None:
    some = many(60, sha1="b" * 40)
    built(tmp_path / "d", *some, *(replace(one, sha1="a" * 40) for one in some[:3]))
    opened = open_dataset(tmp_path / "d")
    files = [[one.file for one in opened.rows(split)] for split in SPLITS]
    assert sum(map(len, files)) == 63 and sum(len({*some}) for some in files) == 60


def test_vel2024_counts_before_it_replaces(tmp_path: Path) -> None:
    rows = [*many(20), *(row(f"M{n}", 7295) for n in range(30, 35))]
    made = built(tmp_path / "d", *rows, profile="vel2024")
    assert made.edges["of"] == "catalog"
    assert made.counts["items rare"] == 1
    assert made.counts["files kept"] + made.counts.get("files that show nothing any more", 0) == 25


# --- damage ---


def damaged(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def test_a_damaged_data_set_is_refused(tmp_path: Path) -> None:
    built(tmp_path / "d", *many(30))
    shard = tmp_path / "d" / "train-00000.parquet"
    whole = shard.read_bytes()
    for change in (whole[:-1], whole[:50] + bytes([whole[50] ^ 1]) + whole[51:], b""):
        shard.write_bytes(change)
        with pytest.raises(ArtefactError, match="is not the shard that the manifest names"):
            open_dataset(tmp_path / "d")
    shard.unlink()
    with pytest.raises(ArtefactError, match="train-00000"):
        open_dataset(tmp_path / "d")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "format 2, and not 1"),
        ({"surprise": 1}, "'surprise' is missing or unknown"),
        ({"shards": [{"name": "x"}]}, "not the manifest of a data set"),
        ({"shards": 5}, "not the manifest of a data set"),
    ],
)
def test_another_manifest_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    built(tmp_path / "d", *many(30))
    text = json.dumps(damaged(tmp_path / "d") | change)
    (tmp_path / "d" / "manifest.json").write_text(text)
    with pytest.raises(ArtefactError, match=words):
        open_dataset(tmp_path / "d")


def test_a_shard_elsewhere_is_not_read(tmp_path: Path) -> None:
    made = built(tmp_path / "d", *many(30))
    found = damaged(tmp_path / "d")
    found["shards"][0]["name"] = "../d/" + made.shards[0].name
    (tmp_path / "d" / "manifest.json").write_text(json.dumps(found))
    with pytest.raises(ArtefactError, match="is not the shard"):
        open_dataset(tmp_path / "d")


def test_a_split_that_is_none_is_refused(tmp_path: Path) -> None:
    built(tmp_path / "d", *many(30))
    with pytest.raises(ValueError, match="no split 'dev'"):
        next(open_dataset(tmp_path / "d").rows("dev"))
