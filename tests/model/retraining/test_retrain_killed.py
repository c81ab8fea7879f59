"""A retraining that is killed, at whatever step, goes on to the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from tests.watching import unwatched

from .conftest import Desk

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys
from importlib import import_module
from depicts_model.cli import main
module, name, when, *words = sys.argv[1:]
holder = import_module(module)
*path, name = name.split(".")
for part in path:
    holder = getattr(holder, part)
whole, calls = getattr(holder, name), []
def dying(*given, **named):
    calls.append(1)
    if len(calls) == int(when):
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*given, **named)
setattr(holder, name, dying)
main(words)
"""
RUN = "depicts_model.linker.retraining.run"
STEPS = (
    ("depicts_model.linker.retraining.vectors", "_encoded", "6"),
    (RUN, "fit", "1"),
    (RUN, "calibrate", "1"),
    ("depicts_model.linker.artefact", "_put_in_place", "1"),
    ("depicts_model.linker.retraining.measuring", "measured", "1"),
    (RUN, "card", "1"),
    ("depicts_model.cli_retrain", "_end", "1"),
    ("depicts_model.linker.registry", "Registry._point_at", "1"),
    ("depicts_model.cli_retrain", "_clear", "1"),
)
"""In each case while the step makes what the next one reads, or right after the model serves."""
KILLS = STEPS if os.environ.get("RETRAIN_KILLS") == "all" else STEPS[2::3]
"""All of them are `make soak`'s; the last one is always among them."""


def killed(desk: Desk, module: str, name: str, when: str) -> int:
    words = desk.words("--model", desk.place.base())
    command = [sys.executable, "-c", KILLED, module, name, when, *words]
    environment = {**unwatched(os.environ), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)
    return done.returncode


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.no_cover  # all of it is watched in the tests of the command
def test_a_run_killed_at_every_step_ends_in_the_same_bytes(
    desk: Desk, first: tuple[Desk, Result]
) -> None:
    """One work folder: each process comes a step further than the one before."""
    for step in KILLS:
        assert killed(desk, *step) == -9, step
    assert desk.served() == first[0].served(), "the last was killed after its model began to serve"
    done = desk.retrain("--model", desk.place.base())
    assert done.exit_code == 0
    assert (
        done.stdout == f"{desk.models}: {desk.served()} serves already; what was left is cleared\n"
    )
    assert desk.left() == []
    assert _bytes(desk.models / "current") == _bytes(first[0].models / "current")


def _bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.resolve().rglob("*") if path.is_file())
    return {path.relative_to(folder.resolve()).as_posix(): path.read_bytes() for path in files}


@pytest.mark.slow
def test_work_begun_with_other_data_is_given_up_and_said(busy: Desk) -> None:
    stale = busy.work / ("0" * 16)
    stale.mkdir(parents=True)
    (stale / "fit.npz").write_bytes(b"of other data")
    shutil.rmtree(busy.models)
    done = busy.retrain("--model", busy.place.base())
    assert done.exit_code == 0 and not stale.exists()
    assert "warning: work that was begun with other data or options is given up" in done.stderr
