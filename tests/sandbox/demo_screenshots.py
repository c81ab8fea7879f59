"""``python -m tests.sandbox.demo_screenshots``: the pictures of the README, from a running demo.

Only photographs whose licence is stated are in the world then; their credits are written beside.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from depicts_model.catalog import Catalog
from tests.browser import chromium
from tests.sandbox.demo_approval import hindrance, surest_right
from tests.sandbox.demo_browser import PATIENCE, open_dialog
from tests.sandbox.demo_chain import Chain, StepError
from tests.sandbox.demo_folder import FolderError, own_folder
from tests.sandbox.demo_running import STEPS, carry_out, embedded, world_of
from tests.sandbox.photos import read_table
from tests.sandbox.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]
Step = Callable[["Page"], None]
"""What is done on a page before its picture is taken."""

PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {"wide": (1280, 900), "narrow": (360, 740)}
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
QUALITY = 88
MOST_BYTES = 250_000
LICENCES = {
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC BY 2.0": "https://creativecommons.org/licenses/by/2.0/",
}
NOT_STATED = "not stated"
CREDITS = """# Screenshots

Made by `make screenshots` from a running demo. The photographs in them:

| file | author | licence |
|---|---|---|
"""


def stated() -> list[dict[str, str]]:
    """The photographs whose licence is stated."""
    return [row for row in read_table() if not row["licence"].startswith(NOT_STATED)]


def world_with_licences(world: World) -> World:
    """The world without the other photographs."""
    left_out = {row["title"] for row in read_table()} - {row["title"] for row in stated()}
    files = tuple(file for file in world.files if file["title"] not in left_out)
    blobs = {title: blob for title, blob in world.blobs.items() if title not in left_out}
    return replace(world, files=files, blobs=blobs)


def take(chain: Chain, browser: Browser) -> dict[str, bytes]:
    """Every picture by its file's name, as WebP."""
    title, _ = surest_right(chain)
    pages: dict[str, tuple[str, Step]] = {
        "landing": (f"{chain.web}/", _nothing),
        "gallery": (f"{chain.web}/gallery", _nothing),
        "file": (f"{chain.web}/files/{chain.answers[title]['mid']}", _nothing),
        "statistics": (f"{chain.web}/statistics", _to_the_plots),
        "dialog": (chain.page(title), open_dialog),
    }
    return {
        f"{name}-{size}-{scheme}.webp": _smaller(_picture(browser, address, step, size, scheme))
        for name, (address, step) in pages.items()
        for size in SIZES
        for scheme in SCHEMES
    }


def _nothing(page: Page) -> None:
    """The page is as it should be seen."""


def _to_the_plots(page: Page) -> None:
    """What the demo measures stands below what it does not."""
    page.locator("#reliability").evaluate("e => e.scrollIntoView()")


def _picture(browser: Browser, address: str, step: Step, size: str, scheme: Scheme) -> bytes:
    width, height = SIZES[size]
    with browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(address)
        step(page)
        _settle(page)
        return page.screenshot(animations="disabled")


def _settle(page: Page) -> None:
    """Pictures in view are there, and nothing has the focus ring of a press."""
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)


def _smaller(png: bytes) -> bytes:
    """As WebP: photographs fill the gallery, and a PNG of them is too large for a page."""
    made = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(made, "WEBP", quality=QUALITY, method=6)
    return made.getvalue()


def credits_table() -> str:
    """Author and licence of each photograph, with links where the licence asks for them."""
    return CREDITS + "".join(f"| {line} |\n" for line in _credits())


def _credits() -> Iterator[str]:
    for row in stated():
        name, licence = row["title"].removeprefix("File:"), row["licence"]
        linked = (_link(name, row["source"]), row["author"], _link(licence, LICENCES.get(licence)))
        yield " | ".join(linked)


def _link(words: str, address: str | None) -> str:
    return f"[{words}]({address})" if address else words


def write(pictures: Mapping[str, bytes], folder: Path) -> None:
    """All pictures and their credits, or none.

    Raises:
        StepError: a picture is too large for a page.
    """
    large = [name for name, data in pictures.items() if len(data) > MOST_BYTES]
    if large:
        raise StepError(f"more than {MOST_BYTES} bytes: {', '.join(large)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    (folder / "README.md").write_text(credits_table(), encoding="utf-8")


def make(work: Path, folder: Path) -> None:
    """Run the demo up to the suggestions, and take the pictures."""
    with Catalog.open(None) as catalog:
        world = world_with_licences(world_of(catalog))
    with ExitStack() as stack:
        chain = stack.enter_context(embedded(work, world=world))
        if why := hindrance(chain):
            raise StepError(why)
        carry_out(chain, STEPS, stack)
        browser = stack.enter_context(chromium.launched(chromium.found() or ""))
        pictures = take(chain, browser)
    write(pictures, folder)
    for name, data in pictures.items():
        print(f"{folder / name}: {len(data) // 1000} kB")


def main() -> int:
    """Parse the command line and run; 1 without a picture, 2 without the folder."""
    parser = argparse.ArgumentParser(prog="tests.sandbox.demo_screenshots", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("var/screenshots"), help="to work in")
    parser.add_argument("--out", type=Path, default=PICTURES, help="where the pictures go")
    options = parser.parse_args()
    try:
        with own_folder(options.work) as work:
            make(work, options.out)
    except FolderError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (StepError, chromium.LaunchError) as error:
        print(f"FAILED: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
