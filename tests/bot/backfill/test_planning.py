"""A place holds the shards of one list by one model; what is finished there is not done again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from depicts_bot.backfill import shards
from depicts_bot.backfill.listed import Listed
from depicts_bot.backfill.planning import PLAN, Left, Plan
from depicts_model.errors import ArtefactError, ConfigurationError

from .test_listed import saved
from .test_shards import SCHEMA, V, batches

PLANNED = Plan("abc", 7, 3, "v1", "space", "5 40")


def test_the_same_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "new" / "place"
    PLANNED.agree(out)
    before = (out / PLAN).read_bytes()
    PLANNED.agree(out)
    assert (out / PLAN).read_bytes() == before
    assert [path.name for path in out.iterdir()] == [PLAN]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"files": "abd"}, "another list of files"),
        ({"rows": 8}, "another list of files"),
        ({"shard_rows": 4}, "shards of another size"),
        ({"model": "v2"}, "another model"),
        ({"space": "other"}, "another encoder, precision or width of thumbnails"),
        ({"limits": "3 40"}, "another max_suggestions, max_megapixels, language or approved"),
        ({"format": 2}, "another version of this program"),
    ],
)
def test_anything_else_is_refused_and_changes_nothing(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    PLANNED.agree(tmp_path)
    before = (tmp_path / PLAN).read_bytes()
    with pytest.raises(ConfigurationError, match=f"was begun with {told}; name another place"):
        replace(PLANNED, **change).agree(tmp_path)
    assert (tmp_path / PLAN).read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": "abc"}', "\x00"])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / PLAN).write_text(text)
    with pytest.raises(ArtefactError, match="not a plan of a backfill"):
        PLANNED.agree(tmp_path)


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(ArtefactError, match="File exists"):
        PLANNED.agree(tmp_path / "a")


def test_finished_shards_are_not_left(tmp_path: Path) -> None:
    (tmp_path / "list").mkdir()
    listed = Listed.open(saved(tmp_path / "list", 4, 3))
    out = tmp_path / "out"
    out.mkdir()
    assert [one.number for one in Left.of(listed, 3, out).todo] == [0, 1, 2]
    manifest = shards.write(out, "part-00000001", batches(3), SCHEMA, V)
    (out / "part-00000000.parquet").write_bytes(b"no manifest")
    (out / "part-00000002.json.17.work").write_bytes(b"{")
    left = Left.of(listed, 3, out)
    assert [one.number for one in left.todo] == [0, 2] and left.finished == 1
    assert left.tally.counts() == manifest["counts"]
    assert not list(out.glob("*.work"))


def test_a_plan_can_be_read_again(tmp_path: Path) -> None:
    planned = replace(PLANNED, demo=True)
    planned.agree(tmp_path)
    assert Plan.read(tmp_path) == planned
    assert [one.number for one in planned.shards] == [0, 1, 2]


def test_a_plan_of_another_version_is_not_read(tmp_path: Path) -> None:
    replace(PLANNED, format=2).agree(tmp_path)
    with pytest.raises(ArtefactError, match="not a plan of a backfill by this version"):
        Plan.read(tmp_path)
