"""What a person may do beside approving: agree first, say no, refine, search, undo, artworks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.types import Qid, Skipped, SkipReason, Verdict
from tests.sandbox import control

from .axe import axe_findings
from .gadget_page import (  # noqa: F401 (fixtures)
    AGREED,
    PATIENCE_MS,
    approve,
    depicted,
    edits,
    heard,
    made_page,
    made_said,
    made_scene,
    made_scene_anew,
    press,
    save,
    wait_for_text,
    watched,
)
from .gadget_world import CAT, CUP, TABBY, TABLE, WALL, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

DESK = Qid("Q1064858")
"""A kind of table."""
MILKMAID = "Q185372"


def say(dialog: Locator, words: str, label: str) -> None:
    dialog.get_by_label(f"{words}: {label}", exact=True).click()


def verdicts(scene: Scene) -> dict[str, Verdict]:
    return {one.qid: one.verdict for one in scene.store.decisions(scene.mid(CAT))}


# --- consent ------------------------------------------------------------------------------------


def test_nothing_is_sent_before_somebody_agrees(scene: Scene, page: Page, said: list[str]) -> None:
    scene.wiki.state.users["Reviewer"].options.clear()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    dialog = press(page, scene.address(CAT))
    wait_for_text(dialog, "Suggestions come from a service outside this wiki")
    assert heard(page, "Suggestions come from a service") == 1
    assert axe_findings(page) == []
    dialog.get_by_role("button", name="No, thanks").click()
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "suggest-depicts"
    assert scene.wiki.gadget
    assert not [url for url in asked if url.startswith(scene.wiki.gadget.service)]
    # asked again, as it was not agreed; once it is, never again
    page.locator("#suggest-depicts").click()
    with page.expect_response("**/w/api.php"):
        dialog.get_by_role("button", name="Agree and go on").click()
        dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert scene.wiki.state.users["Reviewer"].options == {AGREED: "1"}
    dialog = press(page, scene.address(CAT))
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert said == []


def test_somebody_without_an_account_agrees_for_this_browser(
    scene: Scene, browser: Browser
) -> None:
    scene.wiki.visitor = ""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        dialog = press(page, scene.address(CAT))
        dialog.get_by_role("button", name="Agree and go on").click()
        dialog.locator(".suggestdepicts-chip").first.wait_for()
        dialog = press(page, scene.address(CAT))
        dialog.locator(".suggestdepicts-chip").first.wait_for()


# --- against suggestions ------------------------------------------------------------------------


def test_a_no_is_handed_in_without_an_edit(scene: Scene, page: Page, said: list[str]) -> None:
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    say(dialog, "No", "cup")
    dialog.locator(".suggestdepicts-summary", has_text="Nothing will be saved").wait_for()
    with page.expect_response("**/decisions"):
        dialog.get_by_role("button", name="Hand in").click()
    wait_for_text(dialog, "Thank you")
    assert heard(page, "Thank you") == 1
    assert len(edits(scene)) == before
    assert verdicts(scene)[CUP] is Verdict.REJECTED
    assert verdicts(scene)[TABBY] is Verdict.SKIPPED
    assert said == []


def test_approving_takes_a_no_back(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    say(dialog, "No", "tabby cat")
    approve(dialog, TABBY)
    assert dialog.locator("[aria-pressed=true]").count() == 1
    assert "One statement" in dialog.locator(".suggestdepicts-summary").inner_text()


def test_something_more_specific_is_taken_instead(
    scene: Scene, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(CAT))
    say(dialog, "Too general", "table")
    refine = dialog.locator(".suggestdepicts-refine")
    refine.get_by_role("button", name="desk", exact=True).click()
    chip = dialog.locator(f"[data-item={DESK}]")
    chip.wait_for()
    # the choice is approved, has the focus, and stands below what it replaces
    assert chip.get_by_role("button").get_attribute("aria-pressed") == "true"
    focused = "document.activeElement.closest( '[data-item]' ).dataset.item"
    assert page.evaluate(focused) == DESK
    items = "all => all.map( one => one.dataset.item )"
    shown = dialog.locator(".suggestdepicts-chip [data-item]").evaluate_all(items)
    assert shown == [TABBY, TABLE, DESK, CUP]
    assert refine.count() == 0
    with page.expect_response("**/decisions"):
        save(dialog)
        wait_for_text(dialog, "One statement was added")
    assert depicted(scene, CAT) == [DESK]
    assert verdicts(scene)[TABLE] is Verdict.TOO_GENERAL
    assert DESK not in verdicts(scene)
    assert said == []


def test_something_more_general_is_offered(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    say(dialog, "Too specific", "tabby cat")
    refine = dialog.locator(".suggestdepicts-refine")
    refine.get_by_text("take one instead").wait_for()
    assert heard(page, "take one instead") == 1
    assert refine.get_by_role("button").count() > 0
    # another word, another list; no word, none
    say(dialog, "Too specific", "tabby cat")
    refine.wait_for(state="detached")


def test_a_lookup_that_fails_says_why_and_keeps_the_picks(scene: Scene, page: Page) -> None:
    page.route("**/neighbours?*", lambda route: route.abort())
    dialog = press(page, scene.address(CAT))
    approve(dialog, CUP)
    say(dialog, "Too general", "table")
    dialog.locator(".suggestdepicts-refine").get_by_text("cannot be reached").wait_for()
    assert "One statement" in dialog.locator(".suggestdepicts-summary").inner_text()


def test_what_cannot_be_loaded_is_told_and_the_picks_stay(scene: Scene, page: Page) -> None:
    more = "**/load.php?modules=ext.gadget.suggest-depicts-more"
    page.route(more, lambda route: route.abort())
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "could not be loaded from the wiki")
    assert dialog.locator("[aria-pressed=true]").count() == 1
    assert depicted(scene, CAT) == []
    page.unroute(more)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert depicted(scene, CAT) == [TABBY]


# --- another item -------------------------------------------------------------------------------


def test_another_item_is_found_by_words_with_the_keyboard(
    scene: Scene, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(CAT))
    dialog.get_by_role("button", name="Add another item").click()
    field = dialog.get_by_role("combobox")
    field.wait_for()
    assert page.evaluate("document.activeElement.getAttribute( 'role' )") == "combobox"
    page.keyboard.type("desk")
    dialog.get_by_role("option").filter(has_text="desk").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog.locator(f"[data-item={DESK}]").wait_for()
    assert field.input_value() == ""
    with page.expect_response("**/decisions"):
        save(dialog)
        wait_for_text(dialog, "One statement was added")
    assert depicted(scene, CAT) == [DESK]
    assert set(verdicts(scene)) == {TABBY, TABLE, CUP}
    assert said == []


def test_what_is_there_already_cannot_be_added_by_search(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    dialog.get_by_role("button", name="Add another item").click()
    dialog.get_by_role("combobox").fill("tabby")
    option = dialog.get_by_role("option").filter(has_text="Is there already").first
    option.wait_for()
    assert "cdx-menu-item--disabled" in (option.get_attribute("class") or "")


# --- rank, undo ---------------------------------------------------------------------------------


def test_an_approved_item_may_be_prominent(scene: Scene, page: Page) -> None:
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    assert dialog.get_by_text("Mark as prominent").count() == 0
    approve(dialog, TABBY)
    say(dialog, "Mark as prominent", "tabby cat")
    assert "tabby cat (prominent)" in dialog.locator(".suggestdepicts-names").inner_text()
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    [sent] = edits(scene)[before:]
    assert [one["rank"] for one in json.loads(sent["data"])["claims"]] == ["preferred"]


def test_a_statement_is_taken_back(scene: Scene, page: Page, said: list[str]) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY, CUP)
    save(dialog)
    wait_for_text(dialog, "2 statements were added")
    say(dialog, "Undo", "cup")
    row = dialog.locator(f".suggestdepicts-results [data-item={CUP}]")
    row.get_by_text("Taken back").wait_for()
    assert depicted(scene, CAT) == [TABBY]
    assert page.evaluate("document.activeElement.dataset.item") == CUP
    assert row.get_by_role("button").count() == 0
    assert said == []


def test_a_statement_that_somebody_changed_is_not_taken_back(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    commons = scene.wiki.state.commons
    with scene.wiki.state.lock:
        entity = commons.entity(scene.mid(CAT)) or {}
        entity["statements"]["P180"][0]["rank"] = "deprecated"
    say(dialog, "Undo", "tabby cat")
    dialog.get_by_text("Somebody has changed the statement meanwhile").wait_for()
    assert depicted(scene, CAT) == [TABBY]


# --- artworks -----------------------------------------------------------------------------------


def make_artwork(scene: Scene, text: str) -> None:
    control.apply(scene.wiki.state, {"do": "edit", "title": WALL, "text": text})
    scene.tell(WALL, Skipped(SkipReason.ARTWORK), "by-hand-artwork")


def test_an_artwork_is_offered_its_own_property(scene: Scene, page: Page, said: list[str]) -> None:
    before = len(edits(scene))
    make_artwork(scene, f"{{{{Artwork|artist=X|wikidata={TABBY}}}}}")
    dialog = press(page, scene.address(WALL))
    dialog.get_by_text("digital representation of").first.wait_for()
    assert dialog.locator(".suggestdepicts-chip").count() == 1
    assert dialog.get_by_text("Too general").count() == 0
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    [sent] = edits(scene)[before:]
    [claim] = json.loads(sent["data"])["claims"]
    assert claim["mainsnak"]["property"] == "P6243"
    assert depicted(scene, WALL) == []
    assert scene.store.decisions(scene.mid(WALL)) == []
    assert said == []


def test_an_artwork_that_names_no_item_is_left_out(scene: Scene, page: Page) -> None:
    make_artwork(scene, "{{Artwork|artist={{Creator|wikidata=Q5}}}}")
    dialog = press(page, scene.address(WALL))
    wait_for_text(dialog, "which has a property of its own")
    assert dialog.locator(".suggestdepicts-chip").count() == 0


# --- everybody ----------------------------------------------------------------------------------


def test_the_line_in_the_tools_opens_it_and_has_the_focus_back(scene: Scene, page: Page) -> None:
    page.goto(scene.address(CAT))
    page.locator("#t-suggest-depicts a").click()
    dialog = page.get_by_role("dialog")
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    opener = "document.activeElement.closest( '#t-suggest-depicts' ) !== null"
    assert page.evaluate(opener)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_axe_finds_nothing_serious_while_choosing(
    scene: Scene, browser: Browser, said: list[str], scheme: Any, width: int, direction: str
) -> None:
    size: Any = {"width": width, "height": 740}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = watched(context.new_page(), said)
        page.goto(scene.address(CAT))
        page.evaluate(f"document.documentElement.dir = '{direction}'")
        page.locator("#suggest-depicts").click()
        dialog = page.get_by_role("dialog")
        approve(dialog, TABBY)
        say(dialog, "Mark as prominent", "tabby cat")
        say(dialog, "Too general", "table")
        dialog.locator(".suggestdepicts-refine button").first.wait_for()
        dialog.get_by_role("button", name="Add another item").click()
        dialog.get_by_role("combobox").fill("desk")
        dialog.get_by_role("option").first.wait_for()
        page.mouse.move(0, 0)
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        body = dialog.locator(".cdx-dialog__body")
        assert body.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
    assert said == []


def test_words_that_are_typed_fast_are_one_question(scene: Scene, page: Page) -> None:
    asked: list[Route] = []

    def count(route: Route) -> None:
        asked.append(route)
        route.continue_()

    page.route("**/items?*", count)
    dialog = press(page, scene.address(CAT))
    dialog.get_by_role("button", name="Add another item").click()
    dialog.get_by_role("combobox").press_sequentially("desk", delay=20)
    dialog.get_by_role("option").first.wait_for()
    assert len(asked) == 1
