"""The benchmarks' graphs and report; the timings themselves run with `make bench`."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bench import __main__ as report
from bench.graphs import layered, real, scores
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
    p = scores(77, 0.5)
    slow = python_loop(p.tolist(), graph.lines)
    fast = graph.roll_up(range(77)).masses(p)
    assert np.allclose(fast, [slow[node] for node in range(77)], atol=1e-6)
    assert max(map(len, graph.parents)) == 2, "no diamonds"


def test_the_committed_graph_holds_all_items_and_has_no_cycle() -> None:
    graph = real()
    assert len(graph.parents) == 20_082
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
    assert report.main(["high"]) == 0
    assert "MISSED" not in capsys.readouterr().out
    assert report.main(["heavy"]) == 1, "what exceeds a limit misses its goal"
    assert report.main(["low", "none"]) == 1
    said = capsys.readouterr()
    assert "MISSED" in said.out and "none: skipped: not here" in said.err
    rows = json.loads((tmp_path / "latest.json").read_text("utf-8"))
    assert [row["name"] for row in rows] == ["high", "heavy", "low"], "an older figure was lost"
    assert {*rows[0]} == {"name", "value", "unit", "baseline", "conditions"}


def test_an_unknown_benchmark_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        report.main(["nonsense"])
    assert stop.value.code == 2 and "'nonsense'" in capsys.readouterr().err


def test_the_slower_side_is_called_slower() -> None:
    times, quick, long = ratio(lambda: sum(range(10)), lambda: sum(range(100_000)))
    assert times > 10 and long > quick
