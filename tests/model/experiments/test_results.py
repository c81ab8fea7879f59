"""Runs on disk, and the figures that they come to."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depicts_model.errors import ArtefactError
from depicts_model.linker.display_metrics import Shown, Verdict
from depicts_model.linker.experiments.comparison import Comparison
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.figures import comparisons, figures
from depicts_model.linker.experiments.report_about import About, counts_of
from depicts_model.linker.experiments.results import (
    SHARED,
    Results,
    Run,
    digest_of,
    key_of,
    load,
    save,
    source_of,
)
from depicts_model.linker.experiments.system import System
from depicts_model.linker.metrics import per_image
from depicts_model.types import Qid

from .runs import NOISE, run_of, runs
from .works import small_work


def a_run() -> Run:
    return run_of(small_work(), "ours", "ours", 0.3)


# --- on disk ---


def test_a_run_comes_back_as_it_was(tmp_path: Path) -> None:
    """With alternatives, and an image that shows two things."""
    run = a_run()
    two = (frozenset({0, 1}), frozenset({7}))
    run = replace(run, truths=(two, *run.truths[1:]), capped=True)
    save(run, tmp_path / "runs", "ours-1")
    found = load(tmp_path / "runs", "ours-1")
    assert found is not None
    assert np.array_equal(found.top, run.top)
    for name in ("setting", "seed", "system", "family", "truths", "files", "items"):
        assert getattr(found, name) == getattr(run, name), name
    assert (found.seconds, found.capped) == (1.5, True)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["ours-1.npz"]


def test_a_run_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert load(tmp_path, "ours-1") is None


@pytest.mark.parametrize("kept", [0, 100, 2000])
def test_a_run_that_was_cut_short_is_named(tmp_path: Path, kept: int) -> None:
    save(a_run(), tmp_path, "ours-1")
    path = tmp_path / "ours-1.npz"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ArtefactError, match=r"ours-1\.npz: not a whole run"):
        load(tmp_path, "ours-1")


def test_another_archive_is_no_run(tmp_path: Path) -> None:
    np.savez(tmp_path / "ours-1.npz", about=np.array(["a", "0", "ours", "stranger"]))
    with pytest.raises(ArtefactError, match=r"ours-1\.npz: not a whole run"):
        load(tmp_path, "ours-1")


def test_a_run_that_does_not_fit_itself_is_refused() -> None:
    run = a_run()
    with pytest.raises(ValueError, match="differ in length"):
        replace(run, files=run.files[1:])
    with pytest.raises(ValueError, match="no family 'x'"):
        replace(run, family="x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="3 ranks of 20 candidates"):
        replace(run, top=run.top[:, :3])


# --- keys ---


@dataclass(frozen=True)
class Knobs:
    rate: float = 0.1


def fit(*_: Any) -> Any:
    raise AssertionError("nothing is fitted here")


def test_a_key_tells_works_knobs_and_caps_apart() -> None:
    system = System("ours", "ours", "here", fit, Knobs())
    works = [
        small_work(),
        small_work(seed=1),
        replace(small_work(), setting="other"),
        replace(small_work(), parents=((),) * 20),
        replace(small_work(), val=small_work(seed=1).val),
    ]
    relabelled = small_work().test
    relabelled = replace(relabelled, truths=((frozenset({3}),), *relabelled.truths[1:]))
    works.append(replace(small_work(), test=relabelled))
    digests = [digest_of(work) for work in works]
    assert len(set(digests)) == len(works)
    assert digest_of(small_work()) == digests[0]
    keys = {
        key_of(digests[0], system, Knobs(), 60),
        key_of(digests[0], system, Knobs(0.2), 60),
        key_of(digests[0], system, Knobs(), 30),
        key_of(digests[1], system, Knobs(), 60),
        key_of(digests[0], replace(system, name="knn"), Knobs(), 60),
    }
    assert len(keys) == 5
    bound = replace(system, fit=partial(fit, 1))
    assert key_of(digests[0], bound, Knobs(), 60) == key_of(digests[0], system, Knobs(), 60)


def test_a_change_of_any_system_or_of_what_they_share_is_another_source(tmp_path: Path) -> None:
    here = tmp_path / "linker" / "experiments"
    here.mkdir(parents=True)
    for name in SHARED:
        (here.parent / f"{name}.py").write_text("one = 1\n")
    (here / "mlp.py").write_text("two = 2\n")
    seen = [source_of.__wrapped__(here)]
    for path, told in ((here / "mlp.py", "two = 3\n"), (here.parent / "score.py", "one = 2\n")):
        path.write_text(told)
        seen.append(source_of.__wrapped__(here))
    assert len({*seen}) == 3
    (here / "report.py").write_text("a page computes nothing\n")
    assert source_of.__wrapped__(here) == seen[-1]


# --- figures ---


def test_the_figures_have_the_shape_that_was_asked_for() -> None:
    told = json.loads(json.dumps(figures(Results(runs())), allow_nan=False))
    assert len(told["runs"]) == 2 * len(NOISE)
    assert {"setting", "system", "seed", "metrics"} <= told["runs"][0].keys()
    for name in ("ratios", "ratios_vel", "ratios_baselines"):
        assert told[name]["small"]["R@1"].keys() == {"value", "low", "high", "rival"}
    assert told["ratios"]["small"]["R@1"]["rival"] == "v2v"
    assert told["ratios_vel"]["small"]["R@1"]["rival"] == "mlp-256"
    assert told["ratios_baselines"]["small"]["R@1"]["rival"] == "knn"
    assert told["definitions"]["mAP"].endswith("/ min(k, |G|)")


def test_an_average_is_that_of_the_seeds() -> None:
    every = runs()
    told = figures(Results(every))
    of_seeds = [e["metrics"]["R@1"] for e in told["runs"] if e["system"] == "v2v"]
    average = told["averages"]["small"]["v2v"]["R@1"]
    assert average["value"] == pytest.approx(sum(of_seeds) / 2, abs=1e-5)
    assert average["low"] < average["value"] < average["high"]
    of_ours = told["averages"]["small"]["ours"]["R@1"]["value"]
    assert average["ahead"]["value"] == pytest.approx(average["value"] - of_ours, abs=1e-5)
    assert told["averages"]["small"]["ours"]["R@1"]["ahead"]["low"] == 0
    assert told["ratios"]["small"]["R@1"]["value"] == pytest.approx(
        of_ours / average["value"], abs=1e-4
    )


def test_a_figure_is_the_mean_over_images() -> None:
    run = a_run()
    (entry,) = figures(Results([run]))["runs"]
    expected = per_image(run.top, run.truths)
    assert entry["metrics"] == {n: round(float(v.mean()), 6) for n, v in expected.items()}
    assert entry["images"] == len(run.files)


def test_without_ours_there_is_nothing_to_compare_with() -> None:
    told = figures(Results([run for run in runs() if run.system != "ours"]))
    assert told["ratios"] == {"small": {}}
    assert "ahead" not in told["averages"]["small"]["v2v"]["R@1"]


def test_an_ablation_is_no_rival() -> None:
    work = small_work()
    both = [run_of(work, name, "ours", noise) for name, noise in (("ours", 1), ("ours bare", 0.1))]
    rival = run_of(work, "v2v", "paper", 2)
    ratio = Comparison.of([*both, rival]).ratio("R@1", ("vel", "paper"))
    assert ratio is not None and ratio.rival == "v2v"


def test_photos_of_two_seeds_are_one_witness() -> None:
    """The same photos on both seeds tell no more than on one."""
    once = runs(1)
    again = [replace(run, seed=1) for run in once]
    strange = [replace(r, files=tuple(f"{f}2" for f in r.files)) for r in again]

    def width(some: list[Run]) -> float:
        found = Comparison.of(some).interval("v2v", "R@1")
        return found.high - found.low

    assert width(once + again) == pytest.approx(width(once), rel=0.05)
    assert width(once + strange) < 0.85 * width(once)


def test_what_cannot_be_compared_is_refused() -> None:
    every = runs()
    with pytest.raises(ValueError, match=r"knn ran on seeds \[0\], others on \[0, 1\]"):
        comparisons(every[:-1])
    other = replace(every[-1], files=tuple(reversed(every[-1].files)))
    with pytest.raises(ValueError, match="knn was asked about other images"):
        comparisons([*every[:-1], other])
    with pytest.raises(ValueError, match="ours ran twice on seed 0"):
        comparisons([*every, every[0]])


def shown(*verdicts: Verdict) -> Displayed:
    count = len(verdicts)
    return Displayed(
        setting="small",
        seed=0,
        system="ours",
        rule="climb",
        target=0.9,
        shown=Shown(4, np.arange(count), np.full(count, 0.9), np.array(verdicts, np.uint8)),
        items=(Qid("Q1"),) * count,
        specificity=np.arange(count, dtype=np.float64) + 4,
        chosen=True,
    )


def test_what_is_shown_has_figures_too() -> None:
    told = figures(Results([], [shown(Verdict.EXACT, Verdict.WRONG), shown()]))
    one, nothing = told["display"]
    assert one["metrics"]["precision"] == 0.5
    assert one["metrics"]["specificity"] == 4.5
    assert one["rule"] == "climb" and one["chosen"]
    assert nothing["metrics"]["coverage"] == 0
    assert nothing["metrics"]["precision"] is None
    with pytest.raises(ValueError, match="differ in length"):
        replace(shown(Verdict.EXACT), items=())


def test_what_was_compared_goes_along() -> None:
    run = replace(a_run(), setting="small, raw feature")
    about = About("A test", {"date": "today"}, counts_of([run], {("small", 0): 7}), ("mind",))
    told = json.loads(json.dumps(figures(Results([run]), about=about)["about"]))
    assert told["facts"] == {"date": "today"} and told["warnings"] == ["mind"]
    (row,) = told["counts"]
    assert (row["training"], row["test"], row["candidates"]) == (7, len(run.files), 20)
    assert row["items"] == 12 and row["systems"] == 1


def test_tables_of_their_own_go_along() -> None:
    told = figures(Results([], tables={"topics": [{"label": "cat", "auc": np.float64("nan")}]}))
    assert told["tables"] == {"topics": [{"label": "cat", "auc": None}]}
    told = figures(Results([], tables={"m3el": [{"n": np.int64(3), "share": math.inf}]}))
    assert told["tables"] == {"m3el": [{"n": 3, "share": None}]}
