"""What a backfill and an import come to, beside what a run stores of the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from depicts_bot.context import describe
from depicts_bot.uploads import Upload
from depicts_model.settings import Settings
from depicts_model.types import Suggested
from tests.bot import worlds
from tests.bot.asked import AskedWiki
from tests.bot.command import Bot
from tests.model.store.looking import all_outcomes
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow

FILES = 20


def listed(wiki: EmbeddedWiki, path: Path) -> Path:
    """As somebody who makes a list asks the wiki for it."""
    uploads = [Upload.of_page(n, f"File:Picture {n}.png") for n in range(1, FILES + 1)]
    facts = describe(AskedWiki(wiki), uploads, Settings().thumbnail_width)
    names = ("mid", "sha1", "title", "revision", "uploaded", "thumb_url")
    files: list[Any] = [one.context.file for one in facts]
    columns = {name: pa.array([getattr(file, name) for file in files]) for name in names}
    pq.write_table(pa.table(columns), path)
    return path


def test_files_without_words_are_stored_as_a_run_stores_them(
    tmp_path: Path, model_dir: Path
) -> None:
    plain = [worlds.file(n, wikitext="") for n in range(1, FILES)]
    with EmbeddedWiki(worlds.world([*plain, worlds.file(FILES, b"no picture")])) as wiki:
        ran = Bot(tmp_path / "ran", wiki, model_dir)
        (ran.folder / "list").write_text("\n".join(f"M{n}" for n in range(1, FILES + 1)))
        assert ran.call("--files", "list").returncode == 0
        filled = Bot(tmp_path / "filled", wiki, model_dir)
        told = ("--files", str(listed(wiki, tmp_path / "list.parquet")), "--out", "out")
        where = ("--engine", "plain", "--rate", "1000", "--host", urlsplit(wiki.url).netloc)
        backfill = filled.call(*told, *where, word="backfill")
        assert backfill.returncode == 0, backfill.stderr
        assert filled.call("out", word="import").returncode == 0
    assert filled.outcomes() == ran.outcomes()
    with ran.store() as ours, filled.store() as theirs:
        assert [s.file for s in all_outcomes(ours)] == [s.file for s in all_outcomes(theirs)]
        found = [s.outcome for s in all_outcomes(ours)]
    assert sum(isinstance(one, Suggested) for one in found) == FILES - 1
