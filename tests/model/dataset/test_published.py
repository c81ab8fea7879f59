"""The published data set in its own layout, as tars and as the hub's Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import webdataset.tariterators  # noqa: F401 - seconds, and of no test in particular

from depicts_model.dataset import published
from depicts_model.dataset.progress import silent
from depicts_model.dataset.published import Published
from depicts_model.dataset.rows import hashed
from depicts_model.errors import ArtefactError
from tests.model.dataset.sources import Json, dot, parquet, qids, sample, tar, warned

Write = Callable[[Path, Iterable[Json]], Path]
FORMS = pytest.mark.parametrize(("write", "end"), [(tar, "tar"), (parquet, "parquet")])


@FORMS
def test_samples_are_read_with_the_picture_that_is_meant(
    tmp_path: Path, write: Write, end: str
) -> None:
    samples = [sample(11, [146, 25265], "Somebody"), sample(12, [146], png=True)]
    write(tmp_path / "commons_images" / "train" / f"00.{end}", samples)
    (one, other), told, warnings = warned(Published(tmp_path, silent), images=True)
    assert warnings == []
    assert (one.file, one.things) == ("M11", (qids(146), qids(25265)))
    assert one.source == "vel_commons_wikidata/commons_images/train"
    assert one.location == f"commons_images/train/00.{end}!11.jpg"
    assert one.texts == {"en": "photo 11"}
    assert one.uploader == hashed("Somebody") != ""
    assert "Somebody" not in repr(one)
    assert (one.image, other.image) == (samples[0]["jpg"], samples[1]["png"])
    assert other.location.endswith("!12.png")
    assert (other.uploader, other.time, other.sha1) == ("", None, "")
    assert one.hash != other.hash
    assert told.counts["samples"] == 2


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    samples = [sample(number, [number, 146]) for number in range(1, 9)]
    tar(tmp_path / "a" / "0.tar", samples)
    parquet(tmp_path / "b" / "0.parquet", samples)
    ours, theirs = (warned(Published(tmp_path / name, silent))[0] for name in "ab")
    assert [(one.file, one.things) for one in ours] == [(one.file, one.things) for one in theirs]


def test_items_of_other_configurations_are_no_photos(tmp_path: Path) -> None:
    tar(tmp_path / "commons_images" / "test" / "0.tar", [sample(1, [146])])
    tar(tmp_path / "all_wikidata_items" / "0.tar", [sample(2, [146])])
    tar(tmp_path / "commons_images" / ".cache" / "0.tar", [sample(3, [146])])
    rows, _, _ = warned(Published(tmp_path, silent))
    assert [one.file for one in rows] == ["M1"]


def test_an_item_may_be_spelt_with_its_letter(tmp_path: Path) -> None:
    tar(tmp_path / "0.tar", [sample(1, ["Q146", 5])])
    assert warned(Published(tmp_path, silent))[0][0].things == (qids(146), qids(5))


def test_another_field_of_labels_can_be_named(tmp_path: Path) -> None:
    one = sample(1, [146])
    one["json"]["f10_labels"] = [25265]
    tar(tmp_path / "0.tar", [one])
    (found,), _, _ = warned(Published(tmp_path, silent, "f10_labels"))
    assert found.things == (qids(25265),)


def test_what_is_repeated_is_there_once(tmp_path: Path) -> None:
    parquet(tmp_path / "0.parquet", [sample(1, [146]), sample(1, [146]), sample(1, [5])])
    rows, told, _ = warned(Published(tmp_path, silent))
    assert [one.things for one in rows] == [(qids(146),), (qids(5),)]
    assert told.counts["samples that are repeated"] == 1


DAMAGED: dict[str, tuple[Json, str]] = {
    "no JSON": ({"json": b"{"}, "Expecting"),
    "no object": ({"json": b"[]"}, "no JSON object"),
    "no labels": ({"json": {"qid": 1}}, "no list 'f0_labels' among qid"),
    "a label that is none": ({"json": {"f0_labels": ["cat"]}}, "not an item id: 'Qcat'"),
    "a key that is no page": ({"__key__": "cat"}, "not a MediaInfo id: 'Mcat'"),
    "no picture": ({"jpg": dot("JPEG"), "png": dot()}, "neither jpg nor png"),
    "a picture that is none": ({"jpg": b"JFIF"}, "not a picture"),
}


@pytest.mark.parametrize(("change", "words"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_sample_costs_itself_and_is_named(
    tmp_path: Path, change: Json, words: str
) -> None:
    tar(tmp_path / "0.tar", [sample(1, [146]), {**sample(2, [146]), **change}, sample(3, [146])])
    rows, told, warnings = warned(Published(tmp_path, silent), images=True)
    assert [one.file for one in rows] == ["M1", "M3"]
    assert told.counts["damaged samples"] == 1
    (warning,) = warnings
    assert words in warning and "0.tar" in warning


def test_an_author_that_is_not_there_is_told_and_can_be_named(tmp_path: Path) -> None:
    samples = [sample(number, [146], "Ann") for number in (1, 2, 3)]
    for one in samples[:2]:
        one["json"]["uploader"] = one["json"].pop("img_author")
    tar(tmp_path / "0.tar", samples)
    rows, told, warnings = warned(Published(tmp_path, silent))
    assert [one.uploader for one in rows] == ["", "", hashed("Ann")]
    assert told.counts["samples without a field 'img_author'"] == 2
    assert warnings == ["samples without a field 'img_author': 2 of 3; not parted by it"]
    rows, _, warnings = warned(Published(tmp_path, silent, author="uploader"))
    assert [one.uploader for one in rows] == [hashed("Ann"), hashed("Ann"), ""]
    assert len(warnings) == 1


def test_an_author_that_is_not_known_is_no_fault(tmp_path: Path) -> None:
    tar(tmp_path / "0.tar", [sample(1, [146])])
    assert warned(Published(tmp_path, silent))[2] == []


def test_samples_of_which_none_is_sound_are_not_read_to_their_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "TRIED", 5)
    samples = [sample(number, [146]) for number in range(1, 9)]
    tar(tmp_path / "a" / "0.tar", samples)
    with pytest.raises(ArtefactError, match=r"none of 5 samples is sound.* no list 'labels' among"):
        warned(Published(tmp_path / "a", silent, "labels"))
    one_of_them = [sample(0, []), *samples[1:]]
    one_of_them[0]["json"]["labels"] = [146]
    tar(tmp_path / "b" / "0.tar", [{**one_of_them[0], "__key__": "9"}, *samples[1:]])
    rows, told, _ = warned(Published(tmp_path / "b", silent, "labels"))
    assert (len(rows), told.counts["damaged samples"]) == (1, 7)


@pytest.mark.parametrize("end", ["tar", "parquet"])
def test_a_file_that_is_cut_short_is_an_error(tmp_path: Path, end: str) -> None:
    samples = [sample(number, [146]) for number in range(1, 30)]
    path = (tar if end == "tar" else parquet)(tmp_path / f"0.{end}", samples)
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 20_480 if end == "tar" else len(whole) - 9, 100, 0):
        path.write_bytes(whole[:size])
        with pytest.raises(ArtefactError, match=rf"0\.{end}"):
            warned(Published(tmp_path, silent))


def test_a_folder_without_any_of_it_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"no \.tar or \.parquet"):
        Published(tmp_path, silent).inputs()
    parquet(tmp_path / "0.parquet", [{"jpg": b"", "png": b""}])
    with pytest.raises(ArtefactError, match="no column '__key__'"):
        warned(Published(tmp_path, silent))
