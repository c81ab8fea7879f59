"""The suggestion service when something is wrong with it: never "nothing to suggest"."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.types import (
    Failed,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
)
from depicts_toolforge.switches import WORKER
from tests.mediawiki.scene import OFFERED, TABBY, TABLE, Scene
from tests.mediawiki.states import paused, served

from .gadget_page import approve, heard, press, save, wait_for_text
from .gadget_people import offering, suggestion

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

CORE = re.compile(r"/load\.php\?.*modules=[^&]*suggest-depicts-core")
TIMEOUT_MS = 10_000
MARKUP = "<img src=x onerror=alert(1)>"
_INSIDE = "document.querySelector( '[role=dialog]' ).contains( document.activeElement )"


def assert_silent(dialog: Locator, words: str) -> None:
    """This is said, once for those who hear it; no chip is shown, and nothing is called empty."""
    wait_for_text(dialog, words)
    assert heard(dialog.page, words) == 1
    assert dialog.locator(".suggestdepicts-chip").count() == 0
    for wrong in ("othing to suggest", "undefined"):
        assert wrong not in dialog.inner_text()


def try_again(dialog: Locator) -> None:
    """Without a reload."""
    dialog.get_by_role("button", name="Try again").click()
    dialog.locator(".suggestdepicts-chip").first.wait_for()


# --- no answer ----------------------------------------------------------------------------------


def test_a_service_that_is_down_is_never_nothing_to_suggest(
    scene: Scene, title: str, page: Page
) -> None:
    scene.stop()
    dialog = press(page, scene.address(title))
    assert_silent(dialog, "The suggestion service cannot be reached")
    scene.start()
    try_again(dialog)


def test_a_slow_service_is_seen_to_be_waited_for(scene: Scene, title: str, page: Page) -> None:
    held: list[Route] = []
    page.route("**/suggestions?*", lambda route: held.append(route))
    with page.expect_request("**/suggestions?*"):
        dialog = press(page, scene.address(title))
    assert dialog.locator(".suggestdepicts-skeleton").count() == 3
    assert heard(page, "Looking up what this picture may depict") == 1
    assert page.evaluate(_INSIDE)
    assert dialog.locator(".cdx-progress-bar").is_visible()
    held[0].continue_()
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert dialog.locator(".suggestdepicts-skeleton").count() == 0


def test_a_service_that_is_too_slow_is_told_as_that(scene: Scene, title: str, page: Page) -> None:
    page.clock.install()
    held: list[Route] = []
    page.route("**/suggestions?*", lambda route: held.append(route))
    with page.expect_request("**/suggestions?*"):
        dialog = press(page, scene.address(title))
    page.clock.fast_forward(TIMEOUT_MS + 1)
    assert_silent(dialog, "The suggestion service took too long to answer")
    page.unroute_all()
    try_again(dialog)


def test_a_limited_service_says_so(scene: Scene, title: str, page: Page) -> None:
    with served(scene, page_requests_per_minute=1):
        press(page, scene.address(title)).locator(".suggestdepicts-chip").first.wait_for()
        dialog = press(page, scene.address(title))
        dialog.get_by_text(re.compile(r"Try again in (one second|\d+ seconds)")).first.wait_for()
        assert_silent(dialog, "too many questions at the moment")
    try_again(dialog)


def test_a_service_that_fails_says_so(scene: Scene, title: str, page: Page) -> None:
    headers = {"Access-Control-Allow-Origin": "*"}
    page.route("**/suggestions?*", lambda route: route.fulfill(status=500, headers=headers))
    dialog = press(page, scene.address(title))
    assert_silent(dialog, "trouble of its own: HTTP 500")
    page.unroute_all()
    try_again(dialog)


HALVES: tuple[dict[str, Any], ...] = (
    {"mid": "M1"}, {"model_version": None}, {"token": ""}, {"suggestions": [{"item": "Q1"}]},
)  # fmt: skip


@pytest.mark.parametrize("change", HALVES, ids=lambda change: next(iter(change)))
def test_half_an_answer_is_told_and_nothing_of_it_is_shown(
    scene: Scene, title: str, page: Page, change: dict[str, Any]
) -> None:
    page.route("**/suggestions?*", lambda route: offering(route, **change))
    assert_silent(
        press(page, scene.address(title)), "in a way that this gadget does not understand"
    )


def test_a_page_in_the_place_of_an_answer_is_not_understood(
    scene: Scene, title: str, page: Page
) -> None:
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/html"}
    body = f"<!DOCTYPE html><title>Toolforge</title><h1>Moved {MARKUP}</h1>"
    page.route("**/suggestions?*", lambda route: route.fulfill(body=body, headers=headers))
    assert_silent(
        press(page, scene.address(title)), "in a way that this gadget does not understand"
    )


# --- an answer without suggestions --------------------------------------------------------------


def test_a_service_that_is_switched_off_says_why(scene: Scene, title: str, page: Page) -> None:
    with paused(scene, "too many reverts"):
        dialog = press(page, scene.address(title))
        assert_silent(dialog, "They are switched off on the wiki: too many reverts")
    try_again(dialog)


SILENCES: tuple[tuple[Outcome, str], ...] = (
    (NothingToSuggest(NothingReason.TOO_GENERAL), "too general to be of use"),
    (Skipped(SkipReason.HAS_DEPICTS), "had depicts statements already"),
    (Failed("http-429: slow down", 30.0), "could not be looked at"),
)


@pytest.mark.parametrize(("outcome", "words"), SILENCES, ids=["nothing", "skipped", "failed"])
def test_why_nothing_is_offered(scene: Scene, page: Page, outcome: Outcome, words: str) -> None:
    title = scene.file(offered=())
    scene.tell(title, outcome)
    dialog = press(page, scene.address(title))
    wait_for_text(dialog, words)
    assert heard(page, words) == 1
    assert dialog.locator(".suggestdepicts-chip").count() == 0
    # of these three only one is nothing to suggest
    said = "Nothing to suggest" in dialog.inner_text()
    assert said is isinstance(outcome, NothingToSuggest)


def test_a_file_that_waits_is_not_nothing_and_its_chips_come(scene: Scene, page: Page) -> None:
    title = scene.file(offered=())
    scene.store.note(WORKER, {}, datetime.now(UTC))
    scene.restart()
    with page.expect_response("**/suggestions?*") as met:
        dialog = press(page, scene.address(title))
    assert met.value.status == 202
    dialog.get_by_text("Nobody has looked at this picture yet").first.wait_for()
    assert "othing to suggest" not in dialog.inner_text()
    scene.suggest(title, OFFERED)
    dialog.locator(".suggestdepicts-chip").nth(2).wait_for()


# --- what comes from outside is text ------------------------------------------------------------


def test_markup_in_reasons_labels_and_titles_is_text(scene: Scene, page: Page) -> None:
    title = "File:It's \"A\" & ''B'' $1 * & co.png"
    scene.upload(title)
    scene.suggest(title, [(TABLE, 0.7)], (MARKUP, "{{ 7 * 7 }}"))
    dialog = press(page, scene.address(title))
    chip = dialog.locator(".suggestdepicts-chip")
    assert all(reason in chip.inner_text() for reason in (MARKUP, "{{ 7 * 7 }}"))
    assert title.removeprefix("File:") in dialog.inner_text()
    assert chip.locator("img").count() == 0
    approve(dialog, TABLE)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert scene.depicted(title) == [TABLE]


def test_markup_in_labels_of_the_service_is_text(scene: Scene, title: str, page: Page) -> None:
    kind = {"item": "Q146", "label": "<b>kind</b>"}
    one = suggestion(label=f"{MARKUP}$1", description="'''{{d}}'''", kind=kind)
    page.route("**/suggestions?*", lambda route: offering(route, suggestions=[one]))
    dialog = press(page, scene.address(title))
    chip = dialog.locator(".suggestdepicts-chip")
    for text in (f"{MARKUP}$1", "'''{{d}}'''", "kind of <b>kind</b>"):
        assert text in chip.inner_text()
    approve(dialog, TABBY)
    assert f"{MARKUP}$1" in dialog.locator(".suggestdepicts-names").inner_text()
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    results = dialog.locator(".suggestdepicts-results")
    assert f"{MARKUP}$1: Saved." in results.inner_text()
    assert results.locator("img").count() == 0


# --- the wiki's own loader ----------------------------------------------------------------------


def test_a_slow_wiki_is_seen_to_be_waited_for(scene: Scene, title: str, page: Page) -> None:
    held: list[Route] = []
    page.route(CORE, lambda route: held.append(route))
    page.goto(scene.address(title))
    page.locator("#suggest-depicts").click()
    told = page.locator("#suggest-depicts + [role=status]")
    told.get_by_text("Loading …").wait_for()
    for route in held:
        route.continue_()
    page.get_by_role("dialog").wait_for()
    assert told.inner_text() == ""


def test_a_gadget_that_cannot_be_loaded_says_so(
    scene: Scene, title: str, page: Page, said: list[str]
) -> None:
    page.route(CORE, lambda route: route.abort())
    page.goto(scene.address(title))
    page.locator("#suggest-depicts").click()
    told = page.locator("#suggest-depicts + [role=status]")
    told.get_by_text("could not be loaded from this wiki. Reload the page").wait_for()
    page.unroute_all()
    dialog = press(page, scene.address(title))
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    # the loader's own words, and ours
    said.clear()
