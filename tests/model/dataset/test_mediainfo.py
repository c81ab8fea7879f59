"""What a MediaInfo dump says, and what it does not say; damage is told, and costs its line only."""

from __future__ import annotations

import bz2
import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from depicts_model.dataset.mediainfo import MediaInfoDump, depicted
from depicts_model.dataset.progress import silent
from depicts_model.dataset.rows import Told
from depicts_model.errors import ArtefactError
from tests.model.dataset.sources import Json, depicts, dump, entity, qids, row, warned

RECORDED = Path(__file__).parents[2] / "fixtures" / "api" / "recorded.jsonl"


def source(folder: Path, text: str) -> MediaInfoDump:
    path = folder / "dump.json"
    path.write_text(text, encoding="utf-8")
    return MediaInfoDump(path, silent)


@pytest.mark.parametrize(
    "statement",
    [
        depicts("Q146", rank="deprecated"),
        depicts("Q146", kind="somevalue"),
        depicts("Q146", kind="novalue"),
    ],
    ids=["deprecated", "somevalue", "novalue"],
)
def test_what_is_not_said_is_not_read(tmp_path: Path, statement: Json) -> None:
    rows, told, _ = warned(source(tmp_path, dump([entity(1, statement)])))
    assert rows == []
    assert told.counts["files without depicts"] == 1


def test_a_preferred_item_does_not_hide_the_others(tmp_path: Path) -> None:
    said = entity(7, depicts("Q1"), depicts("Q2", "preferred"), depicts("Q1"), caption="a cat")
    (found,), _, _ = warned(source(tmp_path, dump([said])))
    assert found.things == (qids(1), qids(2))
    assert (found.file, found.texts, found.location) == ("M7", {"en": "a cat"}, "File:7.jpg")
    assert (found.uploader, found.time, found.sha1, found.image) == ("", None, "", None)


def test_other_entities_are_counted(tmp_path: Path) -> None:
    item = {"type": "item", "id": "Q5", "claims": {}}
    rows, told, warnings = warned(source(tmp_path, dump([item, entity(1), entity(2)])))
    assert (rows, warnings) == ([], [])
    assert told.counts == {
        "entities": 3,
        "entities of another kind": 1,
        "files without depicts": 2,
    }


DAMAGED = {
    "no JSON": '{"type": "mediainfo", ',
    "no object": "[1]",
    "no id": json.dumps({"type": "mediainfo", "statements": {"P180": [depicts("Q1")]}}),
    "id of an item": json.dumps(entity(1, depicts("Q1")) | {"id": "Q1"}),
    "no rank": json.dumps(entity(1, {"mainsnak": depicts("Q1")["mainsnak"]})),
    "no snak": json.dumps(entity(1, {"rank": "normal"})),
    "item that is none": json.dumps(entity(1, depicts("Q0"))),
    "statements that are a text": json.dumps(entity(1) | {"statements": {"P180": "Q1"}}),
    "caption that is a number": json.dumps(
        entity(1, depicts("Q1")) | {"labels": {"en": {"value": 1}}}
    ),
    "half a character": json.dumps(entity(1, depicts("Q1"), caption="\ud800")),
}


@pytest.mark.parametrize("line", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_line_costs_itself_and_is_named(tmp_path: Path, line: str) -> None:
    lines: list[Json | str] = [entity(1, depicts("Q1")), line, entity(3, depicts("Q3"))]
    rows, told, warnings = warned(source(tmp_path, dump(lines)))
    assert [one.file for one in rows] == ["M1", "M3"]
    assert told.counts["damaged lines"] == 1
    (warning,) = warnings
    assert "dump.json: line 3: left out: " in warning


def test_of_much_damage_some_is_named_and_all_is_counted(tmp_path: Path) -> None:
    rows, told, warnings = warned(source(tmp_path, dump(["{"] * 50)))
    assert (rows, told.counts["damaged lines"], len(warnings)) == ([], 50, 20)


def test_a_dump_cut_short_is_an_error(tmp_path: Path) -> None:
    whole = dump([entity(n, depicts("Q1")) for n in range(1, 9)])
    for text in (whole[:-2], whole[: len(whole) // 2]):
        with pytest.raises(ArtefactError, match="cut short"):
            warned(source(tmp_path, text))
    with pytest.raises(ArtefactError, match="No such file"):
        warned(MediaInfoDump(tmp_path / "no.json", silent))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_packed_dump_says_the_same(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "dump.json.packed"
    path.write_bytes(pack(dump([entity(4, depicts("Q1"))]).encode()))
    assert warned(MediaInfoDump(path, silent))[0] == [
        row("M4", 1, source="mediainfo", location="File:4.jpg")
    ]


def peak(source: MediaInfoDump) -> tuple[int, int]:
    """Rows, and the most memory (bytes) that reading them took."""
    tracemalloc.start()
    count = sum(1 for _ in source.rows(Told(), False))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, most


def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    def of(number: int) -> tuple[int, int]:
        lines = [entity(n, depicts("Q1"), caption="c" * 80) for n in range(1, number + 1)]
        return peak(source(tmp_path, dump(lines)))

    (few, small), (many, large) = of(200), of(2_000)
    assert (few, many) == (200, 2_000)
    assert large < small + 100_000


def test_the_recorded_entities_of_a_real_wiki_are_read() -> None:
    """The API's form of an entity is the dump's."""
    found = []
    for line in RECORDED.read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)["resp"]
        entities = answer.get("entities", {}) if isinstance(answer, dict) else {}
        if isinstance(entities, dict):
            found += [depicted(one) for one in entities.values() if one.get("type") == "mediainfo"]
    assert qids(146) in found
    assert () in found
