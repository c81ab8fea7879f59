"""The gadget in a real browser, on the embedded wiki, with the real service behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.types import (
    Failed,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
    Verdict,
)
from tests.sandbox import control
from tests.sandbox.gadget_files import GadgetConfig

from . import gadget_world
from .axe import axe_findings
from .gadget_world import CAT, CUP, HORSE, MOON, TABBY, TABLE, VERSION, WALL, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Request

pytestmark = pytest.mark.slow

PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def scene(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with gadget_world.scene(tmp_path_factory.mktemp("gadget")) as made:
        yield made


@pytest.fixture(autouse=True)
def _anew(scene: Scene) -> Iterator[None]:
    """Each test finds the wiki as it was at the start."""
    gadget = scene.wiki.gadget
    yield
    scene.wiki.state.reset()
    scene.wiki.gadget, scene.wiki.visitor = gadget, "Reviewer"


@pytest.fixture
def said() -> list[str]:
    """Errors that the browser's console tells of; none is expected unless a test says so."""
    return []


@pytest.fixture
def page(browser: Browser, said: list[str]) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(PATIENCE_MS)
        yield watched(context.new_page(), said)


def watched(page: Page, said: list[str]) -> Page:
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return page


def press(page: Page, address: str) -> Locator:
    """Open a file's page and press the button; the dialog."""
    page.goto(address)
    page.locator("#suggest-depicts").click()
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    return dialog


def approve(dialog: Locator, *items: str) -> None:
    for item in items:
        dialog.locator(f"[data-item={item}] button").click()


def save(dialog: Locator) -> None:
    dialog.get_by_role("button", name="Save", exact=True).click()


def edits(scene: Scene) -> list[dict[str, str]]:
    """The parameters of every edit that was asked for since the last call of ``forget``."""
    return [seen.params for seen in scene.wiki.requests if seen.action == "wbeditentity"]


def depicted(scene: Scene, title: str) -> list[str]:
    entity = scene.wiki.state.commons.entity(scene.mid(title)) or {}
    rows = (entity.get("statements") or {}).get("P180", [])
    return [row["mainsnak"]["datavalue"]["value"]["id"] for row in rows]


def wait_for_text(dialog: Locator, text: str) -> None:
    dialog.locator(".cdx-message", has_text=text).first.wait_for()


# --- the whole path -----------------------------------------------------------------------------


def test_from_the_press_to_the_statement_and_the_verdicts(
    scene: Scene, page: Page, said: list[str]
) -> None:
    asked: list[Request] = []
    page.on("request", lambda one: asked.append(one))
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert dialog.locator(".suggestdepicts-chip").count() == 3
    # nothing is ticked, and nothing can be saved
    assert dialog.locator("[aria-pressed=true]").count() == 0
    assert dialog.get_by_role("button", name="Save", exact=True).is_disabled()
    approve(dialog, TABBY, CUP)
    summary = dialog.locator(".suggestdepicts-summary").inner_text()
    assert summary == "2 statements will be added under your account, Reviewer."
    save(dialog)
    wait_for_text(dialog, "2 statements were added in one edit.")

    [sent] = edits(scene)[before:]
    assert sent["assertuser"] == "Reviewer"
    assert sent["tags"] == "suggest-depicts"
    assert VERSION in sent["summary"]
    assert list(json.loads(sent["data"])) == ["claims"]
    assert depicted(scene, CAT) == [TABBY, CUP]
    latest = scene.wiki.state.commons.latest(
        scene.wiki.state.commons.pages[int(scene.mid(CAT)[1:])]
    )
    verdicts = {
        one.qid: (one.verdict, one.revision) for one in scene.store.decisions(scene.mid(CAT))
    }
    assert verdicts == {
        TABBY: (Verdict.ACCEPTED, latest.id),
        CUP: (Verdict.ACCEPTED, latest.id),
        TABLE: (Verdict.SKIPPED, None),
    }
    check_privacy(scene, asked)

    # the page is stale: closed and opened again, there is still nothing to save
    page.keyboard.press("Escape")
    page.locator("#suggest-depicts").click()
    assert dialog.get_by_role("button", name="Save", exact=True).count() == 0
    dialog.get_by_role("button", name="Reload page").click()
    page.locator(f"#statements li[data-item={CUP}]").wait_for()
    assert page.locator("#statements li").count() == 2
    page.goto(f"{scene.wiki.url}/w/index.php?diff={latest.id}")
    assert VERSION in page.locator("#diff").inner_text()
    assert said == []


def check_privacy(scene: Scene, asked: list[Request]) -> None:
    """Promise 9: no cookie, no name, no referrer goes to the service."""
    assert scene.wiki.gadget
    service = [one for one in asked if one.url.startswith(scene.wiki.gadget.service)]
    assert {one.method for one in service} >= {"GET", "POST"}
    for one in service:
        headers = one.all_headers()
        assert "cookie" not in headers
        assert "referer" not in headers
        assert "Reviewer" not in one.url + (one.post_data or "")


