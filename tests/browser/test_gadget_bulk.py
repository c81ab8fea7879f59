"""Through the files of a category, on a real MediaWiki: each saved, skipped or passed, and told."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from depicts_model.types import NothingReason, NothingToSuggest
from tests.mediawiki.installed import ADMIN
from tests.mediawiki.scene import CUP, TABBY, TABLE, VERSION, Scene

from .axe import axe_findings
from .bulk_page import (
    Category,
    at,
    comment,
    named,
    press,
    rows,
    skip,
)
from .gadget_page import approve, heard, tab_to

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

GROUP = re.compile(
    r"\(\[\[:toolforge:editgroups-commons/b/(suggest-depicts/[0-9a-f]{12})\|details\]\]\)$"
)


# --- the way through ---


def test_saved_skipped_passed_and_stopped(
    scene: Scene, category: Category, page: Page, said: list[str]
) -> None:
    first, there, nothing, second, third, last = (category.file() for _ in range(6))
    scene.claim(there, TABLE)
    scene.tell(nothing, NothingToSuggest(NothingReason.NOT_SURE), version="by-hand-2")
    dialog = category.open(page)
    at(dialog, "File 1 of 5", first)
    assert dialog.locator("[aria-pressed=true]").count() == 0
    approve(dialog, TABBY, CUP)
    with page.expect_response("**/decisions") as told:
        press(dialog, "Save")
    sent = json.loads(told.value.request.post_data or "")["decisions"]
    assert [one["verdict"] for one in sent] == ["accepted", "skipped", "accepted"]
    at(dialog, "File 3 of 5", second)
    assert heard(page, f"{named(nothing)}: Nothing to suggest") == 1
    assert dialog.locator("[aria-pressed=true]").count() == 0
    approve(dialog, TABBY)
    press(dialog, "Save")
    at(dialog, "File 4 of 5", third)
    skip(dialog)
    at(dialog, "File 5 of 5", last)
    approve(dialog, TABBY)
    press(dialog, "Stop")
    assert rows(dialog) == {
        named(first): rows(dialog)[named(first)],
        named(nothing): "Nothing to suggest. The picture was looked at, but the model is not sure "
        "enough of anything it knows.",
        named(second): rows(dialog)[named(second)],
        named(third): "Skipped by you.",
    }
    assert "2 statements were added in one edit." in rows(dialog)[named(first)]
    assert "4 files were gone through; statements were added to 2 files." in dialog.inner_text()
    assert [scene.depicted(one) for one in (first, there, nothing, second, third, last)] == [
        [TABBY, CUP], [TABLE], [], [TABBY], [], [],
    ]  # fmt: skip
    groups = [GROUP.search(comment(scene, one)) for one in (first, second)]
    assert groups[0] and groups[1] and groups[0][1] == groups[1][1]
    assert VERSION in comment(scene, first)
    link = dialog.get_by_role("link", name="See all edits of this run")
    assert f"/b/{groups[0][1]}/" in (link.get_attribute("href") or "")
    assert axe_findings(page) == []
    assert said == []


def test_it_goes_on_where_it_was_stopped_and_ends(
    category: Category, page: Page, said: list[str]
) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    press(dialog, "Stop")
    dialog.get_by_text("Stopped; the other files").wait_for()
    press(dialog, "Go on")
    at(dialog, "File 1 of 2", first)
    skip(dialog)
    at(dialog, "File 2 of 2", second)
    dialog.get_by_role("button", name="Close").first.click()
    page.locator("#suggest-depicts").click()
    at(dialog, "File 2 of 2", second)
    skip(dialog)
    assert list(rows(dialog)) == [named(first), named(second)]
    dialog.get_by_text("You have gone through all files").wait_for()
    assert dialog.get_by_role("button", name="Go on").count() == 0
    assert said == []


def test_a_category_where_all_is_said_already(
    scene: Scene, category: Category, page: Page, said: list[str]
) -> None:
    scene.claim(category.file(), TABLE)
    dialog = category.open(page)
    dialog.get_by_text("no file of this category is without depicts statements").wait_for()
    assert said == []


def test_a_long_category_is_listed_as_one_goes_on(
    scene: Scene, category: Category, page: Page, said: list[str]
) -> None:
    files = [category.file() for _ in range(3)]

    def two_at_a_time(route: Route) -> None:
        route.continue_(url=route.request.url.replace("gcmlimit=50", "gcmlimit=2"))

    page.route("**/w/api.php?*gcmlimit=50*", two_at_a_time)
    dialog = category.open(page)
    at(dialog, "File 1 of at least 2; the rest of the category is listed as you go on", files[0])
    skip(dialog)
    at(dialog, "File 2 of 3", files[1])
    skip(dialog)
    at(dialog, "File 3 of 3", files[2])
    assert said == []


def test_an_artwork_is_offered_to_say_which_one(
    scene: Scene, category: Category, page: Page, said: list[str]
) -> None:
    scene.wiki.session(ADMIN).edit("Template:Artwork", "A work.")
    title = category.file((), "{{Artwork|wikidata=Q14748}}")
    dialog = category.open(page)
    at(dialog, "File 1 of 1", title)
    approve(dialog, TABLE)
    press(dialog, "Save")
    assert "One statement was added" in rows(dialog)[named(title)]
    assert scene.depicted(title, "P6243") == [TABLE]
    assert GROUP.search(comment(scene, title))
    assert said == []


def test_the_service_is_asked_about_one_file_ahead(
    scene: Scene, category: Category, page: Page
) -> None:
    files = [category.file() for _ in range(4)]
    asked: list[str] = []
    page.on("request", lambda one: asked.extend(re.findall(r"files/(M\d+)/sugg", one.url)))
    dialog = category.open(page)
    at(dialog, "File 1 of 4", files[0])
    # time for more, if there were any
    page.wait_for_timeout(800)
    assert asked == [scene.mid(one) for one in files[:2]]
    skip(dialog)
    at(dialog, "File 2 of 4", files[1])
    page.wait_for_timeout(800)
    assert asked == [scene.mid(one) for one in files[:3]]


def test_a_double_click_skips_one_file(category: Category, page: Page) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    page.wait_for_timeout(450)
    dialog.get_by_role("button", name="Skip file").dblclick()
    at(dialog, "File 2 of 2", second)


# --- who uses it, and how ---


def test_a_no_is_handed_in_and_it_goes_on(category: Category, page: Page, said: list[str]) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    dialog.get_by_role("button", name="No: tabby cat").click()
    with page.expect_response("**/decisions") as told:
        press(dialog, "Hand in")
    sent = json.loads(told.value.request.post_data or "")["decisions"]
    assert [one["verdict"] for one in sent] == ["rejected", "skipped", "skipped"]
    at(dialog, "File 2 of 2", second)
    press(dialog, "Stop")
    assert "What you said was handed in" in rows(dialog)[named(first)]
    assert said == []


def test_a_no_is_handed_in_where_the_file_is_skipped_or_left(
    category: Category, page: Page, said: list[str]
) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    for leave, progress, title in (
        ("Skip file", "File 1 of 2", first),
        ("Stop", "File 2 of 2", second),
    ):
        at(dialog, progress, title)
        dialog.get_by_role("button", name="No: tabby cat").click()
        dialog.get_by_text("What you said about one suggestion will be handed in").wait_for()
        page.wait_for_timeout(450)
        with page.expect_response("**/decisions") as told:
            press(dialog, leave)
        sent = json.loads(told.value.request.post_data or "")["decisions"]
        assert [one["verdict"] for one in sent] == ["rejected", "skipped", "skipped"]
    of_it = f"{named(second)}: Thank you. What you said was handed in"
    dialog.locator(".suggestdepicts-news", has_text=of_it).wait_for()
    assert rows(dialog) == {
        named(first): "Skipped by you. Thank you. What you said was handed in; nothing was saved "
        "on the wiki."
    }
    press(dialog, "Go on")
    at(dialog, "File 2 of 2", second)
    assert said == []


def test_what_was_saved_can_be_taken_back_from_the_list(
    scene: Scene, category: Category, page: Page, said: list[str]
) -> None:
    title, other = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", title)
    approve(dialog, TABBY)
    press(dialog, "Save")
    at(dialog, "File 2 of 2", other)
    press(dialog, "Stop")
    dialog.get_by_text("statements were added to one file").wait_for()
    group = GROUP.search(comment(scene, title))
    dialog.get_by_role("button", name="Undo: tabby cat").click()
    dialog.get_by_text("Taken back.").wait_for()
    assert scene.depicted(title) == []
    undone = GROUP.search(comment(scene, title))
    assert group and undone and group[1] == undone[1]
    press(dialog, "Go on")
    at(dialog, "File 2 of 2", other)
    press(dialog, "Stop")
    dialog.get_by_text("One file was gone through; statements were added to 0 files").wait_for()
    assert "Taken back." in rows(dialog)[named(title)]
    assert dialog.get_by_role("button", name="Undo: tabby cat").count() == 0
    assert said == []


def test_consent_speaks_of_all_files_and_comes_first(
    browser: Browser, scene: Scene, category: Category
) -> None:
    title = category.file()
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        dialog = category.open(page)
        dialog.locator(".cdx-message", has_text="these files’ pages").wait_for()
        assert not [one for one in asked if one.startswith(scene.service.url)]
        press(dialog, "Agree and go on")
        at(dialog, "File 1 of 1", title)
        assert dialog.get_by_role("button", name="Save", exact=True).is_disabled()
        skip(dialog)
        assert rows(dialog) == {named(title): "Skipped by you."}


def test_by_keyboard_alone_the_focus_is_never_lost(
    scene: Scene, category: Category, page: Page, said: list[str]
) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    tab_to(page, "Approve: tabby cat")
    page.keyboard.press("Space")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    at(dialog, "File 2 of 2", second)
    focused = "document.activeElement.getAttribute( 'aria-label' )"
    assert page.evaluate(focused) == f"File 2 of 2: {named(second)}"
    assert heard(page, f"{named(second)}: 3 suggestions.") == 1
    tab_to(page, "Stop")
    page.keyboard.press("Enter")
    rows(dialog)
    assert "Stopped; the other files" in page.evaluate(focused)
    assert heard(page, "Stopped; the other files") == 1
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "suggest-depicts"
    assert scene.depicted(first) == [TABBY]
    assert said == []


@pytest.mark.parametrize("skin", ["vector-2022", "minerva", "vector", "monobook"])
def test_every_skin_has_the_button_by_the_files(
    scene: Scene, category: Category, page: Page, said: list[str], skin: str
) -> None:
    title = category.file()
    scene.wiki.mediawiki.run_jobs()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{scene.wiki.url}/wiki/Category:{category.name}?useskin={skin}")
    of_the_skin = {one for one in axe_findings(page) if "suggest" not in one.target}
    page.locator("#mw-category-media #suggest-depicts").click()
    dialog = page.get_by_role("dialog")
    at(dialog, "File 1 of 1", title)
    assert page.evaluate("document.querySelector( '[role=dialog]' ).scrollWidth") <= 320
    assert set(axe_findings(page)) - of_the_skin == set()
    assert said == []
