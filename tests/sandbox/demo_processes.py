"""Programs that the demo starts: listened to for so long, and ended whatever they do."""

from __future__ import annotations

import select
import signal
import subprocess

PATIENCE = 20.0
"""Seconds that a program has to end when it is asked to."""


def first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """What it says first on standard output; empty where it ended, or said nothing in time."""
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return process.stdout.readline() if ready else ""


def end(
    process: subprocess.Popen[str],
    asked: signal.Signals = signal.SIGTERM,
    patience: float = PATIENCE,
) -> None:
    """Ask it to end, wait, and kill it where it does not; nothing where it has ended."""
    process.send_signal(asked)
    try:
        process.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
