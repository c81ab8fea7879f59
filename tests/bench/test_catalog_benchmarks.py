"""What the benchmarks of catalogs run on, and that the memory of a build does not grow with it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from subprocess import CalledProcessError

import pytest

from bench import dumps
from bench.running import Run, run
from depicts_model.commands import peak_mb


def test_a_generated_dump_is_one_entity_a_line_and_always_the_same(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    assert dumps.write(first, 500) == dumps.write(second, 500) > 0
    assert first.read_bytes() == second.read_bytes()
    opening, *lines, closing_ = first.read_text(encoding="utf-8").splitlines()
    assert (opening, closing_, len(lines)) == ("[", "]", 500)
    assert {json.loads(line.removesuffix(","))["type"] for line in lines} == {"item"}


@pytest.mark.slow
def test_a_process_tells_its_own_peak_and_not_ours() -> None:
    held = bytearray(200_000_000)
    assert peak_mb() > len(held) / 1e6
    assert run("--version").peak_mb < 100


def test_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(CalledProcessError):
        run("catalog", "check", tmp_path / "none.sqlite")


def built(folder: Path, lines: int) -> tuple[Run, int, int]:
    """The run, items and ancestors of a catalog of a dump of so many lines."""
    dump, out = folder / f"{lines}.json", folder / f"{lines}.sqlite"
    dumps.write(dump, lines)
    words = ("catalog", "build", "--source", "dump", dump, "--out", out)
    done = run(*words, "--languages", ",".join(dumps.LANGUAGES))
    with closing(sqlite3.connect(out)) as catalog:
        counts = dict(catalog.execute("SELECT key, value FROM manifest WHERE key LIKE 'rows:%'"))
    return done, int(counts["rows:item"]), int(counts["rows:ancestor"])


@pytest.mark.slow
@pytest.mark.usefixtures("unwatched_programs")
def test_memory_hardly_grows_with_the_lines_of_a_dump(tmp_path: Path) -> None:
    small, items, _ = built(tmp_path, 4_000)
    large, more_items, ancestors = built(tmp_path, 40_000)
    assert 0.12 * 40_000 < more_items < 0.15 * 40_000, "about 13 of 100 lines come in"
    bytes_each = (large.peak_mb - small.peak_mb) * 1e6 / (more_items - items)
    assert ancestors > 5 * more_items
    assert bytes_each < 4_000, "names and closure of every item are held in memory"
