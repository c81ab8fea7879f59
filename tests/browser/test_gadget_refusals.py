"""What the wiki refuses: it is said why, the picks stay, and once it may be they are saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mediawiki.installed import ADMIN, BLOCKED, EDITOR, FRESH, PASSWORDS
from tests.mediawiki.scene import TABBY, Scene

from .gadget_page import approve, heard, press, save, visiting, wait_for_text
from .gadget_people import NOBODY, kept, log_in, log_out, ours, without_parameter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def picked(scene: Scene, title: str, page: Page) -> Locator:
    """The dialog with one item approved."""
    dialog = press(page, scene.address(title))
    approve(dialog, TABBY)
    return dialog


def assert_refused(scene: Scene, title: str, dialog: Locator, words: str) -> None:
    """Save: it is said once that nothing was saved and why, and the pick is there still."""
    save(dialog)
    wait_for_text(dialog, words)
    wait_for_text(dialog, "Nothing was saved")
    assert heard(dialog.page, words) == 1
    assert kept(dialog) == 1
    assert scene.depicted(title) == []


def assert_saved(scene: Scene, title: str, dialog: Locator) -> None:
    """The same pick is saved now."""
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.depicted(title) == [TABBY]


# --- who asks -----------------------------------------------------------------------------------


def test_whoever_is_not_logged_in_may_look_and_saves_once_they_are(
    scene: Scene, title: str, browser: Browser, said: list[str]
) -> None:
    before = len(scene.edits())
    with visiting(browser, scene, said, NOBODY) as page:
        dialog = picked(scene, title, page)
        assert dialog.get_by_role("button", name="Save", exact=True).is_disabled()
        assert len(scene.edits()) == before
        assert dialog.get_by_text("Only people who are logged in can save").count() == 1
        dialog.get_by_role("link", name="Log in").click()
        page.get_by_label("Username").fill(EDITOR)
        page.get_by_label("Password", exact=True).fill(PASSWORDS[EDITOR])
        page.locator("#wpLoginAttempt").click()
        # and back to the file
        page.locator("#suggest-depicts").click()
        approve(dialog, TABBY)
        assert_saved(scene, title, dialog)


def test_an_account_that_is_blocked(
    scene: Scene, title: str, browser: Browser, said: list[str]
) -> None:
    scene.agree(BLOCKED)
    with visiting(browser, scene, said, BLOCKED) as page:
        dialog = picked(scene, title, page)
        assert_refused(scene, title, dialog, "Your account is blocked")


def test_a_login_that_ended_in_between_and_comes_back(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    log_out(page, scene)
    assert_refused(scene, title, dialog, "You are not logged in any more")
    log_in(page, scene, EDITOR)
    assert_saved(scene, title, dialog)


def test_somebody_else_is_logged_in_meanwhile(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    log_in(page, scene, FRESH)
    assert_refused(scene, title, dialog, "You are logged in under another name by now")
    log_in(page, scene, EDITOR)
    assert_saved(scene, title, dialog)


def test_another_login_of_the_same_account_may_save(scene: Scene, title: str, page: Page) -> None:
    """The page's token is of the login before: the wiki refuses it, a fresh one is fetched."""
    dialog = picked(scene, title, page)
    log_out(page, scene)
    log_in(page, scene, EDITOR)
    assert_saved(scene, title, dialog)


# --- the page -----------------------------------------------------------------------------------


def test_a_page_that_is_protected(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    admin = scene.wiki.session(ADMIN)
    admin.protect(title)
    assert_refused(scene, title, dialog, "The page is protected from your edits")
    admin.protect(title, "all")
    assert_saved(scene, title, dialog)


def test_a_file_that_was_deleted_meanwhile(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    scene.wiki.session(ADMIN).post(action="delete", title=title, reason="test")
    assert_refused(scene, title, dialog, "The file does not exist any more")


# --- the wiki -----------------------------------------------------------------------------------


def test_the_limit_of_edits_is_told_as_one(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    scene.wiki.mediawiki.limit_edits()
    assert_refused(scene, title, dialog, "the wiki's limit of edits")
    scene.wiki.mediawiki.unlimited()
    assert_saved(scene, title, dialog)


def test_a_wiki_that_is_read_only(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    scene.wiki.mediawiki.read_only("maintenance")
    assert_refused(scene, title, dialog, "The wiki is read-only at the moment")
    scene.wiki.mediawiki.writable()
    assert_saved(scene, title, dialog)


def test_a_wiki_whose_database_is_behind(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    scene.wiki.state.conditions.lag = 9
    assert_refused(scene, title, dialog, "The wiki's database is behind")
    scene.wiki.state.conditions.lag = -1
    assert_saved(scene, title, dialog)


def test_a_wiki_that_answers_strangely_is_not_written_to(
    scene: Scene, title: str, page: Page
) -> None:
    before = len(ours(scene))
    dialog = picked(scene, title, page)
    page.route(
        "**/w/api.php?*wbgetentities*",
        lambda route: route.fulfill(json={"entities": {scene.mid(title): {"id": "M1"}}}),
    )
    assert_refused(scene, title, dialog, "does not write on a guess")
    assert len(ours(scene)) == before


def test_a_wiki_whose_edits_know_no_base_is_not_written_to(
    scene: Scene, title: str, page: Page
) -> None:
    """Without a base it would not notice what others have done meanwhile."""
    before = len(ours(scene))
    dialog = picked(scene, title, page)
    without_parameter(scene, "wbeditentity", "baserevid")
    assert_refused(scene, title, dialog, "does not write on a guess")
    assert len(ours(scene)) == before
    scene.calm()
    assert_saved(scene, title, dialog)


def test_a_wiki_that_cannot_be_reached(scene: Scene, title: str, page: Page) -> None:
    dialog = picked(scene, title, page)
    page.context.set_offline(True)
    assert_refused(scene, title, dialog, "The wiki could not be reached")
    page.context.set_offline(False)
    assert_saved(scene, title, dialog)
