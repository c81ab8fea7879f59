"""Trials: resumable, of one work and one space of knobs, judged on the validation part."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments import data, systems, towers
from depicts_model.linker.experiments.system import Clock, Fitted, System
from depicts_model.linker.experiments.systems import NAMES, by_name
from depicts_model.linker.experiments.trials import (
    FILE,
    TRIALS,
    Trial,
    Tried,
    chosen,
    digest_of_space,
    digest_of_work,
    read,
    write,
)
from depicts_model.linker.experiments.tune import tune
from depicts_model.linker.experiments.work import Part, Vectors, Work
from tests.model.experiments.works import small_work

WORK = small_work()


@dataclass(frozen=True, slots=True)
class Knobs:
    share: float = 0.0
    sizes: tuple[int, ...] = (1, 2)


@dataclass(frozen=True)
class Mixed:
    """Right with a share of the images that the knob says."""

    share: float
    width: int

    def scores(self, part: Part) -> Vectors:
        scores = np.zeros((len(part), self.width), dtype=np.float32)
        scores[:, -20:] = 1  # candidates that no image shows, and more than ten of them
        for at in range(round(self.share * len(part))):
            scores[at, list(part.rows()[at])] = 2
        return scores


@dataclass
class Watched:
    """A system that counts its fits, and may be stopped at one."""

    stops_at: int = 10**9
    fits: list[Knobs] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    spend: Callable[[Clock], object] = lambda clock: None
    name: str = "watched"
    space: dict[str, tuple[Any, ...]] = field(
        default_factory=lambda: {"share": (0.1, 0.4, 0.7), "sizes": ((3,), (4, 5))}
    )

    def fit(self, work: Work, knobs: Knobs, clock: Clock) -> Fitted:
        if len(self.fits) == self.stops_at:
            raise KeyboardInterrupt
        self.fits.append(knobs)
        self.works.append(work)
        self.spend(clock)
        return Mixed(knobs.share, len(work.items) + 20)

    def system(self) -> System:
        return System(self.name, "paper", "a test", self.fit, Knobs(), self.space)


def quiet(line: str) -> None:
    pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trials.json"


def test_it_sees_no_test_truth_and_judges_on_the_validation_part(path: Path) -> None:
    watched = Watched()
    tune(WORK, [watched.system()], quiet, path)
    assert all(work.test.rows() == (frozenset(),) * len(WORK.test) for work in watched.works)
    share = round(0.7 * len(WORK.val)) / len(WORK.val)
    assert read(path)["watched"].best().recall_1 == pytest.approx(share, abs=1e-5)


def test_twelve_trials_of_which_the_first_has_the_knobs_as_they_are(path: Path) -> None:
    watched, lines = Watched(), list[str]()
    tune(WORK, [watched.system()], lines.append, path)
    assert len(watched.fits) == len(lines) == TRIALS == 12
    assert watched.fits[0] == Knobs()
    assert lines[0].startswith("watched 1/12: R@1 0.000, R@10 0.000, ")
    assert not any("capped" in line for line in lines)
    assert [trial.number for trial in read(path)["watched"].trials] == list(range(12))


def test_a_run_that_was_stopped_goes_on_and_repeats_nothing(path: Path) -> None:
    first = Watched(stops_at=5)
    with pytest.raises(KeyboardInterrupt):
        tune(WORK, [first.system()], quiet, path)
    second = Watched()
    tune(WORK, [second.system()], quiet, path)
    tune(WORK, [Watched(stops_at=0).system()], quiet, path)
    at_once = Watched()
    tune(WORK, [at_once.system()], quiet, path.with_name("other.json"))
    assert first.fits + second.fits == at_once.fits


def test_other_knobs_are_tried_anew_for_their_system_only(path: Path) -> None:
    stays = Watched(name="stays")
    tune(WORK, [Watched().system(), stays.system()], quiet, path)
    other = Watched(space={"share": (0.2, 0.3)})
    tune(WORK, [other.system(), Watched(name="stays", stops_at=0).system()], quiet, path)
    assert len(other.fits) == 12
    assert len(read(path)["watched"].trials) == 12


@pytest.mark.parametrize("what", ["seed", "files", "truths"])
def test_another_work_is_tried_anew(path: Path, what: str) -> None:
    other = {
        "seed": replace(WORK, seed=1),
        "files": replace(WORK, val=replace(WORK.val, files=WORK.val.files[::-1])),
        "truths": replace(WORK, train=replace(WORK.train, truths=WORK.train.truths[::-1])),
    }[what]
    assert digest_of_work(other) != digest_of_work(WORK)
    tune(WORK, [Watched().system()], quiet, path)
    again = Watched()
    tune(other, [again.system()], quiet, path)
    assert len(again.fits) == 12


def test_the_test_part_is_not_in_the_digest() -> None:
    other = replace(WORK, test=replace(WORK.test, files=WORK.test.files[::-1]))
    assert digest_of_work(other) == digest_of_work(WORK) == digest_of_work(WORK.blind())


def test_a_fit_that_was_cut_short_is_marked(path: Path) -> None:
    lines = list[str]()
    tune(WORK, [Watched(spend=Clock.up).system()], lines.append, path, cap=0)
    assert all(trial.capped for trial in read(path)["watched"].trials)
    assert lines[0].endswith("s, capped")


def test_what_has_no_knobs_to_tune_is_not_tried(path: Path) -> None:
    tune(WORK, [by_name("top-k")], quiet, path)
    assert not path.exists()


def test_the_command_says_how_it_goes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the command to the file; the photos are a work of the test's own."""
    system = Watched(name="top-k").system()
    monkeypatch.setattr(systems, "named", lambda names: (system,))
    monkeypatch.setattr(data, "folder_of", lambda photos: photos)
    monkeypatch.setattr(data.Data, "read", lambda *paths: Given())
    monkeypatch.setattr(towers, "MobileNetMiniLm", lambda path: None)
    told = CliRunner().invoke(main, ["tune", "--photos", ".", "--out", str(path)])
    assert told.exit_code == 0, told.output
    assert len(told.stdout.splitlines()) == TRIALS
    assert read(path)["top-k"].work == digest_of_work(WORK)


