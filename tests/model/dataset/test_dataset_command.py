"""``depicts-model dataset``: from the command line to a data set, and what it says to nonsense."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from depicts_model.cli import main
from depicts_model.dataset import claiming
from depicts_model.dataset.reading import open_dataset
from depicts_model.dataset.shards import SPLITS
from depicts_model.store import Store
from depicts_model.types import Claim, Mid, Qid, Verdict
from tests.model.dataset.sources import depicts, dump, entity, table, tar
from tests.model.store.values import SAID, V, decision

BUILD = ["dataset", "build", "--out", "d"]


def told(folder: Path, arguments: list[str]) -> Result:
    """Of a command whose paths are below this folder, as ``{}`` in its arguments stands for."""
    here = [one.replace("{}", str(folder)) for one in arguments]
    if "--out" in here:
        here[here.index("--out") + 1] = str(folder / here[here.index("--out") + 1])
    return CliRunner().invoke(main, here)


def cats(folder: Path, count: int = 40) -> Path:
    return table(folder, "file,items\n" + "".join(f"{n}.jpg,Q146\n" for n in range(count)))


def no_preparation(folder: Path) -> None:
    """The folder is empty."""


def with_cats(folder: Path) -> None:
    cats(folder)


def with_strangers(folder: Path) -> None:
    table(folder, "file,items\n" + "".join(f"{n}.jpg,Q999999999\n" for n in range(3)))


def with_half_a_dump(folder: Path) -> None:
    text = dump([entity(n, depicts("Q146")) for n in range(1, 9)])
    (folder / "dump.json").write_text(text[:-3])


def with_half_a_tar(folder: Path) -> None:
    path = tar(folder / "p" / "0.tar", [])
    path.write_bytes(path.read_bytes()[:512])


def with_something_in_its_way(folder: Path) -> None:
    cats(folder)
    (folder / "d").mkdir()
    (folder / "d" / "mine.txt").write_text("mine")


def with_another_shard(folder: Path) -> None:
    cats(folder)
    assert told(folder, [*BUILD, "--table", "{}/photos.csv"]).exit_code == 0
    (folder / "d" / "train-00000.parquet").write_bytes(b"PAR1")


TABLE = ["--table", "{}/photos.csv"]
REFUSED: dict[str, tuple[Callable[[Path], None], list[str], str]] = {
    "no source is named": (no_preparation, BUILD, "name a source: --dump, --published"),
    "pictures of no table": (
        no_preparation,
        [*BUILD, "--images", "{}"],
        "--images goes with --table",
    ),
    "settings for nothing": (
        with_cats,
        [*BUILD, *TABLE, "--config", "x"],
        "--config goes with --decisions",
    ),
    "pictures to keep that nobody has": (
        with_cats,
        [*BUILD, *TABLE, "--embed"],
        "--embed goes with --images or --published",
    ),
    "pictures to keep and not to read": (
        with_cats,
        [*BUILD, *TABLE, "--images", "{}", "--embed", "--no-hashes"],
        "it does not go with --no-hashes",
    ),
    "no such table": (no_preparation, [*BUILD, *TABLE], "photos.csv: No such file"),
    "no such rule": (with_cats, [*BUILD, *TABLE, "--profile", "vel"], "'vel' is not one of"),
    "no such catalog": (with_cats, [*BUILD, *TABLE, "--catalog", "{}/no"], "/no: "),
    "pictures that are no zip": (
        with_cats,
        [*BUILD, *TABLE, "--images", "{}/photos.csv"],
        "neither a folder nor a sound zip",
    ),
    "pictures that are not there": (
        with_cats,
        [*BUILD, *TABLE, "--images", "{}"],
        "no data set is written: files read: 0, files without a readable picture: 40",
    ),
    "items of another catalog": (
        with_strangers,
        [*BUILD, *TABLE],
        "files that show nothing any more: 3, rows of the table: 3, uses dropped: not in the",
    ),
    "a table of items without edges": (
        with_cats,
        [*BUILD, *TABLE, "--profile", "vel2024", "--items", "{}/photos.csv"],
        "line 1: no column 'qid'",
    ),
    "half a dump": (
        with_half_a_dump,
        [*BUILD, "--dump", "{}/dump.json"],
        "cut short: no closing ] after line 9",
    ),
    "half a tar": (with_half_a_tar, [*BUILD, "--published", "{}/p"], "0.tar: cut short"),
    "a folder without the published set": (
        no_preparation,
        [*BUILD, "--published", "{}"],
        "no .tar or .parquet of the published set",
    ),
    "a folder that holds something": (
        with_something_in_its_way,
        [*BUILD, *TABLE],
        "is there and not empty; it is not replaced",
    ),
    "a folder below a file": (
        with_cats,
        ["dataset", "build", *TABLE, "--out", "photos.csv/d"],
        "photos.csv/d: named by --out: Not a directory",
    ),
    "a data set that is none": (no_preparation, ["dataset", "check", "{}"], "no data set: No such"),
    "a data set with another shard": (
        with_another_shard,
        ["dataset", "check", "{}/d"],
        "is not the shard that the manifest names",
    ),
}


@pytest.mark.parametrize(("prepare", "arguments", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_nonsense_is_one_line_and_leaves_nothing(
    tmp_path: Path, prepare: Callable[[Path], None], arguments: list[str], words: str
) -> None:
    prepare(tmp_path)
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")}
    result = told(tmp_path, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr.splitlines()[-1]
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.rglob("*")} == before


def test_a_table_becomes_a_data_set_that_passes(tmp_path: Path) -> None:
    cats(tmp_path)
    made = told(tmp_path, [*BUILD, *TABLE])
    assert made.exit_code == 0, made.stderr
    assert "split: units, by file" in made.stdout
    assert "table lacks: uploader, time, sha1" in made.stdout
    assert "counts: files kept: 40" in made.stdout
    again = told(tmp_path, ["dataset", "check", "{}/d"])
    assert (again.exit_code, again.stdout) == (0, made.stdout)


def test_the_rule_of_the_paper_says_how_often_it_replaced_what(tmp_path: Path) -> None:
    text = "file,items\n" + "".join(f"{n}.jpg,Q146\n" for n in range(12)) + "x.jpg,Q1\ny.jpg,Q2\n"
    table(tmp_path, text)
    table(tmp_path, "qid,p31,p279\nQ1,,Q146\nQ2,,\n", "items.csv")
    arguments = ["--profile", "vel2024", "--items", "{}/items.csv"]
    made = told(tmp_path, [*BUILD, *TABLE, *arguments])
    assert made.exit_code == 0, made.stderr
    assert "rare items replaced by p279 at 1 hop: 1" in made.stdout
    assert "rare items dropped: 1" in made.stdout
    assert open_dataset(tmp_path / "d").manifest.edges["name"] == "items.csv"


def test_decisions_come_from_the_store_and_only_confirmed_ones_teach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite"
    with Store.open(url) as store:
        for number in range(1, 31):
            said = decision("Q146", Verdict.ACCEPTED, number, revision=100 + number)
            store.add_decisions(f"key {number}", [said], V)
            store.add_decisions(f"no edit {number}", [decision("Q144", said.verdict, number)], V)
            at = SAID - timedelta(minutes=1)
            mid = Mid(f"M{number}")
            store.add_claims([Claim(mid, Qid("Q146"), f"{mid}$x", 100 + number, at, V)])
    monkeypatch.setenv("DEPICTS_DATABASE_URL", url)
    made = told(tmp_path, [*BUILD, "--decisions"])
    assert made.exit_code == 0, made.stderr
    opened = open_dataset(tmp_path / "d")
    rows = [row for split in SPLITS for row in opened.rows(split)]
    assert {row.file for row in rows} == {f"M{number}" for number in range(1, 31)}
    assert {row.things for row in rows} == {((Qid("Q146"),),)}
    assert url not in (tmp_path / "d" / "manifest.json").read_text()


@pytest.mark.slow
def test_a_killed_build_leaves_no_data_set_and_is_started_again(tmp_path: Path) -> None:
    cats(tmp_path, 15_000)
    program = "from depicts_model.cli import main; main()"
    arguments = ["dataset", "build", "--table", str(tmp_path / "photos.csv")]
    command = [sys.executable, "-c", program, *arguments, "--out", str(tmp_path / "d")]
    read = claiming.hidden(tmp_path / "d") / "read.parquet"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not read.exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "d").exists()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "15000" in done.stdout
    assert open_dataset(tmp_path / "d").manifest.counts["files kept"] == 15_000


def test_help_takes_little_time() -> None:
    """No heavy import before the arguments are parsed."""
    program = "import sys; from depicts_model.cli import main\n"
    program += "try: main(['dataset', 'build', '--help'])\nfinally:\n"
    program += " assert not {'pyarrow', 'numpy', 'torch', 'PIL', 'tqdm'} & {*sys.modules}\n"
    program += " import time; sys.stderr.write(str(time.process_time()))"
    used = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        assert done.returncode == 0 and "--profile" in done.stdout, done.stderr
        used.append(float(done.stderr))
    assert min(used) < 0.3
