"""The harness itself: axe finds what is planted, and finds nothing where nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .axe import axe_findings

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
