"""What a person does in the dialog that goes through a category, on a real MediaWiki."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

import pytest

from depicts_model.types import Qid
from tests.mediawiki import scene as real
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.packages import MissingError
from tests.mediawiki.scene import CAT, OFFERED, Scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

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
