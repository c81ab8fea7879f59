"""What ``catalog check`` finds, and that it finds nothing where nothing is."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from depicts_model.catalog.builder import Content, Edge, Entry, build
from depicts_model.catalog.checking import check
from depicts_model.cli import main
from depicts_model.types import Qid

NAMES = {
    "Q1": {"en": "animal", "de": "Tier"},
    "Q2": {"en": "cat", "de": "Katze"},
    "Q3": {"en": "Cat"},
    "Q4": {"en": "lone thing", "de": "katze"},
    "Q5": {"en": "cat"},
    "Q6": {"fr": "chose"},
}
HIDDEN = {"Q5", "Q6"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    items = {Qid(q): Entry(names, q not in HIDDEN, q not in HIDDEN) for q, names in NAMES.items()}
    pairs = [("Q2", "Q1"), ("Q3", "Q1"), ("Q1", "Q6")]
    edges = [Edge(Qid(child), Qid(parent), "p279") for child, parent in pairs]
    out = tmp_path / "c.sqlite"
    build(Content("2026-01-01", items, edges), out)
    return out


def spoil(path: Path, child: int, parent: int) -> None:
    """Puts an edge in the place of another, so that the counts still hold."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE edge SET child = ?, parent = ? WHERE child = 3", (child, parent))
    connection.close()


def test_only_items_that_may_be_suggested_are_told_of(path: Path) -> None:
    found = check(path)
    assert found.visual == 4
    assert found.orphans == ("Q4",)
    assert found.cycles == ()
    assert found.namesakes == {("en", "cat"): ("Q2", "Q3"), ("de", "katze"): ("Q2", "Q4")}
    assert found.unlabelled == {"de": 1, "en": 0, "fr": 4}


def test_a_language_that_was_asked_for_and_no_label_is_in_is_told_of(tmp_path: Path) -> None:
    items = {Qid("Q1"): Entry({"en": "animal"}, True, True)}
    origin = {"source": "dump", "languages": "de,en"}
    build(Content("2026-01-01", items, [], origin=origin), tmp_path / "c.sqlite")
    assert check(tmp_path / "c.sqlite").unlabelled == {"de": 1, "en": 0}


@pytest.mark.parametrize(("child", "parent", "cycle"), [(1, 2, ("Q1", "Q2")), (4, 4, ("Q4",))])
def test_a_cycle_is_a_fault(path: Path, child: int, parent: int, cycle: tuple[str, ...]) -> None:
    spoil(path, child, parent)
    assert check(path).cycles == (cycle,)
    told = CliRunner().invoke(main, ["catalog", "check", str(path)], standalone_mode=True)
    assert told.exit_code == 2
    assert f"  cycles: 1\n    {' '.join(cycle)}\n" in told.stdout
    assert told.stderr == f"error: {path}: 1 cycles in the hierarchy\n"


def test_the_command_prints_every_finding_and_so_many_examples(path: Path) -> None:
    told = CliRunner().invoke(main, ["catalog", "check", str(path), "--show", "1"])
    assert told.exit_code == 0
    assert told.stdout.splitlines()[1:] == [
        "  with nothing above: 1",
        "    Q4",
        "  cycles: 0",
        "  labels of more than one: 2",
        "    de 'katze': Q2 Q4",
        "    and 1 more",
        "  without a label in de: 1",
        "  without a label in en: 0",
        "  without a label in fr: 4",
    ]


def test_a_file_that_is_no_catalog_is_one_line(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["catalog", "check", str(tmp_path / "gone")])
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
