"""The job `learn`: what it starts, and when."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

LEARN = Path(__file__).parents[2] / "toolforge" / "scripts" / "learn"
VOTES, ANEW = "approve --from-store", "retrain"
BOTH = {"DEPICTS_APPROVED": "a.safetensors", "DEPICTS_MODELS": "models"}


def program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def started(home: Path, day: str, **settings: str) -> list[str]:
    """What it runs on this day of a month; the day is told by a program of ours."""
    program(home / "venv/bin/depicts-model", 'echo "$@"')
    program(home / "bin/date", f"echo {day}")
    environment = {"PATH": f"{home / 'bin'}:{os.environ['PATH']}", "HOME": str(home), **settings}
    done = subprocess.run([LEARN], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("day", "settings", "expected"),
    [
        ("07", {}, []),
        ("01", {}, []),
        ("07", BOTH, [VOTES]),
        ("01", BOTH, [VOTES, ANEW]),
        ("01", {"DEPICTS_MODELS": "models"}, [ANEW]),
        ("07", {"DEPICTS_MODELS": "models"}, []),
    ],
)
def test_votes_each_day_and_a_model_on_the_first(
    tmp_path: Path, day: str, settings: dict[str, str], expected: list[str]
) -> None:
    assert started(tmp_path, day, **settings) == expected


def test_a_retraining_that_was_cut_short_goes_on_the_next_day(tmp_path: Path) -> None:
    (tmp_path / "var/retrain/ab12/steps-cd34").mkdir(parents=True)
    assert started(tmp_path, "02", **BOTH) == [VOTES, ANEW]
    (tmp_path / "var/retrain/ab12/steps-cd34").rmdir()
    assert started(tmp_path, "03", **BOTH) == [VOTES]
