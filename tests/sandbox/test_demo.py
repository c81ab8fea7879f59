"""``make demo-check`` tells the truth: it ends well only if every step happened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from depicts_model.catalog import Catalog
from depicts_model.types import Qid
from tests.sandbox.judging import MAX_ITEMS_BELOW, TABLE, Accepted, judge, read_table

CAT, TABBY, FACE, BIRD = Qid("Q146"), Qid("Q1474329"), Qid("Q37017"), Qid("Q5113")
CHELSEA, WALL = "File:Chelsea the cat.png", "File:Brick wall.png"


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.sandbox.demo", "--check", "--folder", str(folder)]
    return subprocess.run([*command, *words], capture_output=True, text=True, timeout=280)


def ours(folder: Path) -> list[str]:
    """Command lines of processes that still work in the demo's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(folder) in line and int(process.name) != os.getpid():
            found.append(line)
    return found


@pytest.mark.slow
@pytest.mark.xfail(
    strict=True,
    reason="issue A1 is open: the shipped model suggests wrongly on three photos of the demo, "
    "one at most is allowed; a model of the recipe in knobs.py takes its place",
)
def test_the_demo_check_passes(tmp_path: Path) -> None:
    assert check(tmp_path / "demo").returncode == 0


SAID_WRONGLY = {
    "File:Coins from Pompeii.png": "Q1473346",
    "File:Dahlia flower.jpg": "Q1364",
    "File:Photographer with camera.png": "Q182209",
}
"""What the shipped model says and should not; the chain's mechanics are tested all the same."""


@pytest.mark.slow
def test_the_whole_chain_happens_and_leaves_nothing_running(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = [row.split(",", 2) for row in TABLE.read_text(encoding="utf-8").splitlines()]
    lenient = [[t, SAID_WRONGLY.get(t, a), "x," if t in SAID_WRONGLY else r] for t, a, r in rows]
    table.write_text("\n".join(map(",".join, lenient)) + "\n", encoding="utf-8")
    done = check(tmp_path / "demo", "--table", str(table))
    assert done.returncode == 0, done.stdout + done.stderr
    for step in ("embedded wiki", "bot", "web service", "suggestions", "judged", "approve"):
        assert step in done.stdout
    assert "nothing changed" in done.stdout
    assert "all 7 steps happened" in done.stdout
    assert ours(tmp_path) == []


@pytest.mark.slow
def test_a_step_that_does_not_happen_fails_the_check(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = TABLE.read_text(encoding="utf-8").splitlines()
    emptied = [row.split(",")[0] + ",,nothing,planted" for row in rows[1:]]
    table.write_text("\n".join([rows[0], *emptied]) + "\n", encoding="utf-8")
    done = check(tmp_path / "demo", "--table", str(table))
    assert done.returncode == 1
    assert "FAILED: judged by the table" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert ours(tmp_path) == []


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "thesis.txt"
    kept.write_text("years of work")
    done = check(tmp_path)
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr and "Traceback" not in done.stderr
    assert kept.read_text() == "years of work"


@pytest.mark.parametrize("qid", ["Q1847641", "Q42804", "Q467", "Q23640"])
def test_no_person_and_no_body_on_the_portrait(catalog: Catalog, qid: str) -> None:
    table = {"File:Portrait.png": Accepted(frozenset({Qid(qid)}), "no-person")}
    judged = judge({"File:Portrait.png": [Qid(qid)]}, table, catalog)
    assert f"File:Portrait.png: {qid} is a person, a body or a role" in judged.broken


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.open(None)


def table_of() -> dict[str, Accepted]:
    return {
        CHELSEA: Accepted(frozenset({TABBY, CAT}), "right"),
        WALL: Accepted(frozenset(), "nothing"),
    }


def test_right_and_wrong_are_told_apart(catalog: Catalog) -> None:
    assert judge({CHELSEA: [TABBY]}, table_of(), catalog).right == (CHELSEA,)
    assert judge({CHELSEA: [Qid("Q503")]}, table_of(), catalog).wrong == (CHELSEA,)
    assert judge({CHELSEA: []}, table_of(), catalog).right == ()


@pytest.mark.parametrize(
    ("title", "items", "fault"),
    [
        (CHELSEA, [FACE], "never to be suggested"),
        (CHELSEA, [BIRD], "not depictable"),
        (CHELSEA, [TABBY, CAT], "above another suggestion"),
        (WALL, [CAT], "a texture got Q146"),
    ],
)
def test_a_broken_promise_is_named(
    title: str, items: list[Qid], fault: str, catalog: Catalog
) -> None:
    broken = judge({title: items}, table_of(), catalog).broken
    assert any(fault in line for line in broken), broken


def test_too_few_right_ones_are_a_fault(catalog: Catalog) -> None:
    assert any("at least 3" in fault for fault in judge({}, table_of(), catalog).faults)


def test_what_is_accepted_is_never_too_general(catalog: Catalog) -> None:
    table = read_table()
    assert sum(1 for row in table.values() if row.expect == "right") >= 8
    for title, row in table.items():
        for qid in row.items & set(catalog.qids):
            assert catalog.visual_descendants(qid) <= MAX_ITEMS_BELOW, (title, qid)
