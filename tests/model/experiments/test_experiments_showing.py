"""Display mode of a system: judged by the table's graph, compared at equal coverage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depicts_model.catalog import Catalog
from depicts_model.catalog.starter import build_table
from depicts_model.linker.display_metrics import Shown, Verdict, verdict
from depicts_model.linker.experiments import display_run, equal, ours, showing
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.experiments.world import World
from depicts_model.types import Qid
from tests.model.experiments.works import small_work

HEADER = "qid,label,description,aliases,p31,p279,broader_wordnet,broader_other,image_p18,visual\n"


def kind(row: int) -> Qid:
    return Qid(f"Q{900_000_101 + row}")


def parent(row: int) -> Qid:
    return Qid(f"Q{900_000_201 + row // 4}")


@pytest.fixture
def work() -> Work:
    plain = small_work(kinds=12, noise=0.2, dim=24)
    return replace(plain, items=tuple(kind(row) for row in range(len(plain.items))))


@pytest.fixture
def table(tmp_path: Path, work: Work) -> Path:
    """Five classes of four kinds each; the classes are visual too, but no candidates."""
    rows = [f"{kind(n)},kind {n},,,,{parent(n)},,,,1\n" for n in range(len(work.items))]
    rows += [f"{parent(n)},class {n // 4},,,,,,,,1\n" for n in range(0, len(work.items), 4)]
    path = tmp_path / "items.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def facts(tmp_path: Path, table: Path) -> Iterator[Catalog]:
    out = tmp_path / "catalog.sqlite"
    build_table(table, out)
    with Catalog.open(out) as opened:
        yield opened


def test_what_is_shown_is_judged_by_the_graph_of_the_table(table: Path) -> None:
    world = World.read(table)
    assert verdict(kind(1), (frozenset({kind(1)}),), world) == Verdict.EXACT
    assert verdict(parent(1), (frozenset({kind(1)}),), world) == Verdict.ANCESTOR
    assert verdict(kind(2), (frozenset({kind(1)}),), world) == Verdict.WRONG
    wide = replace(world, counts={parent(1): 321})
    assert verdict(parent(1), (frozenset({kind(1)}),), wide) == Verdict.TOO_GENERAL


def stage_of(work: Work, facts: Catalog) -> tuple[showing.Telling, showing.Stage]:
    answers = showing.telling(ours.fit(work.blind(), ours.Knobs(), Clock()), work)
    aim = replace(showing.AIM, target_precision=0.5, max_lured=1.0, specificity_floor=0.5)
    return answers, showing.Stage.of(work, answers, facts, aim)


@pytest.mark.slow
def test_nothing_of_the_test_part_calibrates(work: Work, facts: Catalog) -> None:
    _, seen = stage_of(work, facts)
    _, blind = stage_of(work.blind(), facts)
    assert seen.calibration.display_threshold == blind.calibration.display_threshold is not None
    assert seen.calibration.calibrator == blind.calibration.calibrator


@pytest.mark.slow
def test_a_system_shows_and_breaks_no_promise(work: Work, facts: Catalog, table: Path) -> None:
    world = World.read(table)
    answers, stage = stage_of(work, facts)
    found = showing.displayed("ours", work, stage, world)
    own = next(one for one in found if one.chosen)
    assert own.figures()["precision"] > 0.6 and own.figures()["coverage"] > 0.3
    assert {one.rule for one in found} == {"argmax", "threshold", "climb", "darts"}
    assert display_run.broken_promises(found, facts) == 0
    coverage = own.figures()["coverage"]
    best = equal.best_items("probe", work, answers, stage, world, coverage)
    assert best.figures()["coverage"] == pytest.approx(coverage, abs=1 / len(work.test))
    climbed = equal.climbed("probe", work, stage, world, coverage)
    assert climbed.figures()["coverage"] == pytest.approx(coverage, abs=1 / len(work.test))


@pytest.mark.slow
def test_the_constant_is_what_is_right_most_often(work: Work, facts: Catalog, table: Path) -> None:
    found = equal.constant(work, stage_of(work, facts)[1], World.read(table))
    assert {*found.items} == {parent(0)}  # the most frequent kinds are the first
    assert found.figures()["coverage"] == 1
    assert found.figures()["precision"] == pytest.approx(found.shown.confidence[0], abs=0.1)


def shown(verdicts: list[int]) -> Displayed:
    images = np.arange(len(verdicts))
    judged = Shown(len(verdicts), images, np.full(len(verdicts), 0.9), np.array(verdicts, np.uint8))
    items = (kind(0),) * len(verdicts)
    return Displayed("s", 0, "x", "climb", 0.9, judged, items, np.zeros(len(verdicts)), True)


def test_errors_are_compared_over_photos() -> None:
    one, two = shown([0, 0, 1, 3] * 50), shown([0, 3, 2, 3] * 50)
    files = {0: [f"{n}.jpg" for n in range(200)]}
    found = equal.ratio_of_errors([one], [two], files)
    assert found.value == pytest.approx((1 / 4) / (3 / 4))
    assert found.low < found.value < found.high < 1
    alike = {0: [f"{n // 20}.jpg" for n in range(200)]}  # ten photos, each twenty times
    wide = equal.ratio_of_errors([one], [two], alike)
    assert wide.high - wide.low < found.high - found.low  # every photo has the same mixture here
    assert equal.ratio_of_errors([one], [shown([0] * 200)], files).value == np.inf


def test_a_broken_promise_is_counted(facts: Catalog) -> None:
    both = shown([0, 1])
    same = replace(both.shown, image=np.array([0, 0]))
    kin = replace(both, shown=same, items=(kind(0), parent(0)))
    assert display_run.broken_promises([kin], facts) == 1
    assert display_run.broken_promises([replace(kin, items=(kind(0), kind(5)))], facts) == 0
