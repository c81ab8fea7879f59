"""One browser and one real wiki with the gadget for all tests; each opens pages of its own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.mediawiki import scene as scenes
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.packages import MissingError
from tests.mediawiki.scene import Scene

from . import chromium
from .bulk_page import Category
from .gadget_page import visiting
from .ledger import LEDGER, is_scenario

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
def running_scene(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A real MediaWiki with the gadget, and the real service; skipped where it cannot be had."""
    try:
        with scenes.scene(tmp_path_factory.mktemp("scene")) as running:
            running.agree(EDITOR)
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture
def scene(running_scene: Scene) -> Iterator[Scene]:
    """The wiki in its ordinary state; each test takes files of its own (`Scene.file`).

    Afterwards nobody's statement may have been changed by us, or made twice.
    """
    files = dict(running_scene.files)
    yield running_scene
    running_scene.calm()
    seen = running_scene.witness.seen
    seen.clear()
    own = {title: one for title, one in running_scene.files.items() if title not in files}
    running_scene.files = own
    try:
        assert running_scene.faults() == []
    finally:
        running_scene.files = {**files, **own}
        LEDGER.counts.update({f"statements_{whose}": number for whose, number in seen.items()})


@pytest.fixture
def title(scene: Scene) -> str:
    """A file of one's own, for which three items are suggested."""
    return scene.file()


@pytest.fixture
def category(scene: Scene) -> Category:
    """A category of one's own, empty yet."""
    return Category(scene)


@pytest.fixture
def said() -> Iterator[list[str]]:
    """Errors that the browser's console tells of; those of requests that fail are the browser's."""
    told: list[str] = []
    yield told
    ours = [one for one in told if not one.startswith("Failed to load resource")]
    LEDGER.counts.update(pages_with_console=1)
    assert ours == []


@pytest.fixture
def page(browser: Browser, scene: Scene, said: list[str]) -> Iterator[Page]:
    """An empty page of the editor's, 1280 px wide."""
    with visiting(browser, scene, said) as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What is said of a scenario's beginning and end counts as well."""
    report = yield
    module = getattr(item, "module", None)
    if module and is_scenario(module.__name__, getattr(item, "fixturenames", ())):
        LEDGER.note(item.name, report.when or "", report.duration, report.outcome)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if LEDGER.scenarios:
        LEDGER.write()
