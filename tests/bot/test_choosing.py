"""The options that name a source: one a run, spelt as the wiki spells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from depicts_bot import runner
from depicts_bot.choosing import Choice, source_of
from depicts_bot.cli import main
from depicts_bot.events import NewPages
from depicts_bot.listings import Category, Random, Search, UserUploads
from depicts_bot.named import Named
from depicts_bot.runner import Options
from depicts_bot.sources import NEW_UPLOADS, Source
from depicts_model.settings import Settings


@pytest.mark.parametrize(
    ("choice", "source"),
    [
        (Choice(), NEW_UPLOADS),
        (Choice(category="category: white_kittens"), Category("Category:White kittens")),
        (Choice(category="Éléphants", depth=3), Category("Category:Éléphants", 3)),
        (Choice(user="User:some  body"), UserUploads("Some body")),
        (Choice(search=' cat "in a box" '), Search('cat "in a box"')),
        (Choice(random=7), Random(7)),
        (Choice(stream=True), NewPages(Settings().event_stream)),
    ],
)
def test_the_source_that_is_meant(choice: Choice, source: Source) -> None:
    assert source_of(choice, Settings()) == source


@pytest.mark.parametrize(
    ("choice", "fault"),
    [
        (Choice(category="A", user="B"), "one source a run, not --category and --user"),
        (Choice(files="-", random=3), "not --files and --random"),
        (Choice(random=1, stream=True), "not --random and --stream"),
        (Choice(depth=1), "--depth goes with --category"),
        (Choice(depth=0, user="A"), "--depth goes with --category"),
        (Choice(category=" Category: "), "--category names nothing"),
        (Choice(user=""), "--user names nothing"),
        (Choice(search=" "), "--search names nothing"),
    ],
)
def test_what_is_no_choice(choice: Choice, fault: str) -> None:
    with pytest.raises(click.UsageError, match=fault):
        source_of(choice, Settings())


def asked(monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, list[Options], str]:
    seen: list[Options] = []

    def noted(settings: Settings, options: Options) -> None:
        seen.append(options)

    monkeypatch.setattr(runner, "run_bot", noted)
    done = CliRunner().invoke(main, ["run", *words])
    return done.exit_code, seen, done.stderr


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ([], NEW_UPLOADS),
        (["--category", "Cats", "--depth", "2"], Category("Category:Cats", 2)),
        (["--user", "A"], UserUploads("A")),
        (["--search", "cat"], Search("cat")),
        (["--random", "5"], Random(5)),
        (["--stream"], NewPages(Settings().event_stream)),
    ],
)
def test_the_command_passes_it_on(
    monkeypatch: pytest.MonkeyPatch, words: list[str], source: Any
) -> None:
    code, seen, _ = asked(monkeypatch, *words, "--limit", "3")
    assert (code, [(o.source, o.limit) for o in seen]) == (0, [(source, 3)])


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--category", "A", "--search", "b"], "one source a run"),
        (["--random", "0"], "--random"),
        (["--depth", "21", "--category", "A"], "--depth"),
    ],
)
def test_bad_options_end_it_with_status_2(
    monkeypatch: pytest.MonkeyPatch, words: list[str], fault: str
) -> None:
    code, seen, told = asked(monkeypatch, *words)
    assert (code, seen) == (2, []) and fault in told


def test_a_bad_list_ends_it_before_anything_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "l.txt").write_text("M5\nnonsense\n")
    code, seen, told = asked(monkeypatch, "--files", str(tmp_path / "l.txt"))
    assert (code, seen) == (2, [])
    assert "l.txt: line 2: not a title" in told and len(told.splitlines()) == 1
    (tmp_path / "l.txt").write_text("M5\n")
    assert asked(monkeypatch, "--files", str(tmp_path / "l.txt"))[1][0].source == Named((5,))
