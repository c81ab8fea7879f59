"""The benchmarks' graphs and report; the timings themselves run with `make bench`."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bench import __main__ as report
from bench import peer
from bench.graphs import MENDED, REAL, layered, real, scores
from bench.loop import python_loop
from bench.measure import BenchmarkSkipped, Figure, ratio

HIGH = Figure("high", 400.0, "times as fast", "a loop", "a graph", 300)
LOW = Figure("low", 0.5, "times as fast", "a loop", "a graph", 0.9)

HEAVY = Figure("heavy", 151.0, "MB", "a process", "a catalog", 150, at_most=True)


def test_every_benchmark_is_where_the_list_says() -> None:
    for place in report.BENCHMARKS.values():
        module, function = place.split(":")
        assert callable(getattr(import_module(f"bench.{module}"), function))


def test_a_graph_s_roll_up_is_that_of_the_plain_loop() -> None:
    graph = layered((1, 4, 12, 60))
    p = scores(77, 15)
    assert (p < 1e-9).any(), "nothing that the timed loop leaves out"
    slow = python_loop(p.tolist(), graph.lines, cut=0)
    fast = graph.roll_up(range(77)).masses(p)
    assert np.allclose(fast, [slow[node] for node in range(77)], atol=1e-6)
    assert max(map(len, graph.parents)) == 2, "no diamonds"


@pytest.mark.slow
@pytest.mark.parametrize(("path", "items", "above"), [(REAL, 20_082, 25.6), (MENDED, 16_314, 3.0)])
def test_a_committed_graph_holds_all_items_and_has_no_cycle(
    path: Path, items: int, above: float
) -> None:
    graph = real(path)
    assert len(graph.parents) == items
    assert round(graph.mean_ancestors, 1) == above
    for node, line in enumerate(graph.lines):
        assert node in line and all(
            p in line and node not in graph.lines[p] for p in graph.parents[node]
        )


def test_the_report_marks_what_misses_its_goal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def none() -> list[Figure]:
        raise BenchmarkSkipped("not here")

    monkeypatch.setattr(report, "LATEST", tmp_path / "latest.json")
    made = SimpleNamespace(high=lambda: [HIGH], low=lambda: [LOW], heavy=lambda: [HEAVY], none=none)
    monkeypatch.setattr(report, "import_module", lambda name: made)
    runs = {name: f"made:{name}" for name in ("high", "low", "heavy", "none")}
    monkeypatch.setattr(report, "BENCHMARKS", runs)
    monkeypatch.setattr(report, "_ENDINGS", {})
    (tmp_path / "latest.json").write_text('[{"name": "none"}, {"name": "kept"}]', "utf-8")
    assert report.main(["high"]) == 0
    assert "MISSED" not in capsys.readouterr().out
    assert report.main(["heavy"]) == 1, "what exceeds a limit misses its goal"
    assert report.main(["high", "none"]) == 1, "what is skipped is not passed"
    assert report.main(["low", "none"]) == 1
    said = capsys.readouterr()
    assert "MISSED" in said.out and "none: skipped: not here" in said.err
    rows = json.loads((tmp_path / "latest.json").read_text("utf-8"))
    names = [row["name"] for row in rows]
    assert names == ["kept", "heavy", "high", "low"], "an older figure was lost, or passed for new"
    assert {*rows[1]} == KEYS
    assert " cores, " in rows[1]["conditions"]


def test_a_benchmark_gives_the_figures_that_it_is_said_to_give(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(report, "LATEST", tmp_path / "latest.json")
    monkeypatch.setattr(report, "BENCHMARKS", {"else": "made:high"})
    made = SimpleNamespace(high=lambda: [HIGH])
    monkeypatch.setattr(report, "import_module", lambda name: made)
    with pytest.raises(AssertionError, match="else: gives other figures than else"):
        report.main(["else"])


KEYS = {"name", "value", "unit", "baseline", "conditions"}
GOALS = {
    "rollup_vs_python_loop_18k": 300,
    "rollup_vs_python_loop_18k_peaked": 0.9,
    "rollup_vs_python_loop_135k": 100,
    "rollup_vs_python_loop_135k_peaked": 0.9,
    "rollup_vs_pybioclip": 100,
    "pipeline_overhead": -1.05,
    "linking_throughput": 0.85,
    "web_pss_mb": -150,
    "first_answer_s": -1.5,
    "catalog_135k_build": None,
    "catalog_135k_build_memory": None,
    "catalog_dump_1m_lines": None,
}
"""What the product promises to show; a limit from above is negative."""
FIGURES = [figure for name in report.BENCHMARKS for figure in report.names_of(name)]


def test_what_the_product_promises_to_show_is_measured() -> None:
    assert GOALS.keys() <= {*FIGURES}
    assert len({*FIGURES}) == len(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_the_latest_figure_is_on_the_right_side_of_its_goal(name: str) -> None:
    rows = {row["name"]: row for row in json.loads(report.LATEST.read_text("utf-8"))}
    row, goal = rows[name], GOALS.get(name)
    assert {*row} == KEYS
    if goal is None:
        assert "recorded, no goal" in row["conditions"]
    else:
        assert f"goal at {'least' if goal > 0 else 'most'} {abs(goal):g}" in row["conditions"]
        assert row["value"] >= goal if goal > 0 else row["value"] <= -goal


def test_no_figure_is_left_of_a_benchmark_that_is_gone() -> None:
    rows = json.loads(report.LATEST.read_text("utf-8"))
    assert {row["name"] for row in rows} <= {*FIGURES}


def test_a_peer_that_is_half_installed_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Pip is killed in the middle, and leaves what it has of its target."""

    def killed(command: list[str], **_: object) -> None:
        Path(command[command.index("--target") + 1]).mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(peer, "HOME", tmp_path / "var" / "pybioclip")
    monkeypatch.setattr("subprocess.run", killed)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), peer.installed():
            pass
    assert not [*(tmp_path / "var").iterdir()]


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        report.main(["nonsense"])
    assert stop.value.code == 2 and "'nonsense'" in capsys.readouterr().err


def test_the_slower_side_is_called_slower() -> None:
    times, quick, long = ratio(lambda: sum(range(10)), lambda: sum(range(100_000)))
    assert times > 10 and long > quick
