"""axe has nothing serious to say of any state of the dialog, narrow or wide, by day or by night."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.mediawiki.scene import Scene

from .gadget_page import NARROW, WIDE, assert_accessible, at_night, visiting
from .gadget_states import STATES, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_state_is_for_everybody(
    scene: Scene,
    title: str,
    browser: Browser,
    said: list[str],
    state: Callable[[Visit], object],
) -> None:
    with visiting(browser, scene, said, viewport=NARROW) as page:
        state(Visit(scene, title, page))
        assert_accessible(page)
        page.set_viewport_size(WIDE)
        at_night(page)
        assert_accessible(page)
