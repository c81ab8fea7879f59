"""Where the way through a category waits for the person, and what is said; on a real MediaWiki."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.mediawiki.installed import ADMIN, EDITOR
from tests.mediawiki.scene import TABBY, Scene

from .bulk_page import (
    Category,
    at,
    edits_held,
    named,
    press,
    rows,
    skip,
    wait_until,
)
from .gadget_page import approve, heard

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


def test_the_queue_is_filled_with_few_files_by_nobodys_click(
    category: Category, page: Page
) -> None:
    files = [category.file(()) for _ in range(13)]
    dialog = category.open(page)
    dialog.locator(".cdx-message", has_text="Not looked at yet").wait_for()
    dialog.get_by_role("group", name=f"File 11 of 13: {named(files[10])}", exact=True).wait_for()
    skip(dialog)
    assert len(rows(dialog)) == 13


def test_a_service_that_is_down_halts_it_and_it_goes_on_there(
    scene: Scene, category: Category, page: Page
) -> None:
    first, second, third = (category.file() for _ in range(3))
    dialog = category.open(page)
    at(dialog, "File 1 of 3", first)
    page.wait_for_timeout(500)
    scene.stop()
    try:
        skip(dialog)
        # it was asked about ahead
        at(dialog, "File 2 of 3", second)
        skip(dialog)
        dialog.locator(".cdx-message", has_text="cannot be reached").wait_for()
        dialog.get_by_role("group", name=f"File 3 of 3: {named(third)}").wait_for()
        assert heard(page, "cannot be reached") == 1
    finally:
        scene.start()
    press(dialog, "Try again")
    at(dialog, "File 3 of 3", third)
    skip(dialog)
    assert set(rows(dialog).values()) == {"Skipped by you."}


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (429, {"detail": "slow down"}, "gets too many questions"),
        (200, {"outcome": "paused", "reason": "by hand", "suggestions": []}, "are paused"),
        (200, {"outcome": "?"}, "does not understand"),
    ],
)
def test_what_would_meet_the_next_file_too_halts_it(
    category: Category, page: Page, status: int, answer: dict[str, object], told: str
) -> None:
    first, _ = category.file(), category.file()

    def respond(route: Route) -> None:
        found = re.search(r"files/(M\d+)/", route.request.url)
        body = json.dumps({"mid": found and found[1], **answer})
        headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json"}
        route.fulfill(status=status, body=body, headers=headers)

    page.route("**/suggestions?*", respond)
    dialog = category.open(page)
    dialog.locator(".cdx-message", has_text=told).wait_for()
    page.unroute("**/suggestions?*")
    press(dialog, "Try again")
    at(dialog, "File 1 of 2", first)


def test_a_wiki_that_does_not_answer_halts_it_at_an_artwork(category: Category, page: Page) -> None:
    first, work = category.file(), category.file((), "{{Artwork}}")
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    page.route("**/w/api.php?*prop=revisions*", lambda route: route.abort())
    skip(dialog)
    dialog.get_by_role("group", name=f"File 2 of 2: {named(work)}", exact=True).wait_for()
    dialog.locator(".cdx-message", has_text="The wiki did not tell").wait_for()
    page.unroute("**/w/api.php?*prop=revisions*")
    press(dialog, "Try again")
    assert rows(dialog)[named(work)].startswith("This file was left out")


def test_a_block_halts_it_with_the_picks_in_place(
    scene: Scene, category: Category, page: Page, said: list[str]
) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    approve(dialog, TABBY)
    scene.wiki.session(ADMIN).block(EDITOR)
    try:
        press(dialog, "Save")
        dialog.locator(".cdx-message", has_text="Your account is blocked").wait_for()
        assert dialog.locator("[aria-pressed=true]").count() == 1
        assert scene.depicted(first) == []
        skip(dialog)
        at(dialog, "File 2 of 2", second)
        press(dialog, "Stop")
        assert "Nothing was saved. Your account is blocked" in rows(dialog)[named(first)]
    finally:
        scene.wiki.session(ADMIN).unblock(EDITOR)
    assert said == []


def test_a_lost_answer_is_told_as_such_and_not_sent_again(
    scene: Scene, category: Category, page: Page
) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    approve(dialog, TABBY)
    held = edits_held(page)
    press(dialog, "Save")
    wait_until(page, lambda: bool(held))
    held[0].abort()
    dialog.locator(".cdx-message", has_text="It is not certain").wait_for()
    assert heard(page, "It is not certain") == 1
    assert dialog.get_by_role("button", name="Save", exact=True).count() == 0
    assert dialog.get_by_role("button", name="Skip file").count() == 0
    press(dialog, "Go on")
    at(dialog, "File 2 of 2", second)
    press(dialog, "Stop")
    assert "It is not certain whether" in rows(dialog)[named(first)]
    assert "Sent, not confirmed." in rows(dialog)[named(first)]
    assert len(held) == 1


def test_a_stop_during_a_save_waits_for_it(scene: Scene, category: Category, page: Page) -> None:
    first, _ = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    approve(dialog, TABBY)
    held = edits_held(page)
    press(dialog, "Save")
    wait_until(page, lambda: bool(held))
    press(dialog, "Stop")
    dialog.get_by_text("It stops when this save has ended.").wait_for()
    held[0].continue_()
    assert "One statement was added" in rows(dialog)[named(first)]
    assert scene.depicted(first) == [TABBY]


def test_a_list_that_cannot_be_read_is_told_and_asked_for_again(
    category: Category, page: Page
) -> None:
    title = category.file()
    page.route("**/w/api.php?*gcmlimit*", lambda route: route.abort())
    dialog = category.open(page)
    dialog.locator(".cdx-message", has_text="did not list the files").wait_for()
    page.unroute("**/w/api.php?*gcmlimit*")
    press(dialog, "Try again")
    at(dialog, "File 1 of 1", title)
