"""What the pages show is so: every command in a console block is carried out, or parsed."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from bench.__main__ import BENCHMARKS, names_of
from depicts_bot.cli import main as depicts_bot
from depicts_model.cli import main as depicts_model
from depicts_model.linker.link import shipped
from tests import bad_input
from tests.bad_input import MAIN, PAGE, fits, main_rows, read, section, table
from tests.bad_input_cases import cases
from tests.console import Shown, blocks, has_shape, shown
from tests.sandbox.photos import demo_world
from tests.sandbox.server import EmbeddedWiki
from tests.sandbox.world import PASSWORDS
from tests.watching import unwatched

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = (README, ROOT / "docs" / "operators.md", ROOT / "docs" / "maintainers.md")
BACKFILL = ROOT / "docs" / "backfill.md"
GADGET = ROOT / "docs" / "gadget.md"
SCRIPTS = Path(sys.executable).parent
BOT = "DepictsBot@depicts"
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def commands(*, started: bool) -> list[Shown]:
    """All commands of all pages that need a wiki, or all others, each once."""
    found = {one.command: one for page in PAGES for one in shown(page.read_text(encoding="utf-8"))}
    return [one for one in found.values() if one.command.startswith(STARTED) is started]


# --- commands that are parsed only ---

STARTED = ("depicts-bot ", "depicts-web", "python -m tests.sandbox ")


def make_knows(words: list[str]) -> None:
    """Make knows the target; nothing is carried out."""
    done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def model_parses(words: list[str]) -> None:
    """The command takes these options; it is not begun."""
    command: click.Command = depicts_model
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        assert found, name
        command = found
    command.make_context(command.name, words)


def bot_parses(words: list[str]) -> None:
    """The command takes these options; it is not begun."""
    name, *words = words
    command = depicts_bot.get_command(click.Context(depicts_bot), name)
    assert command, name
    command.make_context(name, words)


def pip_could_install(words: list[str]) -> None:
    """The constraints are there, and so are the extras."""
    assert (ROOT / words[words.index("-c") + 1]).is_file()
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = re.fullmatch(r"\.\[(.*)\]", words[-1])
    assert extras
    assert set(extras[1].split(",")) <= set(setup["options.extras_require"])


def python_has(words: list[str]) -> None:
    """The module is there, and pytest finds tests in what is named."""
    if words[0] == "-m" and words[1] == "pytest":
        command = [sys.executable, *words, "--collect-only"]
        environment = unwatched(os.environ)
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
    else:
        assert words[0] == "-m" and len(words) == 2
        assert (ROOT / f"{words[1].replace('.', '/')}.py").is_file()


def venv_is_there(words: list[str]) -> None:
    """Python comes with the module."""
    assert words == ["-m", "venv", "env"]
    subprocess.run([sys.executable, "-m", "venv", "--help"], check=True, capture_output=True)


PARSED: dict[str, Callable[[list[str]], None]] = {
    "make": make_knows,
    "depicts-model": model_parses,
    "env/bin/python -m pip install": pip_could_install,
    "python3": venv_is_there,
    "python": python_has,
}


def test_the_commands_of_a_backfill_can_be_typed() -> None:
    page = [*shown(BACKFILL.read_text(encoding="utf-8"))]
    assert len(page) == 4
    for one in page:
        words = shlex.split(one.command)
        if words[0] == "depicts-bot":
            bot_parses(words[1:])
        else:
            pip_could_install(words[4:])


@pytest.mark.slow
@pytest.mark.parametrize("one", commands(started=False), ids=lambda one: one.command[:50])
def test_a_command_that_is_shown_can_be_typed(one: Shown) -> None:
    start = next(words for words in PARSED if one.command.startswith(f"{words} "))
    PARSED[start](shlex.split(one.command.removeprefix(start)))


def test_a_command_with_a_slip_is_found() -> None:
    with pytest.raises(click.NoSuchOption):
        model_parses(shlex.split("evaluate --photos a --lsit b"))
    with pytest.raises(AssertionError, match="demo-chekc"):
        make_knows(["demo-chekc"])
    with pytest.raises(AssertionError):
        pip_could_install(["-c", "constraints.txt", "-e", ".[wbe]"])


def test_an_item_is_shown_as_the_page_says() -> None:
    (one,) = (c for c in commands(started=False) if "catalog show" in c.command)
    done = subprocess.run(
        [str(SCRIPTS / "depicts-model"), *shlex.split(one.command)[1:]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert has_shape(done.stdout, one.output), done.stdout


def test_every_option_of_a_run_is_explained_to_the_operator() -> None:
    page = PAGES[1].read_text(encoding="utf-8")
    options = [option for p in depicts_bot.commands["run"].params for option in p.opts]
    assert len(options) >= 11
    assert [option for option in options if option not in page] == []


# --- commands that are carried out ---


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with the settings of the page, on an embedded wiki in place of Commons."""

    folder: Path
    environment: dict[str, str]

    def first_lines(self, words: list[str], count: int) -> str:
        """Start what serves until it is ended; its first lines."""
        with subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            try:
                return "".join(process.stdout.readline() for _ in range(count))
            finally:
                process.terminate()

    def carried_out(self, words: list[str]) -> str:
        """Standard output of a command that ends well."""
        done = subprocess.run(
            words, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("operator")
    (page,) = (p for p in PAGES if p.name == "operators.md")
    (settings,) = blocks(page.read_text(encoding="utf-8"), "toml")
    (folder / "settings.toml").write_text(settings, encoding="utf-8")
    world = demo_world({})
    with EmbeddedWiki(world) as wiki:
        ours = {
            "DEPICTS_WIKI_API": wiki.api,
            "DEPICTS_WIKI_USERNAME": BOT,
            "DEPICTS_WIKI_PASSWORD": PASSWORDS[BOT],
            "DEPICTS_SECRET_KEY": "k" * 32,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT),
        }
        yield Place(folder, {**unwatched(os.environ), **ours})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_commands_that_need_a_wiki_do_as_the_page_shows(place: Place) -> None:
    """One test: the second run of the bot finds what the first has stored."""
    todo = commands(started=True)
    assert len(todo) >= 4
    for one in todo:
        name, *words = shlex.split(one.command)
        program = sys.executable if name == "python" else str(SCRIPTS / name)
        if name == "depicts-bot":
            told = place.carried_out([program, *words])
        else:
            # a port of the page may be somebody's here
            told = place.first_lines([program, *words, "--port", "0"], len(one.output))
        # a list that is empty on this wiki shows nothing
        assert has_shape(told, one.output) if one.output else not told, (one.command, told)


