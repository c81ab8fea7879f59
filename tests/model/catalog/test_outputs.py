"""A catalog is written over nothing but a catalog, and never over what it is made from."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from depicts_model.cli import main
from tests.model.catalog.dumps import dump, known
from tests.model.catalog.test_table import TABLE

SOURCES: dict[str, tuple[str, Callable[[Path, Path], list[str]]]] = {
    "dump": (dump(known()), lambda s, o: ["build", "--source", "dump", f"{s}", "--out", f"{o}"]),
    "csv": (TABLE, lambda s, o: ["build", "--source", "csv", f"{s}", "--out", f"{o}"]),
    "starter": (TABLE, lambda s, o: ["starter", "--items", f"{s}", "--out", f"{o}"]),
}


@pytest.fixture(params=SOURCES)
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Path], Result]:
    """Builds a catalog of the file ``source`` at a path."""
    text, words = SOURCES[request.param]
    source = tmp_path / "source"
    source.write_text(text, "utf-8")
    return lambda out: CliRunner().invoke(main, ["catalog", *words(source, out)])


def refused(told: Result, folder: Path, words: str) -> None:
    assert (told.exit_code, told.stdout) == (2, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith("error: ") and words in line, line
    assert not list(folder.glob(".*.work")), "nothing was begun"


@pytest.mark.parametrize("way", ["itself", "link", "hard link", "roundabout"])
def test_the_source_stays(build: Callable[[Path], Result], tmp_path: Path, way: str) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    before = source.read_bytes()
    if way == "link":
        out.symlink_to(source)
    elif way == "hard link":
        out.hardlink_to(source)
    elif way == "roundabout":
        (tmp_path / "below").mkdir()
        out = tmp_path / "below" / ".." / "source"
    else:
        out = source
    refused(build(out), tmp_path, "is the source")
    assert source.read_bytes() == before


def test_the_photos_of_the_starter_stay(tmp_path: Path) -> None:
    items, photos = tmp_path / "items.csv", tmp_path / "photos.csv"
    items.write_text(TABLE)
    photos.write_text("items\nQ146\n")
    words = ["catalog", "starter", "--items", items, "--photos", photos, "--out", photos]
    refused(CliRunner().invoke(main, [str(word) for word in words]), tmp_path, "is the source")
    assert photos.read_text() == "items\nQ146\n"


def test_a_source_named_as_the_work_file_stays(tmp_path: Path) -> None:
    source = tmp_path / ".c.sqlite.work"
    source.write_text(dump(known()), "utf-8")
    words = ["catalog", "build", "--source", "dump", source, "--out", tmp_path / "c.sqlite"]
    told = CliRunner().invoke(main, [str(word) for word in words])
    assert told.exit_code == 2 and "the source has the name of the work file" in told.stderr
    assert source.read_text("utf-8") == dump(known())


@pytest.mark.parametrize("kind", ["text", "empty", "database", "another's manifest"])
def test_what_is_no_catalog_stays(
    build: Callable[[Path], Result], tmp_path: Path, kind: str
) -> None:
    out = tmp_path / "thesis"
    out.write_bytes(b"years of work" if kind == "text" else b"")
    if kind in ("database", "another's manifest"):
        with closing(sqlite3.connect(out)) as connection:
            name = "manifest" if kind == "another's manifest" else "x"
            connection.execute(f"CREATE TABLE {name} (key TEXT)")
            connection.commit()
    before = out.read_bytes()
    refused(build(out), tmp_path, f"{out}: named by --out, is there and no catalog")
    assert out.read_bytes() == before


def test_a_service_s_catalog_replaces_no_other_file_either(tmp_path: Path) -> None:
    out = tmp_path / "thesis"
    out.write_text("years of work")
    words = ["catalog", "build", "--source", "sparql", "http://127.0.0.1:1/", "--out", str(out)]
    refused(CliRunner().invoke(main, words), tmp_path, "is there and no catalog")
    assert out.read_text() == "years of work"


def test_a_catalog_is_replaced(build: Callable[[Path], Result], tmp_path: Path) -> None:
    out = tmp_path / "c.sqlite"
    assert build(out).exit_code == 0
    whole = out.read_bytes()
    with closing(sqlite3.connect(out)) as connection:
        connection.execute("UPDATE manifest SET value = '0' WHERE key = 'schema_version'")
        connection.commit()
    again = build(out)
    assert (again.exit_code, again.stderr.count("error")) == (0, 0), "of another version too"
    assert out.read_bytes() == whole
