"""Worker and harvest over the database of production: the real commands, on MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from depicts_model.types import Mid, Skipped, SkipReason, Verdict
from tests import mariadb
from tests.bot import test_harvest_run as harvest
from tests.bot import worlds
from tests.bot.command import Bot
from tests.bot.test_harvest_run import BIRD, CAT, DOG, Place
from tests.bot.test_serve_run import ask, hurried, serving, until, waiting
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mariadb.Server]:
    if not mariadb.found():
        pytest.skip(mariadb.HOW)
    with mariadb.running(tmp_path_factory.mktemp("mariadb")) as running:
        yield running


@pytest.fixture
def url(server: mariadb.Server) -> str:
    """The address of an empty database."""
    return server.create("bot")


def over(url: str, folder: Path, wiki: EmbeddedWiki) -> Bot:
    """The command with its store in this database."""
    bot = Bot(folder / "bot", wiki, database_url=url)
    bot.url = url
    return bot


def test_the_worker_answers_what_is_asked_and_gives_its_lease_back(
    url: str, tmp_path: Path
) -> None:
    with EmbeddedWiki(worlds.world(worlds.pictures(2))) as wiki:
        bot = hurried(over(url, tmp_path, wiki))
        ask(bot, 1, 2, 77)
        with serving(bot):
            until(lambda: not waiting(bot))
            with bot.store() as store:
                until(lambda: store.noted("worker"))
        with bot.store() as store:
            stored = [store.latest(Mid(mid)) for mid in ("M1", "M2", "M77")]
            assert store.hold("worker", "the next", datetime.now(UTC), 1)
            counts, beat = store.counts(), store.noted("worker")
    assert all(one and one.model_version == "fake-1" for one in stored)
    assert stored[2] and stored[2].outcome == Skipped(SkipReason.DELETED)
    assert (counts["files"], counts["requests"], counts["runs"]) == (3, 0, 1)
    assert beat and beat.value == {"model": "fake-1"}


def test_the_harvest_finds_claims_and_shares_a_no_once(url: str, tmp_path: Path) -> None:
    with EmbeddedWiki(harvest.world()) as wiki:
        place = Place(wiki, over(url, tmp_path, wiki))
        with place.bot.store() as store:
            harvest.fill(store)
        for name, item in (("Quirinius", CAT), ("Zenobia", DOG)):
            revision = place.save(name, "M1", item)
            place.decide(f"key {item}", "M1", item, Verdict.ACCEPTED, revision)
            place.decide(f"key {item}", "M1", BIRD, Verdict.REJECTED, revision)
        assert "2 edits, 2 claims, 1 shared, 0 waiting" in place.harvest()
        assert ", 0 claims, 0 shared" in place.harvest()
        with place.bot.store() as store:
            confirmed = {one.qid for one in store.decisions(Mid("M1")) if one.confirmed}
            assert store.refused(harvest.sha1("M1")) == {BIRD}
            noted = store.noted("statistics")
    # the "no" too: it came with an edit
    assert confirmed == {CAT, DOG, BIRD}
    assert noted and noted.value["totals"]["claims"] == 2
