"""The real ``depicts-bot`` but for its linker, which is ``fakes.FakeLinker``.

For tests in which the model is not the subject: everything else is the product's own.
``BOT_HURRY`` shortens what the worker waits for, ``BOT_HUNG`` the time after which it counts as
hung, and after twice that it ends itself; ``BOT_HALT_AT`` names a step before which it
makes the file ``BOT_HALTED`` and stands still, to be killed there.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from depicts_bot import leases, pipeline, runner, server, serving
from depicts_bot.cli import main
from depicts_model.store import Store
from tests.bot.fakes import FakeLinker

STEPS = {
    "take": (Store, "take_requests"),
    "look": (pipeline, "look_at"),
    "save": (Store, "save_batch"),
    "drop": (Store, "drop_requests"),
}


def hurry(seconds: float) -> None:
    for module, name in (
        (leases, "SECONDS"),
        (serving, "AGAIN"),
        (server, "SERVE_SECONDS"),
        (server, "LOOK"),
        (runner, "RUN_SECONDS"),
    ):
        assert hasattr(module, name)
        setattr(module, name, seconds)
    leases.RENEW = seconds / 5  # type: ignore[misc]


def halt(step: str, mark: Path) -> None:
    def stand_still(*_: Any) -> None:
        mark.touch()
        time.sleep(600)

    owner, name = STEPS[step]
    assert hasattr(owner, name)
    setattr(owner, name, stand_still)


if __name__ == "__main__":
    runner.load_linker = lambda *_: FakeLinker()  # type: ignore[assignment]
    if "BOT_HURRY" in os.environ:
        hurry(float(os.environ["BOT_HURRY"]))
    if "BOT_HUNG" in os.environ:
        leases.HUNG = float(os.environ["BOT_HUNG"])  # type: ignore[misc]
        leases.END = 2 * leases.HUNG  # type: ignore[misc]
    if "BOT_HALT_AT" in os.environ:
        halt(os.environ["BOT_HALT_AT"], Path(os.environ["BOT_HALTED"]))
    main()
