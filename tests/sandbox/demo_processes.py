"""Programs that the demo starts: listened to for so long, and ended whatever they do."""

from __future__ import annotations

import select
import signal
import subprocess
from collections.abc import Sequence
from typing import Any

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 20.0
"""Seconds that a program has to end when it is asked to."""


def first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """What it says first on standard output; empty where it ended, or said nothing in time."""
    assert process.stdout
    ready, _, _ = select.select([process.stdout], [], [], seconds)
    return process.stdout.readline() if ready else ""


def started(command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
    """Start a program that writes text; an interrupt meanwhile waits until it can be ended.

    (Between the fork and the answer nobody would hold the process that is to be ended.)
    """
    came: list[int] = []
    before = {one: signal.signal(one, lambda number, _: came.append(number)) for one in ENDINGS}
    try:
        process = subprocess.Popen(command, text=True, **options)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if came:
        end(process)
        signal.raise_signal(came[0])
    return process


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
