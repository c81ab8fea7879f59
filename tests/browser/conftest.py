"""One browser for all tests; each opens a context of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from . import chromium, gadget_world
from .gadget_page import PATIENCE_MS, watched
from .gadget_world import Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


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


@pytest.fixture(scope="session")
def _running_scene(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with gadget_world.scene(tmp_path_factory.mktemp("gadget")) as made:
        yield made


@pytest.fixture
def scene(_running_scene: Scene) -> Iterator[Scene]:
    """The gadget's wiki and service; each test finds the wiki as it was at the start."""
    wiki = _running_scene.wiki
    gadget = wiki.gadget
    yield _running_scene
    wiki.state.reset()
    wiki.gadget, wiki.visitor = gadget, "Reviewer"


@pytest.fixture
def said() -> list[str]:
    """Errors that the browser's console tells of; none is expected unless a test says so."""
    return []


@pytest.fixture
def page(browser: Browser, said: list[str]) -> Iterator[Page]:
    """An empty page, 1280 px wide."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield watched(context.new_page(), said)
