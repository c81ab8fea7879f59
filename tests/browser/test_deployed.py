"""What `deploy` puts on a real MediaWiki runs there: as gadgets, and as a user script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.gadget.deploying import Repository
from tests.gadget.translations import languages
from tests.mediawiki.deployed import deployed, this_gadget
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.packages import MissingError
from tests.mediawiki.served import MediaWiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
CORE = "ext.gadget.suggest-depicts-core"
OPENS = f"() => mw.loader.using( '{CORE}' ).then( ( r ) => typeof r( '{CORE}' ).open )"
PICKED = "( n ) => mw.message( 'suggest-depicts-picked', n, 'X' ).text()"
# what WikibaseMediaInfo would say of the page
MEDIAINFO = "() => mw.config.set( 'wbEntityId', 'M' + mw.config.get( 'wgArticleId' ) )"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return this_gadget(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def wiki(checkout: Repository) -> Iterator[MediaWiki]:
    """With a file, and without the gadget."""
    try:
        with MediaWiki.start() as running:
            running.session(EDITOR).upload("Cat.png", "A cat.")
            yield running
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Nothing but the wiki is asked; complaints of the page fail the test."""
    context = browser.new_context()
    found = context.new_page()
    complaints: list[str] = []
    found.on("pageerror", lambda error: complaints.append(str(error)))
    context.route("**/api/v1/**", lambda route: route.abort())
    yield found
    context.close()
    assert complaints == []


def test_a_user_script_is_the_whole_gadget(
    wiki: MediaWiki, checkout: Repository, page: Page
) -> None:
    """First, for the wiki does not have the gadget yet."""
    code, said = deployed(checkout, wiki, "--user-script", "--yes", who=EDITOR)
    assert code == 0, said
    page.goto(wiki.page("File:Cat.png", useskin="monobook", uselang="fa"))
    page.evaluate(MEDIAINFO)
    page.evaluate(said.splitlines()[-1].partition("common.js: ")[2])
    button = page.locator("#suggest-depicts")
    button.wait_for()
    assert page.evaluate("() => mw.loader.getState( 'vue' )") == "registered"
    button.click()
    dialog = page.locator(".suggestdepicts-dialog")
    dialog.wait_for()
    # English on a page that runs from right to left
    assert page.evaluate("() => document.documentElement.dir") == "rtl"
    assert dialog.evaluate("( it ) => [ it.lang, getComputedStyle( it ).direction ]") == [
        "en",
        "ltr",
    ]
    # its styles have come, too
    announced = page.locator(".suggestdepicts-announced").first
    assert announced.evaluate("( it ) => getComputedStyle( it ).position") == "absolute"


@pytest.mark.parametrize("language", ["en", "ja", "ar", "lv"])
def test_the_gadget_runs_and_counts_rightly_in_every_interface(
    wiki: MediaWiki, checkout: Repository, page: Page, language: str
) -> None:
    code, said = deployed(checkout, wiki, "--yes")
    assert code == 0, said
    page.goto(wiki.page("File:Cat.png", uselang=language))
    assert page.evaluate(OPENS) == "function"
    counted = [page.evaluate(PICKED, n) for n in (1, 3, 21)]
    assert all(counted) and len(set(counted)) == 3
    if language not in languages(""):
        # English texts, by the rules of another language
        begin = ["One statement will", "3 statements will", "21 statements will"]
        assert all(text.startswith(start) for text, start in zip(counted, begin, strict=True))
