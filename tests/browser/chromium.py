"""Chromium of the machine, started for our own pages on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Error

NAMES = ("chromium", "chromium-browser")
HOW = "no Chromium here; as root type: apt-get install --no-install-recommends chromium"
# no sandbox: root cannot have one, and the pages are our own
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)


class LaunchError(Exception):
    """Chromium is there and does not start; the message says which and why."""


def found() -> str | None:
    """The path of the machine's Chromium; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def first_line(error: Error) -> str:
    """What playwright says, without the browser's whole log."""
    return next(iter(error.message.strip().splitlines()), "no reason given")


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """A browser without a screen, closed at the end; one at a time in a process.

    Raises:
        LaunchError: it does not start; Ubuntu's ``chromium-browser`` is a stub without its snap.
    """
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        except Error as error:
            raise LaunchError(f"{path} does not start: {first_line(error)}") from None
        try:
            yield browser
        finally:
            # one that crashed cannot be closed
            with suppress(Error):
                browser.close()