class Given:
    """What is read from a folder of photos."""

    def work(self, setting: str, seed: int) -> Work:
        assert (setting, seed) == ("vel-shaped", 0)
        return WORK


# --- the choice ---


def trial(number: int, worth: float, **knobs: object) -> Trial:
    return Trial(number, knobs, worth, worth, worth, 1.0, False)


def of(system: System, *trials: Trial) -> dict[str, Tried]:
    return {system.name: Tried("work", digest_of_space(system), trials)}


def test_the_best_is_chosen_and_the_first_of_equals(path: Path) -> None:
    system = Watched().system()
    found = of(system, trial(0, 0.1), trial(1, 0.5, share=0.4, sizes=(4, 5)), trial(2, 0.5))
    write(found, path)
    assert chosen(system, path) == Knobs(0.4, (4, 5)), "and lists are tuples again"
    assert json.loads(path.read_text())["systems"]["watched"]["chosen"] == 1


def test_without_trials_the_knobs_are_the_systems_own(path: Path) -> None:
    system = Watched().system()
    assert chosen(system, path) == Knobs()
    write(of(Watched(name="other").system(), trial(0, 0.1, share=0.4)), path)
    assert chosen(system, path) == Knobs()


def test_an_unknown_knob_is_refused_with_the_nearest(path: Path) -> None:
    system = Watched().system()
    write(of(system, trial(0, 0.5, shares=0.4)), path)
    with pytest.raises(ArtefactError, match=r"watched: unknown knob 'shares'.* is 'share'"):
        chosen(system, path)


def test_trials_of_other_knobs_are_refused(path: Path) -> None:
    write(of(Watched().system(), trial(0, 0.5, share=0.4)), path)
    with pytest.raises(ArtefactError, match="watched: its trials were made for other knobs"):
        chosen(Watched(space={"share": (0.2,)}).system(), path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"systems": {"a": {}}}', '{"systems": 3}'])
def test_a_damaged_file_is_named(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(ArtefactError, match=r"trials\.json: not a file of trials: "):
        chosen(Watched().system(), path)


@pytest.mark.parametrize("name", NAMES)
def test_the_choice_that_is_shipped_fits_the_system(name: str) -> None:
    system = by_name(name)
    assert type(chosen(system)) is type(system.knobs)
    if name in read(FILE):
        assert len(read(FILE)[name].trials) == TRIALS
