"""The job `learn`: what it starts, when, and what it makes of the answers."""

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


def started(
    home: Path, month: str, settings: dict[str, str], votes: int = 0, anew: int = 0
) -> list[str]:
    """What it runs in this month, told by a program of ours, and last its exit status.

    ``votes``, ``anew``: exit statuses of the two commands.
    """
    known = f'case "$1" in approve) exit {votes};; retrain) exit {anew};; esac'
    program(home / "venv/bin/depicts-model", f'echo "$@"\n{known}')
    program(home / "bin/date", f"echo {month}")
    environment = {"PATH": f"{home / 'bin'}:{os.environ['PATH']}", "HOME": str(home), **settings}
    done = subprocess.run([LEARN], env=environment, capture_output=True, text=True, check=False)
    return [*done.stdout.splitlines(), str(done.returncode)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["0"]),
        (BOTH, [VOTES, ANEW, "0"]),
        ({"DEPICTS_MODELS": "models"}, [ANEW, "0"]),
        ({"DEPICTS_APPROVED": "a.safetensors"}, [VOTES, "0"]),
    ],
)
def test_each_part_waits_for_its_setting(
    tmp_path: Path, settings: dict[str, str], expected: list[str]
) -> None:
    assert started(tmp_path, "2026-11", settings) == expected


def test_votes_each_day_and_a_model_once_a_month(tmp_path: Path) -> None:
    assert started(tmp_path, "2026-11", BOTH) == [VOTES, ANEW, "0"]
    assert started(tmp_path, "2026-11", BOTH) == [VOTES, "0"]
    assert started(tmp_path, "2026-12", BOTH) == [VOTES, ANEW, "0"]


def test_a_retraining_that_was_killed_goes_on_the_next_day(tmp_path: Path) -> None:
    assert started(tmp_path, "2026-11", BOTH, anew=137) == [VOTES, ANEW, "137"]
    assert started(tmp_path, "2026-11", BOTH) == [VOTES, ANEW, "0"]


def test_a_refusal_is_no_failure_and_an_error_is_told_once_a_month(tmp_path: Path) -> None:
    assert started(tmp_path, "2026-10", BOTH, anew=1) == [VOTES, ANEW, "0"]
    assert started(tmp_path, "2026-11", BOTH, anew=2) == [VOTES, ANEW, "2"]
    assert started(tmp_path, "2026-11", BOTH) == [VOTES, "0"]


def test_votes_that_fail_hold_no_retraining_up(tmp_path: Path) -> None:
    assert started(tmp_path, "2026-11", BOTH, votes=2) == [VOTES, ANEW, "2"]
