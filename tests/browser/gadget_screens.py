"""``python -m tests.browser.gadget_screens``: each state of the dialog, for docs/gadget-states.md.

On the real wiki, as the tests have it: wide by day, narrow by night.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.mediawiki import scene as scenes
from tests.mediawiki.installed import EDITOR
from tests.mediawiki.scene import CAT, CUP, TABBY, Scene
from tests.sandbox import photos
from tests.toolforge import pictured

from . import chromium
from .gadget_page import NARROW, WIDE, at_night, visiting
from .gadget_states import STATES, Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "screenshots" / "states"
PAGE = DOCS / "gadget-states.md"
COFFEE = "File:Cup of coffee on a table.png"
QUALITY = 80
SETTLE_MS = 400
HEAD = """# Every state of the dialog

What a person sees of the gadget, on a real MediaWiki 1.43 (Vector 2022): wide by day, narrow by
night. Made by `make screenshots`; how each is brought about stands in
[gadget_states.py](../tests/browser/gadget_states.py). What is suggested here was written by hand.
"""
ROW = """
## {name}

{about}| wide, by day | narrow, by night |
|---|---|
| ![{name}, wide]({folder}/{name}-wide.webp) | ![{name}, narrow]({folder}/{name}-narrow.webp) |
"""


def catalog(folder: Path) -> Path:
    """The starter catalog, in which two items have images."""
    images = {TABBY: CAT, CUP: COFFEE}
    names = {item: title.removeprefix("File:") for item, title in images.items()}
    return pictured.starter(folder / "catalog.sqlite", names)


def cat(number: int) -> bytes:
    """The cat's photograph with one pixel changed: to the wiki no two are the same."""
    row = next(one for one in photos.read_table() if one["title"] == CAT)
    image = Image.open(photos.path_of(row)).convert("RGB")
    image.putpixel((0, 0), (number % 256, number // 256, 0))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def keep(page: Page, name: str) -> None:
    """The visible part of the page, as WebP."""
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLE_MS)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)


def take(scene: Scene, browser: Browser) -> Iterator[str]:
    """The pictures of every state, one state after the other; their names."""
    for state in STATES:
        for size, view in (("wide", WIDE), ("narrow", NARROW)):
            with visiting(browser, scene, [], viewport=view) as page:
                state(Visit(scene, scene.file(), page))
                if view is NARROW:
                    at_night(page)
                keep(page, f"{state.__name__}-{size}")
            scene.calm()
        yield state.__name__


def written(names: list[str]) -> str:
    """The page that shows them."""
    about = {state.__name__: state.__doc__ for state in STATES}
    rows = [
        ROW.format(name=name, folder="screenshots/states", about=f"{told}\n\n" if told else "")
        for name in names
        for told in [about.get(name)]
    ]
    return HEAD + "".join(rows)


def main() -> int:
    """Make all pictures anew, and the page."""
    path = chromium.found()
    if path is None:
        print(f"error: {chromium.HOW}", file=sys.stderr)
        return 2
    FOLDER.mkdir(exist_ok=True)
    names = []
    with (
        tempfile.TemporaryDirectory() as place,
        chromium.launched(path) as browser,
        scenes.scene(Path(place), (CAT, COFFEE), catalog=catalog(Path(place))) as scene,
    ):
        scene.agree(EDITOR)
        scene.pictures = cat
        for name in take(scene, browser):
            print(name, file=sys.stderr)
            names.append(name)
    PAGE.write_text(written(names), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
