"""Through the files of a category, on a real MediaWiki: each saved, skipped or passed, and told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

import pytest

from depicts_model.types import NothingReason, NothingToSuggest, Qid
from tests.mediawiki import scene as real
from tests.mediawiki.installed import ADMIN, EDITOR
from tests.mediawiki.packages import MissingError
from tests.mediawiki.scene import CAT, CUP, OFFERED, TABBY, TABLE, VERSION, Scene

from .axe import axe_findings
from .gadget_page import heard, tab_to

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

GROUP = re.compile(
    r"\(\[\[:toolforge:editgroups-commons/b/(suggest-depicts/[0-9a-f]{12})\|details\]\]\)$"
)
_NUMBERS = count(1)


@pytest.fixture(name="made", scope="module")
def made_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    try:
        with real.scene(tmp_path_factory.mktemp("scene"), (CAT,)) as running:
            running.agree(EDITOR)
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture(name="said")
def made_said() -> list[str]:
    """What went wrong in the browser."""
    return []


@pytest.fixture(name="page")
def made_page(browser: Browser, made: Scene, said: list[str]) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.add_cookies(made.cookies(EDITOR))
        page = context.new_page()
        page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page


class Category:
    """A category of one's own; ``file()`` puts one into it."""

    def __init__(self, made: Scene) -> None:
        self.made = made
        self.name = f"Of test {next(_NUMBERS)}"

    def file(self, offered: Sequence[tuple[Qid, float]] = OFFERED, wikitext: str = "") -> str:
        return self.made.file(offered, f"{wikitext} [[Category:{self.name}]]")

    def open(self, page: Page) -> Locator:
        """The dialog, pressed for on the category's page."""
        self.made.wiki.mediawiki.run_jobs()
        page.goto(f"{self.made.wiki.url}/wiki/Category:{self.name}")
        page.locator("#mw-category-media #suggest-depicts").click()
        dialog = page.get_by_role("dialog")
        dialog.wait_for()
        return dialog


@pytest.fixture(name="category")
def made_category(made: Scene) -> Category:
    return Category(made)


def at(dialog: Locator, progress: str, title: str) -> None:
    """Wait until this file is the one that is looked at, with its suggestions."""
    dialog.get_by_role("group", name=f"{progress}: {named(title)}", exact=True).wait_for()
    dialog.locator(".suggestdepicts-chip").first.wait_for()


def approve(dialog: Locator, *items: str) -> None:
    for item in items:
        dialog.locator(f"[data-item={item}] button").first.click()


def press(dialog: Locator, name: str) -> None:
    dialog.get_by_role("button", name=name, exact=True).click()


def skip(dialog: Locator) -> None:
    # the second click of a double one is passed over
    dialog.page.wait_for_timeout(450)
    press(dialog, "Skip file")


def named(title: str) -> str:
    return title.partition(":")[2]


def rows(dialog: Locator) -> dict[str, str]:
    """What the list says of each file, by title."""
    dialog.get_by_role("heading", name="What became of each file").wait_for()
    texts = dialog.locator(".suggestdepicts-files > li").all_inner_texts()
    return {text.partition(":")[0].strip(): text.partition(":")[2].strip() for text in texts}


def comment(made: Scene, title: str) -> str:
    """The summary of the file's last edit."""
    found = made.wiki.session().query(titles=title, prop="revisions", rvprop="comment", rvlimit=1)
    text: str = found["pages"][0]["revisions"][0]["comment"]
    return text


