"""The gadget on a real MediaWiki, behind the proxy that gives it structured data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import requests

from depicts_model.types import Qid
from tests.mediawiki import scene
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.packages import MissingError
from tests.mediawiki.scene import CAT, CUP, TABBY, TABLE, VERSION, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.fixture(name="made", scope="module")
def made_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    try:
        with scene.scene(tmp_path_factory.mktemp("scene"), (CAT,)) as running:
            running.agree(EDITOR)
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture(name="said")
def made_said() -> list[str]:
    """What went wrong in the browser."""
    return []


@pytest.fixture(name="page")
def made_page(browser: Browser, made: Scene, said: list[str]) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_cookies(made.cookies(EDITOR))
        page = context.new_page()
        page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page


@pytest.mark.parametrize("skin", ["vector-2022", "vector", "minerva", "monobook"])
def test_every_skin_has_tabs_that_open_the_statements(
    made: Scene, page: Page, said: list[str], skin: str
) -> None:
    title = made.file()
    made.claim(title, TABLE)
    page.goto(f"{made.address(title)}?useskin={skin}")
    known = page.evaluate("mw.config.get( [ 'wbEntityId', 'wgUserName', 'skin' ] )")
    assert known == {"wbEntityId": made.mid(title), "wgUserName": EDITOR, "skin": skin}
    group = page.locator(".wbmi-entityview-statementsGroup-P180")
    group.wait_for(state="hidden")
    page.get_by_role("tab", name="Structured data").click()
    group.locator(".wbmi-item", has_text="table").wait_for()
    assert said == []


def test_the_gadget_saves_on_the_real_wiki(made: Scene, page: Page, said: list[str]) -> None:
    title = made.file()
    open_dialog(made, page, title)
    dialog = page.get_by_role("dialog")
    chips = dialog.locator(".suggestdepicts-chip")
    chips.first.wait_for()
    assert chips.count() == 3
    assert page.evaluate("mw.loader.getState( 'ext.gadget.suggest-depicts-core' )") == "ready"
    for item in (TABBY, CUP):
        dialog.locator(f"[data-item={item}] button").first.click()
    with page.expect_response("**/decisions"):
        dialog.get_by_role("button", name="Save", exact=True).click()
    assert made.depicted(title) == [TABBY, CUP]
    row = made.wiki.session().query(
        titles=title, prop="revisions", rvprop="user|comment|tags", rvlimit=1
    )["pages"][0]["revisions"][0]
    assert (row["user"], row["tags"]) == (EDITOR, [scene.TAG])
    assert VERSION in row["comment"]
    page.goto(made.address(title))
    items = page.locator(".wbmi-entityview-statementsGroup-P180 .wbmi-item")
    items.nth(1).wait_for(state="attached")
    assert items.count() == 2
    assert said == []


def test_what_a_racer_adds_just_before_the_save_is_not_added_twice(made: Scene, page: Page) -> None:
    title = made.file()
    open_dialog(made, page, title)
    dialog = page.get_by_role("dialog")
    dialog.locator(f"[data-item={TABBY}] button").first.click()
    # after the gadget has read again: the MediaInfo is made in between
    made.before_save(lambda: made.claim(title, TABBY))
    with page.expect_response(lambda one: "wbeditentity" in (one.request.post_data or "")) as met:
        dialog.get_by_role("button", name="Save", exact=True).click()
    assert "BadRevision" in (met.value.header_value("MediaWiki-API-Error") or "")
    # whatever the gadget does about it
    dialog.locator(".cdx-message").first.wait_for()
    assert made.depicted(title) == [TABBY]


def open_dialog(made: Scene, page: Page, title: str) -> None:
    page.goto(made.address(title))
    button = page.locator("#suggest-depicts")
    button.wait_for(state="attached")
    tabs = page.get_by_role("tab", name="Structured data")
    tabs.wait_for()
    page.locator(".wbmi-entityview-statementsGroup-P180").wait_for(state="hidden")
    if not button.is_visible():
        tabs.click()
    button.click()


def test_the_service_may_end_and_come_back_where_it_was(made: Scene) -> None:
    address = made.service.url
    made.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=5)
    made.start()
    assert made.service.url == address
    assert requests.get(f"{address}/healthz", timeout=10).status_code == 200
    made.suggest(CAT, [(Qid("Q146"), 0.9)], version="by-hand-2")
    text = requests.get(made.address(CAT), timeout=60).text
    assert f'"wgSuggestDepictsService": "{address}"' in text