def test_nothing_is_loaded_before_the_press(scene: Scene, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(scene.address(CAT))
    page.locator("#suggest-depicts").wait_for()
    scripts = [url for url in asked if "load.php" in url and "only=styles" not in url]
    assert [url.partition("modules=")[2] for url in scripts] == ["ext.gadget.suggest-depicts"]
    assert all(url.startswith(scene.wiki.url) for url in asked if not url.startswith("data:"))


def test_a_double_click_saves_once(scene: Scene, page: Page, said: list[str]) -> None:
    before = len(edits(scene))
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    dialog.get_by_role("button", name="Save", exact=True).evaluate(
        "(b) => { b.click(); b.click(); }"
    )
    wait_for_text(dialog, "One statement was added")
    assert len(edits(scene)) == before + 1
    assert depicted(scene, CAT) == [TABBY]
    assert said == []


def test_what_was_added_meanwhile_is_dropped_and_said(
    scene: Scene, page: Page, said: list[str]
) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY, TABLE)
    order = {"do": "claim", "entity": scene.mid(CAT), "item": TABBY, "prop": "P180"}
    control.apply(scene.wiki.state, order)
    save(dialog)
    wait_for_text(dialog, "One statement was added")
    row = dialog.locator(f".suggestdepicts-results [data-item={TABBY}]").inner_text()
    assert "Was on the file already" in row
    assert depicted(scene, CAT) == [TABBY, TABLE]
    assert said == []


def test_what_the_file_says_is_not_offered(scene: Scene, page: Page) -> None:
    order = {"do": "claim", "entity": scene.mid(CAT), "item": TABBY, "prop": "P180"}
    control.apply(scene.wiki.state, order)
    dialog = press(page, scene.address(CAT))
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert dialog.locator(f"[data-item={TABBY}]").count() == 0
    assert dialog.locator(".suggestdepicts-chip").count() == 2


# --- when it does not go well -------------------------------------------------------------------


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


def test_a_save_without_an_answer_is_uncertain_and_blocks_another(scene: Scene, page: Page) -> None:
    dialog = press(page, scene.address(CAT))
    approve(dialog, TABBY)
    page.route("**/w/api.php", lambda route: route.abort())
    save(dialog)
    wait_for_text(dialog, "not certain whether the edit was saved")
    assert dialog.get_by_role("button", name="Save", exact=True).count() == 0
    assert dialog.get_by_role("button", name="Reload page").is_enabled()


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
    assert "othing to suggest" not in dialog.inner_text()
    # and the reader may try again, without a reload
    page.route("http://127.0.0.1:1/**", lambda route: answered(route))
    dialog.get_by_role("button", name="Try again").click()
    dialog.locator(".suggestdepicts-chip").first.wait_for()


def answered(route: Any) -> None:
    one = {"item": TABBY, "label": "tabby", "confidence": 0.8, "reasons": ["<b>looks</b> so"]}
    body = {"outcome": "suggested", "suggestions": [one], "token": "t", "model_version": "v"}
    route.fulfill(json=body, headers={"Access-Control-Allow-Origin": "*"})


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


# --- keyboard, and everybody --------------------------------------------------------------------


def test_by_keyboard_alone(scene: Scene, page: Page, said: list[str]) -> None:
    page.goto(scene.address(CAT))
    page.locator("#suggest-depicts").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    assert page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "suggest-depicts"
    page.keyboard.press("Enter")
    tab_to(page, "Approve: tabby cat")
    page.keyboard.press("Space")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    wait_for_text(dialog, "One statement was added")
    # the news have the focus, and the way on starts there
    assert page.evaluate("document.activeElement.className") == "suggestdepicts-news"
    tab_to(page, "Reload page")
    page.keyboard.press("Enter")
    page.locator(f"#statements li[data-item={TABBY}]").wait_for()
    assert said == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(20):
        page.keyboard.press("Tab")
        told = page.evaluate(
            "document.activeElement.ariaLabel || document.activeElement.innerText.trim()"
        )
        if told == name:
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_serious(
    scene: Scene, browser: Browser, said: list[str], scheme: Any, width: int
) -> None:
    size: Any = {"width": width, "height": 740}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = watched(context.new_page(), said)
        dialog = press(page, scene.address(CAT))
        approve(dialog, TABBY)
        # Codex's own colours of a button under the pointer are not ours to judge
        page.mouse.move(0, 0)
        assert axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        save(dialog)
        wait_for_text(dialog, "One statement was added")
        page.mouse.move(0, 0)
        assert axe_findings(page) == []
        page.goto(scene.address(WALL))
        page.locator("#suggest-depicts").wait_for()
        assert axe_findings(page) == []
    assert said == []
