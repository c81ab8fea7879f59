"""Killed at random moments again and again, the bot comes to the end that nobody disturbed.

``BOT_KILLS`` of a process that is forked from a warm one, ``BOT_PROGRAM_KILLS`` of the program.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import forkserver
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.bot import model, worlds
from tests.bot.command import Bot
from tests.watching import ASKED_BY

from . import imported, robots, scene
from .lives import BATCH, FORKS, PORTION, READS, Bots, Life, differences, moment, outcomes
from .packages import MissingError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

FILES, MINUTE = 300, 50
KILLS = int(os.environ.get("BOT_KILLS", "20"))
PROGRAM_KILLS = int(os.environ.get("BOT_PROGRAM_KILLS", "1"))
ARTWORKS = range(7, FILES, 10)
UPLOADED = datetime.now(UTC) - timedelta(days=10)


@pytest.fixture(scope="module")
def wiki() -> Iterator[scene.Wiki]:
    """A wiki with 300 files, each minute fifty of them; a tenth is not to be looked at."""
    try:
        with scene.wiki(worlds.world([])) as made:
            for first in range(0, FILES, MINUTE):
                numbers = range(first, first + MINUTE)
                imported.put(
                    made.mediawiki,
                    {f"Photo {n}.png": worlds.picture(n, (200, 160)) for n in numbers},
                    UPLOADED + timedelta(minutes=first // MINUTE),
                    {f"Photo {n}.png": "{{Artwork|title=x}}" for n in ARTWORKS},
                )
            yield made
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture(scope="module")
def account(wiki: scene.Wiki) -> dict[str, str]:
    return robots.robot(wiki, "DepictsBot") | {"batch_size": str(BATCH)}


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """The process from which lives are forked; coverage watches none that is killed."""
    FORKS.set_forkserver_preload(["tests.bot.null_main"])
    with pytest.MonkeyPatch.context() as patch:
        for name in ASKED_BY:
            patch.delenv(name, raising=False)
        forkserver.ensure_running()


def bots(wiki: scene.Wiki, folder: Path, account: dict[str, str], model_dir: Any = None) -> Bots:
    folder.mkdir()
    bot = Bot(folder / "bot", wiki.proxy, model_dir, **account).unwatched()
    return Bots(bot, wiki.proxy, folder / "linked")


def killed(made: Bots, begin: Callable[[], Any], kills: int) -> None:
    """So many lives that are killed, and a last one that comes to the end."""
    random = Random(8)
    for left in range(kills, 0, -1):
        images = FILES - len(ARTWORKS) - sum(life.seen for life in made.lives)
        at, after = moment(random, images, left)
        life = made.live(begin, at, after)
        print(f"{left} to go, killed at {at} + {after * 1000:.0f} ms: {told(life)}")
        assert life.killed, "the work was done too soon"
    life = made.live(begin)
    print(f"the last: {told(life)}")
    assert not life.killed


def told(life: Life) -> str:
    return (
        f"{len(life.start_up)} at start-up, {len(life.reads)} reads, {len(life.pictures)} pictures,"
        f" {len(life.linked)} linked, {life.stored} stored"
    )


def check(made: Bots, kills: int) -> None:
    faults = {number: life.faults() for number, life in enumerate(made.lives)}
    assert not any(faults.values()), {n: found for n, found in faults.items() if found}
    seen = sum(life.seen for life in made.lives)
    assert sum(len(life.reads) for life in made.lives) <= READS * (FILES // BATCH + kills)
    assert sum(len(life.pictures) for life in made.lives) <= seen + 2 * PORTION * kills


def test_kills_at_random_moments(wiki: scene.Wiki, account: dict[str, str], tmp_path: Path) -> None:
    calm = bots(wiki, tmp_path / "calm", account)
    calm.live(calm.forked)
    made = bots(wiki, tmp_path / "killed", account)
    killed(made, made.forked, KILLS)
    check(calm, 0)
    check(made, KILLS)
    assert outcomes(made.bot) == outcomes(calm.bot)
    assert len(outcomes(calm.bot)) == FILES


@dataclass
class Program:
    """The command as a process of its own, with the face of ``multiprocessing``'s."""

    process: subprocess.Popen[str]

    @property
    def exitcode(self) -> int | None:
        return self.process.returncode

    def kill(self) -> None:
        self.process.kill()

    def join(self, seconds: float) -> None:
        self.process.communicate(timeout=seconds)


def test_kills_of_the_program(wiki: scene.Wiki, account: dict[str, str], tmp_path: Path) -> None:
    model.save(tmp_path / "random")
    calm = bots(wiki, tmp_path / "calm", account, tmp_path / "random")
    calm.live(lambda: Program(calm.bot.start()))
    made = bots(wiki, tmp_path / "killed", account, tmp_path / "random")
    killed(made, lambda: Program(made.bot.start()), PROGRAM_KILLS)
    check(calm, 0)
    check(made, PROGRAM_KILLS)
    assert differences(outcomes(made.bot), outcomes(calm.bot)) == []
    assert len(outcomes(calm.bot)) == FILES


@pytest.mark.parametrize(
    ("name", "groups", "grants", "most"),
    [
        ("Plain", "", "basic,highvolume", 50),
        ("Modest", "bot", "basic", 50),
        ("Mighty", "bot", "basic,highvolume", FILES),
    ],
)
def test_as_many_files_a_request_as_the_account_may_name(
    wiki: scene.Wiki, tmp_path: Path, name: str, groups: str, grants: str, most: int
) -> None:
    account = robots.robot(wiki, name, groups, grants) | {"batch_size": "500"}
    made = bots(wiki, tmp_path / "bots", account)
    life = made.live(made.forked)
    asked = [one.params for one in life.reads]
    # it makes fifty thumbnails an answer, and goes on with them where it was asked for more files
    pages = [one["pageids"] for one in asked if "pageids" in one and "iicontinue" not in one]
    entities = [one["ids"] for one in asked if one["action"] == "wbgetentities"]
    for named in (pages, entities):
        files = [len(one.split("|")) for one in named]
        assert (files[0], max(files), sum(files)) == (most, most, FILES)
    assert life.stored == FILES
