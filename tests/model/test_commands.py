"""Every failure of a command is one line on stderr and the right exit code."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from depicts_model.cli import main
from depicts_model.commands import Commands
from depicts_model.errors import ArtefactError, ConfigurationError

FULL = Path("/dev/full")


def failing(error: BaseException) -> Commands:
    @click.command()
    def act() -> None:
        raise error

    return Commands("tool", commands={"act": act})


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ArtefactError("a.sqlite: cut\nshort"), 2, "error: a.sqlite: cut short\n"),
        (ConfigurationError("unknown key 'x'"), 2, "error: unknown key 'x'\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_a_failure_is_one_line(error: BaseException, code: int, line: str) -> None:
    result = CliRunner().invoke(failing(error), ["act"])
    assert (result.exit_code, result.stdout, result.stderr.lstrip("\n")) == (code, "", line)


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [["catalog", "show", "Q146"], ["--help"], ["--version"]])
def test_a_full_disk_under_our_output_is_one_line(words: list[str]) -> None:
    program = "from depicts_model.cli import main; main()"
    with FULL.open("w") as full:
        command = [sys.executable, "-c", program, *words]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.stderr == "error: standard output: No space left on device\n"
    assert done.returncode == 2


def test_a_full_disk_under_a_file_of_ours_is_one_line() -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "model.npz")
    result = CliRunner().invoke(failing(error), ["act"])
    assert (result.exit_code, result.stderr) == (2, "error: model.npz: No space left on device\n")


def test_a_fault_of_ours_is_not_hidden() -> None:
    for fault in (ZeroDivisionError(), FileNotFoundError(errno.ENOENT, "No such file", "x")):
        with pytest.raises(type(fault)):
            CliRunner().invoke(failing(fault), ["act"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["catalog", "show", "cat"], "not an item id: 'cat'"),
        (["catalog", "show", "Q999999999"], "Q999999999 is not in catalog"),
        (["catalog", "show", "Q146", "--catalog", "no/such/file"], "no/such/file"),
        (["catalog", "starter", "--items", "no.csv", "--out", "x"], "no.csv: No such file"),
        (["catalog", "starter"], "Missing option"),
        (["catalog", "build", "--source", "csv", "--out", "x"], "Missing argument 'SOURCE'"),
        (
            ["catalog", "build", "--source", "sparql", "ftp://host/sparql", "--out", "x"],
            "not an http(s) address: 'ftp://host/sparql'",
        ),
        (
            ["catalog", "build", "--source", "sparql", "--out", "x", "--languages", 'en,"'],
            "not a language code: '\"'",
        ),
        (
            ["index", "--encoder", "clip", "--out", "x", "--languages", "en,$$"],
            "not a language code: '$$'",
        ),
        (["index", "--encoder", "clip", "--out", "x", "--languages", ","], "no language"),
        (["index", "--encoder", "clip", "--out", "x"], "no encoder 'clip'; there are siglip2-"),
        (["index", "--encoder", "a/b", "--out", "x"], "a/b: no revision is pinned for it"),
        (
            ["index", "--encoder", "a/b", "--revision", "main", "--out", "x"],
            "a/b: not a revision of 40 hex digits: 'main'",
        ),
        (["list"], "no registry of models: say --models, or set `models`"),
        (["promote", "tiny-1", "--models", "no"], "no: no model 'tiny-1'; there are: none"),
        (["rollback", "--models", "no"], "no: no model was promoted yet"),
        (
            ["tune", "--photos", "no", "--out", "x"],
            "no: no such folder; it holds photos.zip, photos.csv, items.csv and encoders/",
        ),
        (
            ["tune", "--photos", ".", "--systems", "mlp-265", "--out", "x"],
            "unknown system 'mlp-265'; the nearest one is 'mlp-256'",
        ),
        (["evaluate"], "no photos: say --photos DIR"),
        (["evaluate", "--systems", "all", "--out", "x"], "no photos: say --photos DIR"),
        (
            ["evaluate", "--systems", "all", "--photos", "none", "--out", "x"],
            "none: no such folder; it holds photos.zip, photos.csv, items.csv and encoders/",
        ),
        (["evaluate", "--photos", "none"], "none: no such folder; it holds photos.zip and photos."),
        (["evaluate", "--photos", "."], "photos.zip: no such file"),
        (
            ["evaluate", "--photos", "no/a.zip", "--list", "a.csv"],
            "no: no such folder, of a.zip",
        ),
        (["evaluate", "--systems", "all", "--photos", "none"], "--systems needs --out"),
        (
            ["evaluate", "--systems", "mlp-512", "--photos", ".", "--out", "x"],
            "unknown system 'mlp-512'; the nearest one is 'mlp-",
        ),
        (
            ["evaluate", "--systems", "all", "--settings", "multy", "--photos", ".", "--out", "x"],
            "unknown setting 'multy'; the nearest one is 'multi'",
        ),
        (["evaluate", "--test-csv", "mine.csv"], "--test-csv and --images go together"),
        (
            ["evaluate", "--test-csv", "none.csv", "--images", "none"],
            "none.csv: no such file",
        ),
        (["retrain"], "no registry of models: say --models, or set `models`"),
        (
            ["retrain", "--models", "no", "--dataset", "nowhere"],
            "nowhere",
        ),
        (["approve"], "either LIST or --from-store"),
        (["approve", "--from-store"], "no file to write: say --out, or set `approved`"),
        (["no-such-command"], "no-such-command"),
        (["catalog", "show", "Q146", "--colour"], "--colour"),
    ],
)
def test_bad_arguments_exit_with_2(arguments: list[str], fault: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert fault in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["tune", "--photos", "no", "--out", "x"], "linker.experiments.systems"),
        (["evaluate", "--photos", "no"], "linker.training.evaluate"),
        (["evaluate", "--photos", "no", "--systems", "all", "--out", "x"], "linker"),
        (["evaluate", "--test-csv", __file__, "--images", "no"], "linker"),
    ],
)
def test_a_folder_is_looked_for_before_anything_heavy_is_imported(
    arguments: list[str], heavy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.startswith(f"depicts_model.{heavy}")]:
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, f"depicts_model.{heavy}", None)
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: no: no such folder")


def test_a_catalog_cut_short_is_one_line(tmp_path: Path) -> None:
    starter = Path(str(files("depicts_model").joinpath("data", "starter.sqlite"))).read_bytes()
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes(starter[: len(starter) // 2])
    result = CliRunner().invoke(main, ["catalog", "show", "Q146", "--catalog", str(cut)])
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: {cut}: ")


def test_show_prints_an_item() -> None:
    result = CliRunner().invoke(main, ["catalog", "show", "Q7295"])
    assert result.exit_code == 0
    assert "Q7295 Egyptian cat: kind of cat" in result.stdout
    assert "may be suggested: yes" in result.stdout


def test_starter_prints_what_it_made(tmp_path: Path) -> None:
    items, out = tmp_path / "items.csv", tmp_path / "out.sqlite"
    head = "qid,label,visual,p31,p279,broader_wordnet,broader_other\n"
    items.write_text(head + "Q5,human,1,,,,\nQ146,cat,1,,,,\n")
    arguments = ["catalog", "starter", "--items", str(items), "--out", str(out)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.stderr
    assert str(out) in result.stdout
    assert "item: 2" in result.stdout


def test_a_reader_that_went_away_is_no_error_message() -> None:
    program = "from depicts_model.cli import main; main(['catalog', '--help'])"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        message = process.stderr.read()
    assert message == b""
    assert process.returncode == 1


def test_help_takes_little_time() -> None:
    """CPU seconds of the whole process, start of the interpreter included."""
    program = "import time; from depicts_model.cli import main\ntry: main(['--help'])\nfinally: "
    program += "import sys; sys.stderr.write(str(time.process_time()))"
    used = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
        used.append(float(done.stderr))
        time.sleep(0)
    assert min(used) < 0.3
