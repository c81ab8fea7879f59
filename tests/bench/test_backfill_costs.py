"""The cost model's arithmetic, and that the page shows what the command computes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench import backfill_costs
from bench.backfill_costs import BEGIN, END, MEASURED, PAGE, Rates, main, put, text

ONE = {"ms": 50.0, "cpu_ms": 2.0}
STEPS = {
    "decode": {"ms": 99.0, "cpu_ms": 3.0},
    "encode": {"ms": 99.0, "cpu_ms": 40.0},
    "score": {"ms": 99.0, "cpu_ms": 4.5},
    "store": {"ms": 99.0, "cpu_ms": 0.5},
}
RATES = {"photo_bytes": 80_000, "download": {"one_connection": ONE}}
RATES |= {model: {**STEPS, "row_bytes": 2_000} for model in ("tiny", "large")}
REPORT: dict[str, Any] = {"machine": "Chip, 2 cores", "rates": RATES}


def row(report: dict[str, Any], name: str) -> list[str]:
    """The cells of the first row of this name."""
    (line, *_) = (one for one in text(report).splitlines() if one.startswith(f"| {name} |"))
    return line.strip("| ").split(" | ")[1:]


def test_the_seconds_of_the_processor_count_and_those_for_which_a_connection_is_kept() -> None:
    rates = Rates.of(RATES, "large")
    assert (rates.work, rates.fetching, rates.turn) == pytest.approx((0.048, 0.002, 0.053))
    assert rates.on_disks(2)(1_000_000) == pytest.approx(24_000)
    assert rates.fetched(10)(1_000_000) == pytest.approx(100_000)


def test_as_many_cores_and_connections_as_keep_up() -> None:
    rates = Rates.of(RATES, "large")
    assert [rates.cores(n) for n in (1, 19, 21, 100)] == [1, 1, 2, 5]
    assert [rates.connections(n) for n in (1, 18, 19, 94)] == [1, 1, 2, 5]


def test_the_tables_tell_days_hours_and_bytes() -> None:
    assert row(REPORT, "**together**") == ["50", "50"]
    assert row(REPORT, "TB of thumbnails") == ["0.08", "0.8", "8"]
    assert row(REPORT, "CPU-hours, a ViT-B/32") == ["14", "139", "1,389"]
    assert row(REPORT, "GB of shards, a ViT-B/32") == ["2", "20", "200"]
    assert row(REPORT, "16 cores, pictures on disks") == ["0.035", "0.35", "3.5"]
    assert row(REPORT, "10 thumbnails a second: 1 core, 1 connection") == ["1.2", "12", "116"]


def test_what_was_not_measured_is_not_told() -> None:
    assert "hours of import" not in text(REPORT) and "Ray took" not in text(REPORT)
    more = {"import": {"rows_a_second": 500.0}, "tiny": {"ratio": 1.122}}
    assert row(REPORT | more, "hours of import") == ["0.56", "5.6", "56"]
    assert "Ray took 1.12 times the plain loop's time" in " ".join(text(REPORT | more).split())
    with pytest.raises(KeyError):
        text({"machine": "Chip"})


def test_only_what_lies_between_the_markers_is_replaced() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter"
    assert put(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter"
    with pytest.raises(ValueError, match="costs"):
        put("nowhere", "new")


def test_rates_that_are_missing_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backfill_costs, "MEASURED", tmp_path / "backfill.json")
    (tmp_path / "backfill.json").write_text("{}")
    assert main([]) == 2
    assert "python -m bench.backfill --only rates" in capsys.readouterr().err


def test_the_page_shows_what_the_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / PAGE.name
    copy.write_text(put(PAGE.read_text("utf-8"), "something else"), "utf-8")
    monkeypatch.setattr(backfill_costs, "PAGE", copy)
    assert main(["--write"]) == 0
    assert copy.read_text("utf-8") == PAGE.read_text("utf-8"), "bench.backfill_costs --write"


def test_the_command_prints_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.strip() == text(json.loads(MEASURED.read_text("utf-8")))
