"""What becomes of an edit and of verdicts where a page is closed, or an answer does not come."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from depicts_toolforge.tokens import LIFE_SECONDS, Tokens
from tests.mediawiki.scene import CUP, TABBY, TABLE, VERSION, Scene
from tests.mediawiki.service import KEY

from .gadget_page import approve, heard, press, result, save, wait_for_text
from .gadget_people import answer_edits, held_edit, shown, tab, verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

KEPT = "suggest-depicts-verdicts"
"""Under which the browser keeps verdicts."""


# --- the tab is closed --------------------------------------------------------------------------


def test_a_tab_closed_while_the_edit_is_on_its_way_leaves_it_whole(
    scene: Scene, title: str, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY, CUP)
    again = tab(page, said)
    with held_edit(scene) as edit:
        save(dialog)
        edit.wait()
        page.close()
        edit.go()
        # the wiki's answer to the edit finds nobody; the next visit waits for the same lock
        saved_whole(scene, title)
    assert shown(again, scene, title) == ["tabby cat", "cup"]
    dialog = press(again, scene.address(title))
    offered = dialog.locator(".suggestdepicts-chip [data-item]")
    offered.first.wait_for()
    assert [one.get_attribute("data-item") for one in offered.all()] == [TABLE]


def saved_whole(scene: Scene, title: str) -> None:
    """Wait until there is something, and see that it is all."""
    for _ in range(200):
        if scene.depicted(title):
            break
    assert scene.depicted(title) == [TABBY, CUP]


def test_a_tab_closed_before_the_edit_was_sent_leaves_nothing(
    scene: Scene, title: str, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(title))
    # a save later waits for nothing of this: late in a run it has waited for ever, nobody knows why
    with page.expect_response(lambda answer: "action=paraminfo" in answer.url):
        approve(dialog, TABBY)
    again = tab(page, said)
    held: list[Route] = []
    # the file is read again before anything is written
    page.route("**/w/api.php?*wbgetentities*", lambda route: held.append(route))
    with page.expect_request("**/w/api.php?*wbgetentities*"):
        save(dialog)
    page.close()
    assert shown(again, scene, title) == []
    dialog = press(again, scene.address(title))
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.depicted(title) == [TABBY]


def test_verdicts_that_were_kept_are_handed_in_at_the_next_visit(
    scene: Scene, title: str, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    again = tab(page, said)
    scene.stop()
    save(dialog)
    wait_for_text(dialog, "Your verdicts did not reach")
    assert scene.depicted(title) == [TABBY]
    page.close()
    scene.start()
    assert verdicts(scene, title) == {}
    with again.expect_response("**/decisions") as met:
        press(again, scene.address(title))
    assert met.value.ok
    told = verdicts(scene, title)
    assert (told[TABBY].value, told[CUP].value) == ("accepted", "skipped")


# --- nobody knows how it ended ------------------------------------------------------------------

DEATHS = ("internal_api_error_DBQueryError", "never-heard-of")
"""Errors after which nobody knows."""


@pytest.mark.parametrize("code", DEATHS)
def test_an_edit_whose_end_is_not_known_is_sent_and_not_confirmed(
    scene: Scene, title: str, page: Page, code: str
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    answer_edits(scene, {"error": {"code": code, "info": "it fell over"}})
    save(dialog)
    assert_uncertain(page)
    assert "it fell over" in dialog.inner_text()
    assert scene.depicted(title) == []


def test_an_edit_whose_answer_is_lost_is_sent_and_not_confirmed(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)

    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/w/api.php", lost)
    save(dialog)
    assert_uncertain(page)
    page.unroute_all()
    # the page loaded anew tells the truth
    dialog.get_by_role("button", name="Reload page").click()
    dialog.wait_for(state="detached")
    assert shown(page, scene, title) == ["tabby cat"]


def assert_uncertain(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    wait_for_text(dialog, "not certain whether the edit was saved")
    assert result(dialog, TABBY) == "tabby cat: Sent, not confirmed."
    for words in ("will be added", "Approve", "Save", "Nothing was saved"):
        assert words not in dialog.inner_text()
    assert heard(page, "not certain whether") == 1
    # there is no second save before the page is loaded anew
    assert dialog.get_by_role("button", name="Reload page").is_enabled()


def test_what_is_not_there_after_the_save_is_not_called_added(
    scene: Scene, title: str, page: Page
) -> None:
    """The wiki says that all is well, and has written nothing."""
    # a file without an entity tells no revision: it may as well have been read too early
    scene.claim(title, CUP)
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    answer_edits(scene, {"success": 1, "entity": {"lastrevid": 1}})
    with page.expect_response("**/decisions"):
        save(dialog)
    wait_for_text(dialog, "The edit was sent; this could not be confirmed: tabby cat")
    assert result(dialog, TABBY) == "tabby cat: Not on the file after the save."
    assert "was added" not in dialog.inner_text()
    assert heard(page, "could not be confirmed") == 1
    assert TABBY not in verdicts(scene, title)


# --- verdicts -----------------------------------------------------------------------------------


def test_a_service_that_hangs_does_not_hide_the_save(scene: Scene, title: str, page: Page) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    held: list[Route] = []
    page.route("**/decisions", lambda route: held.append(route))
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.depicted(title) == [TABBY]
    assert dialog.locator(".suggestdepicts-verdict-lost").count() == 0
    assert heard(page, "One statement was added") == 1
    held[0].abort()
    wait_for_text(dialog, "Your verdicts did not reach")
    assert heard(page, "Your verdicts did not reach") == 1


def test_verdicts_whose_token_has_expired_are_dropped(scene: Scene, title: str, page: Page) -> None:
    old = Tokens(KEY, clock=lambda: time.time() - LIFE_SECONDS - 60)
    sha1 = scene.files[title].sha1
    token = old.make(scene.mid(title), sha1, VERSION, [TABBY])
    decisions = [{"item": TABBY, "verdict": "rejected"}]
    kept = {"mid": scene.mid(title), "token": token, "decisions": decisions, "at": time.time()}
    page.goto(scene.address(title))
    page.evaluate(f"localStorage.setItem( '{KEPT}', JSON.stringify( [ {json.dumps(kept)} ] ) )")
    with page.expect_response("**/decisions") as met:
        dialog = press(page, scene.address(title))
    assert (met.value.status, met.value.json()["code"]) == (403, "token-expired")
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    page.wait_for_function(f"localStorage.getItem( '{KEPT}' ) === '[]'")
    assert verdicts(scene, title) == {}