@pytest.mark.slow
def test_the_pages_key_is_none_that_somebody_could_keep(place: Place) -> None:
    ours = {"DEPICTS_SECRET_KEY", "DEPICTS_WIKI_API"}
    environment = {name: value for name, value in place.environment.items() if name not in ours}
    command = [str(SCRIPTS / "depicts-web"), "--config", "settings.toml", "--port", "0"]
    done = subprocess.run(
        command, cwd=place.folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: secret_key has fewer than 32 characters\n"


# --- shapes ---


@pytest.mark.parametrize(
    ("told", "lines", "fitting"),
    [
        (
            "run 7, model tiny-2: 3 listed = 3 skipped\n",
            ("run 1, model tiny-1: 9 listed = 9 x",),
            1,
        ),
        ("on http://127.0.0.1:999\n", ("on http://127.0.0.1:8080",), 1),
        ("M9\tx\ty\n", ("M1\t3b…\tFile",), 1),
        ("a\nb\nc\n", ("a", "…", "c"), 1),
        ("M9\tx\n", ("M1\t3b…\tFile",), 0),
        ("error: no\n", ("run 1",), 0),
        ("a\nb\n", ("a",), 0),
        ("", ("a",), 0),
    ],
)
def test_a_shape_fits_or_not(told: str, lines: tuple[str, ...], fitting: int) -> None:
    assert has_shape(told, lines) is bool(fitting)


# --- links, settings, bad input ---


@pytest.mark.parametrize("page", [*PAGES, GADGET, BACKFILL, PAGE], ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    for page in (*PAGES[1:], GADGET, BACKFILL, PAGE):
        assert f"docs/{page.name}" in text


def test_the_table_of_bad_input_is_that_of_the_tests() -> None:
    rows, known = read(PAGE.read_text(encoding="utf-8")), cases()
    assert len(rows) == len(known), "python -m tests.bad_input"
    for row, case in zip(rows, known, strict=True):
        assert fits(row, case), (row, case.words)


@pytest.mark.slow
@pytest.mark.no_cover  # all of it is watched where these cases are tested
@pytest.mark.usefixtures("unwatched_programs")
@pytest.mark.timeout(900)
def test_trying_all_bad_input_again_leaves_the_pages_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder of its own: what the command would write is what is written."""
    for name, page in (("PAGE", PAGE), ("README", README)):
        copy = tmp_path / page.name
        copy.write_bytes(page.read_bytes())
        monkeypatch.setattr(bad_input, name, copy)
    assert bad_input.main() == 0
    for page in (PAGE, README):
        assert (tmp_path / page.name).read_text("utf-8") == page.read_text("utf-8")


def test_the_readmes_rows_are_of_that_table() -> None:
    rows = main_rows(read(PAGE.read_text(encoding="utf-8")))
    assert len(rows) == len(MAIN)
    assert section(README.read_text(encoding="utf-8")) == table(rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_benchmark_that_is_named_is_there(page: Path) -> None:
    named = re.findall(r"python -m bench ([a-z]\w*)", page.read_text(encoding="utf-8"))
    assert {*named} <= BENCHMARKS.keys()


def test_the_readmes_table_of_speed_names_figures_of_the_benchmarks() -> None:
    told = README.read_text(encoding="utf-8").partition("### Speed and memory\n")[2]
    rows = re.findall(r"^\|.*\| `(\w+)` \|$", told.partition("\n## ")[0], re.MULTILINE)
    assert {*rows} <= {figure for name in BENCHMARKS for figure in names_of(name)}
    assert len(rows) == 12


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not here")
def test_every_target_that_help_lists_is_there() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = [line.split()[0] for line in told.stdout.splitlines()]
    assert {"demo", "demo-check", "screenshots", "check", "test"} <= set(listed)


def test_the_readmes_figures_are_those_of_the_shipped_model() -> None:
    """And the demo's count is the one that `make demo-check` prints (see its own test)."""
    metrics = json.loads((shipped() / "manifest.json").read_text(encoding="utf-8"))["metrics"]
    after = README.read_text(encoding="utf-8").partition("## What is measured")[2]
    measured = after.partition("\n## ")[0]
    for name in ("test_top1", "test_top10", "display_precision", "display_ece"):
        assert f"{metrics[name]:.3f}" in measured, name
    assert f"| {metrics['display_coverage']:.0%}; none |".replace("%", " %") in measured
    assert metrics["display_lured"] == 0
