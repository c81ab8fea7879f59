"""One browser for all tests; each opens a context of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from . import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; the test is skipped where there is none that starts."""
    path = chromium.found()
    if path is None:
        pytest.skip(chromium.HOW)
    with ExitStack() as stack:
        try:
            running = stack.enter_context(chromium.launched(path))
        except chromium.LaunchError as error:
            pytest.skip(str(error))
        yield running
