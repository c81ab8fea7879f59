"""A demo's folder: nobody else's, one demo at a time, and free again whatever happens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.sandbox.demo import FOLDERS
from tests.sandbox.demo_folder import MARKER, FolderError, own_folder

HOLD = """
import sys
from pathlib import Path
from tests.sandbox.demo_folder import own_folder
with own_folder(Path(sys.argv[1])) as folder:
    (folder / "store.sqlite").write_text("in use")
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_demo(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the folder; killed at the end."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.parametrize("words", [[], ["--check"]])
def test_a_second_demo_is_refused_and_the_first_lives(tmp_path: Path, words: list[str]) -> None:
    folder = tmp_path / "demo"
    with another_demo(folder):
        command = [sys.executable, "-m", "tests.sandbox.demo", "--folder", str(folder), *words]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 2
        told = f"error: {folder}: another demo runs there; end it first\n"
        assert (done.stdout, done.stderr) == ("", told)
        assert (folder / "store.sqlite").read_text() == "in use"


def test_a_demo_that_was_killed_does_not_keep_its_folder(tmp_path: Path) -> None:
    with another_demo(tmp_path):
        pass
    with own_folder(tmp_path) as folder:
        assert [path.name for path in folder.iterdir()] == [MARKER]


def test_what_an_earlier_demo_left_is_removed_and_links_are_not_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "thesis.txt").write_text("years of work")
    with own_folder(tmp_path / "demo") as folder:
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "link").symlink_to(kept)
    with own_folder(tmp_path / "demo") as folder:
        assert [path.name for path in folder.iterdir()] == [MARKER]
    assert (kept / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("inside", [False, True], ids=["a file", "below a file"])
def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path, inside: bool) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    with pytest.raises(FolderError, match="file"), own_folder(file / "x" if inside else file):
        pass
    assert file.read_text() == "not a folder"


def test_a_check_has_a_folder_of_its_own() -> None:
    assert FOLDERS[True] != FOLDERS[False]
