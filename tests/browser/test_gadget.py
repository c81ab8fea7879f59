"""The gadget in a real browser, on the embedded wiki, with the real service behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.types import Verdict
from tests.sandbox import control
from tests.sandbox.gadget_files import GadgetConfig

from .axe import axe_findings
from .gadget_page import (  # noqa: F401 (fixtures)
    PATIENCE_MS,
    approve,
    depicted,
    edits,
    made_page,
    made_said,
    made_scene,
    made_scene_anew,
    press,
    save,
    tab_to,
    wait_for_text,
    watched,
)
from .gadget_world import CAT, CUP, TABBY, TABLE, VERSION, WALL, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

# how many lines each word at the head of a row takes
_LINES = """() => [ ...document.querySelectorAll( 'th' ) ].map( (one) => {
    const range = document.createRange();
    range.selectNodeContents( one );
    return range.getClientRects().length;
} )"""


# --- the whole path -----------------------------------------------------------------------------


def test_from_the_press_to_the_statement_and_the_verdicts(
    scene: Scene, page: Page, said: list[str]
) -> None:
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert dialog.locator(".suggestdepicts-chip").count() == 3
    # nothing is ticked, and nothing can be saved
    assert dialog.locator("[aria-pressed=true]").count() == 0
    assert dialog.get_by_role("button", name="Save", exact=True).is_disabled()
    approve(dialog, TABBY, CUP)
    summary = dialog.locator(".suggestdepicts-summary").inner_text()
    assert summary == "2 statements will be added under your account, Reviewer."
    with page.expect_response("**/decisions"):
        save(dialog)
        wait_for_text(dialog, "2 statements were added in one edit.")

    [sent] = edits(scene)[before:]
    assert sent["assertuser"] == "Reviewer"
    assert sent["tags"] == "suggest-depicts"
    assert VERSION in sent["summary"]
    assert list(json.loads(sent["data"])) == ["claims"]
    assert depicted(scene, CAT) == [TABBY, CUP]
    latest = scene.wiki.state.commons.latest(
        scene.wiki.state.commons.pages[int(scene.mid(CAT)[1:])]
    )
    verdicts = {
        one.qid: (one.verdict, one.revision) for one in scene.store.decisions(scene.mid(CAT))
    }
    assert verdicts == {
        TABBY: (Verdict.ACCEPTED, latest.id),
        CUP: (Verdict.ACCEPTED, latest.id),
        TABLE: (Verdict.SKIPPED, None),
    }
    check_privacy(scene, asked)

    # the page is stale: closed and opened again, there is still nothing to save
    page.keyboard.press("Escape")
    page.locator("#suggest-depicts").click()
    assert dialog.get_by_role("button", name="Save", exact=True).count() == 0
    dialog.get_by_role("button", name="Reload page").click()
    page.locator(f"#statements li[data-item={CUP}]").wait_for()
    assert page.locator("#statements li").count() == 2
    page.goto(f"{scene.wiki.url}/w/index.php?diff={latest.id}")
    assert VERSION in page.locator("#diff").inner_text()
    assert said == []


def check_privacy(scene: Scene, asked: list[Request]) -> None:
    """Promise 9: no cookie, no name, no referrer goes to the service."""
    assert scene.wiki.gadget
    service = [one for one in asked if one.url.startswith(scene.wiki.gadget.service)]
    assert {one.method for one in service} >= {"GET", "POST"}
    for one in service:
        headers = one.all_headers()
        assert "cookie" not in headers
        assert "referer" not in headers
        assert "Reviewer" not in one.url + (one.post_data or "")


def test_nothing_is_loaded_before_the_press(scene: Scene, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(scene.address(CAT))
    page.locator("#suggest-depicts").wait_for()
    scripts = [url for url in asked if "load.php" in url and "only=styles" not in url]
    assert [url.partition("modules=")[2] for url in scripts] == ["ext.gadget.suggest-depicts"]
    assert all(url.startswith(scene.wiki.url) for url in asked if not url.startswith("data:"))


def test_a_double_click_saves_once(scene: Scene, page: Page, said: list[str]) -> None:
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    dialog.get_by_role("button", name="Save", exact=True).evaluate(
        "(b) => { b.click(); b.click(); }"
    )
    wait_for_text(dialog, "One statement was added")
    assert len(edits(scene)) == before + 1
    assert depicted(scene, CAT) == [TABBY]
    assert said == []


def test_what_was_added_meanwhile_is_dropped_and_said(
    scene: Scene, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY, TABLE)
    order = {"do": "claim", "entity": scene.mid(CAT), "item": TABBY, "prop": "P180"}
    control.apply(scene.wiki.state, order)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    row = dialog.locator(f".suggestdepicts-results [data-item={TABBY}]").inner_text()
    assert "Was on the file already" in row
    assert depicted(scene, CAT) == [TABBY, TABLE]
    assert said == []


def test_what_the_file_says_is_not_offered(scene: Scene, page: Page) -> None:
    order = {"do": "claim", "entity": scene.mid(CAT), "item": TABBY, "prop": "P180"}
    control.apply(scene.wiki.state, order)
    dialog = press(page, scene.address(CAT))
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert dialog.locator(f"[data-item={TABBY}]").count() == 0
    assert dialog.locator(".suggestdepicts-chip").count() == 2


# --- keyboard, and everybody --------------------------------------------------------------------


def test_by_keyboard_alone(scene: Scene, page: Page, said: list[str]) -> None:
    page.goto(scene.address(CAT))
    page.locator("#suggest-depicts").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "suggest-depicts"
    page.keyboard.press("Enter")
    tab_to(page, "Approve: tabby cat")
    page.keyboard.press("Space")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    wait_for_text(dialog, "One statement was added")
    # the news have the focus, and the way on starts there
    assert page.evaluate("document.activeElement.className") == "suggestdepicts-news"
    tab_to(page, "Reload page")
    page.keyboard.press("Enter")
    page.locator(f"#statements li[data-item={TABBY}]").wait_for()
    assert said == []


def test_labels_say_their_language_where_it_is_not_the_dialogs(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT) + "?uselang=it")
    label = dialog.locator(f"[data-item={TABBY}] .suggestdepicts-chip__label bdi")
    label.wait_for()
    assert label.get_attribute("lang") == "it"
    assert page.locator(".suggestdepicts-dialog").get_attribute("lang") == "en"
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert dialog.locator(".suggestdepicts-results bdi").get_attribute("lang") == "it"
    dialog = press(page, scene.address(CAT))
    chip = dialog.locator(".suggestdepicts-chip__label bdi").first
    chip.wait_for()
    assert chip.get_attribute("lang") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious(
    scene: Scene, browser: Browser, said: list[str], scheme: Any, width: int
) -> None:
    size: Any = {"width": width, "height": 740}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = watched(context.new_page(), said)
        dialog = press(page, scene.address(CAT))
        approve(dialog, TABBY)
        # Codex's own colours of a button under the pointer are not ours to judge
        page.mouse.move(0, 0)
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        save(dialog)
        wait_for_text(dialog, "One statement was added")
        page.mouse.move(0, 0)
        assert axe_findings(page) == []
        page.goto(scene.address(WALL))
        page.locator("#suggest-depicts").wait_for()
        assert axe_findings(page) == []
        assert page.evaluate(_LINES) == [1] * page.locator("th").count()
    assert said == []


def nobody(scene: Scene, page: Page) -> None:
    scene.wiki.visitor = ""
    press(page, scene.address(CAT)).locator(".suggestdepicts-anonymous").wait_for()


def hanging(scene: Scene, page: Page) -> None:
    page.route("**/suggestions?*", lambda route: None)
    press(page, scene.address(CAT)).locator(".suggestdepicts-skeleton").first.wait_for()


def unreachable(scene: Scene, page: Page) -> None:
    scene.wiki.gadget = GadgetConfig(service="http://127.0.0.1:1")
    wait_for_text(press(page, scene.address(CAT)), "cannot be reached")


def silent(scene: Scene, page: Page) -> None:
    for item in (TABBY, TABLE, CUP):
        order = {"do": "claim", "entity": scene.mid(CAT), "item": item, "prop": "P180"}
        control.apply(scene.wiki.state, order)
    wait_for_text(press(page, scene.address(CAT)), "The file says already")


def refused(scene: Scene, page: Page) -> None:
    control.apply(scene.wiki.state, {"do": "read_only", "reason": "maintenance"})
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "Nothing was saved")


def uncertain(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    page.route("**/w/api.php", lambda route: route.abort())
    save(dialog)
    wait_for_text(dialog, "not certain")


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1280)])
@pytest.mark.parametrize("state", [nobody, hanging, unreachable, silent, refused, uncertain])
def test_axe_finds_nothing_serious_when_it_does_not_go_well(
    scene: Scene, browser: Browser, state: Callable[[Scene, Page], None], scheme: Any, width: int
) -> None:
    size: Any = {"width": width, "height": 740}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = watched(context.new_page(), [])
        state(scene, page)
        page.mouse.move(0, 0)
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
