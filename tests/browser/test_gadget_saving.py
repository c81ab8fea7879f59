"""Saving while others save: nothing is stated twice, nothing of theirs is lost, all is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from depicts_model.catalog import Catalog
from depicts_model.types import Qid
from tests.mediawiki.scene import CUP, TABBY, TABLE, Scene
from tests.mediawiki.states import untagged

from .gadget_page import approve, press, result, save, wait_for_text
from .gadget_people import held_edit, kept, ours, shown, tab, tags

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

DESK = Qid("Q1064858")
"""A kind of table."""
MANY = 200


# --- somebody else adds the same ----------------------------------------------------------------


OVERTAKEN: tuple[tuple[Qid, Qid, Qid, str], ...] = (
    (TABBY, TABBY, CUP, "Was on the file already"),
    (TABLE, DESK, TABBY, "Not added: the file has changed meanwhile"),
)
"""A pick, what somebody adds before the save, another pick, and what is said of the first."""


@pytest.mark.parametrize(("pick", "theirs", "other", "words"), OVERTAKEN, ids=["same", "below"])
def test_what_became_redundant_before_the_save_is_not_written(
    scene: Scene, title: str, page: Page, pick: Qid, theirs: Qid, other: Qid, words: str
) -> None:
    dialog = press(page, scene.address(title))
    approve(dialog, pick, other)
    scene.claim(title, theirs)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert words in result(dialog, pick)
    assert "Saved." in result(dialog, other)
    assert scene.depicted(title) == [theirs, other]


def test_where_nothing_is_left_to_add_no_edit_is_made(scene: Scene, title: str, page: Page) -> None:
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
    saved, left = sorted(result(dialog, TABBY) for dialog in dialogs)
    assert "Saved." in saved
    assert "Was on the file already" in left
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


def test_of_two_tabs_that_are_merged_the_later_takes_its_statement_back(
    scene: Scene, title: str, page: Page, said: list[str]
) -> None:
    """The later edit has left already when the earlier one is made: the wiki adds the two up."""
    # the first statement makes the entity: without one the race would be a conflict
    scene.claim(title, TABLE)
    early, late = (press(one, scene.address(title)) for one in (page, tab(page, said)))
    for dialog in (early, late):
        approve(dialog, TABBY)
    with held_edit(scene) as held:
        save(late)
        held.wait()
        save(early)
        wait_for_text(early, "One statement was added")
        assert "Saved." in result(early, TABBY)
    late.locator(".suggestdepicts-results").wait_for()
    assert "yours was taken back" in result(late, TABBY)
    assert scene.depicted(title) == [TABLE, TABBY]


def test_a_double_click_is_one_edit(scene: Scene, title: str, page: Page) -> None:
    before = len(ours(scene))
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY, CUP)
    dialog.get_by_role("button", name="Save", exact=True).dblclick()
    wait_for_text(dialog, "2 statements were added")
    assert len(ours(scene)) == before + 1
    assert scene.depicted(title) == [TABBY, CUP]


# --- what the file says already, and how edits are marked ---------------------------------------


def test_two_hundred_statements_of_others_stay_as_they_are(scene: Scene, page: Page) -> None:
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
