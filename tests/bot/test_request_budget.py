"""What a run asks of the wiki for a thousand files: a request is for a batch, never for a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from depicts_bot.listings import Category, Random, Search, UserUploads
from depicts_bot.named import Named
from depicts_bot.sources import NEW_UPLOADS, Source
from tests.bot import worlds
from tests.bot.asked import opened, run_over
from tests.sandbox.server import EmbeddedWiki

FILES, CATEGORIES = 1000, 12
WORDS = "".join(f"[[Category:Shared {n}]]" for n in range(CATEGORIES))
BUDGET = 90


def world() -> list[tuple[worlds.Row, worlds.Blob]]:
    data = worlds.picture(1)
    return [worlds.file(n, data, wikitext=WORDS) for n in range(1, FILES + 1)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        NEW_UPLOADS,
        Category("Category:Shared 0"),
        UserUploads("Uploader"),
        Search("shared"),
        Random(FILES),
        Named(tuple(range(1, FILES + 1))),
        Named(tuple(f"File:Picture {n}.png" for n in range(1, FILES + 1))),
    ],
    ids=lambda source: source.kind,
)
def test_requests_for_a_thousand_files(tmp_path: Path, source: Source) -> None:
    """Of an account without bot rights: 50 files a request, 500 categories an answer."""
    with EmbeddedWiki(worlds.world(world())) as wiki, opened(tmp_path) as store:
        run = run_over(wiki, store, batch=50)
        assert run.all(source).listed == FILES
    # twelve categories of fifty files are more than an answer holds; those of forty are not
    pages = [asked for asked in run.wiki.asked if "pageids" in asked]
    batches = sum("clcontinue" not in asked for asked in pages)
    assert FILES / 50 <= batches <= FILES / 40
    assert len(pages) == batches + 1
    assert len(run.wiki.asked) <= BUDGET
