"""What a fit and a judge say of files that are not there, cut or odd: one line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from depicts_model.cli import main
from depicts_model.linker.training.lot import Sources

pytestmark = pytest.mark.slow


TABLE = [
    (["--photos", "none.zip", "--list", "LIST"], "none.zip: No such file"),
    (["--photos", "LIST", "--list", "LIST"], "photos.csv: not a sound zip"),
    (["--photos", "CUT", "--list", "LIST"], "cut.zip: not a sound zip"),
    (["--photos", "ODD", "--list", "ODDLIST"], "odd.png: cannot be read as an image"),
    (["--photos", "ZIP", "--list", "ODDLIST"], "photos.zip: no odd.png in it"),
    (["--photos", "ZIP", "--list", "none.csv"], "none.csv: No such file"),
    (["--photos", "ZIP", "--list", "LIST", "--exclude", "LIST"], "cannot be read as an image"),
    (["--photos", "ZIP", "--list", "LIST", "--teacher", "x"], "go together"),
    (
        ["--photos", "ZIP", "--list", "LIST", "--teacher", "none.tflite", "--classes", "LIST"],
        "none.tflite: no such file",
    ),
    (  # it is told before the photos are read, which takes minutes
        ["--photos", "none.zip", "--list", "LIST", "--teacher", "no.tflite", "--classes", "LIST"],
        "no.tflite: no such file",
    ),
    (
        ["--photos", "ZIP", "--list", "LIST", "--teacher", "LIST", "--classes", "LIST"],
        "photos.csv: not a TensorFlow Lite model",
    ),
    (
        ["--photos", "ZIP", "--list", "LIST", "--teacher", "LIST", "--classes", "none.txt"],
        "none.txt: cannot be read",
    ),
    (
        ["--photos", "ZIP", "--list", "LIST", "--work", "/dev/null/x"],
        "/dev/null/x: Not a directory",
    ),
    (["--photos", "ZIP", "--list", "LIST", "--work", "/dev/full"], "/dev/full: File exists"),
]


@pytest.fixture(scope="module")
def named(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "cut.zip").write_bytes(sources.photos.read_bytes()[:5000])
    (folder / "odd.csv").write_text("file,items,label,set,confidence\nodd.png,Q89,x,y,high\n")
    with zipfile.ZipFile(folder / "odd.zip", "w") as archive:
        archive.writestr("odd.png", b"\x89PNG and then nothing")
    return {
        "LIST": str(sources.listed),
        "ZIP": str(sources.photos),
        "CUT": str(folder / "cut.zip"),
        "ODD": str(folder / "odd.zip"),
        "ODDLIST": str(folder / "odd.csv"),
    }


@pytest.mark.parametrize(("arguments", "line"), TABLE, ids=[line for _, line in TABLE])
def test_nonsense_is_answered_in_one_line(
    arguments: list[str], line: str, named: dict[str, str], tmp_path: Path
) -> None:
    words = [named.get(word, word) for word in arguments]
    words = ["--work", str(tmp_path / "w"), *words, "--out", str(tmp_path / "m")]
    answer = CliRunner().invoke(main, ["fit", "--from-scratch", *words])
    assert answer.exit_code == 2, answer.output
    assert line in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("photos", "listed", "line"),
    [
        ("none.zip", "LIST", "none.zip: no such file"),
        ("CUT", "LIST", "cut.zip: not a sound zip"),
        ("ODD", "ODDLIST", "odd.png: "),
        ("ZIP", "ODDLIST", "no odd.png in it"),
        ("ZIP", "none.csv", "none.csv: no such file"),
    ],
)
def test_a_judge_of_nonsense_says_so_in_one_line(
    photos: str, listed: str, line: str, named: dict[str, str], fitted: Path
) -> None:
    name = "y" if listed == "ODDLIST" else "tiny/val"
    words = ["--photos", named.get(photos, photos), "--list", named.get(listed, listed)]
    model = ["--model", str(fitted / "model"), "--set", name]
    answer = CliRunner().invoke(main, ["evaluate", *words, *model])
    assert answer.exit_code == 2, answer.output
    assert line in answer.output
    assert "Traceback" not in answer.output
