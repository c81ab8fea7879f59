"""Work of a killed run that is of no use to this one is not given up in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from depicts_model.catalog.dump_work import State, Work
from depicts_model.catalog.from_wikidata import work_path
from depicts_model.cli import main
from tests.model.catalog.dumps import dump, known


class KilledError(Exception):
    """The process is no more."""


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dump whose first pass was committed by a run with the options of the default."""
    source = tmp_path / "d.json"
    source.write_text(dump(known()), "utf-8")
    commit = Work.commit

    def last(work: Work, state: State) -> None:
        commit(work, state)
        raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(Work, "commit", last)
        CliRunner().invoke(main, words(source), catch_exceptions=False)
    assert work_path(tmp_path / "c.sqlite").is_file()
    return source


def words(source: Path, *more: str) -> list[str]:
    out = source.parent / "c.sqlite"
    return ["catalog", "build", "--source", "dump", str(source), "--out", str(out), *more]


def warnings(arguments: list[str]) -> list[str]:
    told = CliRunner().invoke(main, arguments)
    assert told.exit_code == 0, told.stderr
    return [line for line in told.stderr.splitlines() if line.startswith("warning: ")]


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (["--languages", "en,de"], "other languages"),
        (["--min-sitelinks", "2"], "other min sitelinks"),
        (["--min-sitelinks", "2", "--languages", "de"], "other languages, min sitelinks"),
    ],
)
def test_other_options_are_named(killed: Path, more: list[str], what: str) -> None:
    (line,) = warnings(words(killed, *more))
    work = work_path(killed.parent / "c.sqlite")
    assert line == f"warning: {work}: work of a killed run is given up: it was begun with {what}"


def test_another_source_is_named(killed: Path) -> None:
    os.utime(killed, ns=(1, 1))
    (line,) = warnings(words(killed))
    assert line.endswith("begun with other time")


def test_work_of_other_rules_is_said(killed: Path) -> None:
    work = Work(work_path(killed.parent / "c.sqlite"), "[]")
    work.commit(State("[1]"))
    work.close()
    (line,) = warnings(words(killed))
    assert line.endswith("begun by other rules, or from another kind of source")


def test_work_that_is_taken_up_is_not_spoken_of(killed: Path) -> None:
    assert warnings(words(killed)) == []
