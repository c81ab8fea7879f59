"""``make demo-check`` tells the truth: it ends well only if every step happened."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from depicts_model.catalog import Catalog
from depicts_model.types import NothingReason, Qid, SkipReason
from depicts_toolforge.answers import NO_LABEL
from tests.browser import chromium
from tests.sandbox.demo_approval import surest
from tests.sandbox.demo_table import said
from tests.sandbox.judging import MAX_ITEMS_BELOW, TABLE, Accepted, judge, read_table
from tests.watching import unwatched

CAT, TABBY, FACE, BIRD = Qid("Q146"), Qid("Q1474329"), Qid("Q37017"), Qid("Q5113")
CHELSEA, WALL = "File:Chelsea the cat.png", "File:Brick wall.png"


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.sandbox.demo", "--check", "--folder", str(folder)]
    return subprocess.run(
        [*command, *words],
        env=unwatched(os.environ),
        capture_output=True,
        text=True,
        timeout=280,
    )


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
def test_the_whole_chain_happens_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = check(tmp_path / "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    for step in ("embedded wiki", "bot", "web service", "suggestions", "judged", "approve"):
        assert step in done.stdout
    assert "nothing changed" in done.stdout
    assert "all 7 steps happened" in done.stdout
    assert "3 right, 0 wrong, 15 silent" in done.stdout, "as the README says"
    by = "with the gadget in Chromium" if chromium.found() else f"in a browser: {chromium.HOW}"
    assert by in done.stdout
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


@contextmanager
def demo(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`make demo`'s program; killed at the end where it still runs."""
    command = [sys.executable, "-m", "tests.sandbox.demo", "--folder", str(folder)]
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(
        [*command, "--port", str(port)],
        env=unwatched(os.environ),
        stdout=pipe,
        stderr=both,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it says, up to the line with these words."""
    assert process.stdout
    told = ""
    for line in process.stdout:
        told += line
        if words in line:
            return told
    raise AssertionError(told)


def answers(url: str) -> bool:
    """Whether anything listens there."""
    parts = urlsplit(url)
    try:
        socket.create_connection((str(parts.hostname), parts.port or 80), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.slow
def test_the_demo_shows_everything_and_an_interrupt_leaves_nothing(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        demo(tmp_path / "demo", taken.getsockname()[1]) as process,
    ):
        told = read_until(process, "Press Ctrl-C to stop")
        gallery, page = re.findall(r"^  (http://\S+)$", told, re.MULTILINE)
        assert f"Port {taken.getsockname()[1]} is in use" in told
        assert gallery.endswith("/gallery") and "/wiki/File:" in page
        shown, file = requests.get(gallery, timeout=60), requests.get(page, timeout=60)
        assert shown.status_code == file.status_code == 200
        assert ">Reviewer<" in file.text and "Chelsea the cat" in shown.text
        for title in read_table():
            assert re.search(
                rf"^ +{re.escape(title.removeprefix('File:'))} +\S", told, re.MULTILINE
            )
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)  # an impatient person
        assert process.wait(timeout=60) == 0
        assert process.stdout and "nothing is left running" in process.stdout.read()
    assert not answers(gallery) and not answers(page)
    assert ours(tmp_path) == []


@pytest.mark.slow
def test_a_demo_that_is_told_to_end_while_the_bot_works_ends(tmp_path: Path) -> None:
    with demo(tmp_path / "demo", 0) as process:
        told = read_until(process, "embedded wiki")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 130
        assert process.stdout and "Traceback" not in process.stdout.read()
    assert not answers(told.split()[-3])
    assert ours(tmp_path) == []


@pytest.mark.slow
def test_a_port_that_is_none_is_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.sandbox.demo", "--folder", str(tmp_path / "d")]
    done = subprocess.run([*command, "--port", "65535"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("--port 65535: not from 0 to 65534")


def every_answer() -> Iterator[dict[str, str]]:
    yield from ({"outcome": "nothing", "reason": reason} for reason in (*NothingReason, NO_LABEL))
    yield from ({"outcome": "skipped", "reason": reason} for reason in SkipReason)
    yield {"outcome": "failed", "error": "http-429: slow down"}


@pytest.mark.parametrize("answer", list(every_answer()), ids=lambda a: a.get("reason", "failed"))
def test_the_table_says_why_in_plain_words(answer: dict[str, str]) -> None:
    line = said(answer)
    kind, _, why = line.partition(": ")
    assert kind and len(why) > 10
    assert answer.get("reason", "http-429") != why and "http-" not in line
    assert ("nothing" in kind) is (answer["outcome"] == "nothing")


def test_the_surest_suggestion_is_the_one_to_look_at() -> None:
    sure, less = {"item": "Q1", "confidence": 0.9}, {"item": "Q2", "confidence": 0.8}
    answers = {"A": {"suggestions": [less]}, "B": {"suggestions": [sure, less]}, "C": {}}
    assert surest(answers) == ("B", sure)
    assert surest({"C": {"suggestions": []}}) is None


@pytest.mark.slow
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
