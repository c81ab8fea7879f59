"""The demo's person in the browser: what is approved is saved, and a failure leaves a picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from depicts_model.store import Store
from depicts_model.types import FileRef, Mid, Qid, Suggested, Suggestion
from tests.browser import chromium
from tests.sandbox.demo_approval import approve, check_saved, no_button
from tests.sandbox.demo_browser import BrowserStepError, _carry_out, approve_on_the_page
from tests.sandbox.demo_chain import (
    Chain,
    StepError,
    check_health,
    fetch_suggestions,
    write_settings,
)
from tests.sandbox.demo_running import carry_out, embedded

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CAT, TABBY, VERSION = "File:Chelsea the cat.png", Qid("Q1474329"), "by-hand-1"
CHOSEN: dict[str, Any] = {"item": TABBY, "label": "tabby cat"}

# what these pages are made by is watched in tests/toolforge; the browser's side would be slowed
pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    """The demo without its bot: what is suggested is written by hand."""
    with ExitStack() as stack:
        made = stack.enter_context(embedded(tmp_path))
        if why := no_button(made):
            pytest.fail(why)
        suggest(made)
        steps = (("wiki", write_settings), ("web", check_health), ("suggestions", fetch))
        carry_out(made, steps, stack)
        yield made


def fetch(chain: Chain) -> str:
    """Only the file that somebody looked at: the others would be queued."""
    whole = chain.world
    cat = tuple(file for file in whole.files if file["title"] == CAT)
    chain.world = replace(whole, files=cat)
    said = fetch_suggestions(chain)
    chain.world = whole
    return said


def suggest(chain: Chain) -> None:
    (cat,) = (file for file in chain.world.files if file["title"] == CAT)
    mid, day = Mid(f"M{cat['pageid']}"), datetime(2026, 11, 1, tzinfo=UTC)
    file = FileRef(mid, CAT, cat["sha1"], cat["revid"], day, f"{chain.wiki.url}/none.png")
    made = Suggestion(mid, TABBY, 0.87, ("looks like a tabby cat",), (), (), VERSION)
    with Store.open(chain.store_url) as store:
        run = store.start_run("bot", VERSION, {})
        store.save_batch(run, VERSION, [(file, Suggested((made,)))])


def mid_of_the_cat(chain: Chain) -> Mid:
    return Mid(chain.answers[CAT]["mid"])


def test_what_is_approved_on_the_page_is_saved_once(browser: Browser, chain: Chain) -> None:
    mid = mid_of_the_cat(chain)
    with pytest.raises(StepError, match="the wiki has 0 statements"):
        check_saved(chain, mid, TABBY)
    approve_on_the_page(browser, chain.page(CAT), CHOSEN, chain.folder)
    assert check_saved(chain, mid, TABBY) > 0
    assert not (chain.folder / "browser-failed.png").exists()


def test_a_step_that_does_not_happen_leaves_a_picture(browser: Browser, chain: Chain) -> None:
    other = {"item": "Q144", "label": "dog"}
    with pytest.raises(BrowserStepError, match=r"in the browser, approve: .*browser-failed\.png"):
        approve_on_the_page(browser, chain.page(CAT), other, chain.folder, patience=8)
    assert (chain.folder / "browser-failed.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(StepError, match="the wiki has 0 statements"):
        check_saved(chain, mid_of_the_cat(chain), TABBY)


def test_where_chromium_does_not_start_the_approval_goes_over_http_and_says_why(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def stub(path: str) -> Iterator[None]:
        raise chromium.LaunchError(f"{path} does not start: it is a stub")
        yield

    monkeypatch.setattr(chromium, "found", lambda: "some/chromium")
    monkeypatch.setattr(chromium, "launched", stub)
    first, second = approve(chain).splitlines()
    assert first.startswith("tabby cat (Q1474329) saved on File:Chelsea the cat.png")
    assert second.strip() == (
        "over HTTP, not in a browser: some/chromium does not start: it is a stub"
    )
    assert check_saved(chain, mid_of_the_cat(chain), TABBY) > 0


def test_a_page_that_crashed_has_no_picture_and_is_still_one_line(
    browser: Browser, chain: Chain
) -> None:
    gone = browser.new_context().new_page()
    gone.close()
    with pytest.raises(BrowserStepError, match=r"in the browser, look: .*; no picture of it"):
        _carry_out(gone, "look", lambda page: page.title(), chain.folder)
