"""What a person may do beside approving: agree first, say no, refine, search, undo."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from depicts_model.types import Qid, Verdict
from tests.mediawiki.installed import ADMIN, EDITOR
from tests.mediawiki.scene import CUP, TABBY, TABLE, Scene

from .gadget_page import (
    approve,
    assert_accessible,
    focused,
    heard,
    press,
    save,
    say,
    visiting,
    wait_for_text,
)
from .gadget_people import NOBODY, kept, verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

DESK = Qid("Q1064858")
"""A kind of table."""
MORE = re.compile(r"/load\.php\?.*modules=ext\.gadget\.suggest-depicts-more")


# --- consent ------------------------------------------------------------------------------------


def test_nothing_is_sent_before_somebody_agrees(scene: Scene, title: str, page: Page) -> None:
    scene.agree(EDITOR, agreed=False)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    dialog = press(page, scene.address(title))
    wait_for_text(dialog, "Suggestions come from a service outside this wiki")
    assert heard(page, "Suggestions come from a service") == 1
    assert_accessible(page)
    dialog.get_by_role("button", name="No, thanks").click()
    dialog.wait_for(state="detached")
    assert focused(page) == "suggest-depicts"
    assert not [url for url in asked if url.startswith(scene.service.url)]
    # asked again, as it was not agreed; once it is, never again
    page.locator("#suggest-depicts").click()
    with page.expect_response(lambda one: "options" in (one.request.post_data or "")):
        dialog.get_by_role("button", name="Agree and go on").click()
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert scene.agreed(EDITOR)
    dialog = press(page, scene.address(title))
    dialog.locator(".suggestdepicts-chip").first.wait_for()


def test_somebody_without_an_account_agrees_for_this_browser(
    scene: Scene, title: str, browser: Browser, said: list[str]
) -> None:
    with visiting(browser, scene, said, NOBODY, agreed=False) as page:
        dialog = press(page, scene.address(title))
        dialog.get_by_role("button", name="Agree and go on").click()
        dialog.locator(".suggestdepicts-chip").first.wait_for()
        dialog = press(page, scene.address(title))
        dialog.locator(".suggestdepicts-chip").first.wait_for()


# --- against suggestions ------------------------------------------------------------------------


def test_a_no_is_handed_in_without_an_edit(scene: Scene, title: str, page: Page) -> None:
    before = len(scene.edits())
    dialog = press(page, scene.address(title))
    say(dialog, "No", "cup")
    dialog.locator(".suggestdepicts-summary", has_text="Nothing will be saved").wait_for()
    with page.expect_response("**/decisions"):
        dialog.get_by_role("button", name="Hand in").click()
    wait_for_text(dialog, "Thank you")
    assert heard(page, "Thank you") == 1
    assert len(scene.edits()) == before
    told = verdicts(scene, title)
    assert (told[CUP], told[TABBY]) == (Verdict.REJECTED, Verdict.SKIPPED)


def test_approving_takes_a_no_back(scene: Scene, title: str, page: Page) -> None:
    dialog = press(page, scene.address(title))
    say(dialog, "No", "tabby cat")
    approve(dialog, TABBY)
    assert kept(dialog) == 1
    assert "One statement" in dialog.locator(".suggestdepicts-summary").inner_text()


def test_something_more_specific_is_taken_instead(scene: Scene, title: str, page: Page) -> None:
    dialog = press(page, scene.address(title))
    say(dialog, "Too general", "table")
    refine = dialog.locator(".suggestdepicts-refine")
    refine.get_by_role("button", name="desk", exact=True).click()
    chip = dialog.locator(f"[data-item={DESK}]")
    chip.wait_for()
    # the choice is approved, has the focus, and stands below what it replaces
    assert chip.get_by_role("button").get_attribute("aria-pressed") == "true"
    within = "document.activeElement.closest( '[data-item]' ).dataset.item"
    assert page.evaluate(within) == DESK
    items = "all => all.map( one => one.dataset.item )"
    shown = dialog.locator(".suggestdepicts-chip [data-item]").evaluate_all(items)
    assert shown == [TABBY, TABLE, DESK, CUP]
    assert refine.count() == 0
    with page.expect_response("**/decisions"):
        save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.depicted(title) == [DESK]
    told = verdicts(scene, title)
    assert told[TABLE] is Verdict.TOO_GENERAL
    assert DESK not in told


def test_something_more_general_is_offered(scene: Scene, title: str, page: Page) -> None:
    dialog = press(page, scene.address(title))
    say(dialog, "Too specific", "tabby cat")
    refine = dialog.locator(".suggestdepicts-refine")
    refine.get_by_text("take one instead").wait_for()
    assert heard(page, "take one instead") == 1
    assert refine.get_by_role("button").count() > 0
    # another word, another list; no word, none
    say(dialog, "Too specific", "tabby cat")
    refine.wait_for(state="detached")


def test_a_lookup_that_fails_says_why_and_keeps_the_picks(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, CUP)
    scene.stop()
    say(dialog, "Too general", "table")
    dialog.locator(".suggestdepicts-refine").get_by_text("cannot be reached").wait_for()
    assert "One statement" in dialog.locator(".suggestdepicts-summary").inner_text()


def test_what_cannot_be_loaded_is_told_and_the_picks_stay(
    scene: Scene, title: str, page: Page
) -> None:
    page.route(MORE, lambda route: route.abort())
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "could not be loaded from the wiki")
    assert kept(dialog) == 1
    assert scene.depicted(title) == []
    page.unroute(MORE)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.depicted(title) == [TABBY]


# --- another item -------------------------------------------------------------------------------


def test_another_item_is_found_by_words_with_the_keyboard(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    dialog.get_by_role("button", name="Add another item").click()
    field = dialog.get_by_role("combobox")
    field.wait_for()
    assert page.evaluate("document.activeElement.getAttribute( 'role' )") == "combobox"
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one) if "/items?" in one.url else None)
    page.keyboard.type("desk", delay=20)
    dialog.get_by_role("option").filter(has_text="desk").first.wait_for()
    # words that are typed fast are one question
    assert len(asked) == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    dialog.locator(f"[data-item={DESK}]").wait_for()
    assert field.input_value() == ""
    with page.expect_response("**/decisions"):
        save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.depicted(title) == [DESK]
    assert set(verdicts(scene, title)) == {TABBY, TABLE, CUP}


def test_what_is_there_already_cannot_be_added_by_search(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    dialog.get_by_role("button", name="Add another item").click()
    dialog.get_by_role("combobox").fill("tabby")
    option = dialog.get_by_role("option").filter(has_text="Is there already").first
    option.wait_for()
    assert "cdx-menu-item--disabled" in (option.get_attribute("class") or "")


# --- rank, undo ---------------------------------------------------------------------------------


def test_an_approved_item_may_be_prominent(scene: Scene, title: str, page: Page) -> None:
    dialog = press(page, scene.address(title))
    assert dialog.get_by_text("Mark as prominent").count() == 0
    approve(dialog, TABBY)
    say(dialog, "Mark as prominent", "tabby cat")
    assert "tabby cat (prominent)" in dialog.locator(".suggestdepicts-names").inner_text()
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert [one["rank"] for one in scene.statements(title)] == ["preferred"]


def test_a_statement_is_taken_back(scene: Scene, title: str, page: Page) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY, CUP)
    save(dialog)
    wait_for_text(dialog, "2 statements were added")
    say(dialog, "Undo", "cup")
    row = dialog.locator(f".suggestdepicts-results [data-item={CUP}]")
    row.get_by_text("Taken back").wait_for()
    assert scene.depicted(title) == [TABBY]
    assert page.evaluate("document.activeElement.dataset.item") == CUP
    assert row.get_by_role("button").count() == 0


def test_a_statement_that_somebody_changed_is_not_taken_back(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    changed = {**scene.statements(title)[0], "rank": "deprecated"}
    data = json.dumps({"claims": [changed]})
    scene.wiki.session(ADMIN).post(action="wbeditentity", id=scene.mid(title), data=data)
    say(dialog, "Undo", "tabby cat")
    dialog.get_by_text("Somebody has changed the statement meanwhile").wait_for()
    assert scene.statements(title) == [changed]
