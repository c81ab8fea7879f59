"""The items' own pictures in the chips, on a real MediaWiki that has some of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.types import Qid
from tests.mediawiki import scene
from tests.mediawiki.installed import ADMIN, EDITOR
from tests.mediawiki.packages import MissingError
from tests.mediawiki.scene import CUP, OFFERED, TABBY, TABLE, Scene
from tests.mediawiki.session import picture
from tests.toolforge import pictured

from .axe import axe_findings
from .gadget_page import press, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]

FELIS, BARE = Qid("Q228283"), Qid("Q146")
IMAGES = {TABBY: "tabby_of_old.png", TABLE: "Nowhere.png", CUP: "Cup.png", FELIS: "Wild cat.png"}
"""The first leads to another title, the second is not on the wiki; BARE has none at all."""
HERE = {"Tabby.png": "#aa7744", "Cup.png": "#4477aa", "Wild cat.png": "#44aa77"}
ASKED = re.compile("api\\.php.*iiurlwidth=120")
_BOX = 60


@pytest.fixture(name="made", scope="module")
def made_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("pictures")
    catalog = pictured.starter(folder / "catalog.sqlite", IMAGES)
    try:
        with scene.scene(folder, catalog=catalog) as running:
            for name, colour in HERE.items():
                running.upload(f"File:{name}", "A picture.", picture(colour, 640, 300))
            redirect = "#REDIRECT [[File:Tabby.png]]"
            running.wiki.session(ADMIN).edit("File:Tabby of old.png", redirect)
            running.agree(EDITOR)
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture(name="title", scope="module")
def made_title(made: Scene) -> str:
    """A file with a suggestion of each sort."""
    return made.file((*OFFERED, (BARE, 0.5)))


@pytest.fixture(name="page")
def made_page(browser: Browser, made: Scene, said: list[str]) -> Iterator[Page]:
    with visiting(browser, made, said) as page:
        yield page


def room(dialog: Locator, item: Qid) -> Locator:
    """Where an item's picture is, or comes."""
    return dialog.locator(f"[data-item={item}] .suggestdepicts-chip__picture")


def shown(dialog: Locator, item: Qid) -> Locator:
    """An item's picture, which has come."""
    image = room(dialog, item).locator("img")
    image.wait_for()
    dialog.page.wait_for_function("(one) => one.naturalWidth", arg=image.element_handle())
    return image


def opened(made: Scene, page: Page, title: str) -> Locator:
    dialog = press(page, f"{made.address(title)}?useskin=monobook")
    dialog.locator(".suggestdepicts-chip").first.wait_for()
    return dialog


def size(what: Locator) -> tuple[float, float]:
    found = what.bounding_box()
    assert found
    return found["width"], found["height"]


def tops(dialog: Locator) -> list[float]:
    found: list[float] = dialog.locator(".suggestdepicts-chip").evaluate_all(
        "(all) => all.map( (one) => one.getBoundingClientRect().top )"
    )
    return found


def test_a_chip_shows_its_items_picture(made: Scene, page: Page, title: str) -> None:
    dialog = opened(made, page, title)
    for item, name in ((TABBY, "Tabby.png"), (CUP, "Cup.png")):
        image = shown(dialog, item)
        known = made.wiki.session().query(
            titles=f"File:{name}", prop="imageinfo", iiprop="url", iiurlwidth=120
        )["pages"][0]["imageinfo"][0]["thumburl"]
        assert image.get_attribute("src") == known, "as the wiki says, and not built"
        assert image.get_attribute("alt") == "", "the label stands beside it"
        assert size(image) == (_BOX, _BOX)
    # the one is not on the wiki, the other has none
    assert room(dialog, TABLE).locator("img").count() == 0
    assert size(room(dialog, TABLE)) == (_BOX, _BOX)
    assert room(dialog, BARE).count() == 0


def test_nobody_waits_for_pictures_and_nothing_moves_when_they_come(
    made: Scene, page: Page, title: str
) -> None:
    held: list[Route] = []
    page.route(ASKED, lambda route: held.append(route))
    with page.expect_request(ASKED):
        dialog = opened(made, page, title)
    # it is usable meanwhile, and what is picked stays
    dialog.locator(f"[data-item={CUP}] button").first.click()
    before = tops(dialog)
    assert len(held) == 1, "one question for all"
    held[0].continue_()
    shown(dialog, CUP)
    assert tops(dialog) == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_beside_a_picture_the_label_has_room_on_a_narrow_page(
    made: Scene, page: Page, title: str, scheme: Any
) -> None:
    page.set_viewport_size({"width": 320, "height": 740})
    page.emulate_media(color_scheme=scheme)
    dialog = press(page, f"{made.address(title)}?useskin=minerva")
    shown(dialog, TABBY)
    label = dialog.locator(f"[data-item={TABBY}] .suggestdepicts-chip__label").bounding_box()
    lines = dialog.locator(".suggestdepicts-chip__label").evaluate_all(
        "(all) => all.map( (one) => one.getClientRects().length )"
    )
    assert label and label["width"] > _BOX and set(lines) == {1}, "no word is broken"
    body = dialog.locator(".cdx-dialog__body")
    assert body.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    assert axe_findings(page) == []


@pytest.mark.parametrize("how", ["refused", "no picture"])
def test_without_its_picture_an_item_is_as_good(
    made: Scene, page: Page, title: str, how: str
) -> None:
    where = ASKED if how == "refused" else "**/images/thumb/**/120px-*"
    page.route(where, lambda route: route.abort())
    with page.expect_event("requestfailed"):
        dialog = opened(made, page, title)
    # a browser would draw a broken one
    page.wait_for_function("() => !document.querySelector( '.suggestdepicts-chip img' )")
    assert size(room(dialog, TABBY)) == (_BOX, _BOX)
    approve = dialog.locator(f"[data-item={TABBY}] button").first
    approve.click()
    assert approve.get_attribute("aria-pressed") == "true"


def test_what_a_person_finds_gets_its_picture_and_the_others_are_not_asked_for_again(
    made: Scene, page: Page, title: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if ASKED.search(one.url) else None)
    dialog = opened(made, page, title)
    shown(dialog, TABBY)
    dialog.get_by_role("button", name="Add another item").click()
    dialog.get_by_role("combobox").fill("felis")
    dialog.get_by_role("option", name="Felis", exact=False).first.click()
    shown(dialog, FELIS)
    assert len(asked) == 2 and "Wild" in asked[1] and "Cup" not in asked[1]
