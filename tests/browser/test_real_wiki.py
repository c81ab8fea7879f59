"""The wiki on which the gadget is tried: its pages in a browser, and the service beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from depicts_model.types import Qid
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.scene import TABLE, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.mark.parametrize("skin", ["vector-2022", "vector", "minerva", "monobook"])
def test_every_skin_has_tabs_that_open_the_statements(
    scene: Scene, title: str, page: Page, said: list[str], skin: str
) -> None:
    scene.claim(title, TABLE)
    page.goto(f"{scene.address(title)}?useskin={skin}")
    known = page.evaluate("mw.config.get( [ 'wbEntityId', 'wgUserName', 'skin' ] )")
    assert known == {"wbEntityId": scene.mid(title), "wgUserName": EDITOR, "skin": skin}
    group = page.locator(".wbmi-entityview-statementsGroup-P180")
    group.wait_for(state="hidden")
    page.get_by_role("tab", name="Structured data").click()
    group.locator(".wbmi-item", has_text="table").wait_for()
    assert said == []


def test_the_service_may_end_and_come_back_where_it_was(scene: Scene, title: str) -> None:
    address = scene.service.url
    scene.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=5)
    scene.start()
    assert scene.service.url == address
    assert requests.get(f"{address}/healthz", timeout=10).status_code == 200
    scene.suggest(title, [(Qid("Q146"), 0.9)], version="by-hand-2")
    text = requests.get(scene.address(title), timeout=60).text
    assert f'"wgSuggestDepictsService": "{address}"' in text
