"""The README's pictures: only photographs whose licence is stated, and none too large."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandbox.demo_chain import StepError
from tests.sandbox.demo_screenshots import (
    MOST_BYTES,
    PICTURES,
    SCHEMES,
    SIZES,
    credits_table,
    stated,
    world_with_licences,
    write,
)
from tests.sandbox.photos import demo_world, read_table, wikitext

SHOWN = ("landing", "gallery", "file", "statistics", "dialog")
NAMES = {f"{n}-{s}-{c}.webp" for n in SHOWN for s in SIZES for c in SCHEMES}


def test_no_photograph_without_a_licence_is_in_the_world() -> None:
    whole = demo_world({})
    world = world_with_licences(whole)
    doubtful = {row["title"] for row in read_table() if "not stated" in row["licence"]}
    assert doubtful and not doubtful & {file["title"] for file in world.files}
    assert not doubtful & set(world.blobs)
    assert len(world.files) == len(whole.files) - len(doubtful) == len(stated())


def test_everybody_whose_photograph_is_shown_is_named() -> None:
    lines = credits_table().splitlines()
    for row in stated():
        (line,) = (one for one in lines if row["title"].removeprefix("File:") in one)
        assert row["author"] in line and row["licence"] in line
    assert "not stated" not in credits_table()


def test_licences_that_ask_for_links_have_them() -> None:
    by = [row for row in stated() if row["licence"].startswith("CC BY")]
    assert len(by) == 2
    for row in by:
        (line,) = (one for one in credits_table().splitlines() if row["author"] in one)
        title = row["title"].removeprefix("File:")
        assert line == (
            f"| [{title}]({row['source']}) | {row['author']} "
            "| [CC BY 2.0](https://creativecommons.org/licenses/by/2.0/) |"
        )
        assert row["source"].startswith("https://www.flickr.com/photos/")
        assert row["source"] in wikitext(row), "on its page too"


def test_a_picture_too_large_for_a_page_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"big\.webp"):
        write({"small.webp": b"x", "big.webp": b"x" * (MOST_BYTES + 1)}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_pictures_in_the_docs_are_those_that_the_command_makes() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.glob("*.webp")}
    assert set(sizes) == NAMES
    assert all(0 < size <= MOST_BYTES for size in sizes.values())
    assert (PICTURES / "README.md").read_text(encoding="utf-8") == credits_table()
