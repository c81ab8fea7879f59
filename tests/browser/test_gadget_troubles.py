"""The gadget when something goes wrong: what is written, what is said, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.types import (
    Failed,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
)
from tests.sandbox import control
from tests.sandbox.gadget_files import GadgetConfig

from .gadget_page import (  # noqa: F401 (fixtures)
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
)
from .gadget_world import CAT, CUP, HORSE, MOON, TABBY, TABLE, WALL, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

DESK = Qid("Q1064858")
"""A kind of table."""


REFUSALS: tuple[tuple[tuple[dict[str, Any], ...], str], ...] = (
    (({"do": "read_only", "reason": "maintenance"},), "read-only"),
    (({"do": "read_only", "reason": ""}, {"do": "lag", "seconds": 9}), "database is behind"),
    (({"do": "lag", "seconds": -1}, {"do": "block", "user": "Reviewer"}), "account is blocked"),
    (({"do": "unblock", "user": "Reviewer"}, {"do": "protect", "title": CAT}), "is protected"),
    (({"do": "expire_sessions"},), "not logged in any more"),
)
"""What happens to the wiki before each try to save, and what the dialog says."""


def test_refused_saves_say_why_and_keep_the_picks(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    for orders, words in REFUSALS:
        for order in orders:
            control.apply(scene.wiki.state, order)
        save(dialog)
        wait_for_text(dialog, words)
        wait_for_text(dialog, "Nothing was saved")
        assert heard(page, words) == 1
        assert dialog.locator("[aria-pressed=true]").count() == 1
    assert depicted(scene, CAT) == []


def test_a_wiki_that_answers_strangely_is_not_written_to(scene: Scene, page: Page) -> None:
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    page.route(
        "**/w/api.php?*wbgetentities*",
        lambda route: route.fulfill(json={"entities": {scene.mid(CAT): {"id": "M1"}}}),
    )
    save(dialog)
    wait_for_text(dialog, "does not write on a guess")
    assert len(edits(scene)) == before


DEATHS: tuple[dict[str, Any], ...] = (
    {"error": {"code": "internal_api_error_DBQueryError", "info": "it fell over"}},
    {"error": {"code": "never-heard-of", "info": "it fell over"}},
    {},
)
"""Answers after which nobody knows; without one the connection is lost."""


@pytest.mark.parametrize("answer", DEATHS, ids=["internal", "unknown", "lost"])
def test_an_edit_whose_end_is_not_known_is_sent_and_not_confirmed(
    scene: Scene, page: Page, answer: dict[str, Any]
) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    page.route(
        "**/w/api.php", lambda route: route.fulfill(json=answer) if answer else route.abort()
    )
    save(dialog)
    wait_for_text(dialog, "not certain whether the edit was saved")
    row = dialog.locator(f".suggestdepicts-results [data-item={TABBY}]")
    assert row.inner_text() == "tabby cat: Sent, not confirmed."
    for words in ("will be added", "Approve", "Save", "Nothing was saved"):
        assert words not in dialog.inner_text()
    assert ("it fell over" in dialog.inner_text()) is bool(answer)
    assert heard(page, "not certain whether") == 1
    # there is no second save before the page is loaded anew
    assert dialog.get_by_role("button", name="Reload page").is_enabled()


def test_what_is_not_there_after_the_save_is_not_called_added(scene: Scene, page: Page) -> None:
    """The wiki says that all is well, and has written nothing."""
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    done = {"success": 1, "entity": {"lastrevid": 1}}
    page.route("**/w/api.php", lambda route: route.fulfill(json=done))
    save(dialog)
    wait_for_text(dialog, "The edit was sent; this could not be confirmed: tabby cat")
    row = dialog.locator(f".suggestdepicts-results [data-item={TABBY}]")
    assert row.inner_text() == "tabby cat: Not on the file after the save."
    assert "was added" not in dialog.inner_text()
    assert heard(page, "could not be confirmed") == 1
    assert {one.qid for one in scene.store.decisions(scene.mid(CAT))} <= {TABBY, TABLE, CUP}


def test_of_what_somebody_else_adds_meanwhile_ours_is_taken_back(
    scene: Scene, page: Page, said: list[str]
) -> None:
    """Somebody adds the same item between our reading and our edit."""
    order = {"do": "claim", "entity": scene.mid(CAT), "prop": "P180"}
    # the first statement makes the entity: without one the race would be a conflict
    control.apply(scene.wiki.state, {**order, "item": TABLE})
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY, CUP)

    def racing(route: Route) -> None:
        if "wbeditentity" in (route.request.post_data or ""):
            control.apply(scene.wiki.state, {**order, "item": TABBY})
        route.continue_()

    page.route("**/w/api.php", racing)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    row = dialog.locator(f".suggestdepicts-results [data-item={TABBY}]")
    assert "yours was taken back" in row.inner_text()
    assert "Saved." in dialog.locator(f".suggestdepicts-results [data-item={CUP}]").inner_text()
    assert depicted(scene, CAT) == [TABLE, TABBY, CUP]
    assert said == []


def add_desk(scene: Scene) -> None:
    order = {"do": "claim", "entity": scene.mid(CAT), "item": DESK, "prop": "P180"}
    control.apply(scene.wiki.state, order)


def test_what_lies_above_something_added_meanwhile_is_not_written(
    scene: Scene, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABLE, TABBY)
    add_desk(scene)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    row = dialog.locator(f".suggestdepicts-results [data-item={TABLE}]").inner_text()
    assert "Not added: the file has changed meanwhile" in row
    assert depicted(scene, CAT) == [DESK, TABBY]
    assert said == []


def test_a_changed_file_is_not_written_to_while_nobody_can_tell(scene: Scene, page: Page) -> None:
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABLE)
    add_desk(scene)
    page.route("**/suggestions?*", lambda route: route.abort())
    save(dialog)
    wait_for_text(dialog, "whether your picks still add anything")
    wait_for_text(dialog, "Nothing was saved")
    assert dialog.locator("[aria-pressed=true]").count() == 1
    assert len(edits(scene)) == before


def test_a_service_that_hangs_does_not_hide_the_save(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    held: list[Route] = []
    page.route("**/decisions", lambda route: held.append(route))
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    assert dialog.locator(".suggestdepicts-verdict-lost").count() == 0
    assert heard(page, "One statement was added") == 1
    held[0].abort()
    wait_for_text(dialog, "Your verdicts did not reach")
    assert heard(page, "Your verdicts did not reach") == 1


def test_a_slow_wiki_is_seen_to_be_waited_for(scene: Scene, page: Page) -> None:
    held: list[Route] = []
    page.route("**/load.php?modules=vue", lambda route: held.append(route))
    page.goto(scene.address(CAT))
    page.locator("#suggest-depicts").click()
    told = page.locator("#suggest-depicts + [role=status]")
    told.get_by_text("Loading …").wait_for()
    held[0].continue_()
    page.get_by_role("dialog").wait_for()
    assert told.inner_text() == ""


def test_lost_verdicts_are_told_and_the_statement_stays(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    page.route("**/decisions", lambda route: route.abort())
    save(dialog)
    wait_for_text(dialog, "Your verdicts did not reach")
    assert depicted(scene, CAT) == [TABBY]


def test_a_service_that_is_down_is_never_nothing_to_suggest(scene: Scene, page: Page) -> None:
    scene.wiki.gadget = GadgetConfig(service="http://127.0.0.1:1")
    dialog = press(page, scene.address(CAT))
    wait_for_text(dialog, "The suggestion service cannot be reached")
    assert heard(page, "The suggestion service cannot be reached") == 1
    assert "othing to suggest" not in dialog.inner_text()
    # and the reader may try again, without a reload
    page.route("http://127.0.0.1:1/**", lambda route: answered(route))
    dialog.get_by_role("button", name="Try again").click()
    dialog.locator(".suggestdepicts-chip").first.wait_for()


def answered(route: Route, change: dict[str, Any] | None = None) -> None:
    mid = route.request.url.partition("/files/")[2].partition("/")[0]
    url = "https://www.wikidata.org/wiki/" + TABBY
    one = {
        "item": TABBY, "label": "tabby", "description": "", "kind": None, "confidence": 0.8,
        "reasons": ["<b>looks</b> so"], "more_specific_than": [], "url": url,
    }  # fmt: skip
    body = {"mid": mid, "outcome": "suggested", "suggestions": [one]}
    told = {"token": "t", **body, "model_version": "v", **(change or {})}
    headers = {
        "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Decision-Token",
        "Decision-Token": told.pop("token"),
    }  # fmt: skip
    route.fulfill(json=told, headers=headers)


HALVES: tuple[dict[str, Any], ...] = (
    {"mid": "M1"}, {"model_version": None}, {"token": ""}, {"suggestions": [{"item": "Q1"}]},
)  # fmt: skip


@pytest.mark.parametrize("change", HALVES, ids=lambda change: next(iter(change)))
def test_half_an_answer_is_told_and_nothing_of_it_is_shown(
    scene: Scene, page: Page, change: dict[str, Any]
) -> None:
    page.route("**/suggestions?*", lambda route: answered(route, change))
    dialog = press(page, scene.address(CAT))
    wait_for_text(dialog, "in a way that this gadget does not understand")
    assert dialog.locator(".suggestdepicts-chip").count() == 0
    assert "undefined" not in dialog.inner_text()


def test_a_service_that_is_switched_off_says_why(scene: Scene, page: Page) -> None:
    change = {"outcome": "paused", "reason": "too many reverts", "suggestions": []}
    page.route("**/suggestions?*", lambda route: answered(route, change))
    dialog = press(page, scene.address(CAT))
    wait_for_text(dialog, "They are switched off on the wiki: too many reverts")
    assert dialog.locator(".suggestdepicts-chip").count() == 0
    page.unroute_all()
    page.route("**/suggestions?*", lambda route: answered(route))
    dialog.get_by_role("button", name="Try again").click()
    dialog.locator(".suggestdepicts-chip").first.wait_for()


def test_a_limited_service_says_so(scene: Scene, page: Page) -> None:
    headers = {
        "Retry-After": "42", "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Retry-After",
    }  # fmt: skip
    page.route("**/suggestions?*", lambda route: route.fulfill(status=429, headers=headers))
    dialog = press(page, scene.address(CAT))
    wait_for_text(dialog, "Try again in 42 seconds")


SILENCES: tuple[tuple[str, Outcome, str], ...] = (
    (WALL, NothingToSuggest(NothingReason.TOO_GENERAL), "too general to be of use"),
    (HORSE, Skipped(SkipReason.HAS_DEPICTS), "had depicts statements already"),
    (WALL, Failed("http-429: slow down", 30.0), "could not be looked at"),
)


def test_why_nothing_is_offered(scene: Scene, page: Page, said: list[str]) -> None:
    for number, (title, outcome, words) in enumerate(SILENCES):
        scene.tell(title, outcome, f"by-hand-why-{number}")
        dialog = press(page, scene.address(title))
        wait_for_text(dialog, words)
    assert said == []


def test_a_file_that_waits_is_not_nothing(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(MOON))
    dialog.get_by_text("Nobody has looked at this picture yet", exact=False).first.wait_for()
    assert "othing to suggest" not in dialog.inner_text()


def test_whoever_is_not_logged_in_may_look_and_not_save(scene: Scene, page: Page) -> None:
    scene.wiki.visitor = ""
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    assert dialog.get_by_role("button", name="Save", exact=True).is_disabled()
    assert dialog.get_by_role("link", name="Log in").count() == 1
    assert len(edits(scene)) == before


def test_what_comes_from_outside_is_text(scene: Scene, page: Page, said: list[str]) -> None:
    reasons = ("<img src=x onerror=alert(1)>", "{{ 7 * 7 }}")
    scene.suggest(WALL, [(TABLE, 0.7)], reasons, "by-hand-markup")
    dialog = press(page, scene.address(WALL))
    chip = dialog.locator(".suggestdepicts-chip")
    assert all(reason in chip.inner_text() for reason in reasons)
    assert chip.locator("img").count() == 0
    assert said == []
