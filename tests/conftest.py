"""What all tests share: property tests that bear a busy machine, programs that hear interrupts.

And a loud line where the database of production could not be tested.
"""

from __future__ import annotations

import signal

import pytest
from hypothesis import HealthCheck, settings

from tests import mariadb
from tests.watching import ASKED_BY

settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

# a shell's background job ignores interrupts, and so would every program that it tests
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def unwatched_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coverage watches no program that this test starts: other tests watch the same steps."""
    for name in ASKED_BY:
        monkeypatch.delenv(name, raising=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Skipped tests are easily missed."""
    if not mariadb.found():
        line = f"THE STORE WAS TESTED ON SQLITE ALONE: {mariadb.HOW}"
        terminalreporter.write_line(line, red=True, bold=True)
