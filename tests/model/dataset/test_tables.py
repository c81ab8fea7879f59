"""A table of files and items, with or without its pictures."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from depicts_model.dataset.progress import silent
from depicts_model.dataset.rows import hashed
from depicts_model.dataset.tables import Table
from depicts_model.errors import ArtefactError
from tests.model.dataset.sources import picture, qids, table, warned, zipped

HEAD = "file,items,label,set,confidence\n"


def test_items_with_a_bar_between_are_alternatives_and_rows_are_things(tmp_path: Path) -> None:
    text = f"{HEAD}a.jpg,Q1|Q2,plum,food,high\na.jpg,Q3,table,food,high\na.jpg,Q1 | Q2,,food,high\n"
    (found,), _, _ = warned(Table(table(tmp_path, text), None, silent))
    assert found.things == (qids(1, 2), qids(3))
    assert (found.source, found.texts, found.location) == ("food", {"en": "plum"}, "a.jpg")


def test_rows_of_low_confidence_are_left_out_and_counted(tmp_path: Path) -> None:
    text = f"{HEAD}a.jpg,Q1,,x,low\nb.jpg,Q1,,x,high\nc.jpg,Q1,,x,medium\n"
    rows, told, _ = warned(Table(table(tmp_path, text), None, silent))
    assert [row.file for row in rows] == ["b.jpg", "c.jpg"]
    assert told.counts["rows of low confidence"] == 1


def test_further_columns_are_read_and_names_are_not_kept(tmp_path: Path) -> None:
    text = f"file,items,uploader,time,sha1\na,Q1,Ann,2020-01-02T03:04:05+01:00,{'a' * 40}\n"
    source = Table(table(tmp_path, text), None, silent)
    (found,), _, _ = warned(source)
    assert source.lacks == ""
    assert found.time == datetime(2020, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert (found.sha1, found.uploader, found.source) == ("a" * 40, hashed("Ann"), "photos")
    assert "Ann" not in repr(found)


@pytest.mark.parametrize("packed", [True, False])
def test_pictures_are_read_from_a_folder_or_a_zip(tmp_path: Path, packed: bool) -> None:
    data = {"in/a.png": picture(1), "in/b.png": picture(2)}
    folder = tmp_path / "pictures"
    (folder / "in").mkdir(parents=True)
    for name, one in data.items():
        (folder / name).write_bytes(one)
    place = zipped(tmp_path, data) if packed else folder
    text = "file,items\nin/a.png,Q1\nin/b.png,Q2\nin/c.png,Q3\n"
    source = Table(table(tmp_path, text), place, silent)
    rows, told, (warning,) = warned(source, images=True)
    assert [row.image for row in rows] == [*data.values()]
    expected = [hashlib.sha1(one, usedforsecurity=False).hexdigest() for one in data.values()]
    assert [row.sha1 for row in rows] == expected
    assert rows[0].hash != rows[1].hash
    assert told.counts["files without a readable picture"] == 1
    assert warning.startswith("in/c.png: left out: ")
    assert [row.image for row in warned(source)[0]] == [None] * 3
    assert {"name", "sha256"} <= source.inputs()[1].keys()


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "a\0b"])
def test_nothing_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.png").write_bytes(picture(1))
    (tmp_path / "pictures").mkdir()
    path = table(tmp_path, f"file,items\n{name},Q1\n")
    rows, _, warnings = warned(Table(path, tmp_path / "pictures", silent), images=True)
    assert rows == [] and len(warnings) == 1


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"a": picture(1)[:60], "b": b"text", "c": b""})
    path = table(tmp_path, "file,items\na,Q1\nb,Q1\nc,Q1\n")
    rows, told, warnings = warned(Table(path, archive, silent), images=True)
    assert rows == [] and told.counts["files without a readable picture"] == 3
    assert all("not a picture" in warning for warning in warnings)


REFUSED = {
    "no items": ("file\na\n", "line 1: no column 'items'"),
    "an item that is none": ("file,items\na,cat\n", "line 2: not an item id: 'cat'"),
    "nothing where an item is due": ("file,items\na,\n", "line 2: not an item id: ''"),
    "no file": ("file,items\n,Q1\n", "line 2: no file"),
    "too few fields": ("file,items\na,Q1\nb\n", "line 3: wrong number of fields"),
    "a time without zone": ("file,items,time\na,Q1,2020-01-01\n", "line 2: time: without its zone"),
    "a time that is none": ("file,items,time\na,Q1,soon\n", "line 2: time: not ISO 8601: 'soon'"),
    "a sha1 that is none": ("file,items,sha1\na,Q1,xyz\n", "line 2: sha1: not 40 hexadecimal"),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_table_that_is_none_is_an_error(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ArtefactError, match=r"photos\.csv") as caught:
        warned(Table(table(tmp_path, text), None, silent))
    assert words in str(caught.value)


def test_a_zip_that_is_none_is_an_error(tmp_path: Path) -> None:
    path = table(tmp_path, "file,items\na,Q1\n")
    with pytest.raises(ArtefactError, match="neither a folder nor a sound zip"):
        warned(Table(path, path, silent), images=True)
    with pytest.raises(ArtefactError, match="No such file"):
        warned(Table(path, tmp_path / "no.zip", silent), images=True)
