"""What the worker needs, and what goes missing while it serves, is waited for."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from depicts_bot.leases import NAME
from tests.bot import worlds
from tests.bot.command import Bot
from tests.bot.test_serve_run import HURRY, ask, hurried, serving, waiting
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(worlds.world(worlds.pictures(2))) as running:
        yield running


def until(process: subprocess.Popen[str], done: Callable[[], object]) -> None:
    end = time.monotonic() + 60.0
    while not done():
        assert process.poll() is None, "the worker ended"
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.2)


def rests(bot: Bot) -> bool:
    """Its heartbeat stopped: it serves nobody."""
    with bot.store() as store:
        noted = store.noted(NAME)
    return noted is not None and datetime.now(UTC) - noted.at > timedelta(seconds=HURRY)


def test_a_catalog_that_is_broken_meanwhile_is_waited_out(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    catalog, draft = tmp_path / "catalog.sqlite", tmp_path / "draft"
    with as_file(files("depicts_model") / "data" / "starter.sqlite") as shipped:
        whole = shipped.read_bytes()
    catalog.write_bytes(whole)
    bot = hurried(Bot(tmp_path / "bot", wiki, catalog=str(catalog)))
    ask(bot, 1)
    with serving(bot) as process:
        until(process, lambda: not waiting(bot))
        draft.write_bytes(whole[:100_000])
        draft.replace(catalog)
        until(process, lambda: rests(bot))
        ask(bot, 2)
        draft.write_bytes(whole)
        draft.replace(catalog)
        until(process, lambda: not waiting(bot))


def test_what_is_missing_at_the_beginning_is_not_waited_for(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    done = Bot(tmp_path / "bot", wiki, catalog=str(tmp_path / "none")).run(word="serve")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and "none" in done.stderr
