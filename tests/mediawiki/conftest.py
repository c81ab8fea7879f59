"""One wiki for the tests of a module, and a loud line where there can be none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.world import read_world

from . import installed, retelling, scene
from .packages import MissingError
from .served import MediaWiki


@pytest.fixture(scope="module")
def wiki() -> Iterator[MediaWiki]:
    """A fresh MediaWiki with its accounts; skipped where it cannot be had."""
    try:
        with MediaWiki.start() as running:
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture(scope="module")
def commons() -> Iterator[scene.Wiki]:
    """A MediaWiki behind its proxy, with the items of the recording; skipped as `wiki` is."""
    world = read_world(retelling.API / "seed.json", retelling.API / "seed_more.json")
    try:
        with scene.wiki(world) as running:
            running.session(installed.ADMIN).tag(scene.TAG)
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Skipped tests are easily missed."""
    skipped = terminalreporter.stats.get("skipped", [])
    why = next((one.longreprtext for one in skipped if "no MediaWiki" in one.longreprtext), "")
    if why:
        line = f"NOTHING WAS TESTED ON A REAL MEDIAWIKI: {why}"
        terminalreporter.write_line(line, red=True, bold=True)