def edits_held(page: Page) -> list[Route]:
    """Edits of statements that the page sends from now on, each held until a test lets it go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "wbeditentity" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/w/api.php", hold)
    return held


def wait_until(page: Page, so: Callable[[], bool]) -> None:
    for _ in range(100):
        if so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it does not come")


# --- the way through ---


def test_saved_skipped_passed_and_stopped(
    made: Scene, category: Category, page: Page, said: list[str]
) -> None:
    first, there, nothing, second, third, last = (category.file() for _ in range(6))
    made.claim(there, TABLE)
    made.tell(nothing, NothingToSuggest(NothingReason.NOT_SURE), version="by-hand-2")
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
    assert [made.depicted(one) for one in (first, there, nothing, second, third, last)] == [
        [TABBY, CUP], [TABLE], [], [TABBY], [], [],
    ]  # fmt: skip
    groups = [GROUP.search(comment(made, one)) for one in (first, second)]
    assert groups[0] and groups[1] and groups[0][1] == groups[1][1]
    assert VERSION in comment(made, first)
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
    made: Scene, category: Category, page: Page, said: list[str]
) -> None:
    made.claim(category.file(), TABLE)
    dialog = category.open(page)
    dialog.get_by_text("no file of this category is without depicts statements").wait_for()
    assert said == []


def test_a_long_category_is_listed_as_one_goes_on(
    made: Scene, category: Category, page: Page, said: list[str]
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
    made: Scene, category: Category, page: Page, said: list[str]
) -> None:
    made.wiki.session(ADMIN).edit("Template:Artwork", "A work.")
    title = category.file((), "{{Artwork|wikidata=Q14748}}")
    dialog = category.open(page)
    at(dialog, "File 1 of 1", title)
    approve(dialog, TABLE)
    press(dialog, "Save")
    assert "One statement was added" in rows(dialog)[named(title)]
    assert made.depicted(title, "P6243") == [TABLE]
    assert GROUP.search(comment(made, title))
    assert said == []


def test_the_service_is_asked_about_one_file_ahead(
    made: Scene, category: Category, page: Page
) -> None:
    files = [category.file() for _ in range(4)]
    asked: list[str] = []
    page.on("request", lambda one: asked.extend(re.findall(r"files/(M\d+)/sugg", one.url)))
    dialog = category.open(page)
    at(dialog, "File 1 of 4", files[0])
    # time for more, if there were any
    page.wait_for_timeout(800)
    assert asked == [made.mid(one) for one in files[:2]]
    skip(dialog)
    at(dialog, "File 2 of 4", files[1])
    page.wait_for_timeout(800)
    assert asked == [made.mid(one) for one in files[:3]]


def test_a_double_click_skips_one_file(category: Category, page: Page) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    page.wait_for_timeout(450)
    dialog.get_by_role("button", name="Skip file").dblclick()
    at(dialog, "File 2 of 2", second)


# --- where it halts ---


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
    made: Scene, category: Category, page: Page
) -> None:
    first, second, third = (category.file() for _ in range(3))
    dialog = category.open(page)
    at(dialog, "File 1 of 3", first)
    page.wait_for_timeout(500)
    made.stop()
    try:
        skip(dialog)
        # it was asked about ahead
        at(dialog, "File 2 of 3", second)
        skip(dialog)
        dialog.locator(".cdx-message", has_text="cannot be reached").wait_for()
        dialog.get_by_role("group", name=f"File 3 of 3: {named(third)}").wait_for()
        assert heard(page, "cannot be reached") == 1
    finally:
        made.start()
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


def test_a_block_halts_it_with_the_picks_in_place(
    made: Scene, category: Category, page: Page, said: list[str]
) -> None:
    first, second = category.file(), category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 2", first)
    approve(dialog, TABBY)
    made.wiki.session(ADMIN).block(EDITOR)
    try:
        press(dialog, "Save")
        dialog.locator(".cdx-message", has_text="Your account is blocked").wait_for()
        assert dialog.locator("[aria-pressed=true]").count() == 1
        assert made.depicted(first) == []
        skip(dialog)
        at(dialog, "File 2 of 2", second)
        press(dialog, "Stop")
        assert "Nothing was saved. Your account is blocked" in rows(dialog)[named(first)]
    finally:
        made.wiki.session(ADMIN).unblock(EDITOR)
    assert said == []


def test_a_lost_answer_is_told_as_such_and_not_sent_again(
    made: Scene, category: Category, page: Page
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


def test_a_stop_during_a_save_waits_for_it(made: Scene, category: Category, page: Page) -> None:
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
    assert made.depicted(first) == [TABBY]


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


def test_what_was_saved_can_be_taken_back_from_the_list(
    made: Scene, category: Category, page: Page, said: list[str]
) -> None:
    title = category.file()
    dialog = category.open(page)
    at(dialog, "File 1 of 1", title)
    approve(dialog, TABBY)
    press(dialog, "Save")
    rows(dialog)
    group = GROUP.search(comment(made, title))
    dialog.get_by_role("button", name="Undo: tabby cat").click()
    dialog.get_by_text("Taken back.").wait_for()
    assert made.depicted(title) == []
    undone = GROUP.search(comment(made, title))
    assert group and undone and group[1] == undone[1]
    assert said == []


def test_consent_speaks_of_all_files_and_comes_first(
    browser: Browser, made: Scene, category: Category
) -> None:
    title = category.file()
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        dialog = category.open(page)
        dialog.locator(".cdx-message", has_text="these files’ pages").wait_for()
        assert not [one for one in asked if one.startswith(made.service.url)]
        press(dialog, "Agree and go on")
        at(dialog, "File 1 of 1", title)
        assert dialog.get_by_role("button", name="Save", exact=True).is_disabled()
        skip(dialog)
        assert rows(dialog) == {named(title): "Skipped by you."}


def test_by_keyboard_alone_the_focus_is_never_lost(
    made: Scene, category: Category, page: Page, said: list[str]
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
    assert made.depicted(first) == [TABBY]
    assert said == []


@pytest.mark.parametrize("skin", ["vector-2022", "minerva", "vector", "monobook"])
def test_every_skin_has_the_button_by_the_files(
    made: Scene, category: Category, page: Page, said: list[str], skin: str
) -> None:
    title = category.file()
    made.wiki.mediawiki.run_jobs()
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"{made.wiki.url}/wiki/Category:{category.name}?useskin={skin}")
    of_the_skin = {one for one in axe_findings(page) if "suggest" not in one.target}
    page.locator("#mw-category-media #suggest-depicts").click()
    dialog = page.get_by_role("dialog")
    at(dialog, "File 1 of 1", title)
    assert page.evaluate("document.querySelector( '[role=dialog]' ).scrollWidth") <= 320
    assert set(axe_findings(page)) - of_the_skin == set()
    assert said == []
