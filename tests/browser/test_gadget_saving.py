"""Saving while others save: nothing is stated twice, nothing of theirs is lost, all is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from depicts_model.catalog import Catalog
from depicts_model.types import Qid
from tests.mediawiki.scene import CUP, TABBY, TABLE, Scene
from tests.mediawiki.states import untagged

from .gadget_page import approve, heard, press, result, save, wait_for_text
from .gadget_people import (
    answer_edits,
    held_edit,
    kept,
    ours,
    shown,
    tab,
    tags,
    verdicts,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

DESK = Qid("Q1064858")
"""A kind of table."""
MANY = 200


# --- somebody else adds the same ----------------------------------------------------------------


def test_what_was_added_before_the_save_is_left_as_it_is(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY, CUP)
    scene.claim(title, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert "Was on the file already" in result(dialog, TABBY)
    assert "Saved." in result(dialog, CUP)
    assert scene.depicted(title) == [TABBY, CUP]


def test_where_nothing_is_left_to_add_no_edit_is_made(
    scene: Scene, title: str, page: Page
) -> None:
    before = len(ours(scene))
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    scene.claim(title, TABBY)
    save(dialog)
    wait_for_text(dialog, "No edit was made")
    assert len(ours(scene)) == before
    assert scene.depicted(title) == [TABBY]


def test_of_what_a_racer_adds_ours_is_taken_back(scene: Scene, title: str, page: Page) -> None:
    """Somebody adds the same item between our reading and our edit."""
    # the first statement makes the entity: without one the race would be a conflict
    scene.claim(title, TABLE)
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY, CUP)
    scene.before_save(lambda: scene.claim(title, TABBY))
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert "yours was taken back" in result(dialog, TABBY)
    assert "Saved." in result(dialog, CUP)
    assert scene.depicted(title) == [TABLE, TABBY, CUP]


@pytest.mark.parametrize(
    ("theirs", "told", "there"),
    [(TABBY, "No edit was made", [TABBY]), (CUP, "One statement was added", [CUP, TABBY])],
    ids=["the same", "another"],
)
def test_a_mediainfo_created_at_the_same_moment_is_read_and_saved_to(
    scene: Scene, title: str, page: Page, theirs: Qid, told: str, there: list[Qid]
) -> None:
    before = len(ours(scene))
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    scene.before_save(lambda: scene.claim(title, theirs))
    save(dialog)
    wait_for_text(dialog, told)
    assert scene.depicted(title) == there
    # the first was refused
    assert len(ours(scene)) - before == len(there)


def test_what_lies_above_something_added_meanwhile_is_not_written(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABLE, TABBY)
    scene.claim(title, DESK)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert "Not added: the file has changed meanwhile" in result(dialog, TABLE)
    assert scene.depicted(title) == [DESK, TABBY]


def test_a_changed_file_is_not_written_to_while_nobody_can_tell(
    scene: Scene, title: str, page: Page
) -> None:
    before = len(ours(scene))
    dialog = press(page, scene.address(title))
    approve(dialog, TABLE)
    scene.claim(title, DESK)
    scene.stop()
    save(dialog)
    wait_for_text(dialog, "whether your picks still add anything")
    wait_for_text(dialog, "Nothing was saved")
    assert kept(dialog) == 1
    assert len(ours(scene)) == before


# --- two tabs, two clicks -----------------------------------------------------------------------


def test_two_tabs_save_the_same_at_once(
    scene: Scene, title: str, page: Page, said: list[str]
) -> None:
    dialogs = [press(one, scene.address(title)) for one in (page, tab(page, said))]
    for dialog in dialogs:
        approve(dialog, TABBY)
    scene.wiki.state.rendezvous.expect(2)
    for dialog in dialogs:
        save(dialog)
    for dialog in dialogs:
        dialog.locator(".suggestdepicts-results").wait_for()
    told = sorted(result(dialog, TABBY) for dialog in dialogs)
    assert told == ["tabby cat: Saved.", "tabby cat: Was on the file already; left as it is."]
    assert scene.depicted(title) == [TABBY]


def test_two_tabs_save_different_items_at_once(
    scene: Scene, title: str, page: Page, said: list[str]
) -> None:
    dialogs = [press(one, scene.address(title)) for one in (page, tab(page, said))]
    for dialog, item in zip(dialogs, (TABBY, CUP), strict=True):
        approve(dialog, item)
    scene.wiki.state.rendezvous.expect(2)
    for dialog in dialogs:
        save(dialog)
    for dialog in dialogs:
        wait_for_text(dialog, "One statement was added")
    assert sorted(scene.depicted(title)) == sorted([TABBY, CUP])


def test_a_double_click_is_one_edit(scene: Scene, title: str, page: Page) -> None:
    before = len(ours(scene))
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY, CUP)
    dialog.get_by_role("button", name="Save", exact=True).dblclick()
    wait_for_text(dialog, "2 statements were added")
    assert len(ours(scene)) == before + 1
    assert scene.depicted(title) == [TABBY, CUP]


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
    approve(dialog, TABBY)
    again = tab(page, said)
    held: list[Route] = []
    # the file is read again before anything is written
    page.route("**/w/api.php?*wbgetentities*", held.append)
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


# --- what the file says already, and how edits are marked ---------------------------------------


def test_two_hundred_statements_of_others_stay_as_they_are(
    scene: Scene, page: Page
) -> None:
    title = scene.file([(TABBY, 0.9), (CUP, 0.8)])
    theirs = many()
    scene.claim(title, *theirs)
    before = scene.statements(title)
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.statements(title)[:MANY] == before
    assert scene.depicted(title) == [*theirs, TABBY]
    assert len(shown(page, scene, title)) == MANY + 1


def many() -> list[Qid]:
    """Items that have nothing to do with what is offered."""
    with Catalog.open(None) as catalog:
        near = {one for item in (TABBY, CUP) for one in (item, *catalog.ancestors(item))}
        return [one for one in catalog.qids if one not in near][-MANY:]


def test_without_the_tag_it_is_saved_untagged_and_said(
    scene: Scene, title: str, page: Page
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    with untagged(scene):
        save(dialog)
        wait_for_text(dialog, "One statement was added")
    assert dialog.get_by_text("This wiki has no change tag for these edits").count() == 1
    assert scene.depicted(title) == [TABBY]
    assert tags(scene, title) == []
