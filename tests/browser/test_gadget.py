"""The gadget on a real MediaWiki, in a real browser, with the real service behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.types import Verdict
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.scene import CUP, TABBY, TABLE, TAG, VERSION, Scene

from .gadget_page import (
    approve,
    assert_accessible,
    focused,
    hold,
    press,
    save,
    tab_to,
    visiting,
    wait_for_text,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Request

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

CORE = "ext.gadget.suggest-depicts-core"
SKINS = ("vector-2022", "vector", "minerva", "monobook")
STATEMENTS = ".wbmi-entityview-statementsGroup-P180 .wbmi-item"
_FOCUS_INSIDE = "document.querySelector( '[role=dialog]' ).contains( document.activeElement )"


def chips(dialog: Locator) -> Locator:
    found = dialog.locator(".suggestdepicts-chip")
    found.first.wait_for()
    return found


# --- the whole path -----------------------------------------------------------------------------


@pytest.mark.parametrize("skin", SKINS)
def test_from_the_press_to_the_statement_and_the_verdicts(
    scene: Scene, title: str, page: Page, said: list[str], skin: str
) -> None:
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))
    before = len(scene.edits())
    address = f"{scene.address(title)}?useskin={skin}"
    dialog = press(page, address)
    assert chips(dialog).count() == 3
    # nothing is ticked, and nothing can be saved
    assert dialog.locator("[aria-pressed=true]").count() == 0
    assert dialog.get_by_role("button", name="Save", exact=True).is_disabled()
    approve(dialog, TABBY, CUP)
    summary = dialog.locator(".suggestdepicts-summary").inner_text()
    assert summary == f"2 statements will be added under your account, {EDITOR}."
    with page.expect_response("**/decisions"):
        save(dialog)
        wait_for_text(dialog, "2 statements were added in one edit.")
    [sent] = scene.edits()[before:]
    check_edit(scene, title, sent)
    check_privacy(scene, asked)
    check_stale_page(scene, page, dialog)
    assert said == []


def check_edit(scene: Scene, title: str, sent: dict[str, str]) -> None:
    """One edit, asserted, tagged, with the model in its summary; verdicts name its revision."""
    assert (sent["assertuser"], sent["tags"]) == (EDITOR, TAG)
    assert list(json.loads(sent["data"])) == ["claims"]
    assert scene.depicted(title) == [TABBY, CUP]
    asked = {"prop": "revisions", "rvprop": "ids|user|comment|tags", "rvlimit": 1}
    [latest] = scene.wiki.session().query(titles=title, **asked)["pages"][0]["revisions"]
    assert (latest["user"], latest["tags"]) == (EDITOR, [TAG])
    assert VERSION in latest["comment"]
    told = {one.qid: (one.verdict, one.revision) for one in scene.store.decisions(scene.mid(title))}
    assert told == {
        TABBY: (Verdict.ACCEPTED, latest["revid"]),
        CUP: (Verdict.ACCEPTED, latest["revid"]),
        TABLE: (Verdict.SKIPPED, None),
    }


def check_privacy(scene: Scene, asked: list[Request]) -> None:
    """Promise 9: no cookie, no name, no referrer goes to the service."""
    service = [one for one in asked if one.url.startswith(scene.service.url)]
    assert {one.method for one in service} >= {"GET", "POST"}
    for one in service:
        headers = one.all_headers()
        assert "cookie" not in headers
        assert "referer" not in headers
        assert EDITOR not in one.url + (one.post_data or "")


def check_stale_page(scene: Scene, page: Page, dialog: Locator) -> None:
    """Closed and opened again, there is nothing to save before the page is loaded anew."""
    page.keyboard.press("Escape")
    page.locator("#suggest-depicts").click()
    assert dialog.get_by_role("button", name="Save", exact=True).count() == 0
    with page.expect_navigation():
        dialog.get_by_role("button", name="Reload page").click()
    page.locator(STATEMENTS).nth(1).wait_for(state="attached")
    assert page.locator(STATEMENTS).count() == 2


def test_nothing_is_loaded_before_the_press(scene: Scene, title: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    # a skin that needs no Vue itself
    page.goto(f"{scene.address(title)}?useskin=monobook")
    page.locator("#suggest-depicts").wait_for()
    page.wait_for_load_state("networkidle")
    states = "names => names.map( name => mw.loader.getState( name ) )"
    assert page.evaluate(states, [CORE, "vue", "@wikimedia/codex"]) == ["registered"] * 3
    assert all(url.startswith((scene.wiki.url, "data:")) for url in asked)
    assert not [url for url in asked if "wbgetentities" in url]


def test_what_the_file_says_is_not_offered(scene: Scene, title: str, page: Page) -> None:
    scene.claim(title, TABBY)
    dialog = press(page, scene.address(title))
    assert chips(dialog).count() == 2
    assert dialog.locator(f"[data-item={TABBY}]").count() == 0


def test_the_line_in_the_tools_opens_it_and_has_the_focus_back(
    scene: Scene, title: str, page: Page
) -> None:
    page.goto(f"{scene.address(title)}?useskin=monobook")
    page.locator("#t-suggest-depicts a").click()
    dialog = page.get_by_role("dialog")
    chips(dialog)
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.closest( '#t-suggest-depicts' ) !== null")


# --- keyboard, and everybody --------------------------------------------------------------------


def test_by_keyboard_alone(scene: Scene, title: str, page: Page, said: list[str]) -> None:
    page.goto(scene.address(title))
    page.locator("#suggest-depicts").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    chips(dialog)
    assert page.evaluate(_FOCUS_INSIDE)
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert focused(page) == "suggest-depicts"
    page.keyboard.press("Enter")
    tab_to(page, "Approve: tabby cat")
    page.keyboard.press("Space")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    wait_for_text(dialog, "One statement was added")
    # the news have the focus, and the way on starts there
    assert page.evaluate("document.activeElement.className") == "suggestdepicts-news"
    tab_to(page, "Reload page")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.locator(STATEMENTS).first.wait_for(state="attached")
    assert said == []


def test_the_focus_does_not_leave_the_dialog(scene: Scene, title: str, page: Page) -> None:
    dialog = press(page, scene.address(title))
    chips(dialog)
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUS_INSIDE)


def test_nothing_moves_where_somebody_wants_no_motion(
    scene: Scene, title: str, browser: Browser, said: list[str]
) -> None:
    with visiting(browser, scene, said, reduced_motion="reduce") as page:
        hold(page, "**/suggestions?*")
        dialog = press(page, scene.address(title))
        skeleton = dialog.locator(".suggestdepicts-skeleton").first
        skeleton.wait_for()
        assert skeleton.evaluate("e => getComputedStyle( e ).animationName") == "none"


def test_labels_say_their_language_where_it_is_not_the_dialogs(
    scene: Scene, title: str, page: Page
) -> None:
    """The catalog has no German labels: those of English stand in a German dialog."""
    dialog = press(page, f"{scene.address(title)}?uselang=de")
    label = dialog.locator(f"[data-item={TABBY}] .suggestdepicts-chip__label bdi")
    label.wait_for()
    assert label.get_attribute("lang") == "en"
    assert page.locator(".suggestdepicts-dialog").get_attribute("lang") == "de"
    approve(dialog, TABBY)
    dialog.locator(".cdx-dialog__footer__primary-action").click()
    saved = dialog.locator(".suggestdepicts-results bdi")
    saved.wait_for()
    assert saved.get_attribute("lang") == "en"
    dialog = press(page, scene.address(title))
    chips(dialog)
    assert dialog.locator(".suggestdepicts-chip__label bdi").first.get_attribute("lang") is None


# --- every size and colour ----------------------------------------------------------------------

NIGHTS = {"vector-2022": "vectornightmode=1", "minerva": "minervanightmode=1"}
LOOKS = [
    *((skin, "", 1280) for skin in SKINS),
    *((skin, night, 1280) for skin, night in NIGHTS.items()),
    *((skin, "", 320) for skin in SKINS),
    ("vector-2022", "uselang=ar", 1280), ("minerva", "uselang=ar&minervanightmode=1", 320),
]  # fmt: skip


@pytest.mark.parametrize(("skin", "how", "width"), LOOKS)
def test_everybody_can_choose_and_save(
    scene: Scene, title: str, browser: Browser, said: list[str], skin: str, how: str, width: int
) -> None:
    """axe looks at the choice with all that belongs to it, and at the result."""
    size: Any = {"width": width, "height": 740}
    with visiting(browser, scene, said, viewport=size) as page:
        dialog = press(page, f"{scene.address(title)}?useskin={skin}&{how}")
        approve(dialog, TABBY)
        judge = dialog.locator(f"[data-item={TABLE}] + .suggestdepicts-chip__judge button")
        judge.nth(1).click()
        dialog.locator(".suggestdepicts-refine button").first.wait_for()
        dialog.locator("ul + .cdx-button").click()
        dialog.get_by_role("combobox").fill("desk")
        dialog.get_by_role("option").first.wait_for()
        check_look(page, dialog, how, width)
        # the menu lies above the footer
        dialog.get_by_role("combobox").fill("")
        dialog.locator(".cdx-dialog__footer__primary-action").click()
        dialog.locator(".suggestdepicts-results").wait_for()
        check_look(page, dialog, how, width)
    assert scene.depicted(title) == [TABBY]
    assert said == []


def check_look(page: Page, dialog: Locator, how: str, width: int) -> None:
    assert_accessible(page)
    box = page.locator(".suggestdepicts-dialog").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    direction, colour = dialog.evaluate(
        "e => [ getComputedStyle( e ).direction, getComputedStyle( e ).backgroundColor ]"
    )
    assert direction == ("rtl" if "uselang=ar" in how else "ltr")
    assert (sum(map(int, colour.strip("rgb()").split(",")[:3])) < 200) is ("night" in how)
