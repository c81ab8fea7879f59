"""A dump that is damaged, cut short or packed: what is wrong is told, and the rest kept."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from depicts_model.catalog.dump import Options, build_dump
from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from tests.model.catalog import dumps
from tests.model.catalog.building import TABLES, made, rows
from tests.model.catalog.dumps import CAT, FELIDAE

DAMAGE = [
    "{broken",
    '"text"',
    '{"type": "item"}',
    '{"type": "item", "id": "X1"}',
    '{"type": "item", "id": "Q1", "claims": {"P18": [{}]}}',
    '{"type": "item", "id": "Q1", "labels": {"en": 7}}',
    '{"type": "item", "id": "Q1", "labels": {"en": {"value": "\\ud800"}}}',
    "[" * 100_000,
]


@pytest.mark.parametrize("line", DAMAGE, ids=lambda line: line[:40])
def test_a_damaged_line_is_named_and_the_rest_kept(
    tmp_path: Path, catalog: Path, line: str
) -> None:
    text = dumps.dump(dumps.known()).replace("[\n", f"[\n{line},\n", 1)
    out, done = made(tmp_path, text)
    assert [number for number, _ in done.damaged] == [2]
    assert rows(out, "SELECT * FROM ancestor") == rows(catalog, "SELECT * FROM ancestor")


def test_a_second_line_of_an_item_counts_for_nothing_and_is_told(
    tmp_path: Path, catalog: Path
) -> None:
    again = dumps.item(CAT, "hat", [dumps.to("P31", FELIDAE)])
    out, done = made(tmp_path, dumps.dump([*dumps.known(), again]))
    assert done.damaged == ((23, f"Q{CAT} again: an earlier line counts"),)
    assert (done.items, done.others) == (18, 3)
    assert rows(out, "SELECT * FROM label") == rows(catalog, "SELECT * FROM label")


def no_end(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "pack"),
    [("d.json", bytes), ("d.json.gz", gzip.compress), ("d.json.bz2", bz2.compress)],
)
def test_a_dump_cut_short_is_an_error_and_no_catalog(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    source = tmp_path / name
    source.write_bytes(no_end(pack(dumps.dump(dumps.many(300, 1)).encode())))
    for _ in range(2):  # the second run takes up the first one's work, and is not fooled
        with pytest.raises(ArtefactError, match=rf"{name}: cut short") as caught:
            build_dump(source, tmp_path / "c.sqlite", Options(every=1))
        assert "line" in str(caught.value)
    assert not (tmp_path / "c.sqlite").exists()


def test_garbage_in_a_compressed_file_is_an_error(tmp_path: Path) -> None:
    for name in ("d.json.gz", "d.json.bz2"):
        (tmp_path / name).write_bytes(b"no archive")
        with pytest.raises(ArtefactError, match="cannot be read after line 0"):
            build_dump(tmp_path / name, tmp_path / "c.sqlite", Options())


@pytest.mark.parametrize("text", ["", "[\n]\n", '{"type": "property", "id": "P1"}\n'])
def test_a_dump_without_items_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ArtefactError, match=r"d\.json: no item"):
        made(tmp_path, text)


def on_the_lines_of_entities(text: str) -> str:
    """Brackets before the first entity and after the last one."""
    return text.replace("[\n", "[", 1).removesuffix("\n]\n") + "]\n"


def test_brackets_on_the_lines_of_entities_cost_none(tmp_path: Path, catalog: Path) -> None:
    out, done = made(tmp_path, on_the_lines_of_entities(dumps.dump(dumps.known())))
    assert (done.items, done.others, done.damaged) == (18, 3, ())
    assert [rows(out, f"SELECT * FROM {t}") for t in TABLES] == [
        rows(catalog, f"SELECT * FROM {t}") for t in TABLES
    ]


def test_a_line_cut_where_a_list_ends_is_no_last_line(tmp_path: Path) -> None:
    text = on_the_lines_of_entities(dumps.dump(dumps.known()))
    with pytest.raises(ArtefactError, match="cut short: no closing ]"):
        made(tmp_path, text[: text.rindex("}]") - 200].rpartition("}]")[0] + "}]")


def test_a_packed_dump_is_known_by_its_bytes(tmp_path: Path) -> None:
    text = dumps.dump(dumps.known()).encode()
    for name, pack in (("d.json.GZ", gzip.compress), ("d.BZ2", bz2.compress), ("d", gzip.compress)):
        (tmp_path / name).write_bytes(pack(text))
        assert build_dump(tmp_path / name, tmp_path / "c.sqlite", Options()).items == 18


def test_all_packings_give_the_same_items(tmp_path: Path) -> None:
    text = dumps.dump([*dumps.known(), *dumps.many(200, 2)])
    found = []
    for name, pack in (("d.json", bytes), ("d.gz", gzip.compress), ("d.bz2", bz2.compress)):
        (tmp_path / name).write_bytes(pack(text.encode()))
        build_dump(tmp_path / name, tmp_path / "c.sqlite", Options())
        found.append([rows(tmp_path / "c.sqlite", f"SELECT * FROM {t}") for t in TABLES])
    assert found[0] == found[1] == found[2]


def test_the_command_says_what_it_read_and_what_not(tmp_path: Path) -> None:
    source = tmp_path / "d.json"
    source.write_text(dumps.dump(dumps.known()).replace("[\n", "[\n{broken,\n", 1))
    out = tmp_path / "c.sqlite"
    words = ["catalog", "build", "--source", "dump", str(source), "--out", str(out)]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0
    assert "18 items and 3 others read, 5 dropped, 1 damaged lines; peak memory" in told.stdout
    assert f"warning: {source}: line 2: left out:" in told.stderr
    assert f"pass 2 of 2: {source.stat().st_size} of" in told.stderr
    gone = CliRunner().invoke(main, [*words[:4], str(tmp_path / "gone"), *words[5:]])
    assert (gone.exit_code, gone.stderr.count("\n")) == (2, 1)


def test_an_empty_file_is_one_line_of_error(tmp_path: Path) -> None:
    source = tmp_path / "d.json"
    source.touch()
    words = ["catalog", "build", "--source", "dump", str(source), "--out", str(tmp_path / "c")]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 2
    assert told.stderr.splitlines()[-1] == f"error: {source}: no item in 0 lines"
