"""The harness itself: axe finds what is planted, and finds nothing where nothing is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.mediawiki.scene import CAT, Scene

from .axe import axe_findings
from .gadget_page import visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CLEAN = '<!doctype html><html lang="en"><title>A</title><main><h1>A</h1><p>Text</p></main>'
CLOSED = "default-src 'none'; style-src 'unsafe-inline'"


@pytest.mark.slow
def test_axe_finds_a_planted_fault_whatever_the_page_allows(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/*", lambda route: route.fulfill(
            body=CLEAN.replace("Text", '<img src="x.png">'),
            headers={"Content-Security-Policy": CLOSED, "Content-Type": "text/html"},
        ))  # fmt: skip
        page.goto("http://127.0.0.1:1/")
        assert [(f.rule, f.target) for f in axe_findings(page)] == [("image-alt", "img")]


@pytest.mark.slow
def test_axe_finds_nothing_on_a_page_in_order(browser: Browser) -> None:
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.set_content(CLEAN)
        assert axe_findings(page) == []


DYING = """() => mw.loader.implement( 'ext.gadget.dying@1', () => {
    throw new Error( 'It dies' );
} )
"""


@pytest.mark.slow
def test_a_module_that_dies_is_heard(scene: Scene, browser: Browser) -> None:
    """MediaWiki catches what it throws: for the browser that is no error."""
    heard: list[str] = []
    with visiting(browser, scene, heard) as page:
        page.goto(scene.address(CAT))
        page.evaluate(DYING)
        page.wait_for_function("() => mw.loader.getState( 'ext.gadget.dying' ) === 'error'")
    assert any("ext.gadget.dying" in one for one in heard), heard


LAUNCH = """
import sys
from tests.browser import chromium
try:
    with chromium.launched(sys.argv[1]):
        print("started")
except chromium.LaunchError as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("unwatched_programs")
def test_a_browser_that_does_not_start_is_one_line(tmp_path: Path) -> None:
    """In a process of its own: playwright allows one at a time."""
    stub = tmp_path / "chromium-browser"
    stub.write_text("#!/bin/sh\necho requires the snap to be installed >&2\nexit 1\n")
    stub.chmod(0o755)
    command = [sys.executable, "-c", LAUNCH, str(stub)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{stub} does not start: ")
    assert len(done.stdout.splitlines()) == 1 and "Traceback" not in done.stderr
