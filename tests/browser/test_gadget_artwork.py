"""A file that reproduces an artwork is offered to say that, instead of what it depicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mediawiki.installed import ADMIN
from tests.mediawiki.scene import TABBY, Scene

from .gadget_page import approve, press, save, wait_for_text
from .gadget_people import ours, verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def test_an_artwork_is_offered_its_own_property(scene: Scene, title: str, page: Page) -> None:
    before = len(ours(scene))
    scene.artwork(title, TABBY)
    dialog = press(page, scene.address(title))
    dialog.get_by_text("digital representation of").first.wait_for()
    assert dialog.locator(".suggestdepicts-chip").count() == 1
    assert dialog.get_by_text("Too general").count() == 0
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert len(ours(scene)) == before + 1
    assert scene.depicted(title, "P6243") == [TABBY]
    assert scene.depicted(title) == []
    assert verdicts(scene, title) == {}


def test_an_artwork_that_names_no_item_is_left_out(scene: Scene, title: str, page: Page) -> None:
    # the creator's item is not the work's
    scene.artwork(title, None)
    text = "{{Artwork|artist={{Creator|wikidata=Q5}}}}"
    scene.wiki.session(ADMIN).edit(title, text)
    dialog = press(page, scene.address(title))
    wait_for_text(dialog, "which has a property of its own")
    assert dialog.locator(".suggestdepicts-chip").count() == 0
